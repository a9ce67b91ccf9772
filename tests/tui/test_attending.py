"""Two people at one desk see each other: in the list, above the message, in the composer."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from shinbox.tui.screens import attending
from shinbox.tui.screens.compose import ComposeScreen
from tests.tui.person import PATIENCE, Person, sitting

MID = (120, 40)
NARROW = (80, 24)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second is long enough to count as open."""
    monkeypatch.setattr(attending, "LOOK_EVERY", 0.1)


def line(person: Person, email_id: str) -> str:
    """A line of the list as it is drawn."""
    place = person.view.index_of(email_id)
    assert place is not None
    return person.main.messages.render_line(place).text


async def opened(person: Person, email_id: str) -> None:
    """A message that somebody reads; both look at the same folder."""
    person.main.messages.move_to_id(email_id)
    person.main.open_row(email_id)
    await person.until(lambda: person.main.reading is not None and person.main.reading.id == email_id)


async def meeting(mia: Person, bob: Person) -> None:
    """Mia comes to the folder that Bob has open, and to the message under his cursor."""
    mia.main.open_folder(bob.main.account, bob.main.folder)
    await mia.until(lambda: mia.view.known and mia.main.messages.cursor_row is not None)
    mia.main.messages.move_to_id(bob.under_cursor())


@pytest.mark.parametrize("size", [NARROW, MID, (200, 60)], ids=["80x24", "120x40", "200x60"])
async def test_a_colleague_is_in_the_list_and_above_the_message_until_they_leave(
    socket: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "mia", size) as mia, sitting(socket, "bob", MID) as bob:
        await meeting(mia, bob)
        email = mia.under_cursor()
        await opened(bob, email)
        await mia.until(lambda: "[bob]" in line(mia, email))
        await opened(mia, email)
        await mia.until(lambda: mia.reader().startswith(" bob has this open."))
        await bob.until(lambda: "[mia]" in line(bob, email))
        other = next(id_ for id_ in bob.view.ids() if id_ != email)
        await opened(bob, other)
        await mia.until(lambda: "[bob]" not in line(mia, email))
        await mia.until(lambda: "bob" not in mia.reader().splitlines()[0])


async def test_a_note_that_comes_while_one_reads_moves_nothing(socket: Path) -> None:
    async with sitting(socket, "mia", NARROW) as mia:
        mia.main.reader.show([(f"line {number}", "") for number in range(500)])
        mia.main.add_class("-reading")
        mia.main.reader.scroll_to(y=100, animate=False, force=True)
        await mia.until(lambda: mia.reader().startswith(" line 100"))
        mia.main.reader.note("bob has this open.")
        await mia.until(lambda: mia.main.reader.scroll_offset.y == 101)
        assert mia.reader().startswith(" line 100")
        mia.main.reader.note("")
        await mia.until(lambda: mia.main.reader.scroll_offset.y == 100)
        assert mia.reader().startswith(" line 100")


async def test_two_who_answer_the_same_are_told_of_each_other(socket: Path) -> None:
    async with sitting(socket, "mia", MID) as mia, sitting(socket, "bob", NARROW) as bob:
        await meeting(mia, bob)
        for person in (mia, bob):
            await person.press("r")
            await composing(person)
        await told(mia, "bob is replying too!")
        await told(bob, "mia is replying too!")
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main)
        await told(mia, "")


async def composing(person: Person) -> None:
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))


async def told(person: Person, text: str) -> None:
    """The composer says who answers, too."""
    line = person.app.screen.query_one("#others", Static)
    await person.until(lambda: line.display is bool(text) and str(line.render()) == text)


async def test_skimming_tells_nobody_anything(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "LOOK_EVERY", 1000)
    async with sitting(socket, "mia", MID) as mia, sitting(socket, "bob", MID) as bob:
        await meeting(mia, bob)
        told: list[object] = []
        monkeypatch.setattr(bob.main, "_tell_desk", lambda *what: told.append(what))
        bob.main._look()
        for _ in range(5):
            await bob.press("down")
            await bob.until(lambda: bob.main.reading and bob.main.reading.id == bob.under_cursor())
            bob.main._look()
        assert told == []


async def test_who_leaves_the_program_is_gone_at_once(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk would forget him after 25 seconds by itself."""
    monkeypatch.setattr(attending, "LEAVES_IN", PATIENCE)
    async with sitting(socket, "mia", MID) as mia:
        async with sitting(socket, "bob", MID) as bob:
            await meeting(mia, bob)
            email = mia.under_cursor()
            await opened(bob, email)
            await mia.until(lambda: "[bob]" in line(mia, email))
        await mia.until(lambda: "[bob]" not in line(mia, email), patience=20)
