"""What SQLite walks through for a request about a few objects: those, never all of the account."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest

from shinbox.desk.store.database import Database
from shinbox.terms import Level, Role
from tests.desk.front.methods.world import World, in_memory

_WALK = re.compile(
    r"SCAN (?!json_each)(?P<all>\w+)"
    r"|SEARCH (?P<some>\w+) USING .*\(account_id=\?(?: AND type=\?)?\)"
)
_LONG = {"email", "e", "thread", "change", "c", "sent", "submission", "s", "placement", "p", "intent"}
"""Tables that grow with the mail, and what statements call them."""
_NEWEST = "SELECT MAX(updated_seq) FROM change"
"""Reads one end of an index."""


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that SQLite is given, with its values."""
    statements: list[str] = []
    opened: Callable[[Database], sqlite3.Connection] = Database._open

    def traced(database: Database) -> sqlite3.Connection:
        connection = opened(database)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(Database, "_open", traced)
    return statements


@pytest.fixture
def traced_world(said: list[str]) -> Iterator[World]:
    with in_memory() as folder:
        world = World(folder)
        yield world
        world.database.close()


def walks(world: World, said: list[str]) -> list[str]:
    """The steps of these statements that go through all emails, threads, changes … of an account."""
    found = []
    with world.database.read() as tx:
        for sql in dict.fromkeys(said):
            if sql.startswith("SELECT") and not sql.startswith(_NEWEST):
                steps = [str(row["detail"]) for row in tx.all(f"EXPLAIN QUERY PLAN {sql}")]
                found += [f"{step}: {sql}" for step in steps if _is_walk(step)]
    return found


def _is_walk(step: str) -> bool:
    match = _WALK.match(step)
    return match is not None and (match["all"] or match["some"]) in _LONG


def test_a_walk_is_recognised(traced_world: World, said: list[str]) -> None:
    with traced_world.database.read() as tx:
        tx.all("SELECT subject FROM email WHERE account_id = ?", (traced_world.account,))
    assert len(walks(traced_world, said)) == 1


@pytest.mark.parametrize("level", [Level.WRITE, Level.READ])
def test_reading_some_objects_touches_those_alone(traced_world: World, said: list[str], level: Level) -> None:
    world = traced_world
    bob, email = world.person("bob", level), world.receive()
    thread = world.get(bob, "Email", email, "threadId")["threadId"]
    said.clear()
    world.get(bob, "Email", email, fetchTextBodyValues=True)
    world.get(bob, "Thread", thread)
    world.query(bob, {"inMailbox": world.box(Role.INBOX)}, limit=10, calculateTotal=True)
    assert walks(world, said) == []


def test_changing_some_emails_touches_those_alone(traced_world: World, said: list[str]) -> None:
    world = traced_world
    bob, email = world.person("bob"), world.receive()
    said.clear()
    assert world.update(bob, "Email", email, {"keywords/$seen": True}) is None
    assert world.update(bob, "Email", email, {"mailboxIds": {world.box(Role.ARCHIVE): True}}) is None
    world.call(bob, "Email/set", destroy=[email])
    assert walks(world, said) == []


def test_somebody_of_some_folders_walks_no_more(traced_world: World, said: list[str]) -> None:
    world = traced_world
    bob, email = world.person("bob", mailbox=world.folders[Role.INBOX]), world.receive()
    state = world.call(bob, "Email/get", ids=[])["state"]
    assert world.update(bob, "Email", email, {"keywords/$flagged": True}) is None
    said.clear()
    world.get(bob, "Email", email, "subject")
    world.call(bob, "Email/changes", sinceState=state)
    assert walks(world, said) == []


@pytest.mark.parametrize("settled", [True, False])
def test_a_search_is_looked_up_once_for_its_lines_its_finds_and_their_totals(
    traced_world: World, said: list[str], settled: bool
) -> None:
    """What the terminal asks: a line for each conversation, and which messages were found."""
    world = traced_world
    bob = world.person("bob")
    first = world.receive(subject="lamp")
    second = world.receive(subject="Re: lamp", headers="In-Reply-To: <m1@customer.example>\n")
    if not settled:
        with world.database.write() as tx:
            tx.run("INSERT INTO email_text_waiting SELECT id FROM email")
    asked = {"accountId": world.account_id, "filter": {"subject": "lamp"}, "calculateTotal": True}
    said.clear()
    lines, finds = world.calls(
        bob, ["Email/query", {**asked, "collapseThreads": True}, "0"], ["Email/query", asked, "1"]
    )
    assert (lines[1]["ids"], lines[1]["total"]) == ([second], 1)
    assert (finds[1]["ids"], finds[1]["total"]) == ([second, first], 2)
    assert len([sql for sql in said if " MATCH " in sql]) == 1
