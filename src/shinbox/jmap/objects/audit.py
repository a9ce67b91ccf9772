"""AuditEntry: one line of the hash-chained record of what people did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import ADMIN_ONLY, Change, Demand, JmapObject, ServerSet, declare, on
from shinbox.terms import DESK_CAPABILITY, Right


@declare
class AuditEntry(JmapObject):
    """`hash` covers every other property and `previous`, the hash of the entry before it."""

    TYPE: ClassVar[str] = "AuditEntry"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "query", "verify"})

    id: ServerSet[str] = ""
    at: ServerSet[str] = ""
    actor: ServerSet[str] = ""
    via: ServerSet[str] = ""
    action: ServerSet[str] = ""
    account: ServerSet[str | None] = None
    object_id: ServerSet[str | None] = None
    outcome: ServerSet[str] = "ok"
    detail: ServerSet[dict[str, Any]] = {}
    previous: ServerSet[str] = ""
    hash: ServerSet[str] = ""

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Nobody sets an audit entry: it is written with the change it records."""
        raise TypeError("an audit entry is never set")

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Administrators; and the managers of the account that it is about."""
        if value.get("account"):
            return frozenset({ADMIN_ONLY, on(None, Right.ADMIN)})
        return frozenset({ADMIN_ONLY})
