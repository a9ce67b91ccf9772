"""A composer that is closed while the desk is still taking its draft: what was discarded is nowhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Draft
from shinbox.tui.screens import keeping
from shinbox.tui.screens.compose import ComposeScreen
from tests.tui.person import PATIENCE, Person, sitting

SIZE = (120, 40)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hands pause for a moment only, and a desk that is slow is waited for."""
    monkeypatch.setattr(keeping, "KEEP_AFTER", 0.05)
    monkeypatch.setattr(keeping, "SETTLES_IN", PATIENCE)


class SlowDesk:
    """Takes a new draft, and is a while in saying so."""

    def __init__(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_it, self.may_say = asyncio.Event(), asyncio.Event()
        set_ = client.set_

        async def slowly(kind: type[Any], account: str, **what: Any) -> Any:
            answer = await set_(kind, account, **what)
            if kind is Draft and "create" in what:
                self.has_it.set()
                await self.may_say.wait()
            return answer

        monkeypatch.setattr(client, "set_", slowly)


async def writing(person: Person) -> ComposeScreen:
    await person.press("c")
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))
    screen = person.app.screen
    assert isinstance(screen, ComposeScreen)
    screen.query_one(TextArea).text = "It is on its way."
    return screen


def kept_in(drafts: Path) -> list[Path]:
    return list(drafts.glob("*.json"))


async def drafts_of(client: Client, account: str) -> list[Draft]:
    return (await client.get(Draft, account)).objects


async def test_what_the_desk_took_after_it_was_discarded_is_taken_away_there(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SETTLES_IN", 0.0)
    async with sitting(socket, "bob", SIZE) as bob, Client(Endpoint(socket=socket)) as mia:
        await mia.sign_in("mia", PASSWORD)
        account = bob.main.account
        desk = SlowDesk(bob.main.desk.client, monkeypatch)
        await writing(bob)
        await asyncio.wait_for(desk.has_it.wait(), PATIENCE)
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main)
        assert await drafts_of(mia, account)
        desk.may_say.set()
        async with asyncio.timeout(PATIENCE):
            while await drafts_of(mia, account):
                await bob.pilot.pause(0.02)


async def test_what_was_discarded_is_not_saved_once_more_on_this_machine(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", SIZE, tmp_path) as bob:
        desk = SlowDesk(bob.main.desk.client, monkeypatch)
        screen = await writing(bob)
        await asyncio.wait_for(desk.has_it.wait(), PATIENCE)
        settles, settled = asyncio.Event(), screen.keeping.settled

        async def settling() -> None:
            settles.set()
            await settled()

        monkeypatch.setattr(screen.keeping, "settled", settling)
        await bob.press("ctrl+s")
        discarding = asyncio.ensure_future(bob.press("d"))
        await asyncio.wait_for(settles.wait(), PATIENCE)
        desk.may_say.set()
        await discarding
        await bob.until(lambda: bob.app.screen is bob.main and not screen.is_attached)
        await bob.until(lambda: not [work for work in bob.main.workers if work.group == "default"])
        assert kept_in(tmp_path) == []


async def test_a_timer_that_has_run_out_as_the_composer_is_closed_sends_nothing_any_more(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", SIZE) as bob:
        screen = await writing(bob)
        await bob.until(lambda: screen._draft.desk_id and not screen.keeping._timer)
        screen.keeping.saved_here()
        await screen.keeping.settled()
        before = {work for work in screen.workers if work.group == "keeping"}
        screen.keeping._keep_if_due()
        assert {work for work in screen.workers if work.group == "keeping"} <= before
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main)
