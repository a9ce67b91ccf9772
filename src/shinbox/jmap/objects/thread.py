"""Thread: the emails of one conversation (RFC 8621 §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import Change, Demand, JmapObject, ServerSet, declare, on
from shinbox.terms import MAIL, Right


@declare
class Thread(JmapObject):
    """A conversation; `email_ids` holds the emails that the caller may see, oldest first.

    `thread_state` (ours) is what EmailSubmission's send gate compares: another one means that something
    arrived in the conversation or was sent from it. Opaque; drafts and flags do not change it.
    """

    TYPE: ClassVar[str] = "Thread"
    CAPABILITY: ClassVar[str] = MAIL
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "changes"})
    OURS: ClassVar[frozenset[str]] = frozenset({"threadState"})

    id: ServerSet[str] = ""
    email_ids: ServerSet[list[str]] = []
    thread_state: ServerSet[str] = ""

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Nobody changes a thread: it follows its emails."""
        raise TypeError("a thread is never set")

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """A thread is seen through its emails: without one that is visible it does not exist."""
        return frozenset({on(None, Right.READ)}) if value["emailIds"] else frozenset()
