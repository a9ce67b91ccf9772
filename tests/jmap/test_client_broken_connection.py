"""What the client does when the connection, the desk or time fails it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shinbox import errors
from shinbox.jmap.client import Client, Connectivity, Endpoint, Timeouts
from shinbox.jmap.objects import Email, Mailbox
from tests.jmap.tiny_server import SESSION, Reply, Request, TinyServer, answer, tiny_server

SHORT = Timeouts(read=0.1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[TinyServer]:
    async with tiny_server(tmp_path / "s") as server:
        yield server


class CutsOnce:
    """Cuts the first answer in its middle; counts the effects of the requests by their client id."""

    def __init__(self, call: str) -> None:
        self.call = call
        self.client_ids: list[str | None] = []

    async def __call__(self, request: Request) -> Reply:
        self.client_ids.append(request.json().get("clientId"))
        whole = answer(
            [self.call, {"newState": "2", "state": "2", "list": [], "updated": {"E1": None}}, "c0"]
        )
        whole.cut = 20 if len(self.client_ids) == 1 else None
        return whole


async def test_a_change_cut_off_in_the_answer_is_sent_again_under_the_same_client_id(
    desk: TinyServer,
) -> None:
    api = CutsOnce("Email/set")
    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path)) as client:
        result = await client.set_(Email, "A1", update={"E1": {"keywords/$seen": True}})
        assert result.updated == {"E1": None}
        await client.set_(Email, "A1", update={"E1": {"keywords/$seen": None}})
    first, retried, other = api.client_ids
    assert first == retried != other
    assert first


async def test_a_question_cut_off_in_the_answer_is_asked_again(desk: TinyServer) -> None:
    api = CutsOnce("Mailbox/get")
    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path)) as client:
        assert (await client.get(Mailbox, "A1")).objects == []
    assert api.client_ids == [None, None]


async def test_a_change_at_a_server_without_client_ids_is_never_sent_twice(desk: TinyServer) -> None:
    desk.session = {**SESSION, "capabilities": {"urn:ietf:params:jmap:core": {}}}
    api = CutsOnce("Email/set")
    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path)) as client:
        with pytest.raises(errors.ConnectionLost):
            await client.set_(Email, "A1", destroy=["E1"])
    assert len(api.client_ids) == 1


async def test_a_connection_cut_twice_is_an_error_that_says_so(desk: TinyServer) -> None:
    async def api(request: Request) -> Reply:
        return Reply(b"{}" * 50, cut=10)

    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path)) as client:
        with pytest.raises(errors.ConnectionLost):
            await client.set_(Email, "A1", destroy=["E1"])
    assert len(desk.requests) == 3


async def test_a_change_survives_a_desk_that_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "s"
    seen: list[str] = []
    gone = asyncio.Event()

    async def dies(request: Request) -> Reply:
        seen.append(request.json()["clientId"])
        gone.set()
        return Reply(b"x" * 50, cut=0)

    async def api(request: Request) -> Reply:
        seen.append(request.json()["clientId"])
        return answer(["Email/set", {"newState": "2"}, "c0"])

    states: list[Connectivity] = []
    async with Client(Endpoint(socket=path), on_connection=states.append) as client:
        async with tiny_server(path) as first:
            first.on("/jmap/", dies)
            await client.session()
            change = asyncio.create_task(client.set_(Email, "A1", destroy=["E1"]))
            await gone.wait()
        path.unlink(missing_ok=True)
        async with tiny_server(path) as second:
            second.on("/jmap/", api)
            assert (await change).new_state == "2"
    assert seen[0] == seen[1]
    assert states[0] is Connectivity.ONLINE and states[-1] is Connectivity.ONLINE
    assert Connectivity.CONNECTING in states


async def test_a_kept_connection_that_the_desk_closed_is_not_used(desk: TinyServer) -> None:
    async def api(request: Request) -> Reply:
        return answer(["Email/set", {"newState": "2"}, "c0"])

    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path)) as client:
        await client.session()
        await desk.hang_up()
        await client.set_(Email, "A1", destroy=["E1"])
    assert [request.path for request in desk.requests] == ["/.well-known/jmap", "/jmap/"]
    assert desk.connections == 2


async def test_without_a_desk_the_error_names_the_socket_and_the_remedy(tmp_path: Path) -> None:
    states: list[Connectivity] = []
    async with Client(Endpoint(socket=tmp_path / "none"), on_connection=states.append) as client:
        with pytest.raises(errors.DeskUnreachable, match=r"none: is `shinbox serve` running"):
            await client.session()
    assert states == [Connectivity.OFFLINE]


async def test_a_silent_desk_is_given_up(desk: TinyServer) -> None:
    asked, forever = asyncio.Event(), asyncio.Event()

    async def silent(request: Request) -> Reply:
        asked.set()
        await forever.wait()
        return Reply()

    desk.on("/.well-known/jmap", silent)
    async with Client(Endpoint(socket=desk.path), timeouts=SHORT) as client:
        with pytest.raises(errors.DeskUnreachable, match="sent nothing"):
            await client.session()
        await asyncio.wait_for(asked.wait(), 60)
    assert len(desk.requests) == 1


async def test_an_answer_that_drips_without_end_is_given_up(desk: TinyServer) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)

    async def drip(request: Request) -> Reply:
        return Reply(pieces=pieces())

    desk.on("/.well-known/jmap", drip)
    timeouts = Timeouts(read=5, total=0.2)
    async with Client(Endpoint(socket=desk.path), timeouts=timeouts) as client:
        with pytest.raises(errors.DeskUnreachable, match=r"0\.2 seconds"):
            await client.session()


async def test_an_answer_without_end_fills_no_memory(desk: TinyServer) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100_000
            yield b" " * 100_000

    async def flood(request: Request) -> Reply:
        return Reply(pieces=pieces())

    desk.on("/.well-known/jmap", flood)
    async with Client(Endpoint(socket=desk.path)) as client:
        with pytest.raises(errors.LimitBroken):
            await client.session()
    assert sent < 5_000_000


async def test_a_cancelled_call_leaves_the_client_usable(desk: TinyServer) -> None:
    arrived, forever = asyncio.Event(), asyncio.Event()

    async def api(request: Request) -> Reply:
        if not arrived.is_set():
            arrived.set()
            await forever.wait()
        return answer(["Core/echo", {"n": 2}, "c0"])

    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path)) as client:
        call = asyncio.create_task(client.invoke("Core/echo", n=1))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await client.invoke("Core/echo", n=2) == {"n": 2}


async def test_an_upload_that_is_refused_early_shows_the_refusal(desk: TinyServer) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    desk.refuse_uploads = True
    async with Client(Endpoint(socket=desk.path)) as client:
        with pytest.raises((errors.LimitExceeded, errors.ConnectionLost)):
            await client.upload("A1", pieces())
        assert (await client.session(refresh=True)).username == "bob"


async def test_an_answer_that_takes_long_is_told_of_until_it_comes(desk: TinyServer) -> None:
    states: list[Connectivity] = []
    late, may_answer = asyncio.Event(), asyncio.Event()

    async def api(request: Request) -> Reply:
        await may_answer.wait()
        return answer(["Mailbox/get", {"state": "1", "list": [], "notFound": []}, "c0"])

    def tell(state: Connectivity) -> None:
        states.append(state)
        if state is Connectivity.WAITING:
            late.set()

    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path), timeouts=Timeouts(slow=0.05), on_connection=tell) as client:
        asked = asyncio.create_task(client.get(Mailbox, "A1"))
        await asyncio.wait_for(late.wait(), 60)
        client.transport.sign_of_life()
        assert client.connectivity is Connectivity.WAITING, "it is there, but owes an answer"
        may_answer.set()
        await asked
    assert states == [Connectivity.ONLINE, Connectivity.WAITING, Connectivity.ONLINE]


async def test_who_no_longer_waits_is_told_of_the_next_sign_of_life(desk: TinyServer) -> None:
    late = asyncio.Event()

    async def api(request: Request) -> Reply:
        await request.gone()
        return Reply()

    def tell(state: Connectivity) -> None:
        if state is Connectivity.WAITING:
            late.set()

    desk.on("/jmap/", api)
    async with Client(Endpoint(socket=desk.path), timeouts=Timeouts(slow=0.05), on_connection=tell) as client:
        asked = asyncio.create_task(client.get(Mailbox, "A1"))
        await asyncio.wait_for(late.wait(), 60)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        state = client.connectivity
        assert state is Connectivity.WAITING, "nothing shows that it is there"
        client.transport.sign_of_life()
        assert client.connectivity is Connectivity.ONLINE
