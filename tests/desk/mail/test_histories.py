"""Random histories: the desk and another client change one mailbox while connections break; both converge.

The `torture` profile (HYPOTHESIS_PROFILE) runs thousands of them.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shinbox.desk.mail.remote.memory_server import MemoryServer, Moment
from shinbox.errors import RemoteUnreachable
from shinbox.mime.parse import parse
from tests.desk.mail.world import World, message

FOLDERS = ("Inbox", "Archive", "Trash", "Junk")
PATHS = {name: "INBOX" if name == "Inbox" else name for name in FOLDERS}
WORDS = ("$seen", "$flagged", "urgent")
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Thousands of databases: what they are for is not to survive a power cut."""
FLAGS = {"$seen": "\\Seen", "$flagged": "\\Flagged", "urgent": "urgent"}


class Histories(RuleBasedStateMachine):
    """`removed` are the subjects that somebody wanted gone: only those may be missing at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="shinbox-history-", dir=IN_MEMORY))
        self.number = 0
        self.delivered: Counter[str] = Counter()
        self.removed: set[str] = set()
        self.drafts: dict[int, str] = {}
        self.ids: dict[str, set[int]] = {}

    @initialize(condstore=st.booleans(), object_ids=st.booleans(), uidplus=st.booleans())
    def begin(self, condstore: bool, object_ids: bool, uidplus: bool) -> None:
        server = MemoryServer(condstore=condstore, object_ids=object_ids, uidplus=uidplus)
        self.world = World(self.folder, server)
        self.deliver("Inbox", False)
        self.deliver("Inbox", True)
        self.world.sync()

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.converge()
        finally:
            shutil.rmtree(self.folder)

    # --- the other client ---------------------------------------------------------------------------

    @rule(folder=st.sampled_from(FOLDERS), twin=st.booleans())
    def deliver(self, folder: str, twin: bool) -> None:
        """A new message, or the very same once more."""
        if not (twin and self.number):
            self.number += 1
        raw = message(self.number)
        self.delivered[str(parse(raw).subject)] += 1
        self.world.deliver(self.number, PATHS[folder], raw=raw)

    @rule(data=st.data(), where=st.sampled_from(FOLDERS))
    def they_move(self, data: st.DataObject, where: str) -> None:
        found = [(p, uid) for p in PATHS.values() for uid in self.world.server.boxes[p].messages]
        if found:
            path, uid = data.draw(st.sampled_from(found))
            box = self.world.server.boxes[path]
            self.world.server.boxes[PATHS[where]].put(box.take(uid))

    @rule(data=st.data(), word=st.sampled_from(WORDS), on=st.booleans())
    def they_flag(self, data: st.DataObject, word: str, on: bool) -> None:
        found = [(p, uid) for p in PATHS.values() for uid in self.world.server.boxes[p].messages]
        if found:
            path, uid = data.draw(st.sampled_from(found))
            box = self.world.server.boxes[path]
            flags = box.messages[uid].flags
            box.flag(uid, flags | {FLAGS[word]} if on else flags - {FLAGS[word]})

    @rule(data=st.data(), mark_only=st.booleans())
    def they_delete(self, data: st.DataObject, mark_only: bool) -> None:
        found = [(p, uid) for p in PATHS.values() for uid in self.world.server.boxes[p].messages]
        if found:
            path, uid = data.draw(st.sampled_from(found))
            box = self.world.server.boxes[path]
            self.removed.add(str(parse(box.messages[uid].raw).subject))
            if mark_only:
                box.flag(uid, box.messages[uid].flags | {"\\Deleted"})
            else:
                box.take(uid)

    @rule(path=st.sampled_from(sorted(PATHS.values())))
    def they_renumber(self, path: str) -> None:
        self.world.server.renumber(path)

    # --- people on the desk -------------------------------------------------------------------------

    @precondition(lambda self: self.world.emails())
    @rule(data=st.data(), where=st.sampled_from(FOLDERS))
    def we_move(self, data: st.DataObject, where: str) -> None:
        self.world.move(data.draw(st.sampled_from(self.world.emails())), where)

    @precondition(lambda self: self.world.emails())
    @rule(data=st.data(), words=st.sets(st.sampled_from(WORDS)))
    def we_flag(self, data: st.DataObject, words: set[str]) -> None:
        self.world.set_keywords(data.draw(st.sampled_from(self.world.emails())), *words)

    @precondition(lambda self: self.world.emails())
    @rule(data=st.data())
    def we_destroy(self, data: st.DataObject) -> None:
        mail = data.draw(st.sampled_from(self.world.emails()))
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

    @rule(nth=st.integers(1, 40), data=st.data(), where=st.sampled_from(FOLDERS))
    def work_while_they_move(self, nth: int, data: st.DataObject, where: str) -> None:
        """The other client does not wait until we are done."""
        with self.at(nth, lambda: self.they_move(data, where)):
            self.world.sync()

    @rule(nth=st.integers(1, 40), where=st.sampled_from(FOLDERS), which=st.integers(0, 9))
    def work_while_we_move(self, nth: int, where: str, which: int) -> None:
        """Nor do people on the desk."""

        def move() -> None:
            if some := self.world.emails():
                self.world.move(some[which % len(some)], where)

        with self.at(nth, move):
            self.world.sync()

    @contextlib.contextmanager
    def at(self, nth: int, what: Callable[[], Moment | None]) -> Iterator[None]:
        """Let something happen before the nth operation of any connection."""
        server, calls = self.world.server, 0
        original = server.fault

        def fault(operation: str) -> Moment | None:
            nonlocal calls
            calls += 1
            original(operation)
            return what() if calls == nth else None

        server.fault = fault  # type: ignore[method-assign]  # at a count, not at an operation's name
        try:
            yield
        finally:
            server.fault = original  # type: ignore[method-assign]

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

    def converge(self) -> None:
        self.world.sync_until_quiet()
        self.world.sync_until_quiet()
        assert self.world.on_desk() == self.world.on_server()
        assert all(status != "queued" for _, status, _ in self.world.outcomes())
        on_server = Counter(
            str(parse(stored.raw).subject)
            for box in self.world.server.boxes.values()
            for stored in box.messages.values()
        )
        for subject, count in self.delivered.items():
            if subject not in self.removed:
                assert on_server[subject] == count, f"{subject}: {on_server[subject]} of {count}"
            else:
                assert on_server[subject] <= count
        for subject, ids in self.ids.items():
            if subject not in self.removed:
                assert len(ids) <= self.delivered[subject], f"{subject} had the ids {ids}"
        shown = self.world.shown()
        for mail, subject in self.drafts.items():
            if subject not in self.removed:
                assert shown[mail][0] == subject
        self.world.told.clear()
        self.world.sync()
        assert self.world.told == set(), "a sync of an unchanged server changed something"


TestHistories = pytest.mark.timeout(3600)(Histories.TestCase)
TestHistories.settings = settings(stateful_step_count=25, max_examples=settings().max_examples * 6 // 10)
