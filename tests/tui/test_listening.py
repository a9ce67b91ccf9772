"""What changes between the first look at a desk and the opening of its event stream is heard, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client, StateChange
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email, Mailbox
from shinbox.terms import Keyword, Role
from shinbox.tui.folder_view import FolderView
from shinbox.tui.mail_desk import MailDesk
from tests.tui.person import Person, sitting

MID = (120, 40)


class Streams:
    """Takes the place of a client's streams: `before` happens as the first one is about to be opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, before: Callable[[], Awaitable[None]]) -> None:
        self.heard = asyncio.Event()
        """One change was told and dealt with."""
        streams, streams_of = Client.events, self

        async def events(client: Client, *args: Any, **options: Any) -> AsyncIterator[StateChange]:
            await before()
            async for change in streams(client, *args, **options):
                yield change
                streams_of.heard.set()

        monkeypatch.setattr(Client, "events", events)


def asked_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is fetched after the start."""
    asked: list[str] = []
    for name in ("reload_folders", "load_rows"):
        real = getattr(MailDesk, name)

        async def counted(desk: MailDesk, *args: Any, what: str = name, real: Any = real) -> Any:
            asked.append(what)
            return await real(desk, *args)

        monkeypatch.setattr(MailDesk, name, counted)
    return asked


async def flag_the_newest(socket: Path) -> None:
    """Bob, at another desk, flags what stands first in support's inbox."""
    async with Client(Endpoint(socket=socket)) as bob:
        await bob.sign_in("bob", PASSWORD)
        session = await bob.session()
        account = next(id_ for id_, one in session.accounts.items() if one.name.startswith("support@"))
        folders = (await bob.get(Mailbox, account)).objects
        inbox = next(folder.id for folder in folders if folder.role == Role.INBOX)
        sort = [{"property": "receivedAt", "isAscending": False}]
        newest = (await bob.query(Email, account, filter={"inMailbox": inbox}, sort=sort, limit=1)).ids[0]
        changed = await bob.set_(Email, account, update={newest: {f"keywords/{Keyword.FLAGGED}": True}})
        changed.checked()


def newest(person: Person) -> Email | None:
    row = person.main.messages.source.row(0)
    return person.view.email(row.id) if row else None


async def test_a_change_between_the_first_list_and_the_stream_is_shown(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Streams(monkeypatch, lambda: flag_the_newest(socket))
    async with sitting(socket, "bob", MID) as bob:
        await bob.until(lambda: (email := newest(bob)) and Keyword.FLAGGED in email.keywords)


async def test_where_nothing_has_changed_meanwhile_nothing_is_fetched_again(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asked_again(monkeypatch)

    async def before() -> None:
        asked.clear()

    streams = Streams(monkeypatch, before)
    async with sitting(socket, "bob", MID) as bob:
        await bob.until(streams.heard.is_set)
        assert asked == []


async def test_of_two_looks_at_once_the_later_one_is_not_lost(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        looks, first_is_done, load = list[FolderView](), asyncio.Event(), MailDesk.load_rows

        async def loaded(desk: MailDesk, view: FolderView, first: int, last: int) -> bool:
            looks.append(view)
            is_second = len(looks) == 2
            whole = await load(desk, view, first, last)
            if is_second:
                await first_is_done.wait()
            return whole

        monkeypatch.setattr(MailDesk, "load_rows", loaded)
        both = asyncio.gather(bob.main.refresh_view(), bob.main.refresh_view())
        await bob.until(lambda: bob.view in looks)
        first_is_done.set()
        await both
        assert bob.view not in looks[:2]
