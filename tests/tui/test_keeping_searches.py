"""Searches under a name on the real front: kept, run, renamed, forgotten, broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from shinbox.tui.everywhere import Everywhere
from shinbox.tui.screens.ask import AskScreen
from shinbox.tui.screens.choose import ChooseScreen
from tests.tui.person import Person, sitting

NARROW, MID = (80, 24), (120, 40)


def sidebar(person: Person) -> list[str]:
    source = person.main.folders.source
    return [row.cells["name"] for line in range(source.total) if (row := source.row(line)) is not None]


async def keep(person: Person, words: str, name: str) -> None:
    await person.main.run_command(f"search {words}")
    await person.until(lambda: person.view.is_search and person.view.known)
    await person.press("g", "k")
    await person.until(lambda: isinstance(person.app.screen, AskScreen))
    person.app.screen.query_one(Input).value = name
    await person.press("enter")
    await person.until(lambda: person.app.screen is person.main)


@pytest.mark.parametrize("size", [NARROW, MID], ids=["80x24", "120x40"])
async def test_a_search_is_kept_and_run_from_the_sidebar_and_from_the_boxes(
    socket: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "bob", size, tmp_path / "drafts") as bob:
        await keep(bob, "is:flagged", "Mine")
        await bob.until(lambda: bob.notice == "Kept the search “Mine”")
        finds = bob.view.ids()
        await bob.press("escape")
        assert sidebar(bob)[-2:] == ["Searches", "Mine"]
    async with sitting(socket, "bob", size, tmp_path / "drafts") as bob:
        await bob.until(lambda: "Mine" in sidebar(bob))
        where = bob.under_cursor()
        await bob.press("g", "b")
        bob.main.folders.move_to_id("search:Mine")
        await bob.press("enter")
        await bob.until(lambda: bob.view.is_search and bob.view.ids() == finds)
        assert "found: Mine" in bob.title()
        await bob.press("escape")
        assert bob.under_cursor() == where
        for box in (("g", "m"), ("g", "v")):
            await bob.press(*box)
            await bob.choose("Mine")
            await bob.until(lambda: bob.view.is_search and bob.view.ids() == finds)
            await bob.press("escape")
    async with sitting(socket, "mia", size, tmp_path / "drafts") as mia:
        await mia.until(lambda: mia.main._kept)
        assert "Searches" not in sidebar(mia)


async def test_a_search_of_all_mailboxes_is_kept_as_such(socket: Path, tmp_path: Path) -> None:
    async with sitting(socket, "bob", MID, tmp_path / "drafts") as bob:
        await bob.main.run_command("everywhere lamp")
        await bob.until(lambda: isinstance(bob.view, Everywhere) and bob.view.known)
        await bob.main.run_command("keep-search Lamps")
        await bob.until(lambda: "Lamps" in sidebar(bob))
        await bob.press("escape")
        await bob.main.run_command("kept-search lamps")
        await bob.until(lambda: isinstance(bob.view, Everywhere) and bob.view.known)


async def test_a_name_that_is_taken_is_said_and_renaming_and_forgetting_have_an_undo(
    socket: Path, tmp_path: Path
) -> None:
    async with sitting(socket, "bob", MID, tmp_path / "drafts") as bob:
        await keep(bob, "is:flagged", "One")
        await bob.until(lambda: "One" in sidebar(bob))
        await keep(bob, "is:unread", "one")
        await bob.until(lambda: "There is a search “one” already" in bob.notice)
        await bob.main.run_command("rename-search One")
        await bob.until(lambda: isinstance(bob.app.screen, AskScreen))
        bob.app.screen.query_one(Input).value = "Two"
        await bob.press("enter")
        await bob.until(lambda: "Two" in sidebar(bob))
        await bob.press("z")
        await bob.until(lambda: "One" in sidebar(bob))
        await bob.main.run_command("forget-search One")
        await bob.until(lambda: "One" not in sidebar(bob))
        await bob.press("z")
        await bob.until(lambda: "One" in sidebar(bob))


async def test_a_search_whose_mailbox_or_words_are_gone_is_grey_and_says_why(
    socket: Path, tmp_path: Path
) -> None:
    start = f'[[search]]\ndesk = "unix:{socket}"\nuser = "bob"\n'
    (tmp_path / "searches.toml").write_text(
        f'{start}name = "Gone"\nwords = "x"\nmailbox = "hr@halden.example"\n'
        f'{start}name = "Odd"\nwords = "is:purple"\nscope = "everywhere"\n'
        f"{start}\n"
    )
    async with sitting(socket, "bob", MID, tmp_path / "drafts") as bob:
        await bob.until(lambda: "search 3: it has no name" in bob.notice)
        assert sidebar(bob)[-2:] == ["Gone", "Odd"]
        source = bob.main.folders.source
        assert {row.tone for line in (-2, -1) if (row := source.row(source.total + line))} == {"muted"}
        await bob.main.run_command("kept-search Gone")
        assert bob.notice.startswith("“Gone” cannot be run: hr@halden.example is not shared with you")
        await bob.main.run_command("kept-search Odd")
        assert "is:purple is not known" in bob.notice
        await bob.press("g", "v")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.press("escape")
