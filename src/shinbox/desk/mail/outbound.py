"""From the desk to the server: intents, in their order, each once.

Owns starting and ending them and putting what the server acknowledged into base in the same transaction. An
intent that a lost connection cut off is looked at again only after a round (inbound.py) has shown what became
of it: then what is already so is not done again. How one kind is told to the server is in telling.py.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from shinbox.desk.mail import ledger, telling
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.inbound import Inbound
from shinbox.desk.mail.tasks import GONE, Ended, Task, marks_of
from shinbox.desk.store import base, intents
from shinbox.desk.store.database import Tx
from shinbox.errors import RemoteRefused

GROUP: Final = 100
"""Emails that one command to the server may concern."""

LATER: Final = frozenset({"UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT"})
"""Refusals that may not last (RFC 5530)."""
PATIENCE: Final = 20
"""How often such a refusal is taken for passing."""

log = logging.getLogger(__name__)


class Outbound:
    """Carries out the intents of one account over the connection of its Inbound. `patience`: intent → how
    often it was refused for now; it outlives the connection."""

    def __init__(self, desk: Desk, account: int, inbound: Inbound, patience: dict[int, int]) -> None:
        self.desk, self.account, self.inbound = desk, account, inbound
        self._patience = patience
        self._ours: set[int] = set()
        self._looked: set[int] = set()

    def run(self) -> bool:
        """Carry out what can be; False if something has to wait (for a round, or for the server's mood).

        Raises RemoteUnreachable: what was started stays queued.
        """
        while True:
            with self.desk.database.read() as tx:
                rows = intents.pending(tx, self.account, GROUP)
            if not rows:
                return True
            group = self._first_group(rows)
            if any(self._is_cut_off(row) or self._is_lost(row) for row in group) and not self.inbound.fresh:
                return False
            if not self._carry_out(group):
                return False

    def _is_cut_off(self, row: sqlite3.Row) -> bool:
        return row["started_at"] is not None and row["id"] not in self._ours

    def _is_lost(self, row: sqlite3.Row) -> bool:
        """Whether its message left its spot and the round that is under way has not found it yet."""
        with self.desk.database.read() as tx:
            spots = [(each["mailbox_id"], each["uid"]) for each in base.rows_of(tx, [row["email_id"] or 0])]
        return any(uid < 0 or self.inbound.has_left((mailbox, uid)) for mailbox, uid in spots)

    def _first_group(self, rows: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
        """The first intent, and those behind it that say the same about other emails."""
        first = rows[0]
        group, about = [first], {first["email_id"]}
        if first["kind"] not in ("keywords", "move"):
            return group
        same = json.loads(first["payload"])
        for row in rows[1:]:
            if row["kind"] != first["kind"] or row["email_id"] in about or json.loads(row["payload"]) != same:
                break
            group.append(row)
            about.add(row["email_id"])
        return group

    def _carry_out(self, group: Sequence[sqlite3.Row]) -> bool:
        tasks = self._start(group)
        try:
            ended = telling.tell(self.inbound, self.desk, self.account, tasks)
        except RemoteRefused as error:
            if error.extra.get("code") in LATER and self._wait_for(group):
                return False
            if len(group) > 1:
                # One of them may be the reason: each gets an answer of its own.
                return all(self._carry_out([row]) for row in self._again(group))
            ended = [Ended(tasks[0], str(error))]
        vanished = [end.task.intent for end in ended if self._may_have_moved(end)]
        self._finish([end for end in ended if end.task.intent not in vanished])
        if vanished:
            self.inbound.fresh = False
            self._looked.update(vanished)
            self._ours.difference_update(vanished)
        return True

    def _may_have_moved(self, end: Ended) -> bool:
        """Base had the message, the server has not: another round shows where it went, once."""
        return end.reason == GONE and bool(end.task.rows) and end.task.intent not in self._looked

    def _wait_for(self, group: Sequence[sqlite3.Row]) -> bool:
        for row in group:
            self._patience[row["id"]] = self._patience.get(row["id"], 0) + 1
        return max(self._patience[row["id"]] for row in group) < PATIENCE

    def _again(self, group: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
        wanted = {row["id"] for row in group}
        with self.desk.database.read() as tx:
            return [row for row in intents.pending(tx, self.account) if row["id"] in wanted]

    def _start(self, group: Sequence[sqlite3.Row]) -> list[Task]:
        """Note that the server is about to hear of them, and where their messages lie by now."""
        tasks = []
        with self.desk.write() as tx:
            for row in group:
                remember: dict[str, Any] = {}
                rows = base.rows_of(tx, [row["email_id"]] if row["email_id"] is not None else [])
                if row["started_at"] is None:
                    remember = {"uids": {str(r["mailbox_id"]): r["uid"] for r in rows}}
                    if row["kind"] == "append":
                        remember |= marks_of(tx, self.desk, row["email_id"])
                intents.start(tx, row["id"], self.desk.utc(), remember)
                payload = {**json.loads(row["payload"]), **remember}
                again = self._is_cut_off(row)
                task_rows = [ledger.row_of(r) for r in rows if r["uid"] > 0]
                tasks.append(
                    Task(
                        row["id"], row["kind"], row["email_id"], row["mailbox_id"], payload, task_rows, again
                    )
                )
                self._ours.add(row["id"])
        return tasks

    def _finish(self, ended: Sequence[Ended]) -> None:
        with self.desk.write() as tx:
            for end in ended:
                for change in end.changes:
                    change(tx)
                status = "refused" if end.reason else "done"
                intents.finish(tx, end.task.intent, status, end.reason, self.desk.utc())  # type: ignore[arg-type]  # one of the two
                self._patience.pop(end.task.intent, None)
                if end.reason:
                    log.info("account %d: %s refused: %s", self.account, end.task.kind, end.reason)
                    self._take_back(tx, end.task, end.reason)
            about = [end.task.email for end in ended if end.task.email is not None]
            ledger.show_again(tx, self.account, about)

    def _take_back(self, tx: Tx, task: Task, reason: str) -> None:
        telling.take_back(tx, self.desk, self.account, self.inbound.tree, task, reason)
