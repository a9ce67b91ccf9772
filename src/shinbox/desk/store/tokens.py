"""Sign-ins by password: tokens (only their hashes) and recent failures.

The only writer of `token` and `sign_in_attempt`. Knows neither tokens nor passwords.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from shinbox.desk.store.database import Tx

SLACK: Final = 3600.0
"""Seconds that a clock may be set back without ending sign-ins; further, a token would outlive its time."""


def create(tx: Tx, token_hash: str, user: int, created_at: float, expires_at: float) -> None:
    """Remember a token by its hash; forget those that have ended."""
    tx.run("DELETE FROM token WHERE expires_at <= ?", (created_at,))
    tx.run("INSERT INTO token VALUES (?, ?, ?, ?)", (token_hash, user, created_at, expires_at))


def find(tx: Tx, token_hash: str, now: float) -> sqlite3.Row | None:
    """The token of that hash if it is still good."""
    return tx.one(
        "SELECT * FROM token WHERE hash = ? AND expires_at > ? AND created_at <= ?",
        (token_hash, now, now + SLACK),
    )


def revoke(tx: Tx, token_hash: str) -> bool:
    """Make a token worthless; False if it was so."""
    return tx.run("DELETE FROM token WHERE hash = ?", (token_hash,)) > 0


def revoke_user(tx: Tx, user: int) -> None:
    """Make every token of a user worthless."""
    tx.run("DELETE FROM token WHERE user_id = ?", (user,))


def note_failure(tx: Tx, name: str, now: float) -> int:
    """Remember an attempt as failed; its row, for `forgive`."""
    return tx.insert("INSERT INTO sign_in_attempt VALUES (?, ?)", (name, now))


def forgive(tx: Tx, attempt: int) -> None:
    """The attempt did not fail after all."""
    tx.run("DELETE FROM sign_in_attempt WHERE rowid = ?", (attempt,))


def recent_failures(tx: Tx, name: str) -> int:
    """How many attempts by that name are remembered as failed."""
    count: int = tx.value("SELECT COUNT(*) FROM sign_in_attempt WHERE name = ?", (name,))
    return count


def forget_failures(tx: Tx, before: float, now: float) -> None:
    """Drop failures that no longer count. One from the future is of now: the clock was set back."""
    tx.run("DELETE FROM sign_in_attempt WHERE at <= ?", (before,))
    tx.run("UPDATE sign_in_attempt SET at = ?1 WHERE at > ?1", (now,))
