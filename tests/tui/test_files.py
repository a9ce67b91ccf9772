"""Choosing files of this machine: folders, hidden files, sizes, several at once, paths that are typed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from shinbox.tui.look import LookApp
from shinbox.tui.screens import files
from shinbox.tui.screens.choose import Choice
from shinbox.tui.screens.files import FilesScreen, entries
from shinbox.tui.typed_ahead import take_in
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import PATIENCE

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])


def rows(screen: FilesScreen) -> list[str]:
    source = screen.query_one(VirtualList).source
    return [str(row.cells["name"]) for at in range(source.total) if (row := source.row(at))]


class Chooser:
    """A box over an empty app, and what came of it."""

    def __init__(self, screen: FilesScreen, pilot: Pilot[None]) -> None:
        self.screen = screen
        self.pilot = pilot
        self.result: list[str | None] = []

    async def press(self, *keys: str) -> None:
        """Press keys, each when all is done that the one before began."""
        for key in keys:
            await self.pilot.press(key)
            await self.settled()

    async def type(self, text: str) -> None:
        self.screen.query_one(LineField).value = text
        await self.settled()

    async def settled(self) -> None:
        await take_in(self.pilot.app)
        await self.pilot.app.workers.wait_for_complete()
        await self.pilot.pause()

    @property
    def rows(self) -> list[str]:
        return rows(self.screen)

    @property
    def paths(self) -> list[str]:
        return [path.name for path in self.screen.paths]


@asynccontextmanager
async def choosing(folder: Path, size: tuple[int, int] = (80, 24), **options: Any) -> AsyncIterator[Chooser]:
    app = LookApp()
    async with app.run_test(size=size) as pilot:
        screen = FilesScreen("Which?", folder, **options)
        chooser = Chooser(screen, pilot)
        app.push_screen(screen, chooser.result.append)
        await pilot.pause()
        await chooser.settled()
        yield chooser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.txt").write_text("x" * 10)
    (tmp_path / "c.txt").write_text("x")
    (tmp_path / ".secret").write_text("x")
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "inner.pdf").write_text("x")
    return tmp_path


def test_a_folder_lists_folders_first_and_hidden_files_last(folder: Path) -> None:
    assert [choice.name for choice in entries(folder, files=True)] == ["z/", "b.txt", "c.txt", ".secret"]
    assert [choice.name for choice in entries(folder, files=False)] == ["z/"]


def test_what_is_no_file_and_no_folder_is_left_out(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "broken").symlink_to(folder / "none")
    assert {choice.name for choice in entries(folder, files=True)} == {"z/", "b.txt", "c.txt", ".secret"}


def test_a_file_that_is_too_large_says_so_before_anything_is_sent(folder: Path) -> None:
    found = entries(folder, files=True, too_large=lambda name, size: "Too large." if size > 5 else None)
    assert [choice.name for choice in found if choice.off] == ["b.txt"]


def test_a_folder_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    [only] = entries(tmp_path / "none", files=True)
    assert only.off == "This folder cannot be read: No such file or directory."


@SIZES
async def test_a_part_of_the_name_is_enough(folder: Path, size: tuple[int, int]) -> None:
    async with choosing(folder, size) as chooser:
        await chooser.press("b", ".", "t", "enter")
        assert chooser.paths == ["b.txt"]


async def test_a_path_typed_faster_than_folders_are_read_shows_the_last_one(folder: Path) -> None:
    path = f"{folder}/z/inn"
    async with choosing(folder) as chooser:
        field = chooser.screen.query_one(LineField)
        for length in range(1, len(path) + 1):
            field.value = path[:length]
        await chooser.settled()
        assert chooser.rows == ["inner.pdf"]
        assert field.value == path


async def test_enter_on_a_path_that_leads_nowhere_says_so_and_stays(folder: Path) -> None:
    async with choosing(folder, folders=True) as chooser:
        await chooser.type(f"{folder}/none-such")
        await chooser.press("enter")
        assert chooser.result == []
        [told] = chooser.pilot.app._notifications
        assert told.message.startswith(f"There is no {folder}/none-such:")


async def test_a_name_typed_before_the_folder_is_read_is_not_lost(folder: Path) -> None:
    async with choosing(folder) as chooser:
        chooser.screen._go(folder)
        chooser.screen.query_one(LineField).value = "c.t"
        await chooser.settled()
        assert chooser.rows == ["c.txt"]
        await chooser.press("enter")
        assert chooser.paths == ["c.txt"]


async def test_enter_waits_for_a_folder_that_is_still_being_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = threading.Event()

    def slowly(*args: Any, **options: Any) -> list[Choice]:
        assert may_read.wait(PATIENCE)
        return entries(*args, **options)

    monkeypatch.setattr(files, "entries", slowly)
    app, screen = LookApp(), FilesScreen("Which?", folder)
    async with app.run_test() as pilot:
        app.push_screen(screen)
        await pilot.pause()
        screen.query_one(LineField).value = "b.t"
        taking = asyncio.ensure_future(screen.action_take())
        await pilot.pause()
        assert not taking.done()
        may_read.set()
        await taking
        assert [path.name for path in screen.paths] == ["b.txt"]


async def test_enter_goes_into_a_folder_and_up_again(folder: Path) -> None:
    async with choosing(folder) as chooser:
        await chooser.press("z", "enter")
        assert chooser.rows == ["..", "inner.pdf"]
        await chooser.press("enter")
        assert "z/" in chooser.rows


async def test_hidden_files_are_shown_on_demand(folder: Path) -> None:
    async with choosing(folder) as chooser:
        assert chooser.rows[-1] == "… 1 hidden" and ".secret" not in chooser.rows
        await chooser.press(".")
        assert ".secret" in chooser.rows
        await chooser.press("s", "e", "enter")
        assert chooser.paths == [".secret"]


async def test_several_files_are_marked_with_tab_and_taken_together(folder: Path) -> None:
    async with choosing(folder) as chooser:
        await chooser.press("down", "down", "tab", "tab")
        assert "2 files marked" in str(chooser.screen.query_one("#box").border_subtitle)
        await chooser.press("enter")
        assert chooser.paths == ["b.txt", "c.txt"]


async def test_marks_outlast_another_search_and_another_folder(folder: Path) -> None:
    async with choosing(folder) as chooser:
        await chooser.press("b", ".", "tab")
        await chooser.type("")
        await chooser.press("z", "enter")
        await chooser.press("down", "tab", "enter")
        assert chooser.paths == ["b.txt", "inner.pdf"]


async def test_a_folder_is_never_marked(folder: Path) -> None:
    async with choosing(folder) as chooser:
        await chooser.press("down", "tab")
        assert not chooser.screen.query_one(VirtualList).marks


async def test_a_path_is_followed_while_it_is_typed(folder: Path) -> None:
    async with choosing(Path("/")) as chooser:
        await chooser.type(f"{folder}/z/")
        assert "inner.pdf" in chooser.rows
        await chooser.type(f"{folder}/z/inn")
        await chooser.press("enter")
        assert chooser.paths == ["inner.pdf"]


async def test_a_tilde_is_home_and_nobodys_home_is_no_accident(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    async with choosing(Path("/")) as chooser:
        await chooser.type("~/")
        assert "b.txt" in chooser.rows
        await chooser.type("~nobody-of-that-name/x")
        await chooser.type("~/c.txt")
        await chooser.press("enter")
        assert chooser.paths == ["c.txt"]


async def test_a_click_takes_a_file(folder: Path) -> None:
    async with choosing(folder) as chooser:
        await chooser.pilot.click(chooser.screen.query_one(VirtualList), offset=(5, 3))
        await chooser.settled()
        assert chooser.paths == ["c.txt"]


async def test_a_click_with_ctrl_marks_and_enter_takes_what_is_marked(folder: Path) -> None:
    async with choosing(folder) as chooser:
        found = chooser.screen.query_one(VirtualList)
        await chooser.pilot.click(found, offset=(5, 2), control=True)
        await chooser.press("enter")
        assert chooser.paths == ["b.txt"]


async def test_where_a_folder_is_wanted_here_means_this_one(folder: Path) -> None:
    async with choosing(folder, folders=True) as chooser:
        assert chooser.rows == ["here", "..", "z/"]
        await chooser.press("enter")
        assert chooser.result == [str(folder)]


async def test_a_name_full_of_escapes_is_drawn_harmlessly(folder: Path) -> None:
    (folder / "a\x1b]0;x\x07.txt").write_text("x")
    async with choosing(folder) as chooser:
        found = chooser.screen.query_one(VirtualList)
        assert not any("\x1b" in found.render_line(y).text for y in range(found.size.height))
