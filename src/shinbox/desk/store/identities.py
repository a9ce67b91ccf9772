"""Identities: the addresses that mail of an account goes out under.

The only writer of `identity`. Knows neither rights nor how an address must look.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from shinbox.desk.store import changes
from shinbox.desk.store import columns as columns_
from shinbox.desk.store.database import Tx

TYPE: Final = "Identity"
_SETTABLE: Final = ("name", "email", "reply_to", "bcc", "text_signature", "html_signature")


def create(
    tx: Tx,
    account: int,
    *,
    name: str,
    email: str,
    reply_to: str | None = None,
    bcc: str | None = None,
    text_signature: str = "",
    html_signature: str = "",
) -> int:
    """Add an identity; its row. `reply_to` and `bcc` are JSON lists of {name, email}."""
    row = tx.insert(
        "INSERT INTO identity (account_id, name, email, reply_to, bcc, text_signature, html_signature)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account, name, email, reply_to, bcc, text_signature, html_signature),
    )
    changes.record(tx, account, TYPE, [row], "created")
    return row


def update(tx: Tx, account: int, identity: int, **columns: Any) -> None:
    """Change columns of an identity."""
    if columns_.update(tx, "identity", identity, columns, _SETTABLE):
        changes.record(tx, account, TYPE, [identity], "updated")


def destroy(tx: Tx, account: int, identity: int) -> None:
    """Remove an identity; what was sent under it keeps its bytes."""
    tx.run("DELETE FROM identity WHERE id = ?", (identity,))
    changes.record(tx, account, TYPE, [identity], "destroyed")


def of_account(tx: Tx, account: int) -> list[sqlite3.Row]:
    """The identities of an account, oldest first."""
    return tx.all("SELECT * FROM identity WHERE account_id = ? ORDER BY id", (account,))


def get(tx: Tx, account: int, identity: int) -> sqlite3.Row | None:
    """An identity of that account, or None."""
    return tx.one("SELECT * FROM identity WHERE account_id = ? AND id = ?", (account, identity))
