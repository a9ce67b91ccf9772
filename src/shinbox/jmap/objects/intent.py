"""Intent: a change that still has to reach the mail server, or that it refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import Change, Demand, JmapObject, ServerSet, declare, on
from shinbox.terms import DESK_CAPABILITY, Right


@declare
class Intent(JmapObject):
    """`status`: "queued", "done" or "refused"; `reason` is the mail server's answer in a sentence."""

    TYPE: ClassVar[str] = "Intent"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "changes", "query"})

    id: ServerSet[str] = ""
    kind: ServerSet[str] = ""
    email_id: ServerSet[str | None] = None
    mailbox_id: ServerSet[str | None] = None
    status: ServerSet[str] = "queued"
    reason: ServerSet[str | None] = None
    created_by: ServerSet[str | None] = None
    created_at: ServerSet[str] = ""
    finished_at: ServerSet[str | None] = None

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Nobody sets an intent: it follows from a change that was permitted."""
        raise TypeError("an intent is never set")

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Whoever sees the folder it is about."""
        return frozenset({on(value.get("mailboxId"), Right.READ)})
