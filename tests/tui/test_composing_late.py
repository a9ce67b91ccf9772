"""What comes while somebody writes: nothing closes in the composer's place, nothing opens over it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from shinbox.client.drafts import Attached, Draft
from shinbox.tui import editor
from shinbox.tui.screens import attaching, base
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.help import HelpScreen
from shinbox.tui.screens.resuming import Resuming
from shinbox.tui.senders import Sender
from tests.tui.person import Person, sitting

HERE = Attached("b1", "offer.txt", "text/plain", 9)
THERE = Attached("b2", "offer.txt", "text/plain", 9)
STAYS = "It goes out from this mailbox as before: choose the other one again."


async def composing(person: Person) -> ComposeScreen:
    await person.press("c")
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))
    screen = person.app.screen
    assert isinstance(screen, ComposeScreen)
    return screen


def problem(screen: ComposeScreen) -> str:
    return str(screen.query_one("#problem", Static).render())


def elsewhere(screen: ComposeScreen) -> Sender:
    return next(each for each in screen._senders if each.account != screen.sender.account)


def kept_in(drafts: Path) -> str:
    return "".join(file.read_text() for file in drafts.glob("*.json"))


def held(answer: object) -> tuple[asyncio.Event, Callable[..., Awaitable[Any]]]:
    """Something slow that answers when the event is set."""
    free = asyncio.Event()

    async def slow(*args: object, **more: object) -> object:
        await free.wait()
        return answer

    return free, slow


async def test_files_that_arrive_do_not_close_the_box_over_the_composer(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, slow = held(THERE)
    monkeypatch.setattr(attaching, "carried", slow)
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia)
        before, screen._draft.attachments = screen.sender, [HERE]
        screen._go_elsewhere(elsewhere(screen))
        await mia.press("f1")
        await mia.until(lambda: isinstance(mia.app.screen, HelpScreen))
        free.set()
        await mia.until(lambda: problem(screen) == STAYS)
        assert isinstance(mia.app.screen, HelpScreen)
        assert screen.current().attachments == [HERE]
        await mia.press("escape")
        await mia.until(lambda: mia.app.screen is screen)
        assert screen.sender == before
        screen._go_elsewhere(elsewhere(screen))
        await mia.until(lambda: mia.app.screen is not screen and isinstance(mia.app.screen, ComposeScreen))
        [again] = mia.main.composers()
        assert again.current().attachments == [THERE]


async def test_a_box_that_opens_while_the_draft_is_saved_keeps_it_whole_in_its_mailbox(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "mia", (120, 40), tmp_path) as mia:
        screen = await composing(mia)
        screen._draft.attachments, text = [HERE], screen._text.text
        screen._fields["subject"].value = "Lamps"

        async def settled() -> None:
            screen._show_keys()

        monkeypatch.setattr(screen.keeping, "settled", settled)
        await screen._leave_for(elsewhere(screen), [THERE])
        assert problem(screen) == STAYS
        assert isinstance(mia.app.screen, HelpScreen)
        assert screen.current().attachments == [HERE]
        assert screen._text.text == text
        kept = kept_in(tmp_path)
        assert '"b1"' in kept and '"b2"' not in kept


async def test_the_composer_stays_while_the_editor_has_the_terminal(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, slow = held("From the editor\n")
    monkeypatch.setattr(editor, "edit", slow)
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia)
        await screen.action_act("compose.editor")
        screen._go_elsewhere(elsewhere(screen))
        await mia.until(lambda: problem(screen) == STAYS)
        free.set()
        await mia.until(lambda: screen._text.text == "From the editor\n")
        assert mia.app.screen is screen


async def test_the_editor_waits_for_files_that_are_taken_along(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, slow = held(THERE)
    monkeypatch.setattr(attaching, "carried", slow)
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia)
        screen._draft.attachments = [HERE]
        screen._go_elsewhere(elsewhere(screen))
        await screen.action_act("compose.editor")
        assert "Still being taken along: offer.txt" in problem(screen)
        assert not [work for work in screen.workers if work.group == "editor"]


@pytest.mark.parametrize(
    "action",
    [
        "message.reply",
        "message.forward",
        "message.attachments",
        "message.links",
        "message.save",
        "compose.unfinished",
    ],
)
async def test_what_comes_late_does_not_open_over_the_composer(
    socket: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.0)
    async with sitting(socket, "bob", (80, 24)) as bob:
        email = await bob.main.desk.read(bob.main.account, bob.under_cursor())
        free, slow = held(email)
        unfinished, later = held(([Draft(account=bob.main.account, id="d", identity="")], []))
        monkeypatch.setattr(bob.main.desk, "read", slow)
        monkeypatch.setattr(Resuming, "_all_unfinished", later)
        await bob.main.action_act(action)
        screen = await composing(bob)
        free.set()
        unfinished.set()
        await bob.until(lambda: "what came late was not opened" in problem(screen) or not screen.is_current)
        assert bob.app.screen is screen
        assert bob.main.writing is screen.current()


@pytest.mark.parametrize("action", ["message.label", "message.move", "message.copy"])
async def test_a_box_for_what_was_looked_for_long_does_not_open_over_the_composer(
    socket: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.0)
    async with sitting(socket, "bob", (80, 24)) as bob:
        free, slow = held([bob.under_cursor()])
        monkeypatch.setattr(bob.main, "selected", slow)
        await bob.main.action_act(action)
        screen = await composing(bob)
        free.set()
        await bob.until(lambda: "what came late was not opened" in problem(screen) or not screen.is_current)
        assert bob.app.screen is screen


async def test_of_two_composers_the_one_that_stays_is_still_being_written(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        first = await composing(bob)
        bob.main.do_compose()  # As a message comes back that the desk refused.
        await bob.until(lambda: len(bob.main.composers()) == 2 and bob.app.screen is not first)
        await bob.press("ctrl+s", "l")
        await bob.until(lambda: bob.app.screen is first and bob.main.writing is first.current())
        assert bob.main.has_class("-composing")
        await bob.press("ctrl+s", "l")
        await bob.until(lambda: bob.app.screen is bob.main and bob.main.writing is None)
        assert not bob.main.has_class("-composing")
