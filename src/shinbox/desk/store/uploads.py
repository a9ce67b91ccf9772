"""Uploads: blobs that people sent, usable by them alone until they expire.

The only writer of `upload`. Files stay when their row goes: another row may name the same content. An upload
that is a file of a draft (store/drafts.py) does not expire.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from shinbox.desk.store.database import Tx

KEPT_SECONDS: Final = 24 * 3600.0
_IN_A_DRAFT: Final = "EXISTS (SELECT 1 FROM draft_upload WHERE upload_id = upload.id)"


def add(tx: Tx, account: int, user: int, *, hash_: str, type_: str, size: int, now: float) -> int:
    """Note an upload whose bytes are held durably; its row. Expired ones of that person go."""
    tx.run(
        f"DELETE FROM upload WHERE user_id = ? AND created_at <= ? AND NOT {_IN_A_DRAFT}",
        (user, now - KEPT_SECONDS),
    )
    return tx.insert(
        "INSERT INTO upload (account_id, user_id, hash, type, size, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (account, user, hash_, type_, size, now),
    )


def forget_expired(tx: Tx, now: float) -> int:
    """Drop the rows of everybody's expired uploads; how many. What is far in the future is of now: the clock
    was set back, and nobody may be held to have uploaded too much until it comes there again."""
    tx.run("UPDATE upload SET created_at = ? WHERE created_at > ?", (now, now + KEPT_SECONDS))
    return tx.run(f"DELETE FROM upload WHERE created_at <= ? AND NOT {_IN_A_DRAFT}", (now - KEPT_SECONDS,))


def get(tx: Tx, account: int, user: int, upload: int, now: float) -> sqlite3.Row | None:
    """That person's upload into that account, unless it expired."""
    return tx.one(
        "SELECT * FROM upload WHERE id = ? AND account_id = ? AND user_id = ?"
        f" AND (created_at > ? OR {_IN_A_DRAFT})",
        (upload, account, user, now - KEPT_SECONDS),
    )


def of_draft(tx: Tx, account: int, upload: int) -> sqlite3.Row | None:
    """Anybody's upload into that account that is a file of a draft."""
    return tx.one(
        f"SELECT * FROM upload WHERE id = ? AND account_id = ? AND {_IN_A_DRAFT}", (upload, account)
    )


def hand_over(tx: Tx, draft: int, user: int, now: float) -> None:
    """The files of a draft that ends are that person's, as if just uploaded: a message may be taken back."""
    tx.run(
        "UPDATE upload SET user_id = ?, created_at = ?"
        " WHERE id IN (SELECT upload_id FROM draft_upload WHERE draft_id = ?)",
        (user, now, draft),
    )


def held(tx: Tx, user: int, now: float) -> int:
    """The bytes of that person's uploads that did not expire."""
    size: int = tx.value(
        f"SELECT IFNULL(SUM(size), 0) FROM upload WHERE user_id = ? AND (created_at > ? OR {_IN_A_DRAFT})",
        (user, now - KEPT_SECONDS),
    )
    return size
