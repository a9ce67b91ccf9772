"""Small bodies come many at once, large ones alone, and one that is gone holds up none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shinbox.desk.mail.bodies import SMALL, TRIES, Bodies, Trouble
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.sandbox import Sandbox
from shinbox.errors import RemoteError, RemoteProtocolError, RemoteUnreachable
from tests.desk.mail.world import Breaking, World, message


class Fetching(World):
    """A world whose headers are here; `asked` counts what the server is asked for since."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        super().__init__(folder)
        self.asked: Counter[str] = Counter()
        self.trouble = Trouble()
        self.bodies = Bodies(self.desk, self.account, sandbox, self.trouble)

    def fetch(self, remote: Remote, *, most: int = 100) -> None:
        """What the worker does in the background, as long as `most` messages allow."""

        def count(operation: str) -> None:
            self.asked[operation] += 1

        def enough() -> bool:
            nonlocal most
            most -= 1
            return most < 0

        self.server.fault = count  # type: ignore[method-assign]  # what the hook is for
        while most > 0 and (batch := self.bodies.next_batch()):
            self.bodies.fetch_batch(remote, batch, enough)

    def fetch_anew(self, bad: int, error: RemoteError) -> int:
        """The same over a connection after the other, all of which end at one message; how many did."""
        for lost in range(100):
            try:
                self.fetch(Breaking(self.server, bad, error))
            except type(error):
                continue
            return lost
        raise AssertionError("the same is asked for for ever")

    def missing(self) -> set[str]:
        """The subjects of those whose body is not held."""
        with self.database.read() as tx:
            return set(tx.column("SELECT subject FROM email WHERE blob_hash IS NULL"))


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> Fetching:
    return Fetching(tmp_path, sandbox)


def test_small_messages_of_several_folders_come_with_one_question_each(world: Fetching) -> None:
    for number in range(6):
        world.deliver(number, "INBOX" if number < 4 else "Archive")
    world.sync()
    world.fetch(world.connect())
    assert world.missing() == set()
    assert (world.asked["fetch_starts"], world.asked["fetch_raw"]) == (2, 0)
    with world.database.read() as tx:
        hashes = tx.column("SELECT blob_hash FROM email ORDER BY subject")
    assert [world.desk.blobs.get(each) for each in hashes] == [message(number) for number in range(6)]
    assert all("\\Seen" not in m.flags for m in world.server.boxes["INBOX"].messages.values())


def test_a_large_message_comes_alone_and_whole(world: Fetching) -> None:
    raw = message(2, body="word " * SMALL)
    world.deliver(1)
    world.deliver(2, raw=raw)
    world.sync()
    world.fetch(world.connect())
    assert (world.asked["fetch_starts"], world.asked["fetch_raw"]) == (1, 1)
    with world.database.read() as tx:
        held = tx.value("SELECT blob_hash FROM email WHERE subject = 'Invoice 2'")
    assert world.desk.blobs.get(held) == raw


def test_a_message_that_is_longer_than_its_server_said_comes_whole_all_the_same(world: Fetching) -> None:
    raw = message(1, body="word " * SMALL)
    world.deliver(1, raw=raw)
    world.sync()
    with world.database.write() as tx:
        tx.run("UPDATE email SET size = 100")
    world.fetch(world.connect())
    with world.database.read() as tx:
        assert world.desk.blobs.get(tx.value("SELECT blob_hash FROM email")) == raw


def test_a_message_that_is_gone_holds_up_none(world: Fetching) -> None:
    for number in range(3):
        world.deliver(number)
    world.sync()
    remote = world.connect()
    inbox = world.server.boxes["INBOX"]
    inbox.take(sorted(inbox.messages)[1])
    world.fetch(remote)
    assert world.missing() == {"Invoice 1"}
    assert world.trouble.hopeless == {world.email("Invoice 1")}


def test_nothing_is_taken_from_a_folder_that_was_rebuilt(world: Fetching) -> None:
    for number in range(3):
        world.deliver(number)
    world.deliver(9, "Archive")
    world.sync()
    world.server.renumber("INBOX")
    world.fetch(world.connect())
    assert world.missing() == {"Invoice 0", "Invoice 1", "Invoice 2"}


def test_what_is_more_urgent_does_not_wait_for_the_rest_of_a_batch(world: Fetching) -> None:
    for number in range(6):
        world.deliver(number)
    world.sync()
    remote = world.connect()
    world.fetch(remote, most=2)
    assert len(world.missing()) == 4
    world.fetch(remote)
    assert world.missing() == set()


@pytest.mark.parametrize(
    ("error", "connections"), [(RemoteProtocolError("nonsense"), 2), (RemoteUnreachable("bye"), TRIES)]
)
def test_a_message_over_which_every_connection_ends_is_given_up_and_holds_up_none(
    world: Fetching, error: RemoteError, connections: int
) -> None:
    uids = [world.deliver(number) for number in range(5)]
    world.sync()
    assert world.fetch_anew(uids[2], error) == connections
    assert world.missing() == {"Invoice 2"}
    assert world.trouble.hopeless == {world.email("Invoice 2")}


def test_what_was_read_before_the_connection_ended_is_held(world: Fetching) -> None:
    uids = [world.deliver(number) for number in range(3)]
    world.sync()
    batch = world.bodies.next_batch()
    world.trouble.lost.update(batch)
    error = RemoteUnreachable("bye")
    bad = uids[[world.email(f"Invoice {number}") for number in range(3)].index(batch[-1])]
    with pytest.raises(RemoteUnreachable):
        world.bodies.fetch_batch(Breaking(world.server, bad, error), batch, lambda: False)
    assert world.bodies.next_batch() == batch[-1:]


def test_a_message_that_came_after_all_owes_nothing_to_the_connections_lost_before(world: Fetching) -> None:
    uid = world.deliver(1)
    world.sync()
    with pytest.raises(RemoteUnreachable):
        world.fetch(Breaking(world.server, uid, RemoteUnreachable("bye")))
    world.fetch(world.connect())
    assert world.missing() == set()
    assert not world.trouble.lost
