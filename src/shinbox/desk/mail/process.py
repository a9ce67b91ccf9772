"""The mail process: a worker for each account, one sender, and the line to front.

Owns which accounts are at work and what a wake message means. Says nothing to people itself: what changed is
in the store, and front is told that it did.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from shinbox.desk.config import Config
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.jobs import Jobs
from shinbox.desk.mail.lanes import Bell
from shinbox.desk.mail.remote import imap, submitting
from shinbox.desk.mail.remote.outcome import Envelope, Outcome
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.remote.settings import Endpoint
from shinbox.desk.mail.sandbox import Sandbox
from shinbox.desk.mail.sending import Sending
from shinbox.desk.mail.vault import Vault
from shinbox.desk.mail.worker import JOIN_SECONDS, Timing, Worker
from shinbox.desk.store import accounts, connections
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database
from shinbox.desk.wake import BodyAnswer, BodyWanted, Message, Touched, Wake, WakeLine
from shinbox.errors import ShinboxError

NICE: Final = 5
"""People wait for front; mirroring a large mailbox can wait for them."""
SWITCH_SECONDS: Final = 0.0005
"""How long a thread that reads ahead may keep one that writes from going on after a statement. With Python's
5 ms most of a transaction of 50 messages is waiting, and people wait with it: a first sync takes twice as
long."""
SENDERS: Final = 4
"""Messages that leave at the same time, at most one an account."""
PURGED: Final = 200
"""Emails of a removed mailbox that one transaction deletes."""
PURGE_AFTER: Final = 60.0
"""Seconds: what a request or an upload that was under way still writes is purged, too."""
LONGEST_WAIT: Final = 60.0

log = logging.getLogger(__name__)
_Given = TypeVar("_Given")


def run(config: Config, wake_end: socket.socket, key: bytes, wait_for_end: Callable[[], None]) -> None:
    """Work until `wait_for_end` returns. The database is migrated.

    :raises SecretUnavailable: the key is none.
    """
    os.nice(NICE)
    sys.setswitchinterval(SWITCH_SECONDS)
    database = Database(config.database)
    post: list[WakeLine] = []
    desk = Desk(
        database,
        Blobs(config.blobs),
        time.time,
        lambda changed: post[0].send(Touched(changed)),
    )
    mail = Mail(desk, Vault(key), lambda message: post[0].send(message), random.random)
    post.append(WakeLine(wake_end, mail.hear))
    mail.start()
    post[0].start()
    try:
        wait_for_end()
    finally:
        mail.stop()
        post[0].close()
        database.close()


class Mail:
    """Everything at work. `tell`: to front; `jitter`: 0 to 1."""

    def __init__(
        self,
        desk: Desk,
        vault: Vault,
        tell: Callable[[Message], None],
        jitter: Callable[[], float],
        timing: Timing | None = None,
    ) -> None:
        self.desk, self._vault, self._tell, self._jitter = desk, vault, tell, jitter
        self._timing = timing or Timing()
        self._bell = Bell()
        self._sandbox = Sandbox()
        self._workers: dict[int, tuple[int, Worker]] = {}
        self._lock = threading.Lock()
        self._sending = Sending(desk, vault.smtp, _submit, jitter)
        self._jobs = Jobs(desk, vault, self._fetch_now)
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")
        self._leaving: dict[int, Future[None]] = {}
        self._thread = threading.Thread(target=self._run, name="sending", daemon=True)

    def start(self) -> None:
        """Take up the work where the last process left it.

        Returns once each account has its worker: whoever asked for a body meanwhile is answered by that.
        """
        self._sending.take_up()
        self._match_workers()
        self._thread.start()
        for row in self._open_accounts():
            self._bell.ring(f"job {row['id']}")

    def stop(self) -> None:
        """End everything; what was under way is taken up by the next process."""
        self._bell.ring("stop")
        with self._lock:
            workers = [worker for _, worker in self._workers.values()]
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join()
        self._thread.join(JOIN_SECONDS)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._sandbox.close()

    def hear(self, message: Message) -> None:
        """What front says; does not block."""
        match message:
            case Wake(account, "intents"):
                if (worker := self._worker(account)) is not None:
                    worker.intents_wait()
            case Wake(account, "fetch"):
                self._fetch_now(account)
            case Wake(_, "submission"):
                self._bell.ring("submission")
            case Wake(account, "job"):
                self._bell.ring(f"job {account}")
            case Wake(_, "connection"):
                self._bell.ring("connections")
            case BodyWanted(email, ask):
                self._wanted(email, ask)

    # --- accounts ---------------------------------------------------------------------------------

    def _open_accounts(self) -> list[sqlite3.Row]:
        with self.desk.database.read() as tx:
            return accounts.all_open(tx)

    def _worker(self, account: int) -> Worker | None:
        with self._lock:
            found = self._workers.get(account)
        return None if found is None else found[1]

    def _fetch_now(self, account: int) -> bool:
        worker = self._worker(account)
        if worker is not None:
            worker.fetch_now()
        return worker is not None

    def _wanted(self, email: int, ask: int) -> None:
        with self.desk.database.read() as tx:
            account = tx.value("SELECT account_id FROM email WHERE id = ?", (email,))
        worker = self._worker(account) if account is not None else None
        if worker is None:
            self._answer(email, ask, "The mailbox is not connected to its mail server.")
        else:
            worker.ask_body(email, ask)

    def _answer(self, email: int, ask: int, error: str | None) -> None:
        self._tell(BodyAnswer(email, ask, error))

    def _match_workers(self) -> None:
        """A worker for each account that has an IMAP server; a new one where the connection changed."""
        wanted = {}
        with self.desk.database.read() as tx:
            for row in accounts.all_open(tx):
                connection = connections.get(tx, row["id"])
                if row["kind"] == "imap" and connection is not None and connection["imap"] is not None:
                    wanted[row["id"]] = connection
        with self._lock:
            if self._bell.stopped:
                return  # `stop` has its list of workers: one that began now would never be ended.
            for account, (revision, worker) in list(self._workers.items()):
                if account not in wanted or wanted[account]["revision"] != revision:
                    worker.stop()
                    worker.join()
                    del self._workers[account]
            for account, connection in wanted.items():
                if account not in self._workers:
                    worker = self._new_worker(account, connection)
                    self._workers[account] = (connection["revision"], worker)
                    worker.start()

    def _new_worker(self, account: int, connection: sqlite3.Row) -> Worker:
        return Worker(
            self.desk,
            account,
            lambda: self._connect(connection),
            sandbox=self._sandbox,
            answer=self._answer,
            jitter=self._jitter,
            root=connection["root"] or None,
            timing=self._timing,
            done=lambda: self._jobs.fetched(account),
        )

    def _connect(self, connection: sqlite3.Row) -> Remote:
        endpoint = self._vault.imap(connection)
        assert endpoint is not None, "only accounts with a server have a worker"
        return imap.connect(endpoint)

    # --- sending, jobs, and the rest --------------------------------------------------------------

    def _run(self) -> None:
        while not self._bell.stopped:
            try:
                reasons = self._bell.wait(self._pause())
                if "connections" in reasons:
                    self._match_workers()
                for reason in reasons:
                    if reason.startswith("job "):
                        self._pool.submit(self._guarded, self._jobs.run, int(reason[4:]))
                if "stop" not in reasons:
                    self._send_what_is_due()
                    self._keep_copies()
                    self._purge()
            except Exception:
                log.exception("a fault of the desk")

    def _pause(self) -> float:
        due = self._sending.next_due()
        return LONGEST_WAIT if due is None else min(max(due - self.desk.now(), 0.05), LONGEST_WAIT)

    def _send_what_is_due(self) -> None:
        for row in self._sending.due():
            account = row["account_id"]
            if account not in self._leaving or self._leaving[account].done():
                self._leaving[account] = self._pool.submit(self._guarded, self._attempt, row)

    def _keep_copies(self) -> None:
        for account in self._sending.keep_copies():
            if (worker := self._worker(account)) is not None:
                worker.intents_wait()

    def _attempt(self, row: sqlite3.Row) -> None:
        self._sending.attempt(row)
        if (worker := self._worker(row["account_id"])) is not None:
            worker.intents_wait()
        self._bell.ring("submission")

    def _purge(self) -> None:
        """The mail of removed mailboxes, a little at a time."""
        before = self.desk.now() - PURGE_AFTER
        while not self._bell.stopped:
            with self.desk.database.read() as tx:
                closed = accounts.closed(tx, before)
            if not closed:
                return
            with self.desk.write() as tx:
                unneeded = accounts.purge(tx, closed[0], PURGED)
            for blob in unneeded:
                self.desk.blobs.remove_if_older(blob, before)

    def _guarded(self, what: Callable[[_Given], None], given: _Given) -> None:
        try:
            what(given)
        except ShinboxError as error:
            log.warning("%s", error)
        except Exception:
            log.exception("a fault of the desk")


def _submit(endpoint: Endpoint, envelope: Envelope, raw: bytes) -> Outcome:
    return asyncio.run(submitting.submit(endpoint, envelope, raw))
