"""A message that was answered or passed on says so in the list, until that is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.widgets import Input

from shinbox.jmap.objects import Email
from shinbox.tui import sending
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.sending import Sent
from tests.tui.person import Person, sitting

MID = (120, 40)


async def write(bob: Person, key: str, to: str = "") -> None:
    await bob.press(key)
    await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
    if to:
        bob.app.screen.query_one("#to", Input).value = to
    await bob.press("ctrl+s")
    await bob.pilot.pause()
    await bob.press("y")
    await bob.until(lambda: bob.app.screen is bob.main and bob.notice in ("Sending", "Sent"))


@pytest.mark.parametrize(
    ("key", "to", "keyword", "mark"),
    [("r", "", "$answered", "↩"), ("f", "ann@halden.example", "$forwarded", "→")],
    ids=["answered", "passed on"],
)
async def test_what_was_answered_or_passed_on_is_marked_until_that_is_taken_back(
    socket: Path, key: str, to: str, keyword: str, mark: str
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        bob.main.messages.move_to(3)
        await bob.pilot.pause()
        done = bob.under_cursor()
        await write(bob, key, to)
        await bob.until(lambda: keyword in bob.email(done).keywords)
        assert mark in bob.main.messages.render_line(bob.main.messages.cursor).text
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.until(lambda: keyword not in bob.email(done).keywords)


async def test_what_is_taken_back_while_it_is_being_marked_is_not_marked(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, back, free = asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with sitting(socket, "bob", MID) as bob:
        desk, states, take_back = bob.main.desk, bob.main.desk.states, sending.take_back

        async def slowly(account: str, ids: Sequence[str]) -> dict[str, Email]:
            if not asked.is_set():
                asked.set()
                await free.wait()
            return await states(account, ids)

        async def taken_back(desk: MailDesk, sent: Sent) -> None:
            await take_back(desk, sent)
            back.set()

        monkeypatch.setattr(desk, "states", slowly)
        monkeypatch.setattr(sending, "take_back", taken_back)
        done, account = bob.under_cursor(), bob.main.account
        await write(bob, "r")
        await bob.until(asked.is_set)
        await bob.press("z")
        await bob.until(back.is_set)
        free.set()
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.until(lambda: not [work for work in bob.main.workers if work.group == "default"])
        assert "$answered" not in (await states(account, [done]))[done].keywords
