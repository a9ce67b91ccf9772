"""What a method call knows: the desk it runs in, who asks, on which account, in which transaction.

Owns the hand-over from the request to the handlers. Knows no data type and decides no permission: it only
asks the Decision (rights.py).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from shinbox.desk.config import Limits
from shinbox.desk.front import access
from shinbox.desk.front.allowance import Allowance, OneByOne
from shinbox.desk.front.login import Actor
from shinbox.desk.front.present import Presences
from shinbox.desk.front.results import Results
from shinbox.desk.front.rights import Decision
from shinbox.desk.store import changes, email_text, ids
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database, Tx
from shinbox.desk.store.times import utc_now
from shinbox.desk.wake import Topic
from shinbox.jmap.objects import Demand
from shinbox.terms import Right, Role

Json = dict[str, Any]
T = TypeVar("T")


class FetchBody(Protocol):
    """Brings the raw message of an email into the store: asks the mail process and waits for it."""

    def __call__(self, email: int, timeout: float) -> None:
        """Return when the body is held.

        :raises RemoteError: it cannot be had; the text says why.
        """


@dataclass(frozen=True)
class Desk:
    """Everything that dispatch may touch. `clock` gives seconds since the epoch, `random` n random bytes.

    `wake` tells mail that there is work in an account (row, topic), `publish` pushes (account row, type)
    to the event streams: both after the commit. `session_state` is what the session object says too.
    `worked` is the processor time of the thread that asks, in seconds.
    """

    database: Database
    blobs: Blobs
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    wake: Callable[[int, Topic], None]
    publish: Callable[[frozenset[tuple[int, str]]], None]
    fetch_body: FetchBody
    session_state: Callable[[Tx, Actor], str]
    limits: Limits = field(default_factory=Limits)
    worked: Callable[[], float] = time.thread_time
    results: Results = field(default_factory=Results)
    presences: Presences = field(default_factory=Presences)
    one_by_one: OneByOne = field(default_factory=OneByOne)

    def allowance(self, user: int) -> Allowance:
        """What a request of that user which begins now in this thread may take."""
        return Allowance(
            self.limits.work_seconds,
            self.limits.body_seconds,
            worked=self.worked,
            one_by_one=self.one_by_one,
            user=user,
        )


@dataclass(frozen=True)
class AuditLine:
    """What goes into the audit; see audit.write."""

    action: str
    account: int | None
    object_id: str | None
    outcome: str
    detail: Mapping[str, Any]


class Outside(Exception):
    """Raised to leave the transaction: `tasks` take too long to hold it open.

    Dispatch runs them and starts the request again; `Run.outside` then finds the results. Nothing was
    committed in between, so the request still happens once.
    """

    def __init__(self, tasks: Mapping[object, Callable[[], object]]) -> None:
        super().__init__("work outside the transaction")
        self.tasks = tasks


@dataclass
class Run:
    """One attempt at a whole request, shared by its calls."""

    desk: Desk
    actor: Actor
    tx: Tx
    now: float
    created_ids: dict[str, str]
    done_outside: Mapping[object, object]
    audit: list[AuditLine] = field(default_factory=list)
    wakes: set[tuple[int, Topic]] = field(default_factory=set)
    echoed_bytes: int = 0
    allowance: Allowance = field(default_factory=Allowance)
    results: Results = field(default_factory=Results)
    """Those that only this request may use."""

    def refused_account(self, action: str, account: int) -> None:
        """Remember that an account was asked for that is not the caller's."""
        detail = {"reason": "not shared with them"}
        self.audit.append(AuditLine(action, account, None, "refused", detail))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that is undone as a whole if it raises: rows, pushes, wakes, creation ids, audit lines.

        Audit lines of refusals stay: that it was tried is true whatever becomes of it.
        """
        touched, wakes, created = set(self.tx.touched), set(self.wakes), dict(self.created_ids)
        noted = len(self.audit)
        if self.tx.writable:
            self.tx.run("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            if self.tx.writable:
                self.tx.run("ROLLBACK TO attempt")
                self.tx.run("RELEASE attempt")
            self.tx.touched, self.wakes = touched, wakes
            self.created_ids.clear()
            self.created_ids.update(created)
            self.audit[noted:] = [line for line in self.audit[noted:] if line.outcome == "refused"]
            raise
        if self.tx.writable:
            self.tx.run("RELEASE attempt")

    def outside(self, tasks: Mapping[object, Callable[[], object]]) -> dict[object, object]:
        """The results of `tasks`, run outside the transaction; a task that raised gives its exception.

        :raises Outside: some were not run yet; do nothing but let it pass.
        """
        missing = {key: task for key, task in tasks.items() if key not in self.done_outside}
        if missing:
            raise Outside(missing)
        return {key: self.done_outside[key] for key in tasks}


@dataclass
class Call:
    """One method call on one account. `arguments` are those of the request, references resolved."""

    run: Run
    name: str
    arguments: Json
    account: sqlite3.Row
    decision: Decision
    scratch: dict[str, Any] = field(default_factory=dict)
    """What a handler remembers from one step of the call to the next."""

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self.run.desk

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.run.actor

    @property
    def tx(self) -> Tx:
        """The transaction; `tx.writable` in requests that change something."""
        return self.run.tx

    @property
    def now(self) -> float:
        """Seconds since the epoch, the same for the whole request."""
        return self.run.now

    @property
    def now_text(self) -> str:
        """`now` as a UTC date (RFC 8620 §1.4)."""
        return utc_now(self.run.now)

    @property
    def account_row(self) -> int:
        """The account's row; 0 is the desk."""
        row: int = self.account["id"]
        return row

    @property
    def account_id(self) -> str:
        """The account's id."""
        return ids.to_id("Account", self.account_row)

    @cached_property
    def roles(self) -> dict[str, Role | None]:
        """The role of each folder of the account, by id, as this call found them."""
        rows = self.tx.all("SELECT id, role FROM mailbox WHERE account_id = ?", (self.account_row,))
        return {ids.to_id("Mailbox", r["id"]): Role(r["role"]) if r["role"] else None for r in rows}

    def state(self, type_name: str) -> str:
        """The state of a type (RFC 8620 §5.1): the last change's number and the caller's rights."""
        return f"{changes.current(self.tx, self.account_row, type_name)}.{self.decision.epoch}"

    def kept(self, key: object, compute: Callable[[], T]) -> T:
        """What is computed from the account's emails, kept until one of them changes.

        `key` says all that it depends on beside them, rights too.
        """
        if self.tx.writable:
            # A state number that is rolled back is given out again.
            return compute()
        # While texts are indexed anew, what is found changes without a new state.
        results = self.desk.results if email_text.is_settled(self.tx) else self.run.results
        state = changes.current(self.tx, self.account_row, "Email")
        return results.get((self.account_row, state, key), compute)

    def meets(self, demand: Demand, *, is_self: bool = False) -> bool:
        """Whether the caller meets a demand, what the mail server refuses taken into account.

        `is_self`: the object is about the caller.
        """
        if demand.mailbox is None:
            return self.decision.meets(demand.rights, None, demand.who, is_self=is_self)
        mailbox = ids.to_row("Mailbox", demand.mailbox)
        # A folder that cannot exist is one in which nobody has a right.
        row = -1 if mailbox is None else mailbox
        return self.decision.meets(demand.rights, row, demand.who, is_self=is_self)

    def server_takes(self, demand: Demand) -> frozenset[Right]:
        """Of an unmet demand: the rights that were granted, so that the refusal is the mail server's."""
        mailbox = ids.to_row("Mailbox", demand.mailbox) if demand.mailbox else None
        return frozenset() if mailbox is None else demand.rights & self.decision.granted(mailbox)

    def why_not(self, demand: Demand) -> str:
        """A sentence for people: what is missing for an unmet demand. No hidden folder is named."""
        mailbox = ids.to_row("Mailbox", demand.mailbox) if demand.mailbox else None
        names = {}
        if mailbox in self.decision.visible_mailboxes:
            names[mailbox] = self.tx.value("SELECT name FROM mailbox WHERE id = ?", (mailbox,))
        return " ".join(self.decision.explain(demand.rights, mailbox, demand.who, names=names).missing)

    def look_up_rights(self) -> None:
        """Look again what the caller may do: shares changed, or folders came, went or changed place.

        Whoever gave up the last of their own rights goes on in this request with none.
        """
        decision = access.rights_of(self.tx, self.actor, self.account_row, self.now)
        self.decision = decision or Decision((), (), administrator=False, now=self.now)
        self.__dict__.pop("roles", None)

    def resolve(self, id_: str) -> str | None:
        """An id as it is, or what a creation id ("#k") became (RFC 8620 §5.3); None: no such creation."""
        return self.run.created_ids.get(id_[1:]) if id_.startswith("#") else id_

    def wake(self, topic: Topic) -> None:
        """Have mail look at this account once the request is committed."""
        self.run.wakes.add((self.account_row, topic))

    def note(self, action: str, object_id: str | None, outcome: str, detail: Mapping[str, Any]) -> None:
        """Remember a line for the audit; it is written with the request's changes, or after its reads."""
        self.run.audit.append(AuditLine(action, self.account_row, object_id, outcome, detail))
