"""Mailbox: one folder of an account (RFC 8621 §2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import Change, Demand, JmapObject, Mutable, ServerSet, declare, on
from shinbox.terms import MAIL, Right


@declare
class Mailbox(JmapObject):
    """A folder. `my_rights` maps every right of ours to whether the caller has it here.

    `server_forbids` (ours) lists the rights that the grant gives but the mail server takes away.
    """

    TYPE: ClassVar[str] = "Mailbox"
    CAPABILITY: ClassVar[str] = MAIL
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "query", "changes", "set"})
    OURS: ClassVar[frozenset[str]] = frozenset({"serverForbids"})

    id: ServerSet[str] = ""
    name: Mutable[str] = ""
    parent_id: Mutable[str | None] = None
    role: Mutable[str | None] = None
    sort_order: Mutable[int] = 0
    total_emails: ServerSet[int] = 0
    unread_emails: ServerSet[int] = 0
    total_threads: ServerSet[int] = 0
    unread_threads: ServerSet[int] = 0
    my_rights: ServerSet[dict[str, bool]] = {}
    is_subscribed: Mutable[bool] = True
    server_forbids: ServerSet[list[str]] = []

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Creating asks mayCreateChild at the parent, renaming and moving mayRename, destroying mayDelete."""
        if change.old is None:
            parent = (change.new or {}).get("parentId")
            return frozenset({on(parent, Right.CREATE_CHILD)})
        here = change.old["id"]
        if change.new is None:
            return frozenset({on(here, Right.DELETE)})
        wanted = {on(here, Right.RENAME)}
        if "parentId" in change.changed():
            wanted.add(on(change.new.get("parentId"), Right.CREATE_CHILD))
        return frozenset(wanted)

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """A folder is seen by whoever may read it."""
        return frozenset({on(value["id"], Right.READ)})
