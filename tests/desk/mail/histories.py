"""Random histories: the desk and another client change one mailbox while connections break; both converge.

Owns the machine; which server it runs against is `side`'s. The `torture` profile (HYPOTHESIS_PROFILE) runs
thousands of them.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shinbox.desk.mail.remote.memory_server import Moment
from shinbox.errors import RemoteUnreachable
from shinbox.mime.parse import parse
from tests.desk.mail.sides import Side
from tests.desk.mail.world import World, message, report

FOLDERS = ("Inbox", "Archive", "Trash", "Junk")
PATHS = {name: "INBOX" if name == "Inbox" else name for name in FOLDERS}
WORDS = ("$seen", "$flagged", "urgent")
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Thousands of databases: what they are for is not to survive a power cut."""
FLAGS = {"$seen": "\\Seen", "$flagged": "\\Flagged", "urgent": "urgent"}


def report_on(number: int) -> bytes:
    """The same number gives the same octets."""
    raw = report(f"m{number}@test.example", carla="failed 5.2.2 552 Over quota")
    return raw.replace(b"Undelivered", b"Report %d" % number).replace(b"bounce@", b"r%d@" % number)


class Histories(RuleBasedStateMachine):
    """`removed` are the subjects that somebody wanted gone: only those may be missing at the end. A subclass
    calls `begin_on` in its initialize rule."""

    side: Side
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="shinbox-history-", dir=IN_MEMORY))
        self.number = 0
        self.delivered: Counter[str] = Counter()
        self.removed: set[str] = set()
        self.drafts: dict[int, str] = {}
        self.ids: dict[str, set[int]] = {}

    def begin_on(self, side: Side) -> None:
        """A mailbox with two messages that are the same to the octet."""
        self.side = side
        self.world = World(self.folder)
        self.world.connect = side.connect
        self.deliver("Inbox", False)
        self.deliver("Inbox", True)
        self.world.sync()

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.converge()
        finally:
            if hasattr(self, "side"):
                self.side.end()
            shutil.rmtree(self.folder)

    # --- the other client ---------------------------------------------------------------------------

    @rule(folder=st.sampled_from(FOLDERS), twin=st.booleans())
    def deliver(self, folder: str, twin: bool) -> None:
        """A new message, or the very same once more."""
        if not (twin and self.number):
            self.number += 1
        raw = message(self.number)
        self.delivered[str(parse(raw).subject)] += 1
        self.side.deliver(PATHS[folder], raw)

    @rule(folder=st.sampled_from(FOLDERS), which=st.integers(0, 9))
    def deliver_report(self, folder: str, which: int) -> None:
        """A mail server says what became of one of the messages."""
        number = which % self.number + 1
        self.delivered[f"Report {number}"] += 1
        self.side.deliver(PATHS[folder], report_on(number))

    def any_of_theirs(self, which: int) -> tuple[str, int] | None:
        found = self.side.spots(list(PATHS.values()))
        return found[which % len(found)] if found else None

    @rule(which=st.integers(0, 9), where=st.sampled_from(FOLDERS))
    def they_move(self, which: int, where: str) -> None:
        if (spot := self.any_of_theirs(which)) is not None:
            self.side.move(*spot, PATHS[where])

    @rule(which=st.integers(0, 9), word=st.sampled_from(WORDS), on=st.booleans())
    def they_flag(self, which: int, word: str, on: bool) -> None:
        if (spot := self.any_of_theirs(which)) is not None:
            self.side.flag(*spot, FLAGS[word], on)

    @rule(which=st.integers(0, 9), mark_only=st.booleans())
    def they_delete(self, which: int, mark_only: bool) -> None:
        if (spot := self.any_of_theirs(which)) is not None:
            self.removed.add(self.side.subject(*spot))
            if mark_only:
                self.side.flag(*spot, "\\Deleted", True)
            else:
                self.side.remove(*spot)

    @rule(path=st.sampled_from(sorted(PATHS.values())))
    def they_renumber(self, path: str) -> None:
        self.side.renumber(path)

    # --- people on the desk -------------------------------------------------------------------------

    @precondition(lambda self: self.world.emails())
    @rule(which=st.integers(0, 9), where=st.sampled_from(FOLDERS))
    def we_move(self, which: int, where: str) -> None:
        if some := self.world.emails():
            self.world.move(some[which % len(some)], where)

    @precondition(lambda self: self.world.emails())
    @rule(which=st.integers(0, 9), words=st.sets(st.sampled_from(WORDS)))
    def we_flag(self, which: int, words: set[str]) -> None:
        some = self.world.emails()
        self.world.set_keywords(some[which % len(some)], *words)

    @precondition(lambda self: self.world.emails())
    @rule(which=st.integers(0, 9))
    def we_destroy(self, which: int) -> None:
        some = self.world.emails()
        mail = some[which % len(some)]
        self.removed.add(self.world.shown()[mail][0])
        self.drafts.pop(mail, None)
        self.world.destroy(mail)

    @rule()
    def we_draft(self) -> None:
        self.number += 1
        raw = message(self.number, "Draft")
        subject = str(parse(raw).subject)
        self.delivered[subject] += 1
        self.drafts[self.world.add(raw, "Drafts", "$draft")] = subject

    # --- the worker ---------------------------------------------------------------------------------

    @rule(nth=st.integers(1, 40), moment=st.sampled_from(list(Moment)))
    def work_until_an_accident(self, nth: int, moment: Moment) -> None:
        """The connection, or the process, ends at the nth thing it does."""
        with self.at(nth, lambda: moment), contextlib.suppress(RemoteUnreachable):
            self.world.sync()

    @rule(nth=st.integers(1, 40), which=st.integers(0, 9), where=st.sampled_from(FOLDERS))
    def work_while_they_move(self, nth: int, which: int, where: str) -> None:
        """The other client does not wait until we are done."""
        with self.at(nth, lambda: self.they_move(which, where)):
            self.world.sync()

    @rule(nth=st.integers(1, 40), which=st.integers(0, 9), where=st.sampled_from(FOLDERS))
    def work_while_we_move(self, nth: int, which: int, where: str) -> None:
        """Nor do people on the desk."""
        with self.at(nth, lambda: self.we_move(which, where)):
            self.world.sync()

    @contextlib.contextmanager
    def at(self, nth: int, what: Callable[[], Moment | None]) -> Iterator[None]:
        """Let something happen before the nth operation of any connection."""
        calls = 0

        def fault(operation: str) -> Moment | None:
            nonlocal calls
            calls += 1
            return what() if calls == nth else None

        self.side.fault = fault  # type: ignore[method-assign]  # what the hook is for
        try:
            yield
        finally:
            self.side.fault = lambda operation: None  # type: ignore[method-assign]

    @rule()
    def work(self) -> None:
        self.world.time += 61.0
        self.world.sync()

    # --- what must hold -----------------------------------------------------------------------------

    @invariant()
    def every_email_lies_somewhere(self) -> None:
        if not hasattr(self, "world"):
            return
        for mail, (subject, folders, _) in self.world.shown().items():
            assert folders, f"{subject} lies nowhere"
            self.ids.setdefault(subject, set()).add(mail)

    @invariant()
    def counts_are_what_is_there(self) -> None:
        if not hasattr(self, "world"):
            return
        with self.world.database.read() as tx:
            wrong = tx.all(
                "SELECT name FROM mailbox m WHERE total_emails <>"
                " (SELECT COUNT(*) FROM placement WHERE mailbox_id = m.id)"
            )
        assert not wrong

    def threads(self) -> dict[str, set[int]]:
        """By the number in the subject."""
        found: dict[str, set[int]] = {}
        with self.world.database.read() as tx:
            for row in tx.all("SELECT subject, thread_id FROM email"):
                found.setdefault(row["subject"].rpartition(" ")[2], set()).add(row["thread_id"])
        return found

    def converge(self) -> None:
        """Both sides hold the same; nothing is lost, doubled or waiting; ids are what they were."""
        self.world.sync_until_quiet()
        self.world.sync_until_quiet()
        assert self.world.on_desk() == self.side.contents()
        assert all(status != "queued" for _, status, _ in self.world.outcomes())
        # What is marked as deleted is over: without UIDPLUS it is all that a removal can do.
        on_server = Counter(subject for _, subject, _ in self.side.contents())
        for subject, count in self.delivered.items():
            if subject not in self.removed:
                assert on_server[subject] == count, f"{subject}: {on_server[subject]} of {count}"
            else:
                assert on_server[subject] <= count
        for subject, ids in self.ids.items():
            if subject not in self.removed:
                assert len(ids) <= self.delivered[subject], f"{subject} had the ids {ids}"
        for number, threads in self.threads().items():
            assert len(threads) == 1, f"{number} and the reports about it stand in the threads {threads}"
        shown = self.world.shown()
        for mail, subject in self.drafts.items():
            if subject not in self.removed:
                assert shown[mail][0] == subject
        self.world.told.clear()
        self.world.sync()
        assert self.world.told == set(), "a sync of an unchanged server changed something"
