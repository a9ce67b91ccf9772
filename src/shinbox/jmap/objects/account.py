"""Account: one shared mailbox, as an administrator sees it (in the account "desk")."""

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
)
from shinbox.terms import DESK_CAPABILITY


@declare
class Account(JmapObject):
    """A shared mailbox. `address` is its main address; `kind` is "imap" or "local" (no server).

    `sync_state`: "never", "syncing", "idle", "offline" or "failed"; `sync_error` says why in a sentence.
    """

    TYPE: ClassVar[str] = "Account"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes", "query"})

    id: ServerSet[str] = ""
    name: Mutable[str] = ""
    address: Mutable[str] = ""
    kind: Immutable[str] = "local"
    undo_seconds: Mutable[int] = 10
    sync_state: ServerSet[str] = "never"
    sync_error: ServerSet[str | None] = None
    synced_at: ServerSet[str | None] = None
    created_at: ServerSet[str] = ""

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Only administrators create, rename and remove mailboxes."""
        return frozenset({ADMIN_ONLY})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """The list of all mailboxes is the administrators'; people see theirs in the session."""
        return frozenset({ADMIN_ONLY})
