"""Submissions: emails on their way out (RFC 8621 §7).

The only writer of `submission`. Owns which step may follow which: pending → final, canceled or uncertain;
an attempt is noted before the mail server hears of it, so that a crash leaves `uncertain`, never a second
send. Speaks no SMTP and asks for no rights.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from shinbox.desk.store import changes
from shinbox.desk.store.database import Tx
from shinbox.terms import UndoStatus

TYPE: Final = "EmailSubmission"
FARTHEST: Final = 2 * 3600.0
"""No attempt is put off for so many seconds: what seems to be was so before the clock was set back."""
_WITHOUT_COPY: Final = "undo_status = 'final' AND sent_copy IN ('none', 'pending')"
"""Word for word what the index submission_copy is over, else SQLite does not see that it fits."""
SentCopy = Literal["none", "pending", "done", "failed"]


def create(
    tx: Tx,
    account: int,
    *,
    identity: int,
    email: int,
    thread: int,
    user: int,
    message_id: str,
    blob_hash: str,
    envelope: Mapping[str, Any],
    send_at: float,
    thread_state: str | None = None,
    sent_copy: SentCopy = "none",
    undo_actions: Mapping[str, Any] | None = None,
    now: str,
) -> int:
    """Take an email for sending at `send_at` (seconds since the epoch; the end of the undo hold); its row.

    `blob_hash`: the very bytes that leave, Bcc stripped, held durably. `message_id`: without <>.
    `undo_actions`: an Email/set patch (mailboxIds, keywords, or paths into them) that makes it a draft again.
    """
    row = tx.insert(
        "INSERT INTO submission (account_id, identity_id, email_id, thread_id, user_id, message_id,"
        " blob_hash, envelope, send_at, undo_status, next_attempt_at, thread_state, sent_copy,"
        " undo_actions, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
        (
            account,
            identity,
            email,
            thread,
            user,
            message_id,
            blob_hash,
            json.dumps(envelope, ensure_ascii=False),
            send_at,
            send_at,
            thread_state,
            sent_copy,
            json.dumps(undo_actions or {}),
            now,
        ),
    )
    changes.record(tx, account, TYPE, [row], "created")
    return row


def under_way(tx: Tx, email: int, user: int) -> bool:
    """Whether another person's submission of this email waits to leave, or anybody's is uncertain."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM submission WHERE email_id = ?"
            " AND (undo_status = 'uncertain' OR (undo_status = 'pending' AND user_id <> ?)))",
            (email, user),
        )
    )


def cancel(tx: Tx, submission: int) -> bool:
    """Recall it; False if it is not pending any more or an attempt is under way.

    The email is not touched: see recall.py.
    """
    changed = tx.run(
        "UPDATE submission SET undo_status = 'canceled' WHERE id = ? AND undo_status = 'pending'"
        " AND started_at IS NULL",
        (submission,),
    )
    if changed:
        _updated(tx, submission)
    return bool(changed)


def decide(tx: Tx, submission: int, undo_status: Literal["final", "canceled"]) -> bool:
    """A person says what became of an uncertain one; False if it is not uncertain."""
    changed = tx.run(
        "UPDATE submission SET undo_status = ?, error = NULL WHERE id = ? AND undo_status = 'uncertain'",
        (undo_status, submission),
    )
    if changed:
        _updated(tx, submission)
    return bool(changed)


def destroy(tx: Tx, submission: int) -> None:
    """Forget a submission that is over."""
    account = tx.value("SELECT account_id FROM submission WHERE id = ?", (submission,))
    tx.run("DELETE FROM submission WHERE id = ?", (submission,))
    changes.record(tx, account, TYPE, [submission], "destroyed")


def due(tx: Tx, now: float) -> list[sqlite3.Row]:
    """What may leave now, longest waiting first, of accounts that still exist."""
    return tx.all(
        "SELECT submission.* FROM submission JOIN account ON account.id = account_id"
        " WHERE undo_status = 'pending' AND started_at IS NULL"
        " AND (next_attempt_at <= ? OR next_attempt_at > ?)"
        " AND account.deleted_at IS NULL ORDER BY next_attempt_at, submission.id",
        (now, now + FARTHEST),
    )


def waiting(tx: Tx) -> list[sqlite3.Row]:
    """What is still to leave, now or later, and is not leaving at this moment."""
    return tx.all("SELECT * FROM submission WHERE undo_status = 'pending' AND started_at IS NULL ORDER BY id")


def next_due(tx: Tx) -> float | None:
    """When the next one is to leave, in seconds since the epoch."""
    when: float | None = tx.value(
        "SELECT MIN(next_attempt_at) FROM submission WHERE undo_status = 'pending' AND started_at IS NULL"
    )
    return when


def begin_attempt(tx: Tx, submission: int, now: float) -> bool:
    """Note an attempt; commit before connecting. False: it was recalled, or another attempt has it."""
    return bool(
        tx.run(
            "UPDATE submission SET started_at = ?, attempts = attempts + 1 WHERE id = ?"
            " AND undo_status = 'pending' AND started_at IS NULL",
            (now, submission),
        )
    )


def postpone(tx: Tx, submission: int, until: float, error: str) -> None:
    """The attempt certainly failed before DATA; try again then. `error` says why, in a sentence."""
    tx.run(
        "UPDATE submission SET started_at = NULL, next_attempt_at = ?, error = ? WHERE id = ?"
        " AND undo_status = 'pending'",
        (until, error, submission),
    )
    _updated(tx, submission)


def settle(
    tx: Tx,
    submission: int,
    undo_status: UndoStatus,
    *,
    delivery_status: Mapping[str, Mapping[str, str]] | None = None,
    error: str | None = None,
    sent_copy: SentCopy | None = None,
) -> None:
    """Say how it ended. `delivery_status`: recipient → DeliveryStatus; None leaves a value as it is."""
    status = None if delivery_status is None else json.dumps(delivery_status, ensure_ascii=False)
    tx.run(
        "UPDATE submission SET undo_status = ?, started_at = NULL, error = ?,"
        " delivery_status = IFNULL(?, delivery_status), sent_copy = IFNULL(?, sent_copy) WHERE id = ?",
        (undo_status, error, status, sent_copy, submission),
    )
    _updated(tx, submission)


def interrupted(tx: Tx, error: str) -> list[int]:
    """At start: attempts that a crash cut off become uncertain; their rows."""
    rows = tx.column("SELECT id FROM submission WHERE undo_status = 'pending' AND started_at IS NOT NULL")
    for row in rows:
        settle(tx, row, UndoStatus.UNCERTAIN, error=error)
    return rows


def by_message_id(tx: Tx, account: int, message_ids: list[str]) -> list[sqlite3.Row]:
    """The submissions of an account with these Message-IDs (without <>)."""
    return tx.all(
        "SELECT * FROM submission INDEXED BY submission_message WHERE account_id = ?"
        " AND message_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (account, json.dumps(message_ids)),
    )


def await_copy(tx: Tx, submission: int, until: float) -> None:
    """The server is expected to show its own copy in Sent by then (seconds since the epoch)."""
    tx.run(
        "UPDATE submission SET sent_copy = 'pending', next_attempt_at = ? WHERE id = ?", (until, submission)
    )
    _updated(tx, submission)


def without_copy(tx: Tx) -> list[sqlite3.Row]:
    """What has left, as was found out later, and nobody has cared for its copy in Sent yet."""
    return tx.all(
        "SELECT submission.* FROM submission INDEXED BY submission_copy"
        " JOIN account ON account.id = account_id"
        f" WHERE sent_copy = 'none' AND {_WITHOUT_COPY} AND account.deleted_at IS NULL"
        " ORDER BY submission.id"
    )


def awaiting_copy(tx: Tx, account: int) -> list[sqlite3.Row]:
    """What has left and whose copy is not in Sent yet."""
    return tx.all(
        f"SELECT * FROM submission WHERE account_id = ? AND sent_copy = 'pending' AND {_WITHOUT_COPY}"
        " ORDER BY id",
        (account,),
    )


def copy_kept(tx: Tx, submission: int, sent_copy: SentCopy, email: int | None = None) -> None:
    """Note where the copy in Sent stands; `email`: the row of the copy, if it is another email."""
    tx.run(
        "UPDATE submission SET sent_copy = ?, email_id = IFNULL(?, email_id) WHERE id = ?",
        (sent_copy, email, submission),
    )
    _updated(tx, submission)


def add_report(tx: Tx, submission: int, email: int) -> None:
    """Note an email that is a delivery report about it; each once, in the order they came."""
    known: list[int] = json.loads(tx.value("SELECT reports FROM submission WHERE id = ?", (submission,)))
    if email not in known:
        told = json.dumps([*known, email])
        tx.run("UPDATE submission SET reports = ? WHERE id = ?", (told, submission))
        _updated(tx, submission)
        about = tx.one(
            "SELECT email.id, email.account_id FROM email JOIN submission ON email.id = email_id"
            " WHERE submission.id = ?",
            (submission,),
        )
        if about is not None:
            changes.record(tx, about["account_id"], "Email", [about["id"]], "updated")


def undelivered(tx: Tx, among: Sequence[int]) -> dict[int, str]:
    """Of these emails, those that left and did not reach everybody: whom not and why, in a sentence."""
    rows = tx.all(
        "SELECT email_id, error FROM submission WHERE email_id IN (SELECT value FROM json_each(?))"
        " AND undo_status = 'final' AND error IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM json_each(delivery_status) AS each"
        " WHERE json_extract(each.value, '$.delivered') = 'no') ORDER BY id",
        (json.dumps(list(among)),),
    )
    return {row["email_id"]: row["error"] for row in rows}


def explain(tx: Tx, submission: int, error: str) -> None:
    """Say in a sentence what became of it."""
    tx.run("UPDATE submission SET error = ? WHERE id = ?", (error, submission))
    _updated(tx, submission)


def now_about(tx: Tx, submission: int, email: int, thread: int) -> None:
    """Its message is another email now: the one that it was about is gone."""
    tx.run("UPDATE submission SET email_id = ?, thread_id = ? WHERE id = ?", (email, thread, submission))
    _updated(tx, submission)


def _updated(tx: Tx, submission: int) -> None:
    account = tx.value("SELECT account_id FROM submission WHERE id = ?", (submission,))
    changes.record(tx, account, TYPE, [submission], "updated")
