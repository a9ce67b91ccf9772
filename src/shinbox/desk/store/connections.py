"""Connections: how an account reaches its mail. Secrets are here only sealed.

The only writer of `connection`. Cannot open a secret; `revision` tells the mail process to reconnect.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from shinbox.desk.store import changes
from shinbox.desk.store import columns as columns_
from shinbox.desk.store.database import Tx

_SETTABLE: Final = frozenset({"imap", "smtp", "imap_secret", "smtp_secret", "root", "sent_policy"})


def get(tx: Tx, account: int) -> sqlite3.Row | None:
    """The connection of an account; None until one is set."""
    return tx.one("SELECT * FROM connection WHERE account_id = ?", (account,))


def put(tx: Tx, account: int, **columns: Any) -> None:
    """Change columns (made with defaults if there is none): servers as JSON text, secrets as sealed bytes."""
    columns_.check(columns, _SETTABLE)
    made = tx.run("INSERT OR IGNORE INTO connection (account_id) VALUES (?)", (account,))
    if made:
        changes.record(tx, account, "Connection", [account], "created")
    assignments = "".join(f"{name} = ?, " for name in columns)
    tx.run(
        f"UPDATE connection SET {assignments}revision = revision + 1 WHERE account_id = ?",
        (*columns.values(), account),
    )
    changes.record(tx, account, "Connection", [account], "updated")


def remove(tx: Tx, account: int) -> None:
    """Forget a connection and its secrets."""
    if tx.run("DELETE FROM connection WHERE account_id = ?", (account,)):
        changes.record(tx, account, "Connection", [account], "destroyed")
