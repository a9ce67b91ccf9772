"""Every triage action on the real front, on one message, on several, on all: done, taken back, as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.screens import many
from tests.tui.person import Person, sitting

MID = (120, 40)
State = dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]]


async def desk_state(socket: Path) -> State:
    """Folders and keywords of every message nina can see, asked from outside the screen."""
    state: State = {}
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in("nina", PASSWORD)
        for account in (await client.session()).accounts:
            if account == "desk":
                continue
            ids = (await client.query(Email, account)).ids
            got = await client.get(Email, account, ids, ["id", "mailboxIds", "keywords"])
            for email in got.objects:
                state[account, email.id] = frozenset(email.mailbox_ids), frozenset(email.keywords)
    return state


async def select_two(nina: Person) -> None:
    await nina.press("V", "j", "V")


async def select_none(nina: Person) -> None:
    """The message under the cursor is meant."""


async def select_all(nina: Person) -> None:
    await nina.press("*")


SELECTIONS = [select_none, select_two, select_all]
KEYS = ["e", "#", "!", "s", "I", "U"]


async def pick(nina: Person, key: str, text: str) -> None:
    await nina.press(key)
    await nina.choose(text)


def by_key(key: str) -> Callable[[Person], Awaitable[None]]:
    async def act(nina: Person) -> None:
        await nina.press(key)

    return act


def by_box(key: str, text: str) -> Callable[[Person], Awaitable[None]]:
    async def act(nina: Person) -> None:
        await pick(nina, key, text)

    return act


ACTS = {
    **{f"key {key}": by_key(key) for key in KEYS},
    "move": by_box("m", "Archive"),
    "move elsewhere": by_box("m", "support@halden.example / Inbox"),
    "copy": by_box("Y", "Archive"),
    "copy elsewhere": by_box("Y", "support@halden.example / Inbox"),
    "label": by_box("l", "urgent"),
}


async def settled(nina: Person) -> None:
    """The desk has answered everything."""
    await nina.until(
        lambda: not [w for w in nina.app.workers if w.group in ("changes", "copies", "many", "selection")]
    )


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
async def test_each_action_changes_the_desk_and_one_undo_makes_it_as_it_was(
    socket: Path, act: Callable[[Person], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small portions: all of the inbox then goes through many of them.
    monkeypatch.setattr(many, "PORTION", 5)
    async with sitting(socket, "nina", MID) as nina:
        nina.main.notice._clock = lambda: 0.0  # What is said stays until it has been looked at.
        before = await desk_state(socket)
        for select in SELECTIONS:
            await select(nina)
            await act(nina)
            await settled(nina)
            said = nina.notice
            after = await desk_state(socket)
            if after == before:
                assert said == "That is so already: nothing was changed."
                continue
            assert not nina.main.messages.marks
            await nina.press("z")
            await settled(nina)
            assert differing(await desk_state(socket), before) == [], (select.__name__, said)


def differing(now: State, before: State) -> list[tuple[str, str]]:
    """Messages that are otherwise than before, or there for the first time, or gone."""
    return sorted(key for key in now.keys() | before.keys() if now.get(key) != before.get(key))


class Held:
    """A call to the desk that has its answer and does not give it yet."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, desk: MailDesk, name: str) -> None:
        self._call = getattr(desk, name)
        self.answered, self.free = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(desk, name, self._late)

    def let_one_go(self) -> None:
        """Give the answer that is held; the next one is held again."""
        free, self.free = self.free, asyncio.Event()
        free.set()

    async def _late(self, *arguments: object) -> object:
        answer = await self._call(*arguments)
        self.answered.set()
        await self.free.wait()
        return answer


async def test_a_list_that_was_asked_for_before_a_change_does_not_take_it_off_the_screen(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "nina", MID) as nina:
        here = nina.under_cursor()
        before = "$flagged" in nina.email(here).keywords
        rows = Held(monkeypatch, nina.main.desk, "load_rows")
        news = asyncio.create_task(nina.main.refresh_view())
        await nina.until(rows.answered.is_set)
        await nina.press("s")
        await settled(nina)
        rows.free.set()
        await news
        assert ("$flagged" in nina.email(here).keywords) is not before
        await nina.press("z")
        await settled(nina)


async def test_what_is_taken_back_while_the_list_is_fetched_again_stays_in_its_place(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "nina", MID) as nina:
        nina.main.messages.move_to(2)
        here = nina.under_cursor()
        await nina.press("e")
        await settled(nina)
        rows = Held(monkeypatch, nina.main.desk, "load_rows")
        news = asyncio.create_task(nina.main.refresh_view())
        await nina.until(rows.answered.is_set)
        undo = Held(monkeypatch, nina.main.desk, "change_some")
        await nina.press("z")
        rows.free.set()
        await news
        assert nina.view.index_of(here) == 2
        assert nina.view.row(2) is not None
        undo.free.set()
        await settled(nina)


async def test_the_answer_to_an_act_is_not_taken_for_that_to_the_same_act_done_again(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "nina", MID) as nina:
        here = nina.under_cursor()
        given = Held(monkeypatch, nina.main.desk, "change_some")
        await nina.press("e", "z")
        nina.main.messages.move_to_id(here)
        await nina.press("e")
        await nina.until(lambda: len(nina.main._unanswered) == 3 and given.answered.is_set())
        first, _, third = (change for change, _ in nina.main._unanswered)
        assert first == third
        given.let_one_go()
        await nina.until(lambda: len(nina.main._unanswered) == 2)
        await nina.main.refresh_view()
        assert nina.view.index_of(here) is None
        given.free.set()
        await settled(nina)
        await nina.press("z")
        await settled(nina)
