"""Intent: changes that still have to reach the mail server, or that it refused (under urn:shinbox:desk).

Owns an intent's wire form. It is seen through the folder it is about; where a change names none, through
the folders that its email lies in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import ClassVar, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import checks, rows
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.store import emails, ids

_NOWHERE: Final = 0
"""No folder has this row: nobody sees what is judged by it."""


class IntentHandler(TypeHandler):
    """See the module."""

    TYPE = "Intent"
    IN_FOLDERS = True
    JUDGED = frozenset({"mailboxId"})
    FILTERS: ClassVar = {
        "status": checks.equals("status"),
        "emailId": checks.equals("emailId"),
        "mailboxId": checks.equals("mailboxId"),
        "createdBy": checks.equals("createdBy"),
    }
    SORTS = frozenset({"createdAt", "finishedAt", "status"})

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return call.tx.column("SELECT id FROM intent WHERE account_id = ? ORDER BY id", (call.account_row,))

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = rows.by_id(call.tx, "SELECT * FROM intent", call.account_row, wanted)
        return {row["id"]: _form(call, row) for row in found}

    def seen_before(self, call: Call, row: int, seq: int) -> bool | None:
        """An intent stays where it is; what a share covers is part of the state's epoch."""
        value = self.load(call, [row], self.JUDGED).get(row)
        if value is None:
            return None
        mailbox = value["mailboxId"]
        return mailbox is not None and ids.to_row("Mailbox", mailbox) in call.decision.visible_mailboxes


def _form(call: Call, row: sqlite3.Row) -> Json:
    mailbox = _where(call, row)
    return {
        "id": ids.to_id("Intent", row["id"]),
        "kind": row["kind"],
        "emailId": ids.to_id("Email", row["email_id"]) if row["email_id"] else None,
        "mailboxId": None if mailbox is None else ids.to_id("Mailbox", mailbox),
        "status": row["status"],
        "reason": row["reason"],
        "createdBy": ids.to_id("User", row["created_by"]) if row["created_by"] else None,
        "createdAt": row["created_at"],
        "finishedAt": row["finished_at"],
    }


def _where(call: Call, row: sqlite3.Row) -> int | None:
    """The folder that an intent is judged by. None (the account itself) only for those who see everything."""
    if row["mailbox_id"] is not None:
        return int(row["mailbox_id"])
    boxes = emails.mailboxes_of(call.tx, [row["email_id"]]).get(row["email_id"], frozenset())
    seen = boxes & call.decision.visible_mailboxes
    if seen:
        return min(seen)
    return None if call.decision.sees_everything else _NOWHERE
