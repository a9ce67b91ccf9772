"""Drafts: texts being written, each with its revision and its editor's lease.

The only writer of `draft` and `draft_upload`. Owns when a lease is over; knows no rights and no clock: the
moment comes by parameter. A save is told to nobody: only that a draft begins, goes to another hand, or ends.
Words are never thrown away by the desk: an abandoned draft that holds some is offered until a person decides.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shinbox.desk.store import changes, uploads
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now

TYPE: Final = "Draft"
LEASE_SECONDS: Final = 25.0
"""How long a lease holds without a sign of life; editors renew it every 15 s."""
EMPTY_KEPT_SECONDS: Final = 24 * 3600.0
"""How long a draft in which nothing stands waits for its writer."""


@dataclass(frozen=True)
class Editor:
    """A person (user row) in one editor: `lease` is its own word."""

    user: int
    lease: str


@dataclass(frozen=True)
class Answered:
    """Rows of the email that a draft answers, of its thread, of the email in Drafts that it goes on with."""

    email: int | None = None
    thread: int | None = None
    replaces: int | None = None


def create(
    tx: Tx, account: int, editor: Editor, content: Mapping[str, Any], about: Answered, *, now: float, at: str
) -> int:
    """Begin a draft, the lease with its editor; its row. `at` is `now` as a date."""
    row = tx.insert(
        "INSERT INTO draft (account_id, content, email_id, thread_id, replaces_id, revision, started_by,"
        " started_at, edited_by, edited_at, writer, lease, lease_until)"
        " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?6, ?7, ?6, ?8, ?9)",
        (
            account,
            _written(content),
            about.email,
            about.thread,
            about.replaces,
            editor.user,
            at,
            editor.lease,
            now + LEASE_SECONDS,
        ),
    )
    changes.record(tx, account, TYPE, [row], "created")
    return row


def get(tx: Tx, account: int, draft: int) -> sqlite3.Row | None:
    """A draft of that account, or None."""
    return tx.one("SELECT * FROM draft WHERE id = ? AND account_id = ?", (draft, account))


def holder(row: sqlite3.Row, now: float) -> Editor | None:
    """Who has the lease; None: nobody. One that lasts too long is of before the clock was set back."""
    return last_editor(row) if now < row["lease_until"] <= now + 2 * LEASE_SECONDS else None


def last_editor(row: sqlite3.Row) -> Editor:
    """Who had the lease last, whether it is over or not."""
    return Editor(row["writer"], row["lease"])


def hold(tx: Tx, row: sqlite3.Row, editor: Editor, now: float) -> None:
    """Take or renew the lease."""
    tx.run(
        "UPDATE draft SET writer = ?, lease = ?, lease_until = ? WHERE id = ?",
        (editor.user, editor.lease, now + LEASE_SECONDS, row["id"]),
    )
    if holder(row, now) != editor:
        changes.record(tx, row["account_id"], TYPE, [row["id"]], "updated")


def give_up(tx: Tx, row: sqlite3.Row) -> None:
    """Nobody writes it just now."""
    tx.run("UPDATE draft SET lease_until = 0 WHERE id = ?", (row["id"],))
    changes.record(tx, row["account_id"], TYPE, [row["id"]], "updated")


def save(tx: Tx, row: sqlite3.Row, user: int, content: Mapping[str, Any], at: str) -> int:
    """Keep another content; its revision. Nobody is woken for it."""
    touched = set(tx.touched)
    tx.run(
        "UPDATE draft SET content = ?, revision = revision + 1, edited_by = ?, edited_at = ? WHERE id = ?",
        (_written(content), user, at, row["id"]),
    )
    changes.record(tx, row["account_id"], TYPE, [row["id"]], "updated")
    tx.touched = touched
    return int(row["revision"]) + 1


def end(tx: Tx, account: int, draft: int, user: int, now: float) -> None:
    """The draft is over; its files stay with whoever ended it, for a while."""
    uploads.hand_over(tx, draft, user, now)
    tx.run("DELETE FROM draft WHERE id = ?", (draft,))
    changes.record(tx, account, TYPE, [draft], "destroyed")


def end_empty(tx: Tx, now: float) -> int:
    """End the drafts in which nothing stands, or a signature alone, and which nobody has open; how many."""
    due = utc_now(now - EMPTY_KEPT_SECONDS)
    old = tx.all("SELECT * FROM draft WHERE edited_at <= ? ORDER BY id", (due,))
    ended = [row for row in old if holder(row, now) is None and _is_empty(tx, row)]
    for row in ended:
        end(tx, row["account_id"], row["id"], row["edited_by"], now)
    return len(ended)


def keep_files(tx: Tx, draft: int, files: Collection[int]) -> None:
    """These uploads, and no others, are files of the draft."""
    tx.run("DELETE FROM draft_upload WHERE draft_id = ?", (draft,))
    tx.run_many("INSERT INTO draft_upload VALUES (?, ?)", [(draft, upload) for upload in sorted(files)])


def with_file(tx: Tx, account: int, upload: int) -> list[int]:
    """The drafts of that account that an upload is a file of."""
    return tx.column(
        "SELECT draft_id FROM draft_upload JOIN draft ON draft.id = draft_id"
        " WHERE upload_id = ? AND account_id = ?",
        (upload, account),
    )


def of_account(tx: Tx, account: int, most: int) -> list[int]:
    """The drafts of an account, oldest first, at most `most`."""
    return tx.column("SELECT id FROM draft WHERE account_id = ? ORDER BY id LIMIT ?", (account, most))


def by_id(tx: Tx, account: int, wanted: Sequence[int]) -> list[sqlite3.Row]:
    """Those of these drafts that are of that account."""
    return tx.all(
        "SELECT * FROM draft WHERE +account_id = ? AND id IN (SELECT value FROM json_each(?))",
        (account, json.dumps(list(wanted))),
    )


def started_by(tx: Tx, account: int, user: int) -> int:
    """How many drafts of an account a person began that are not over."""
    number: int = tx.value(
        "SELECT COUNT(*) FROM draft WHERE account_id = ? AND started_by = ?", (account, user)
    )
    return number


def _is_empty(tx: Tx, row: sqlite3.Row) -> bool:
    said = json.loads(row["content"])
    if said["attachments"] or any(said[name].strip() for name in ("to", "cc", "bcc", "subject")):
        return False
    text = _lines(said["text"])
    signatures = tx.column("SELECT text_signature FROM identity WHERE account_id = ?", (row["account_id"],))
    return not text or any(text == ["--", *_lines(signature)] for signature in signatures)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def _written(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)
