"""Uploads: blobs that people sent, usable by them alone until they expire.

The only writer of `upload`. Files stay when their row goes: another row may name the same content.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from shinbox.desk.store.database import Tx

KEPT_SECONDS: Final = 24 * 3600.0


def add(tx: Tx, account: int, user: int, *, hash_: str, type_: str, size: int, now: float) -> int:
    """Note an upload whose bytes are held durably; its row. Expired ones of that person go."""
    tx.run("DELETE FROM upload WHERE user_id = ? AND created_at <= ?", (user, now - KEPT_SECONDS))
    return tx.insert(
        "INSERT INTO upload (account_id, user_id, hash, type, size, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (account, user, hash_, type_, size, now),
    )


def forget_expired(tx: Tx, now: float) -> int:
    """Drop the rows of everybody's expired uploads; how many."""
    return tx.run("DELETE FROM upload WHERE created_at <= ?", (now - KEPT_SECONDS,))


def get(tx: Tx, account: int, user: int, upload: int, now: float) -> sqlite3.Row | None:
    """That person's upload into that account, unless it expired."""
    return tx.one(
        "SELECT * FROM upload WHERE id = ? AND account_id = ? AND user_id = ? AND created_at > ?",
        (upload, account, user, now - KEPT_SECONDS),
    )


def held(tx: Tx, user: int, now: float) -> int:
    """The bytes of that person's uploads that did not expire."""
    size: int = tx.value(
        "SELECT IFNULL(SUM(size), 0) FROM upload WHERE user_id = ? AND created_at > ?",
        (user, now - KEPT_SECONDS),
    )
    return size
