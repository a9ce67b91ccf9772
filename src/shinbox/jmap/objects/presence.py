"""Presence: who has a message open or answers it, just now (under urn:shinbox:desk).

It is told with Presence/refresh, about every 15 seconds, and gone 25 seconds after the last time. The desk
keeps it in memory alone: a restart forgets it, and everybody says it anew before anybody would miss it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from shinbox.jmap.objects.base import Change, Demand, JmapObject, Mutable, ServerSet, declare, on
from shinbox.jmap.objects.draft import SENDERS
from shinbox.jmap.objects.person import Person
from shinbox.terms import DESK_CAPABILITY, Right


@declare
class Presence(JmapObject):
    """One window of a colleague's. Presence/refresh takes `emailId` (null: nothing is open any more), `doing`
    and `window`, a word of one's own for the terminal. One's own windows are not listed.
    """

    TYPE: ClassVar[str] = "Presence"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "refresh"})

    id: ServerSet[str] = ""
    email_id: Mutable[str] = ""
    thread_id: ServerSet[str] = ""
    doing: Mutable[Literal["views", "writes"]] = "views"
    who: ServerSet[Person] = Person("", "")

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """To be at a message asks for nothing beyond seeing it; to answer it, for what answering asks."""
        writes = change.new is not None and change.new.get("doing") == "writes"
        return frozenset({SENDERS}) if writes else frozenset()

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Whoever sees the message (front/methods/presences.py)."""
        return frozenset({on(None, Right.READ)})
