"""Which drafts a caller sees, and which files come with them.

Owns what the declaration cannot say: a colleague's draft is for those who may send, may read the folder of
drafts, where it would lie if it were postponed, and see the email that it answers. One's own is always seen
by those who may still send.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from shinbox.desk.front.context import Call
from shinbox.desk.front.methods.threads import visible_emails
from shinbox.desk.store import drafts, mailboxes, uploads
from shinbox.jmap.objects import Draft
from shinbox.terms import Role


def seen_among(call: Call, found: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
    """Those of these rows of drafts that the caller sees, whether they may send or not."""
    emails = visible_emails(call, [row["email_id"] for row in found if row["email_id"] is not None])
    colleagues = _reads_drafts(call)
    return [row for row in found if _is_own(call, row) or (colleagues and row["email_id"] in {None, *emails})]


def file_of_a_draft(call: Call, upload: int) -> sqlite3.Row | None:
    """Somebody's upload that is a file of a draft which the caller sees; None: there is none."""
    if not any(call.meets(demand) for demand in Draft.visible({})):
        return None
    found = drafts.by_id(call.tx, call.account_row, drafts.with_file(call.tx, call.account_row, upload))
    return uploads.of_draft(call.tx, call.account_row, upload) if seen_among(call, found) else None


def _is_own(call: Call, row: sqlite3.Row) -> bool:
    return call.actor.user_id in (row["started_by"], row["edited_by"])


def _reads_drafts(call: Call) -> bool:
    folder = mailboxes.by_role(call.tx, call.account_row, Role.DRAFTS)
    if folder is None:
        return call.decision.sees_everything
    return folder in call.decision.visible_mailboxes
