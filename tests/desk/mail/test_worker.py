"""A worker follows its account by itself, tells its state, serves bodies, and ends when it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shinbox.desk.mail.desk import Desk, Doubts
from shinbox.desk.mail.remote.memory import MemoryRemote
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.sandbox import Sandbox
from shinbox.desk.mail.worker import Timing, Worker
from shinbox.errors import RemoteAuthFailed, RemoteProtocolError
from tests.desk.mail.world import Breaking, World, message, report

DEADLINE = 60.0
QUICK = Timing(poll=3600.0, later=0.05, doubt=0.0, first_pause=0.01, longest_pause=0.05)


class Working:
    """A world with its worker running; `until` waits for what somebody would see."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.world = World(folder)
        self.news = threading.Condition()
        self.answers: dict[int, str | None] = {}
        self.refuse_login = False
        self.connect: Callable[[], Remote] = lambda: MemoryRemote(self.world.server)
        self.set_back = 0.0
        now = lambda: time.time() - self.set_back  # noqa: E731  # a clock that somebody sets
        desk = Desk(self.world.database, self.world.desk.blobs, now, self._told)
        self.worker = Worker(
            desk,
            self.world.account,
            self._connect,
            sandbox=sandbox,
            answer=self._answered,
            jitter=lambda: 0.0,
            timing=QUICK,
        )

    def _connect(self) -> Remote:
        if self.refuse_login:
            raise RemoteAuthFailed("The password is wrong.")
        return self.connect()

    def _told(self, changed: frozenset[tuple[int, str]]) -> None:
        with self.news:
            self.news.notify_all()

    def _answered(self, email: int, ask: int, error: str | None) -> None:
        with self.news:
            self.answers[ask] = error
            self.news.notify_all()

    def until(self, so: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE
        with self.news:
            while not so():
                left = end - time.monotonic()
                assert left > 0, "it did not happen in time"
                self.news.wait(min(left, 0.5))

    def state(self) -> tuple[str, str | None]:
        with self.world.database.read() as tx:
            row = tx.one("SELECT sync_state, sync_error FROM account WHERE id = ?", (self.world.account,))
        assert row is not None
        return row[0], row[1]


@pytest.fixture
def working(tmp_path: Path, sandbox: Sandbox) -> Iterator[Working]:
    working = Working(tmp_path, sandbox)
    yield working
    working.worker.stop()
    working.worker.join(DEADLINE)
    assert not any(t.name.startswith("account") for t in threading.enumerate())


def test_mail_that_arrives_is_seen_without_asking_and_its_body_comes_by_itself(working: Working) -> None:
    world = working.world
    world.deliver(1)
    working.worker.start()
    working.until(lambda: len(world.emails()) == 1 and working.state() == ("idle", None))
    world.deliver(2, raw=message(2, body="Where is my parcel?"))
    working.until(lambda: len(world.emails()) == 2)

    def preview() -> str:
        with world.database.read() as tx:
            found: str = tx.value("SELECT preview FROM email WHERE subject = 'Invoice 2'")
        return found

    working.until(lambda: preview() == "Where is my parcel?")
    with world.database.read() as tx:
        body = tx.value("SELECT rowid FROM email_text WHERE email_text MATCH 'parcel'")
    assert body == world.email("Invoice 2")
    assert all("\\Seen" not in m.flags for m in world.server.boxes["INBOX"].messages.values())


def test_a_report_stands_in_the_thread_of_what_it_is_about(working: Working) -> None:
    world = working.world
    world.deliver(7)
    world.deliver(8, raw=report(carla="failed 5.2.2 552 Over quota"))
    working.worker.start()
    working.until(lambda: len(world.emails()) == 2)
    with world.database.read() as tx:
        assert len(tx.column("SELECT DISTINCT thread_id FROM email")) == 1


def test_a_message_over_which_connections_end_stops_neither_the_mirror_nor_the_other_bodies(
    working: Working,
) -> None:
    world = working.world
    world.deliver(1)
    bad = world.deliver(2, raw=report(carla="failed 5.2.2 552 Over quota"))
    world.deliver(3)
    working.connect = lambda: Breaking(world.server, bad, RemoteProtocolError("nonsense"))
    working.worker.start()
    working.until(lambda: len(world.emails()) == 3 and working.state() == ("idle", None))

    def missing() -> list[str]:
        with world.database.read() as tx:
            return tx.column("SELECT subject FROM email WHERE blob_hash IS NULL")

    working.until(lambda: missing() == ["Undelivered"])
    mail = world.email("Undelivered")
    working.worker.ask_body(mail, 0)
    working.until(lambda: working.answers.get(0) == "nonsense")
    working.connect = lambda: MemoryRemote(world.server)

    def comes() -> bool:
        working.worker.ask_body(mail, 1)
        return working.answers.get(1, "not yet") is None

    working.until(comes)


def test_a_change_reaches_the_server_when_the_worker_is_woken(working: Working) -> None:
    world = working.world
    world.deliver(1)
    working.worker.start()
    working.until(lambda: working.state() == ("idle", None))
    world.move(world.email("Invoice 1"), "Archive")
    working.worker.intents_wait()
    working.until(lambda: [status for _, status, _ in world.outcomes()] == ["done"])
    assert len(world.server.boxes["Archive"].messages) == 1


def test_a_body_is_fetched_when_somebody_asks(working: Working) -> None:
    world = working.world
    world.deliver(1)
    world.sync()
    mail = world.email("Invoice 1")
    working.worker.start()
    working.worker.ask_body(mail, 77)
    working.until(lambda: 77 in working.answers)
    assert working.answers[77] is None
    with world.database.read() as tx:
        assert world.desk.blobs.has(tx.value("SELECT blob_hash FROM email WHERE id = ?", (mail,)))


def test_losing_the_server_empties_nothing_and_is_said_until_it_is_back(working: Working) -> None:
    world = working.world
    world.deliver(1)
    working.worker.start()
    working.until(lambda: working.state() == ("idle", None))
    world.server.reachable = False
    working.worker.fetch_now()
    working.until(lambda: working.state()[0] == "offline")
    assert working.state()[1]
    assert len(world.emails()) == 1
    world.set_keywords(world.email("Invoice 1"), "$seen")
    world.server.reachable = True
    working.until(lambda: [status for _, status, _ in world.outcomes()] == ["done"])
    working.until(lambda: working.state() == ("idle", None))


def test_a_cut_connection_is_said_at_once_though_nobody_asks_for_anything(working: Working) -> None:
    world = working.world
    world.deliver(1)
    working.worker.start()
    working.until(lambda: working.state() == ("idle", None))
    # QUICK looks at all folders once an hour: only the connection that listens can have noticed.
    world.server.reachable = False
    world.server.changed("INBOX")
    working.until(lambda: working.state()[0] == "offline")
    world.server.reachable = True
    working.until(lambda: working.state() == ("idle", None))


def test_a_wrong_password_is_said_and_a_body_asked_for_meanwhile_is_answered(working: Working) -> None:
    world = working.world
    world.deliver(1)
    world.sync()
    working.refuse_login = True
    working.worker.start()
    working.until(lambda: working.state() == ("failed", "The password is wrong."))
    working.worker.ask_body(world.email("Invoice 1"), 5)
    working.until(lambda: working.answers.get(5) == "The password is wrong.")


def test_a_clock_that_was_set_back_stops_no_look_at_the_other_folders(working: Working) -> None:
    world = working.world
    world.deliver(1)
    working.worker.start()
    working.until(lambda: len(world.emails()) == 1 and working.state() == ("idle", None))
    world.set_keywords(world.email("Invoice 1"), "$flagged")
    working.worker.intents_wait()
    working.until(lambda: world.on_server() == [("Inbox", "Invoice 1", ("$flagged",))])
    world.deliver(2, "Archive")  # no news come of it: only a round finds it
    working.set_back = 365 * 86_400.0
    working.worker.intents_wait()
    working.until(lambda: len(world.emails()) == 2)


def test_a_clock_that_was_set_back_lets_no_doubt_last() -> None:
    now = [1_000_000.0]
    doubts = Doubts(lambda: now[0], 60.0)
    assert not doubts.believe("the folder is empty")
    now[0] = 0.0
    assert not doubts.believe("the folder is empty")
    now[0] = 60.0
    assert doubts.believe("the folder is empty")
