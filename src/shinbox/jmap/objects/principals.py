"""User and Team: the principals of the desk (under urn:shinbox:desk, in the account "desk")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import (
    ADMIN_ONLY,
    Change,
    Demand,
    JmapObject,
    Mutable,
    ServerSet,
    declare,
)
from shinbox.terms import DESK_CAPABILITY

SELF = Demand(who="self")


@declare
class User(JmapObject):
    """A person. `password` is write-only and always read as None; `unix_name` binds a Unix login by name
    and `unix_uid` by number (the desk looks the number up once and holds both)."""

    TYPE: ClassVar[str] = "User"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes", "query"})

    id: ServerSet[str] = ""
    name: Mutable[str] = ""
    display_name: Mutable[str] = ""
    email: Mutable[str | None] = None
    unix_name: Mutable[str | None] = None
    unix_uid: ServerSet[int | None] = None
    password: Mutable[str | None] = None
    has_password: ServerSet[bool] = False
    is_administrator: Mutable[bool] = False
    is_active: Mutable[bool] = True
    created_at: ServerSet[str] = ""

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Administrators manage users; a person changes their own display name and password."""
        own = {"displayName", "password"}
        if change.old is not None and change.new is not None and change.changed() <= own:
            return frozenset({SELF})
        return frozenset({ADMIN_ONLY})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Everyone who is signed in sees who works here: shares and activity name people."""
        return frozenset({Demand()})


@declare
class Team(JmapObject):
    """A named group of users; `member_ids` maps user ids to true."""

    TYPE: ClassVar[str] = "Team"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes", "query"})

    id: ServerSet[str] = ""
    name: Mutable[str] = ""
    member_ids: Mutable[dict[str, bool]] = {}

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Administrators manage teams."""
        return frozenset({ADMIN_ONLY})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Everyone who is signed in sees the teams."""
        return frozenset({Demand()})
