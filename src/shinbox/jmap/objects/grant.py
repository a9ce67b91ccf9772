"""Grant: principal × account (or one folder tree of it) → rights. What a person calls a share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import (
    ADMIN_ONLY,
    Change,
    Demand,
    Immutable,
    JmapObject,
    Mutable,
    ServerSet,
    declare,
    on,
)
from shinbox.terms import DESK_CAPABILITY, Right


@declare
class Grant(JmapObject):
    """A share. `principal` is a user id, a team id or "everyone"; `mailbox_id` limits it to a folder tree.

    `level` is a terms.Level, `with_rights` and `without_rights` are the single rights added to it and
    left out of it, `send` is a terms.Send; `expires_at` is a UTC date or None.
    """

    TYPE: ClassVar[str] = "Grant"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes", "query", "explain"})

    id: ServerSet[str] = ""
    principal: Immutable[str] = ""
    mailbox_id: Immutable[str | None] = None
    level: Mutable[str] = "read"
    with_rights: Mutable[list[str]] = []
    without_rights: Mutable[list[str]] = []
    send: Mutable[str] = "none"
    expires_at: Mutable[str | None] = None
    created_by: ServerSet[str] = ""
    created_at: ServerSet[str] = ""

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """The account's managers, or a desk administrator."""
        return frozenset({Demand(frozenset({Right.ADMIN}), None, "administrator")})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Managers and administrators see all grants; others ask `explain` about themselves."""
        return frozenset({ADMIN_ONLY, on(None, Right.ADMIN)})
