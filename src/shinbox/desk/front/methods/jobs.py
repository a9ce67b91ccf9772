"""Job: long work with progress (under urn:shinbox:desk). Queued here, carried out by mail.

Owns a job's wire form and which jobs may stand beside each other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import rows
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.store import ids, jobs
from shinbox.errors import AlreadyExists, InvalidProperties, SetForbidden

KINDS: Final = ("connectionTest", "fetchNow")


class JobHandler(TypeHandler):
    """See the module."""

    TYPE = "Job"
    JUDGED = frozenset({"kind"})

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return call.tx.column("SELECT id FROM job WHERE account_id = ? ORDER BY id", (call.account_row,))

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = rows.by_id(call.tx, "SELECT * FROM job", call.account_row, wanted)
        return {
            row["id"]: {
                "id": ids.to_id("Job", row["id"]),
                "kind": row["kind"],
                "status": row["status"],
                "progress": row["progress"],
                "total": row["total"],
                "steps": json.loads(row["steps"]),
                "error": row["error"],
                "createdBy": ids.to_id("User", row["created_by"]) if row["created_by"] else "",
                "createdAt": row["created_at"],
                "finishedAt": row["finished_at"],
            }
            for row in found
        }

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = edit.new or {}
        if new["kind"] not in KINDS:
            raise InvalidProperties(f"kind is one of {', '.join(KINDS)}.", properties=["kind"])
        if call.account["kind"] == "local" and new["kind"] == "fetchNow":
            raise InvalidProperties("A local mailbox has no mail server to fetch from.", properties=["kind"])
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        kind = (edit.new or {})["kind"]
        for waiting in jobs.queued(call.tx, call.account_row):
            if waiting["kind"] == kind:
                existing = ids.to_id("Job", waiting["id"])
                raise AlreadyExists("That is under way already.", existingId=existing)
        jobs.forget_old(call.tx, call.account_row)
        row = jobs.create(
            call.tx, call.account_row, kind, created_by=call.actor.user_id, created_at=call.now_text
        )
        call.wake("job")
        return row

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler. No property of a job can be changed."""
        return None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler."""
        assert edit.row is not None and edit.old is not None
        if edit.old["finishedAt"] is None:
            raise SetForbidden("The job has not ended yet.")
        jobs.destroy(call.tx, [edit.row])
