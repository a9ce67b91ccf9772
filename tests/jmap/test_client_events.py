"""The event stream: parsing, coming back after a break, giving up when nobody is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox import errors
from shinbox.jmap.client import Backoff, Client, Connectivity, Endpoint, StateChange, Timeouts
from shinbox.jmap.events import MAX_EVENT, ServerEvent, parse_events, state_change
from tests.jmap.tiny_server import Reply, Request, TinyServer, reply, tiny_server

STREAM = (
    b": hello\n\n"
    b'event: ping\ndata: {"interval": 30}\n\n'
    b'id: 7\nevent: state\ndata: {"@type": "StateChange",\ndata: "changed": {"A1": {"Email": "2"}}}\n\n'
    b"data: unfinished"
)


async def parsed(*pieces: bytes) -> list[ServerEvent]:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [event async for event in parse_events(stream())]


async def test_a_stream_is_read_as_events() -> None:
    ping, change = await parsed(STREAM)
    assert (ping.kind, state_change(ping)) == ("ping", None)
    assert change.event_id == "7"
    assert state_change(change) == StateChange(changed={"A1": {"Email": "2"}}, event_id="7")


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=6), end=st.sampled_from([b"\n", b"\r", b"\r\n"]))
def test_how_a_stream_is_cut_and_how_its_lines_end_changes_nothing(cuts: list[int], end: bytes) -> None:
    stream = STREAM.replace(b"\n", end)
    edges = [0, *sorted(cuts), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert asyncio.run(parsed(*pieces)) == asyncio.run(parsed(STREAM))


@pytest.mark.parametrize("piece", [b"x" * 100_000, b"data: x\n" * 10_000])
async def test_an_event_without_end_is_refused(piece: bytes) -> None:
    with pytest.raises(errors.DeskProtocolError, match="without end"):
        await parsed(*[piece] * (MAX_EVENT // len(piece) + 2))


def test_pauses_double_up_to_the_most_and_chance_cuts_them_by_half() -> None:
    longest = Backoff(first=1, most=10, random=lambda: 1.0)
    assert [longest.next() for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    shortest = Backoff(first=1, most=10, random=lambda: 0.0)
    assert [shortest.next() for _ in range(3)] == [0.5, 1, 2]
    longest.reset()
    assert longest.next() == 1


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[TinyServer]:
    async with tiny_server(tmp_path / "s") as server:
        yield server


def at_once() -> Backoff:
    return Backoff(first=0.001, most=0.001)


class Stream:
    """An event source: each connection sends the next list of pieces, then ends, breaks off or stays open."""

    def __init__(self, *connections: list[bytes], then: str = "ends") -> None:
        self.connections = list(connections)
        self.then = then
        self.last_ids: list[str | None] = []
        self.left = asyncio.Event()

    async def __call__(self, request: Request) -> Reply:
        self.last_ids.append(request.headers.get("last-event-id"))
        return Reply(pieces=self.pieces(request), type="text/event-stream")

    async def pieces(self, request: Request) -> AsyncIterator[bytes]:
        for piece in self.connections.pop(0) if self.connections else []:
            yield piece
        if self.then == "breaks":
            raise ConnectionError
        if self.then == "stays":
            await request.gone()
            self.left.set()


def event(number: int) -> bytes:
    return b'id: %d\nevent: state\ndata: {"changed": {"A1": {"Email": "%d"}}}\n\n' % (number, number)


@pytest.mark.parametrize("then", ["ends", "breaks"])
async def test_the_stream_comes_back_from_the_last_event_on(desk: TinyServer, then: str) -> None:
    source = Stream([event(1), event(2)], [event(3)], then=then)
    desk.on("/events", source)
    states: list[Connectivity] = []
    async with Client(Endpoint(socket=desk.path), backoff=at_once, on_connection=states.append) as client:
        got: list[str] = []
        async with aclosing(client.events(["Email"], ping=10)) as events:
            async for change in events:
                got.append(change.changed["A1"]["Email"])
                if len(got) == 3:
                    break
    assert got == ["1", "2", "3"]
    assert source.last_ids == [None, "2"]
    assert "/events?types=Email&closeafter=no&ping=10" in [request.path for request in desk.requests]
    assert Connectivity.CONNECTING in states and states[-1] is Connectivity.ONLINE


async def test_a_stream_that_is_silent_past_its_pings_is_opened_anew(desk: TinyServer) -> None:
    quick = Timeouts(pings=0.05)

    async def source(request: Request) -> Reply:
        # From the last event on: on a busy machine the client may give up before it has read the first.
        following = int(request.headers.get("last-event-id", "0")) + 1
        news = Stream([event(following)], then="stays")
        return Reply(pieces=news.pieces(request), type="text/event-stream")

    desk.on("/events", source)
    states: list[Connectivity] = []
    async with (
        Client(
            Endpoint(socket=desk.path), timeouts=quick, backoff=at_once, on_connection=states.append
        ) as client,
        aclosing(client.events(ping=1)) as events,
    ):
        assert (await anext(events)).event_id == "1"
        assert (await anext(events)).event_id == "2"
    assert Connectivity.OFFLINE in states


async def test_a_desk_that_comes_later_is_found(tmp_path: Path) -> None:
    refused = asyncio.Event()

    def listener(now: Connectivity) -> None:
        if now is Connectivity.OFFLINE:
            refused.set()

    path = tmp_path / "s"
    async with Client(Endpoint(socket=path), backoff=at_once, on_connection=listener) as client:
        first = asyncio.create_task(anext(client.events()))
        await refused.wait()
        async with tiny_server(path) as desk:
            desk.on("/events", Stream([event(1)], then="stays"))
            assert (await first).changed == {"A1": {"Email": "1"}}


async def test_close_after_state_ends_after_one_change(desk: TinyServer) -> None:
    desk.on("/events", Stream([event(1), event(2)]))
    async with Client(Endpoint(socket=desk.path), backoff=at_once) as client:
        assert [change.event_id async for change in client.events(close_after="state")] == ["1"]


async def test_a_stream_cut_because_of_a_revoked_sign_in_ends_with_the_reason(desk: TinyServer) -> None:
    desk.on("/events", Stream([event(1)], then="breaks"))
    async with Client(Endpoint(socket=desk.path), "tok", backoff=at_once) as client:
        events = client.events()
        await anext(events)

        async def refuse(request: Request) -> Reply:
            return reply({}, 401)

        desk.on("/.well-known/jmap", refuse)
        with pytest.raises(errors.NotSignedIn):
            await anext(events)


async def test_leaving_the_stream_hangs_up(desk: TinyServer) -> None:
    source = Stream([event(1)], then="stays")
    desk.on("/events", source)
    async with Client(Endpoint(socket=desk.path)) as client:
        async with aclosing(client.events()) as events:
            await anext(events)
        await asyncio.wait_for(source.left.wait(), 60)
        assert (await client.session()).username == "bob"
