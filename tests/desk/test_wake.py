"""The line between the processes carries hints, loses none while one side is away, and never blocks."""

from __future__ import annotations

import queue
from collections.abc import Iterator

import pytest

from shinbox.desk import wake
from shinbox.desk.wake import BodyAnswer, BodyWanted, Message, Touched, Wake, WakeLine

PATIENCE = 60.0
"""Seconds until something has failed to come; only a failure takes as long."""
SAMPLES: list[Message] = [
    Wake(3, "intents"),
    Touched(frozenset({(1, "Email"), (2, "Mailbox")})),
    BodyWanted(7, 9),
    BodyAnswer(7, 9),
    BodyAnswer(7, 9, "The mail server cannot be reached."),
]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: type(message).__name__)
def test_a_message_survives_the_wire(message: Message) -> None:
    line = wake.encode(message)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert wake.decode(line) == message


@pytest.mark.parametrize("line", [b"{}", b"[]", b'{"account": 1, "what": "dance"}', b"?"])
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        wake.decode(line)


class Ends:
    def __init__(self) -> None:
        self.front_end, self.mail_end = wake.pair()
        self.heard: queue.Queue[Message] = queue.Queue()
        self.lines: list[WakeLine] = []

    def front(self) -> WakeLine:
        line = WakeLine(self.front_end, lambda message: None)
        return self.started(line)

    def mail(self) -> WakeLine:
        return self.started(WakeLine(self.mail_end, self.heard.put))

    def started(self, line: WakeLine) -> WakeLine:
        line.start()
        self.lines.append(line)
        return line


@pytest.fixture
def ends() -> Iterator[Ends]:
    both = Ends()
    yield both
    for line in both.lines:
        line.close()
    both.front_end.close()
    both.mail_end.close()


def test_what_is_sent_is_heard(ends: Ends) -> None:
    ends.mail()
    front = ends.front()
    for message in SAMPLES:
        front.send(message)
    assert [ends.heard.get(timeout=PATIENCE) for _ in SAMPLES] == SAMPLES


def test_sending_to_a_side_that_is_away_does_not_block_and_is_heard_by_its_successor(ends: Ends) -> None:
    first = ends.mail()
    first.close()
    front = ends.front()
    for account in range(20_000):
        front.send(Wake(account, "fetch"))
    ends.mail()
    heard = {ends.heard.get(timeout=PATIENCE) for _ in range(20_000)}
    assert heard == {Wake(account, "fetch") for account in range(20_000)}


def test_a_long_list_of_changes_arrives_whole(ends: Ends) -> None:
    changed = frozenset((account, "EmailSubmission") for account in range(100_000, 105_000))
    ends.mail()
    ends.front().send(Touched(changed))
    heard: set[tuple[int, str]] = set()
    while heard != changed:
        message = ends.heard.get(timeout=PATIENCE)
        assert isinstance(message, Touched)
        heard |= message.changed
    assert heard == changed
