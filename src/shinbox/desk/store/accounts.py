"""Accounts: the shared mailboxes themselves.

The only writer of `account` but for its change numbers (store/changes.py). An account that is removed is
closed at once (no grants, no secrets, no work) and its mail is purged afterwards, a little at a time.
"""

from __future__ import annotations

import sqlite3
from typing import Final, Literal

from shinbox.desk.store import blob_uses, changes, connections, email_text, grants
from shinbox.desk.store import columns as columns_
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now

DESK: Final = 0
"""The account row of the desk itself, where changes of accounts are told."""

SyncState = Literal["never", "syncing", "idle", "offline", "failed"]

_SETTABLE: Final = frozenset({"name", "address", "undo_seconds"})


def create(
    tx: Tx,
    name: str,
    *,
    address: str,
    kind: Literal["imap", "local"],
    created_at: str,
    undo_seconds: int = 10,
) -> int:
    """Add a mailbox without folders; its row."""
    row = tx.insert(
        "INSERT INTO account (name, address, kind, undo_seconds, sync_state, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (name, address, kind, undo_seconds, "idle" if kind == "local" else "never", created_at),
    )
    changes.record(tx, DESK, "Account", [row], "created")
    return row


def update(tx: Tx, account: int, **columns: object) -> None:
    """Change columns of an account."""
    if columns_.update(tx, "account", account, columns, _SETTABLE):
        changes.record(tx, DESK, "Account", [account], "updated")


def set_sync_state(
    tx: Tx, account: int, state: SyncState, *, error: str | None = None, synced_at: str | None = None
) -> None:
    """Say how the mirror stands; `synced_at` None leaves it. Nothing is recorded if nothing differs."""
    changed = tx.run(
        "UPDATE account SET sync_state = ?1, sync_error = ?2, synced_at = IFNULL(?3, synced_at) WHERE id = ?4"
        " AND (sync_state <> ?1 OR sync_error IS NOT ?2 OR (?3 IS NOT NULL AND synced_at IS NOT ?3))",
        (state, error, synced_at, account),
    )
    if changed:
        changes.record(tx, DESK, "Account", [account], "updated")


def close(tx: Tx, account: int, now: str) -> None:
    """Remove an account for people: nobody has it any more, nothing is sent or fetched for it."""
    grants.destroy(tx, tx.column('SELECT id FROM "grant" WHERE account_id = ?', (account,)))
    connections.remove(tx, account)
    tx.run(
        "UPDATE submission SET undo_status = 'canceled' WHERE account_id = ? AND undo_status = 'pending'",
        (account,),
    )
    tx.run("DELETE FROM intent WHERE account_id = ? AND status = 'queued'", (account,))
    tx.run("UPDATE account SET deleted_at = ? WHERE id = ?", (now, account))
    changes.record(tx, DESK, "Account", [account], "destroyed")


def get(tx: Tx, account: int) -> sqlite3.Row | None:
    """The row of an account that was not removed; the desk's too."""
    return tx.one("SELECT * FROM account WHERE id = ? AND deleted_at IS NULL", (account,))


def all_open(tx: Tx) -> list[sqlite3.Row]:
    """Every account that was not removed, the desk left out, by name."""
    return tx.all(
        "SELECT * FROM account WHERE id <> 0 AND deleted_at IS NULL ORDER BY name COLLATE NOCASE, id"
    )


def by_address(tx: Tx, address: str) -> sqlite3.Row | None:
    """The open account with that address, whatever its case."""
    return tx.one(
        "SELECT * FROM account WHERE address = ? COLLATE NOCASE AND id <> 0 AND deleted_at IS NULL",
        (address,),
    )


def closed(tx: Tx, before: float) -> list[int]:
    """Accounts removed before that moment (seconds) whose mail is not purged yet."""
    return tx.column(
        "SELECT id FROM account WHERE deleted_at < ?"
        " AND (id IN (SELECT account_id FROM email) OR id IN (SELECT account_id FROM mailbox))",
        (utc_now(before),),
    )


def purge(tx: Tx, account: int, most: int) -> set[str]:
    """Delete the mail of a removed account, at most `most` emails at a time; the blobs that nobody needs now.

    Tells no changes: nobody can ask for them any more.
    """
    emails = tx.column("SELECT id FROM email WHERE account_id = ? LIMIT ?", (account, most))
    held = _purge_emails(tx, emails) if emails else _purge_rest(tx, account)
    return set(blob_uses.unneeded(tx, held))


def _purge_emails(tx: Tx, emails: list[int]) -> set[str]:
    marks = ",".join("?" * len(emails))
    held = tx.column(f"SELECT blob_hash FROM email WHERE id IN ({marks})", emails)
    tx.run(f"DELETE FROM remote_message WHERE email_id IN ({marks})", emails)
    email_text.remove(tx, emails)
    tx.run(f"DELETE FROM email WHERE id IN ({marks})", emails)
    return set(held) - {None}


def _purge_rest(tx: Tx, account: int) -> set[str]:
    held = tx.column(
        "SELECT blob_hash FROM submission WHERE account_id = ?1"
        " UNION SELECT hash FROM upload WHERE account_id = ?1",
        (account,),
    )
    tx.run("UPDATE mailbox SET parent_id = NULL WHERE account_id = ?", (account,))
    for table in (
        "submission",
        "draft",
        "upload",
        "thread",
        "identity",
        "intent",
        "job",
        "mailbox",
        "change",
    ):
        tx.run(f"DELETE FROM {table} WHERE account_id = ?", (account,))
    return set(held)
