"""Answers to requests that carried a client id: a retry gets the same bytes instead of a second effect.

The only writer of `answered_request`. Knows nothing of what was asked.
"""

from __future__ import annotations

from typing import Final

from shinbox.desk.store.database import Tx

KEPT_SECONDS: Final = 24 * 3600.0


def stored(tx: Tx, user: int, client_id: str, now: float) -> bytes | None:
    """The answer that this person's request with that client id got, if it was kept."""
    answer: bytes | None = tx.value(
        "SELECT response FROM answered_request WHERE user_id = ? AND client_id = ? AND created_at > ?",
        (user, client_id, now - KEPT_SECONDS),
    )
    return answer


def store(tx: Tx, user: int, client_id: str, response: bytes, now: float) -> None:
    """Keep an answer, in the transaction of what it tells; old ones of that person go."""
    tx.run("DELETE FROM answered_request WHERE user_id = ? AND created_at <= ?", (user, now - KEPT_SECONDS))
    tx.run(
        "INSERT OR REPLACE INTO answered_request (user_id, client_id, response, created_at)"
        " VALUES (?, ?, ?, ?)",
        (user, client_id, response, now),
    )
