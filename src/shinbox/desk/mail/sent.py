"""The copy in Sent, and what its appearance proves.

Owns what happens to an email once its message has left, by the account's policy: "append" (we put it there),
"server" (it does), "detect" (we look, and put it there if nothing comes). Sends nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.plan import Arrival
from shinbox.desk.store import arrival, base, connections, emails, intents, mailboxes, submissions
from shinbox.desk.store.database import Tx
from shinbox.mime.parse import parse
from shinbox.terms import Keyword, Role, UndoStatus

GRACE: Final = 120.0
"""Seconds that a server may take to show its own copy, before "detect" appends ours."""


def policy_of(tx: Tx, account: int) -> str:
    """The account's policy; without a mail server the copy is simply here."""
    row = connections.get(tx, account)
    if row is None or not intents.has_server(tx, account):
        return "append"
    return str(row["sent_policy"])


def left(tx: Tx, desk: Desk, submission: sqlite3.Row) -> None:
    """The message has left: see that Sent holds it."""
    account = submission["account_id"]
    if policy_of(tx, account) == "append":
        put_into_sent(tx, desk, submission)
    else:
        submissions.await_copy(tx, submission["id"], desk.now() + GRACE)


def put_into_sent(tx: Tx, desk: Desk, submission: sqlite3.Row) -> None:
    """Our own copy: the email itself, where it still is, else the message as it was sent."""
    account, email = submission["account_id"], submission["email_id"]
    box = mailboxes.by_role(tx, account, Role.SENT)
    if box is None:
        submissions.copy_kept(tx, submission["id"], "failed")
        return
    boxes = emails.mailboxes_of(tx, [email]).get(email)
    if boxes is None:
        email = _import(tx, desk, submission, box)
    else:
        left_behind = {
            mailboxes.by_role(tx, account, Role.DRAFTS),
            mailboxes.by_role(tx, account, Role.INBOX),
        }
        words = emails.keywords_of(tx, [email]).get(email, frozenset())
        intents.change_email(
            tx,
            account,
            email,
            mailboxes=boxes if box in boxes else (boxes - left_behind) | {box},
            keywords=(words - {Keyword.DRAFT}) | {Keyword.SEEN},
            user=submission["user_id"],
            now=desk.utc(),
        )
    done = not intents.has_server(tx, account) or _lies_in(tx, email, box)
    submissions.copy_kept(tx, submission["id"], "done" if done else "pending", email)


def _import(tx: Tx, desk: Desk, submission: sqlite3.Row, box: int) -> int:
    account = submission["account_id"]
    new = arrival.new_email(
        parse(desk.blobs.get(submission["blob_hash"])),
        received_at=desk.utc(),
        mailboxes=frozenset({box}),
        keywords=frozenset({Keyword.SEEN}),
        blob_hash=submission["blob_hash"],
    )
    email, _ = emails.insert(tx, account, new)
    intents.queue(tx, account, "append", email=email, mailbox=box, user=submission["user_id"], now=desk.utc())
    return email


def _lies_in(tx: Tx, email: int, box: int) -> bool:
    return any(row["mailbox_id"] == box and row["uid"] > 0 for row in base.rows_of(tx, [email]))


def check(desk: Desk, account: int) -> None:
    """After the intents had their turn: which copies are there, which cannot be, which must be ours."""
    with desk.database.read() as tx:
        waiting = submissions.awaiting_copy(tx, account)
    if not waiting:
        return
    with desk.write() as tx:
        box = mailboxes.by_role(tx, account, Role.SENT)
        policy = policy_of(tx, account)
        for row in submissions.awaiting_copy(tx, account):
            email = row["email_id"]
            if policy == "append" and box is not None and _lies_in(tx, email, box):
                submissions.copy_kept(tx, row["id"], "done")
            elif policy == "append" and not intents.pending_for(tx, account, [email]):
                submissions.copy_kept(tx, row["id"], "failed")
            elif policy == "detect" and desk.now() >= row["next_attempt_at"]:
                put_into_sent(tx, desk, row)


def arrived(desk: Desk, account: int, published: Sequence[tuple[int, Arrival]]) -> None:
    """Messages that nobody here put on the server: is one of them what we sent?"""
    ids = {each.message_id: (email, each.mailbox) for email, each in published if each.message_id}
    if not ids:
        return
    with desk.database.read() as tx:
        box = mailboxes.by_role(tx, account, Role.SENT)
        found = submissions.by_message_id(tx, account, list(ids))
    found = [row for row in found if ids[row["message_id"]][1] == box]
    if not found:
        return
    with desk.write() as tx:
        for row in found:
            _seen_in_sent(tx, desk, row, ids[row["message_id"]][0])


def _seen_in_sent(tx: Tx, desk: Desk, row: sqlite3.Row, email: int) -> None:
    """The server has a copy that is not ours: so the message did leave, and ours would be the second."""
    account, ours = row["account_id"], row["email_id"]
    if row["undo_status"] == UndoStatus.UNCERTAIN:
        submissions.settle(tx, row["id"], UndoStatus.FINAL, sent_copy="done")
    if row["undo_status"] == UndoStatus.PENDING or policy_of(tx, account) == "append":
        return
    if ours != email and tx.value("SELECT 1 FROM email WHERE id = ?", (ours,)):
        intents.queue(tx, account, "remove", email=ours, user=row["user_id"], now=desk.utc())
        emails.destroy(tx, account, [ours])
    submissions.copy_kept(tx, row["id"], "done", email)
