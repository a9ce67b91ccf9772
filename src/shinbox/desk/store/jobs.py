"""Jobs: long work with progress. Front queues them, mail carries them out.

The only writer of `job`; each step is told as a change.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from shinbox.desk.store import changes
from shinbox.desk.store.database import Tx

Kind = Literal["connectionTest", "fetchNow"]
KEPT: Final = 50
"""How many ended jobs of an account are kept."""


def create(tx: Tx, account: int, kind: Kind, *, created_by: int | None, created_at: str) -> int:
    """Queue a job; its row."""
    row = tx.insert(
        "INSERT INTO job (account_id, kind, created_by, created_at) VALUES (?, ?, ?, ?)",
        (account, kind, created_by, created_at),
    )
    changes.record(tx, account, "Job", [row], "created")
    return row


def queued(tx: Tx, account: int) -> list[sqlite3.Row]:
    """What waits in an account, oldest first; also what a crash left running."""
    return tx.all(
        "SELECT * FROM job WHERE account_id = ? AND status IN ('queued', 'running') ORDER BY id", (account,)
    )


def advance(
    tx: Tx,
    job: int,
    *,
    progress: int | None = None,
    total: int | None = None,
    steps: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Say how far a job is; None leaves a value as it is."""
    tx.run(
        "UPDATE job SET status = 'running', progress = IFNULL(?, progress), total = IFNULL(?, total),"
        " steps = IFNULL(?, steps) WHERE id = ?",
        (progress, total, None if steps is None else json.dumps(list(steps), ensure_ascii=False), job),
    )
    _record(tx, job)


def finish(tx: Tx, job: int, finished_at: str, error: str | None = None) -> None:
    """End a job, well or with the reason why not."""
    tx.run(
        "UPDATE job SET status = ?, error = ?, finished_at = ? WHERE id = ?",
        ("failed" if error else "done", error, finished_at, job),
    )
    _record(tx, job)


def destroy(tx: Tx, jobs: Iterable[int]) -> None:
    """Remove jobs that have ended."""
    for job in list(jobs):
        account = tx.value("SELECT account_id FROM job WHERE id = ?", (job,))
        tx.run("DELETE FROM job WHERE id = ?", (job,))
        changes.record(tx, account, "Job", [job], "destroyed")


def forget_old(tx: Tx, account: int, kept: int = KEPT) -> None:
    """Remove all but the newest `kept` of the jobs that have ended."""
    destroy(
        tx,
        tx.column(
            "SELECT id FROM job WHERE account_id = ? AND finished_at IS NOT NULL"
            " ORDER BY id DESC LIMIT -1 OFFSET ?",
            (account, kept),
        ),
    )


def _record(tx: Tx, job: int) -> None:
    account = tx.value("SELECT account_id FROM job WHERE id = ?", (job,))
    if account is not None:
        changes.record(tx, account, "Job", [job], "updated")
