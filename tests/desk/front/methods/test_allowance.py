"""One request works and waits for so long and no longer; what it had done by then stays."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from shinbox.desk.config import Limits
from shinbox.desk.front import dispatch
from shinbox.desk.front.allowance import Allowance, OneByOne
from shinbox.desk.front.login import Actor
from shinbox.desk.store import database
from shinbox.errors import RemoteUnreachable, TakesTooLong
from shinbox.jmap.wire import Request, decode_request
from shinbox.terms import Level
from tests.desk.front.methods.world import World


@pytest.fixture
def bob(world: World) -> Actor:
    return world.person("bob", Level.WRITE)


def slow(world: World, limit: int) -> None:
    """A processor on which every look at its time takes a second."""
    ticks: Iterator[int] = itertools.count()
    world.desk = replace(world.desk, limits=Limits(work_seconds=limit), worked=lambda: float(next(ticks)))


@pytest.fixture
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "STEPS", 10)


SEARCH = {"filter": {"header": ["X-Nothing", "nowhere"]}}


@pytest.mark.usefixtures("looked_at_often")
def test_a_search_that_works_for_too_long_is_refused_and_says_what_to_do(world: World, bob: Actor) -> None:
    for _ in range(30):
        world.receive()
    assert world.query(bob, SEARCH["filter"]) == []
    world.receive()  # What was found before is no longer the answer.
    slow(world, 40)
    failure = world.failure(bob, "Email/query", SEARCH)
    assert failure["type"] == "requestTooLarge"
    assert "narrow the search" in failure["description"]


@pytest.mark.usefixtures("looked_at_often")
def test_what_came_before_it_is_answered_and_what_comes_after_it_refused(world: World, bob: Actor) -> None:
    for _ in range(30):
        world.receive()
    slow(world, 60)
    calls = [("Core/echo", "a"), ("Email/query", "b"), ("Core/echo", "c")]
    answers = world.calls(
        bob,
        *[
            [name, {"accountId": world.account_id, **(SEARCH if name == "Email/query" else {})}, key]
            for name, key in calls
        ],
    )
    assert [(name, key) for name, _, key in answers] == [("Core/echo", "a"), ("error", "b"), ("error", "c")]


@pytest.mark.usefixtures("looked_at_often")
def test_what_was_changed_before_it_stays_changed(world: World, bob: Actor) -> None:
    mails = [world.receive() for _ in range(200)]
    slow(world, 200)
    update = {"update": {mails[0]: {"keywords/$flagged": True}}}
    answers = world.calls(
        bob,
        ["Email/set", {"accountId": world.account_id, **update}, "a"],
        ["Email/query", {"accountId": world.account_id, **SEARCH}, "b"],
    )
    assert [name for name, _, _ in answers] == ["Email/set", "error"]
    slow(world, 10_000)
    assert world.get(bob, "Email", mails[0], "keywords")["keywords"] == {"$flagged": True}


def test_reading_a_request_is_part_of_its_work(
    world: World, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]

    def for_long(*arguments: Any, **more: Any) -> Request:
        seconds[0] += 9
        return decode_request(*arguments, **more)

    monkeypatch.setattr(dispatch, "decode_request", for_long)
    world.desk = replace(world.desk, limits=Limits(work_seconds=10), worked=lambda: seconds[0])
    assert world.query(bob, SEARCH["filter"]) == []
    world.desk = replace(world.desk, limits=Limits(work_seconds=8))
    assert world.fail(bob, "Email/query", SEARCH) == "requestTooLarge"


def test_bodies_are_read_as_long_as_there_is_time(world: World, bob: Actor) -> None:
    mails = [world.receive() for _ in range(20)]
    slow(world, 10)
    asked = {"ids": mails, "properties": ["bodyValues"], "fetchTextBodyValues": True}
    assert world.fail(bob, "Email/get", asked) == "requestTooLarge"
    assert world.call(bob, "Email/get", {**asked, "ids": mails[:3]})["list"]


def test_many_bodies_are_waited_for_as_long_as_one(world: World, bob: Actor) -> None:
    mails = [world.receive(held=False) for _ in range(5)]
    asked: list[int] = []

    def never(email: int, timeout: float) -> None:
        asked.append(email)
        assert timeout <= 0.05
        threading.Event().wait(timeout)
        raise RemoteUnreachable("The mail server did not deliver the message.")

    world.desk = replace(world.desk, limits=Limits(body_seconds=0.05), fetch_body=never)
    arguments = {"ids": mails, "properties": ["bodyValues"], "fetchTextBodyValues": True}
    failure = world.failure(bob, "Email/get", arguments)
    assert failure["type"] == "serverUnavailable"
    assert len(asked) == 1


def test_the_session_says_how_long_a_request_may_work(world: World, bob: Actor) -> None:
    from shinbox.desk.front.session import session_of

    with world.database.read() as tx:
        told = session_of(tx, bob, Limits(work_seconds=7), world.clock())
    assert told["capabilities"]["urn:shinbox:desk"]["maxWorkSeconds"] == 7


def test_work_is_counted_in_the_thread_of_the_request_alone() -> None:
    seconds = [0.0]
    allowance = Allowance(work=5, worked=lambda: seconds[0])
    allowance.check()
    seconds[0] = 5
    with pytest.raises(TakesTooLong):
        allowance.check()
    seen: list[bool] = []
    other = threading.Thread(target=lambda: seen.append(allowance.is_over()))
    other.start()
    other.join(60)
    assert seen == [False]


def test_reading_a_large_message_outside_the_transaction_counts_less() -> None:
    seconds = [0.0]
    allowance = Allowance(work=10, worked=lambda: seconds[0])
    with allowance.outside():
        seconds[0] = 59
    allowance.check()
    with allowance.outside():
        seconds[0] = 75
    with pytest.raises(TakesTooLong):
        allowance.check()


def test_a_long_statement_of_sqlite_is_broken_off(world: World) -> None:
    allowance = Allowance(work=0.05)
    with world.database.read(allowance.is_over) as tx, pytest.raises(sqlite3.OperationalError) as caught:
        tx.value("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n")
    assert database.was_broken_off(caught.value)
    with world.database.read() as tx:
        assert tx.value("SELECT COUNT(*) FROM account") == 2, "the connection goes on without an end"


# --- one person's long work, one after another -----------------------------------------------------


class Asking:
    """Somebody's request in a thread of its own; `answered` when it has its answer."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self.answered = threading.Event()
        self._ask = ask
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        self._ask()
        self.answered.set()

    def comes(self) -> bool:
        return self.answered.wait(60)


@pytest.mark.usefixtures("looked_at_often")
def test_a_second_long_search_of_one_person_waits_and_nobody_elses_does(world: World, bob: Actor) -> None:
    alice = world.person("alice", Level.READ)
    for _ in range(30):
        world.receive()
    slow(world, 10_000)
    world.desk.one_by_one.take(bob.user_id)  # bob's first search is under way
    second = Asking(lambda: world.query(bob, SEARCH["filter"]))
    assert Asking(lambda: world.query(alice, SEARCH["filter"])).comes()
    assert not second.answered.is_set()
    world.desk.one_by_one.give_back(bob.user_id)
    assert second.comes()


def test_what_is_quick_waits_for_no_long_search_of_the_same_person(world: World, bob: Actor) -> None:
    mail = world.receive()
    world.desk.one_by_one.take(bob.user_id)
    world.desk = replace(world.desk, worked=lambda: 0.0)
    assert Asking(lambda: world.get(bob, "Email", mail, "subject")).comes()


def test_reading_a_large_message_outside_the_transaction_takes_no_turn() -> None:
    seconds, turns = [0.0], OneByOne()
    allowance = Allowance(work=10, worked=lambda: seconds[0], one_by_one=turns, user=1)
    with allowance.outside():
        seconds[0] = 30
    with allowance.in_turn():
        assert not allowance.is_over()
        assert Asking(lambda: turns.take(1)).comes()


@pytest.mark.usefixtures("looked_at_often")
def test_who_changes_something_waits_for_nobody_so_that_nobody_waits_for_them(
    world: World, bob: Actor
) -> None:
    mails = [world.receive() for _ in range(30)]
    slow(world, 10_000)
    world.desk.one_by_one.take(bob.user_id)
    calls = [
        [
            "Email/set",
            {"accountId": world.account_id, "update": {mails[0]: {"keywords/$flagged": True}}},
            "a",
        ],
        ["Email/query", {"accountId": world.account_id, **SEARCH}, "b"],
    ]
    assert Asking(lambda: world.calls(bob, *calls)).comes()


@pytest.mark.usefixtures("looked_at_often")
def test_a_search_that_is_broken_off_lets_the_next_one_go_on(world: World, bob: Actor) -> None:
    for _ in range(30):
        world.receive()
    slow(world, 40)
    assert world.fail(bob, "Email/query", SEARCH) == "requestTooLarge"
    assert Asking(lambda: world.desk.one_by_one.take(bob.user_id)).comes()
