"""Which conversation an email belongs to (BEHAVIOURS.md, Threads).

A newcomer joins the thread of its nearest known reference; Message-IDs that were only mentioned are
known too, so newest-first sync does not split a thread. Threads never merge and never form on a subject.
"""

from __future__ import annotations

from collections.abc import Sequence

from shinbox.desk.store import changes
from shinbox.desk.store.database import Tx


def join(
    tx: Tx,
    account: int,
    message_id: Sequence[str],
    in_reply_to: Sequence[str],
    references: Sequence[str],
    *,
    founded: list[int],
) -> int:
    """The thread row for an email with these headers, made if none is known; all ids are remembered.

    A new thread is added to `founded`: the caller records those as created, many at once.
    """
    nearest = [*message_id, *in_reply_to, *reversed(references)]
    thread = _known(tx, account, nearest)
    if thread is None:
        thread = tx.insert("INSERT INTO thread (account_id) VALUES (?)", (account,))
        founded.append(thread)
    tx.run_many(
        "INSERT OR IGNORE INTO thread_reference VALUES (?, ?, ?)",
        [(account, id_, thread) for id_ in dict.fromkeys(nearest)],
    )
    return thread


def _known(tx: Tx, account: int, nearest: Sequence[str]) -> int | None:
    for id_ in nearest:
        row: int | None = tx.value(
            "SELECT thread_id FROM thread_reference WHERE account_id = ? AND message_id = ?", (account, id_)
        )
        if row is not None:
            return row
    return None


def after_removal(tx: Tx, account: int, threads: Sequence[int]) -> None:
    """Tell of threads that lost an email: updated, or destroyed with their last one.

    The row itself stays while Message-IDs point at it: a late answer must not found a second thread
    under an id that was told destroyed, so such ids are forgotten with it.
    """
    for thread in dict.fromkeys(threads):
        if tx.value("SELECT 1 FROM email WHERE thread_id = ? LIMIT 1", (thread,)):
            changes.record(tx, account, "Thread", [thread], "updated")
        else:
            changes.record(tx, account, "Thread", [thread], "destroyed")
            tx.run("DELETE FROM thread WHERE id = ?", (thread,))
