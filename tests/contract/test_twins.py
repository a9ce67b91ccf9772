"""The server in memory does what Dovecot does: the same random histories leave the same mailbox on both."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shinbox.desk.mail.remote.remote import Remote
from shinbox.errors import RemoteRefused
from tests.contract.worlds import DovecotWorld, MemoryWorld
from tests.servers.mail import MailServers

pytestmark = pytest.mark.system

FOLDERS = ["One", "Two", "Three"]
FLAGS = [r"\Seen", r"\Flagged", r"\Deleted", "$Label", "Other"]

folders = st.sampled_from(FOLDERS)
uids = st.sets(st.integers(1, 8), min_size=1, max_size=4)
flags = st.sets(st.sampled_from(FLAGS), max_size=3)
steps = st.one_of(
    st.tuples(st.just("append"), folders, flags),
    st.tuples(st.just("store"), folders, uids, flags, flags),
    st.tuples(st.just("move"), folders, uids, folders),
    st.tuples(st.just("copy"), folders, uids, folders),
    st.tuples(st.just("expunge"), folders, uids),
    st.tuples(st.just("look"), folders),
)


@dataclass
class Side:
    """One server with its own folders, and what a desk remembers of each."""

    remote: Remote
    prefix: str = field(default_factory=lambda: f"T{secrets.token_hex(4)}")
    known: dict[str, tuple[int | None, set[int]]] = field(default_factory=dict)

    def path(self, folder: str) -> str:
        return f"{self.prefix}{folder}"

    def do(self, step: tuple[Any, ...], number: int) -> object:
        """Carry out a step; what it answers, without what may differ between servers."""
        name, folder, *rest = step
        if name == "append":
            raw = f"Message-ID: <{number}@example.org>\r\nSubject: {number}\r\n\r\nText\r\n".encode()
            appended = self.remote.append(self.path(folder), raw, flags=rest[0])
            return appended and appended.uid
        self.remote.select(self.path(folder))
        if name == "store":
            found = self.remote.store_flags(rest[0], add=rest[1] - rest[2], remove=rest[2])
            return {uid: row.flags for uid, row in found.items()}
        if name == "expunge":
            present = set(self.remote.uids())
            return set(self.remote.expunge_uids(rest[0])) & present
        if name == "look":
            return self.look(folder)
        carry = self.remote.move if name == "move" else self.remote.copy
        try:
            return carry(rest[0], self.path(rest[1])).uids
        except RemoteRefused:
            return "refused"

    def look(self, folder: str) -> object:
        """What the desk knows after asking for changes since its last look."""
        modseq, known = self.known.get(folder, (None, set()))
        changes = self.remote.changes_since(modseq, known)
        new = {row.uid for row in changes.flags} - known
        now = (known | new) - set(changes.vanished)
        self.known[folder] = (changes.highestmodseq, now)
        return set(changes.vanished), new, now

    def whole(self) -> dict[str, list[tuple[int, frozenset[str], bytes]]]:
        """Everything that lies there."""
        found = {}
        for folder in FOLDERS:
            self.remote.select(self.path(folder))
            chunks = list(self.remote.fetch_summaries(self.remote.uids()))
            found[folder] = [(one.uid, one.flags, one.header) for chunk in chunks for one in chunk]
        return found


@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(history=[("append", "One", set()), ("move", "One", {1, 2}, "One"), ("look", "One")])
@example(history=[("append", "One", set()), ("copy", "One", {1, 2, 3}, "One"), ("look", "One")])
@given(history=st.lists(steps, min_size=4, max_size=25))
def test_a_random_history_leaves_the_same_mailbox(
    twins: tuple[Remote, Remote], history: list[tuple[Any, ...]]
) -> None:
    sides = [Side(remote) for remote in twins]
    for side in sides:
        for folder in FOLDERS:
            side.remote.create_folder(side.path(folder))
    for number, step in enumerate(history):
        memory, dovecot = (side.do(step, number) for side in sides)
        assert memory == dovecot, step
    assert sides[0].whole() == sides[1].whole()
    for side in sides:
        for folder in FOLDERS:
            side.remote.delete_folder(side.path(folder))


@pytest.fixture(scope="module")
def twins(servers: MailServers) -> Iterator[tuple[Remote, Remote]]:
    memory, dovecot = MemoryWorld(), DovecotWorld(servers)
    yield memory.connect(), dovecot.connect()
    memory.close()
    dovecot.close()
