"""Jobs: long work with progress. Front queues them, mail carries them out.

The only writer of `job`; each step is told as a change.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from shinbox.desk.store import changes
from shinbox.desk.store.database import Tx

Kind = Literal["connectionTest", "fetchNow"]


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


def _record(tx: Tx, job: int) -> None:
    account = tx.value("SELECT account_id FROM job WHERE id = ?", (job,))
    if account is not None:
        changes.record(tx, account, "Job", [job], "updated")
