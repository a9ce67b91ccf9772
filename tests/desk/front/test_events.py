"""The event stream tells what changed to those who may see it, while they may, and ends at once when not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from shinbox.desk.front.login import Actor
from shinbox.desk.store import ids
from shinbox.jmap.client import Client
from shinbox.jmap.events import ServerEvent, parse_events, state_change
from shinbox.terms import Level, Role
from tests.desk.conftest import RunningDesk, account_id

Json = dict[str, Any]

PATIENCE = 60.0
"""Seconds until something has failed to come: on a machine busy with others a second is no measure."""


@dataclass
class Stream:
    """An open stream; every wait has its end."""

    events: AsyncIterator[ServerEvent]

    async def next(self, seconds: float = PATIENCE) -> ServerEvent | None:
        """The next event; None: the stream ended."""
        async with asyncio.timeout(seconds):
            return await anext(self.events, None)

    async def change(self, seconds: float = PATIENCE) -> dict[str, dict[str, str]]:
        """What the next state change says."""
        event = await self.next(seconds)
        assert event is not None, "the stream ended"
        change = state_change(event)
        assert change is not None, event
        return change.changed

    async def ends(self) -> None:
        """It ends, whatever it says before. By itself it would look again after five minutes only."""
        async with asyncio.timeout(PATIENCE):
            async for _ in self.events:
                pass


@asynccontextmanager
async def listening(
    client: Client, *, types: str = "*", close: str = "no", ping: int = 0, last: str = ""
) -> AsyncIterator[Stream]:
    url = client.endpoint.resolve(f"/events?types={types}&closeafter={close}&ping={ping}")
    headers = {**client.headers(), **({"Last-Event-ID": last} if last else {})}
    async with client.transport.stream("GET", url, headers) as streamed:
        assert streamed.status == 200
        first = asyncio.Event()

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in streamed.body:
                first.set()
                yield piece

        events = parse_events(pieces())
        waiting = asyncio.ensure_future(anext(events, None))
        async with asyncio.timeout(PATIENCE):
            await first.wait()

        async def all_of_them() -> AsyncIterator[ServerEvent]:
            event = await waiting
            while event is not None:
                yield event
                event = await anext(events, None)

        try:
            yield Stream(all_of_them())
        finally:
            waiting.cancel()


@dataclass
class Scene:
    """A manager who acts, a listener with a share, a mailbox."""

    desk: RunningDesk
    manager: Actor
    listener: Actor
    account: int
    folders: dict[Role, int]
    grant: int

    @property
    def id(self) -> str:
        return account_id(self.account)

    async def act(self, name: str, **arguments: object) -> Json:
        return await self.desk.call(self.manager, name, **{"accountId": self.id, **arguments})

    async def new_folder(self, name: str, **more: object) -> Json:
        return await self.act("Mailbox/set", create={"k": {"name": name, **more}})

    async def new_email(self) -> str:
        inbox = ids.to_id("Mailbox", self.folders[Role.INBOX])
        made = await self.act("Email/set", create={"k": {"mailboxIds": {inbox: True}}})
        return str(made["created"]["k"]["id"])


@pytest.fixture
def scene(desk: RunningDesk, request: pytest.FixtureRequest) -> Callable[..., Scene]:
    name = request.node.name.replace("test_", "")[:40]

    def make(*, folder: Role | None = None, level: Level = Level.READ) -> Scene:
        account, folders = desk.people.account(name)
        manager, listener = desk.people.user(f"manager {name}"), desk.people.user(f"listener {name}")
        desk.people.grant(account, manager, level=Level.MANAGE)
        grant = desk.people.grant(
            account, listener, level=level, mailbox=None if folder is None else folders[folder]
        )
        return Scene(desk, manager, listener, account, folders, grant)

    return make


async def test_a_change_is_told_with_the_state_that_get_gives(scene: Callable[..., Scene]) -> None:
    here = scene()
    async with here.desk.as_(here.listener) as client, listening(client) as stream:
        await here.new_folder("Projects")
        changed = await stream.change()
    got = await here.desk.call(here.listener, "Mailbox/get", accountId=here.id, ids=[])
    assert changed == {here.id: {"Mailbox": got["state"]}}


async def test_only_the_types_that_were_asked_for(scene: Callable[..., Scene]) -> None:
    here = scene()
    async with here.desk.as_(here.listener) as client, listening(client, types="Email,Identity") as stream:
        await here.new_folder("Projects")
        await here.act("Identity/set", create={"k": {"name": "S", "email": "s@example.org"}})
        assert list((await stream.change())[here.id]) == ["Identity"]


async def test_it_closes_after_a_state_when_asked(scene: Callable[..., Scene]) -> None:
    here = scene()
    async with here.desk.as_(here.listener) as client, listening(client, close="state") as stream:
        await here.new_folder("Projects")
        await stream.change()
        await stream.ends()


async def test_it_pings_as_often_as_asked(scene: Callable[..., Scene]) -> None:
    here = scene()
    async with here.desk.as_(here.listener) as client, listening(client, ping=1) as stream:
        for _ in range(2):
            event = await stream.next()
            assert event is not None and (event.kind, event.data) == ("ping", '{"interval":1}')


async def test_who_comes_back_is_told_what_they_missed_and_nothing_if_nothing(
    scene: Callable[..., Scene],
) -> None:
    here = scene()
    async with here.desk.as_(here.listener) as client:
        async with listening(client) as stream:
            await here.new_folder("One")
            event = await stream.next()
            assert event is not None and event.event_id
        async with listening(client, last=event.event_id, ping=1) as stream:
            quiet = await stream.next()
            assert quiet is not None and quiet.kind == "ping"
        await here.new_folder("Two")
        async with listening(client, last=event.event_id) as stream:
            assert "Mailbox" in (await stream.change())[here.id]


async def test_a_share_of_one_folder_does_not_reveal_the_others(scene: Callable[..., Scene]) -> None:
    here = scene(folder=Role.ARCHIVE)
    async with here.desk.as_(here.listener) as client, listening(client, ping=1) as stream:
        inbox, archive = (ids.to_id("Mailbox", here.folders[r]) for r in (Role.INBOX, Role.ARCHIVE))
        await here.act("Mailbox/set", update={inbox: {"sortOrder": 77}})
        await here.act("Grant/set", create={"k": {"principal": f"u{here.manager.user_id}"}})
        event = await stream.next()
        assert event is not None and event.kind == "ping"
        await here.act("Mailbox/set", update={archive: {"sortOrder": 78}})
        while event is None or event.kind == "ping":
            event = await stream.next()
        change = state_change(event)
        assert change is not None and list(change.changed[here.id]) == ["Mailbox"]


class TestTheEnd:
    """The stream is cut at once: nothing else would end it while anybody waits."""

    async def test_when_the_share_is_taken_back(self, scene: Callable[..., Scene]) -> None:
        here = scene()
        async with here.desk.as_(here.listener) as client, listening(client) as stream:
            answer = await here.act("Grant/set", destroy=[ids.to_id("Grant", here.grant)])
            assert answer["destroyed"]
            await stream.ends()
            refused = await here.desk.call(here.listener, "Mailbox/get", accountId=here.id)
            assert refused["error"] == "accountNotFound"

    async def test_when_the_share_becomes_less(self, scene: Callable[..., Scene]) -> None:
        here = scene(level=Level.WRITE)
        async with here.desk.as_(here.listener) as client, listening(client) as stream:
            await here.act("Grant/set", update={ids.to_id("Grant", here.grant): {"level": "read"}})
            await stream.ends()

    async def test_when_the_person_leaves(self, scene: Callable[..., Scene]) -> None:
        here = scene()
        async with here.desk.as_(here.listener) as client, listening(client) as stream:
            user = ids.to_id("User", here.listener.user_id)
            answer = await here.desk.call(
                here.desk.chief, "User/set", accountId="desk", update={user: {"isActive": False}}
            )
            assert user in answer["updated"]
            await stream.ends()

    async def test_when_the_token_is_given_back(self, scene: Callable[..., Scene]) -> None:
        here = scene()
        token = here.desk.token_of(here.listener)
        async with Client(here.desk.endpoint, token) as client, listening(client) as stream:
            async with Client(here.desk.endpoint, token) as other:
                await other.sign_out()
            await stream.ends()

    async def test_when_the_token_runs_out(self, scene: Callable[..., Scene]) -> None:
        here = scene()
        token = here.desk.token_of(here.listener)
        async with Client(here.desk.endpoint, token) as client, listening(client) as stream:
            # Only now, however long the stream took to begin; it learns of it with the next change.
            here.desk.shorten(token, seconds=1.0)
            await here.new_folder("Projects")
            await stream.ends()

    async def test_when_the_mailbox_is_removed(self, scene: Callable[..., Scene]) -> None:
        here = scene()
        async with here.desk.as_(here.listener) as client, listening(client) as stream:
            await here.desk.call(here.desk.chief, "Account/set", accountId="desk", destroy=[here.id])
            await stream.ends()

    async def test_and_it_stays_open_when_others_lose_theirs(self, scene: Callable[..., Scene]) -> None:
        here = scene()
        other = here.desk.people.user("somebody else")
        grant = here.desk.people.grant(here.account, other)
        async with here.desk.as_(here.listener) as client, listening(client) as stream:
            await here.act("Grant/set", destroy=[ids.to_id("Grant", grant)])
            await here.new_folder("Still here")
            assert "Mailbox" in (await stream.change())[here.id]


async def test_who_comes_to_a_message_is_told_to_those_who_see_it(scene: Callable[..., Scene]) -> None:
    here = scene()
    email = await here.new_email()
    async with here.desk.as_(here.listener) as client, listening(client) as stream:
        await here.act("Presence/refresh", emailId=email, window="w")
        assert list((await stream.change())[here.id]) == ["Presence"]


async def test_who_did_not_ask_for_presence_and_who_does_not_see_the_folder_is_not_woken(
    scene: Callable[..., Scene],
) -> None:
    here = scene(folder=Role.ARCHIVE)
    email = await here.new_email()
    async with (
        here.desk.as_(here.listener) as client,
        listening(client) as elsewhere,
        here.desk.as_(here.manager) as other,
        listening(other, types="Mailbox,Email") as uninterested,
    ):
        await here.act("Presence/refresh", emailId=email, window="w")
        # What is told next is the first that either hears of.
        await here.act("Mailbox/set", update={f"f{here.folders[Role.ARCHIVE]}": {"sortOrder": 7}})
        assert "Presence" not in (await elsewhere.change())[here.id]
        assert "Presence" not in (await uninterested.change())[here.id]
