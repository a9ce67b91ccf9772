"""Job: long work with progress (connection test, fetch now, check)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import (
    ADMIN_ONLY,
    Change,
    Demand,
    Immutable,
    JmapObject,
    ServerSet,
    declare,
    on,
)
from shinbox.terms import DESK_CAPABILITY, Right


@declare
class Job(JmapObject):
    """`kind`: "connectionTest" or "fetchNow"; `status`: "queued", "running", "done", "failed".

    `steps` of a connection test: dicts with name, ok, seconds, reason.
    """

    TYPE: ClassVar[str] = "Job"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes"})

    id: ServerSet[str] = ""
    kind: Immutable[str] = ""
    status: ServerSet[str] = "queued"
    progress: ServerSet[int] = 0
    total: ServerSet[int | None] = None
    steps: ServerSet[list[dict[str, Any]]] = []
    error: ServerSet[str | None] = None
    created_by: ServerSet[str] = ""
    created_at: ServerSet[str] = ""
    finished_at: ServerSet[str | None] = None

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """A connection test is the administrators'; fetching now may be asked by any reader."""
        what = change.new or change.old or {}
        if what.get("kind") == "fetchNow" and change.old is None:
            return frozenset({on(None, Right.READ)})
        return frozenset({ADMIN_ONLY})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Administrators, and readers of the account for its fetches."""
        if value["kind"] == "fetchNow":
            return frozenset({ADMIN_ONLY, on(None, Right.READ)})
        return frozenset({ADMIN_ONLY, on(None, Right.READ_SETTINGS)})
