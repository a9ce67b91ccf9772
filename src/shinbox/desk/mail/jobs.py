"""Jobs: the connection test, and fetching now.

Owns carrying them out and telling each step. The steps of a test are the connectors' (remote/steps.py).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.remote.settings import Endpoint
from shinbox.desk.mail.remote.steps import StepResult, try_imap, try_smtp
from shinbox.desk.mail.vault import Vault
from shinbox.desk.store import accounts, connections, jobs
from shinbox.errors import ShinboxError


class Jobs:
    """Carries out the queued jobs of an account, in the calling thread."""

    def __init__(self, desk: Desk, vault: Vault, fetch_now: Callable[[int], bool]) -> None:
        self.desk, self._vault, self._fetch_now = desk, vault, fetch_now

    def run(self, account: int) -> None:
        """Everything queued in an account."""
        with self.desk.database.read() as tx:
            waiting = jobs.queued(tx, account)
        for job in waiting:
            if job["kind"] == "connectionTest":
                self._test(job)
            elif not self._fetch_now(account):
                self._finish(job, "The mailbox is not connected: set its connection first.")
            else:
                self._advance(job)

    def fetched(self, account: int) -> None:
        """A round came to its end: whoever asked for one has it."""
        with self.desk.database.read() as tx:
            waiting = [job for job in jobs.queued(tx, account) if job["kind"] == "fetchNow"]
        for job in waiting:
            if job["status"] == "running":
                self._finish(job)

    def _test(self, job: sqlite3.Row) -> None:
        self._advance(job)
        with self.desk.database.read() as tx:
            connection = connections.get(tx, job["account_id"])
            account = accounts.get(tx, job["account_id"])
        steps: list[dict[str, Any]] = []
        try:
            imap, smtp = self._vault.imap(connection), self._vault.smtp(connection)
            if imap is None and smtp is None:
                raise ShinboxError("The mailbox has no connection yet.")
            if imap is not None:
                steps += _told("imap", try_imap(imap))
                self._advance(job, steps)
            if smtp is not None:
                steps += _told("smtp", _try_smtp(smtp, account["address"] if account is not None else ""))
                self._advance(job, steps)
        except ShinboxError as error:
            self._finish(job, str(error))
            return
        failed = next((step for step in steps if not step["ok"]), None)
        self._finish(job, f"{failed['name']}: {failed['reason']}" if failed is not None else None)

    def _advance(self, job: sqlite3.Row, steps: Sequence[dict[str, Any]] | None = None) -> None:
        with self.desk.write() as tx:
            jobs.advance(tx, job["id"], steps=steps, progress=None if steps is None else len(steps))

    def _finish(self, job: sqlite3.Row, error: str | None = None) -> None:
        with self.desk.write() as tx:
            jobs.finish(tx, job["id"], self.desk.utc(), error)


def _told(which: str, results: Sequence[StepResult]) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{which} {result.name}",
            "ok": result.ok,
            "seconds": round(result.seconds, 3),
            "reason": result.reason,
        }
        for result in results
    ]


def _try_smtp(endpoint: Endpoint, address: str) -> list[StepResult]:
    return asyncio.run(try_smtp(endpoint, address))
