"""The client and the real desk: one effect for a change whose answer was lost, events, revoked tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import pytest

from shinbox.errors import AlreadyExists, NotSignedIn
from shinbox.jmap.client import Client, Endpoint
from shinbox.jmap.objects import User
from tests.cli.real_desk import PASSWORD, RealDesk, real_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDesk]:
    with real_desk(tmp_path_factory.mktemp("d")) as desk:
        yield desk


@asynccontextmanager
async def signed_in(socket: Path) -> AsyncIterator[Client]:
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in("ada", PASSWORD)
        yield client


class Wire:
    """Carries bytes between the client and the desk, and breaks when told to: instead of the next answer."""

    def __init__(self, desk: Path) -> None:
        self.desk = desk
        self.breaks = 0
        self.broken = 0

    async def __call__(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far, far_out = await asyncio.open_unix_connection(str(self.desk))
        there = asyncio.create_task(self._carry(near, far_out))
        with suppress(ConnectionError):
            while piece := await far.read(65536):
                if self.breaks:
                    self.breaks -= 1
                    self.broken += 1
                    break
                near_out.write(piece)
                await near_out.drain()
        there.cancel()
        near_out.close()
        far_out.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()


@asynccontextmanager
async def wire_to(desk: RealDesk, path: Path) -> AsyncIterator[Wire]:
    wire = Wire(desk.socket)
    server = await asyncio.start_unix_server(wire, str(path))
    try:
        yield wire
    finally:
        server.close()


async def test_a_change_whose_answer_was_lost_is_made_once(desk: RealDesk, tmp_path: Path) -> None:
    async with wire_to(desk, tmp_path / "w") as wire, signed_in(tmp_path / "w") as client:
        await client.session()
        before = (await client.get(User, "desk")).objects
        wire.breaks = 1
        create = {"new": {"name": "once", "displayName": "Once"}}
        result = (await client.set_(User, "desk", create=create)).checked()
        assert wire.broken == 1
        after = (await client.get(User, "desk")).objects
        assert {user.id for user in after} - {user.id for user in before} == {result.created["new"].id}
        # The control: without the client id it would have been a second change, which is refused.
        again = await client.set_(User, "desk", create=create)
        assert isinstance(again.not_created["new"], AlreadyExists), again


async def test_a_change_by_one_client_is_told_to_another(desk: RealDesk) -> None:
    async with signed_in(desk.socket) as writer, signed_in(desk.socket) as listener:
        async with aclosing(listener.events(["User"], ping=5)) as events:
            told = asyncio.create_task(anext(events))
            state = (await listener.get(User, "desk")).state
            made: list[str] = []
            while not told.done():
                # The stream may not stand yet when the first change is made: then the next one is told.
                assert len(made) < 10
                create = {"new": {"name": f"told{len(made)}", "displayName": "Told"}}
                made.append((await writer.set_(User, "desk", create=create)).checked().created["new"].id)
                await asyncio.wait({told}, timeout=10)
            change = told.result()
        assert change.changed["desk"]["User"] != state
        assert (await listener.changes(User, "desk", state)).created == made


async def test_a_stream_ends_when_its_token_is_given_back(desk: RealDesk) -> None:
    async with signed_in(desk.socket) as listener, signed_in(desk.socket) as other:
        other.token = listener.token
        async with aclosing(listener.events(ping=5)) as events:
            told = asyncio.create_task(anext(events))
            await listener.session()
            await other.sign_out()
            with pytest.raises(NotSignedIn):
                await asyncio.wait_for(told, 60)
