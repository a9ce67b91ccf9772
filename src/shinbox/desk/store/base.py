"""Base: the last state that the mail server acknowledged.

The only writer of `remote_folder` and `remote_message`. A row says "that message lies there, with these
flags", whatever people have changed here since; mail/plan.py compares it with what the server shows. Knows
neither what people see nor how a server is asked.

`email_id` 0 is a message that is marked `\\Deleted` on the server: known, and not shown. Uids below 0 stand
for messages of a UIDVALIDITY that is gone and that are not yet found again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from shinbox.desk.store.database import Tx

HIDDEN: Final = 0
"""The email of a row that is not shown."""

Spot = tuple[int, int]
"""(mailbox row, uid)."""


def folders(tx: Tx, account: int) -> list[sqlite3.Row]:
    """Every folder that the server was known to have."""
    return tx.all("SELECT * FROM remote_folder WHERE account_id = ? ORDER BY path", (account,))


def delimiter(tx: Tx, account: int) -> str | None:
    """What parts the names in the server's paths, as far as they tell; empty: something else than "/".

    None: nothing tells. Most paths decide, since people may be renaming some of these folders.
    """
    found: str | None = tx.value(
        """SELECT substr(path, -length(name) - 1, 1) AS parting
           FROM remote_folder JOIN mailbox ON mailbox.id = mailbox_id
           WHERE remote_folder.account_id = ? AND substr(path, -length(name)) = name
             AND (parting IN ('/', '.', '\\') OR (path = name AND instr(name, '/')))
           GROUP BY parting ORDER BY COUNT(*) DESC""",
        (account,),
    )
    return found


def folder(tx: Tx, mailbox: int) -> sqlite3.Row | None:
    """The server's side of one folder."""
    return tx.one("SELECT * FROM remote_folder WHERE mailbox_id = ?", (mailbox,))


def add_folder(tx: Tx, account: int, mailbox: int, path: str, uidvalidity: int | None = None) -> None:
    """The server has this folder."""
    tx.run(
        "INSERT INTO remote_folder (mailbox_id, account_id, path, uidvalidity) VALUES (?, ?, ?, ?)",
        (mailbox, account, path, uidvalidity),
    )


def rename_folder(tx: Tx, mailbox: int, path: str) -> None:
    """The folder is called so now."""
    tx.run("UPDATE remote_folder SET path = ? WHERE mailbox_id = ?", (path, mailbox))


def reached(tx: Tx, mailbox: int, *, uidnext: int, highestmodseq: int | None) -> None:
    """Everything up to here is in base."""
    tx.run(
        "UPDATE remote_folder SET complete = 1, uidnext = ?, highestmodseq = ? WHERE mailbox_id = ?",
        (uidnext, highestmodseq or 0, mailbox),
    )


def rebuilt(tx: Tx, mailbox: int, uidvalidity: int) -> None:
    """The server numbers the folder anew: what was known waits, under uids below 0, to be found again."""
    lowest = tx.value("SELECT MIN(uid) FROM remote_message WHERE mailbox_id = ? AND uid < 0", (mailbox,)) or 0
    tx.run("DELETE FROM remote_message WHERE mailbox_id = ? AND email_id = ?", (mailbox, HIDDEN))
    tx.run(
        "UPDATE remote_message SET uid = ? - uid WHERE mailbox_id = ? AND uid > 0",
        (lowest, mailbox),
    )
    tx.run(
        "UPDATE remote_folder SET uidvalidity = ?, uidnext = 0, highestmodseq = 0, complete = 0"
        " WHERE mailbox_id = ?",
        (uidvalidity, mailbox),
    )


def forget_folder(tx: Tx, mailbox: int) -> None:
    """The server has no such folder any more; its rows go with it."""
    tx.run("DELETE FROM remote_folder WHERE mailbox_id = ?", (mailbox,))


def known(tx: Tx, mailbox: int) -> dict[int, int]:
    """The uids of a folder → email."""
    rows = tx.all("SELECT uid, email_id FROM remote_message WHERE mailbox_id = ? AND uid > 0", (mailbox,))
    return {row[0]: row[1] for row in rows}


def lost(tx: Tx, mailbox: int) -> list[int]:
    """The uids below 0."""
    return tx.column("SELECT uid FROM remote_message WHERE mailbox_id = ? AND uid < 0", (mailbox,))


def flags(tx: Tx, mailbox: int, uids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The flags of these messages as last acknowledged."""
    rows = tx.all(
        "SELECT uid, flags FROM remote_message WHERE mailbox_id = ?"
        " AND uid IN (SELECT value FROM json_each(?))",
        (mailbox, json.dumps(list(uids))),
    )
    return {row[0]: frozenset(json.loads(row[1])) for row in rows}


def rows_of(tx: Tx, emails: Iterable[int]) -> list[sqlite3.Row]:
    """Every row of these emails."""
    return tx.all(
        "SELECT * FROM remote_message WHERE email_id IN (SELECT value FROM json_each(?))"
        " ORDER BY mailbox_id, uid",
        (json.dumps([email for email in emails if email != HIDDEN]),),
    )


def emails_at(tx: Tx, spots: Iterable[Spot]) -> dict[Spot, int]:
    """The email at each of these spots."""
    found: dict[Spot, int] = {}
    for mailbox, uids in by_mailbox(spots).items():
        rows = tx.all(
            "SELECT uid, email_id FROM remote_message WHERE mailbox_id = ?"
            " AND uid IN (SELECT value FROM json_each(?))",
            (mailbox, json.dumps(uids)),
        )
        found |= {(mailbox, row[0]): row[1] for row in rows}
    return found


def put(tx: Tx, mailbox: int, uid: int, email: int, keywords: Iterable[str]) -> None:
    """The server has this message there."""
    put_many(tx, [((mailbox, uid), email, keywords)])


def put_many(tx: Tx, rows: Iterable[tuple[Spot, int, Iterable[str]]]) -> None:
    """The server has these messages there: (spot, email, keywords) of each."""
    tx.run_many(
        "INSERT INTO remote_message (mailbox_id, uid, email_id, flags) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET email_id = excluded.email_id, flags = excluded.flags",
        [(*spot, email, json.dumps(sorted(keywords))) for spot, email, keywords in rows],
    )


def drop(tx: Tx, mailbox: int, uid: int) -> None:
    """The server no longer has this message there."""
    tx.run("DELETE FROM remote_message WHERE mailbox_id = ? AND uid = ?", (mailbox, uid))


def by_mailbox(spots: Iterable[Spot]) -> dict[int, list[int]]:
    """Spots as uids in each mailbox, ascending."""
    found: dict[int, list[int]] = {}
    for mailbox, uid in sorted(spots):
        found.setdefault(mailbox, []).append(uid)
    return found


def bodiless(tx: Tx, account: int, limit: int, skip: Sequence[int] = ()) -> list[int]:
    """Emails whose raw message is not held yet, newest first, without those in `skip`."""
    # SQLite would as soon walk over all that are held, for each portion: 721 s for 100,000, not 287.
    return tx.column(
        "SELECT id FROM email INDEXED BY email_bodiless WHERE account_id = ? AND blob_hash IS NULL"
        " AND id NOT IN (SELECT value FROM json_each(?))"
        " AND EXISTS (SELECT 1 FROM remote_message WHERE email_id = email.id AND uid > 0)"
        " ORDER BY received_at DESC LIMIT ?",
        (account, json.dumps(list(skip)), limit),
    )
