"""Files, links and source on the real front, by the keys that the table names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.timer import Timer
from textual.widgets import Static

from shinbox.terms import Role
from shinbox.tui import opening
from shinbox.tui.screens.ask import AskScreen
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.picture import PictureScreen
from shinbox.tui.widgets.picture_view import PictureView
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import Person, sitting

ORDER = "with drawings"
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir() if path.is_file()]


async def pick(person: Person, text: str) -> None:
    """Take what fits in the box that is open now, and wait for the box to go."""
    await person.until(lambda: isinstance(person.app.screen, ChooseScreen))
    box = person.app.screen
    await person.press(*text, "enter")
    await person.until(lambda: person.app.screen is not box)


async def on_a_file(person: Person) -> None:
    with_file = next(id_ for id_ in person.view.ids() if person.email(id_).has_attachment)
    person.main.messages.move_to_id(with_file)
    await person.pilot.pause()
    await person.press("A")


@SIZES
async def test_a_file_is_saved_into_the_chosen_folder(
    socket: Path, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with sitting(socket, "alice", size) as alice:
        await on_a_file(alice)
        await pick(alice, "1")
        await pick(alice, "save")
        await pick(alice, "here")
        await alice.until(lambda: alice.notice.startswith("Saved"))
        assert [bool(data) for data in contents(tmp_path)] == [True]


async def at_the_order(person: Person) -> None:
    """On sales' message with three files: order.pdf, positions.csv and a picture."""
    sales = next(account for account in person.main.desk.accounts.values() if "sales" in account.name)
    inbox = sales.by_role(Role.INBOX)
    assert inbox is not None
    person.main.open_folder(sales.id, inbox.id)
    await person.until(lambda: person.main.account == sales.id and person.view.known)
    await person.until(lambda: any(ORDER in (person.email(id_).subject or "") for id_ in person.view.ids()))
    person.main.messages.move_to_id(
        next(id_ for id_ in person.view.ids() if ORDER in (person.email(id_).subject or ""))
    )
    await person.pilot.pause()
    person.main.messages.focus()


async def test_all_files_are_saved_together_each_under_its_safe_name(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with sitting(socket, "alice", (120, 40)) as alice:
        await at_the_order(alice)
        await alice.press("A")
        await pick(alice, "save all")
        await pick(alice, "here")
        await alice.until(lambda: alice.notice.startswith("Saved"))
        assert {"positions.csv", "façade – été.png"} <= set(names(tmp_path))


async def test_what_is_there_is_not_said_to_be_fetched_by_a_busy_screen(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "alice", (80, 24)) as alice:
        main, late = alice.main, list[Callable[[], None]]()
        interval = main.set_interval

        def ask(seconds: float, tell: Callable[[], None]) -> Timer:
            late.append(tell)
            return interval(seconds, tell)

        monkeypatch.setattr(main, "set_interval", ask)
        with main._telling("Fetching it …"):
            late[0]()
            assert alice.notice == "Fetching it …"
        main.notice.say("Saved it")
        late[0]()
        assert alice.notice == "Saved it"


@SIZES
async def test_a_table_is_looked_at_in_columns(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "alice", size) as alice:
        await at_the_order(alice)
        await alice.press("A")
        await pick(alice, "positions")
        await pick(alice, "look")
        await alice.until(lambda: "Bris pendant │ 40" in alice.reader())


@SIZES
async def test_a_picture_is_looked_at_and_left_again(
    socket: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("textual_image")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    async with sitting(socket, "alice", size) as alice:
        await at_the_order(alice)
        await alice.press("A")
        await pick(alice, "png")
        await pick(alice, "look")
        await alice.until(lambda: isinstance(alice.app.screen, PictureScreen))
        assert "48 x 32 PNG" in str(alice.app.screen.query_one("#about", Static).render())
        view = alice.app.screen.query_one(PictureView)
        assert any("▀" * 48 in view.render_line(y).text for y in range(view.size.height))
        await alice.press("escape")
        await alice.until(lambda: alice.app.screen is alice.main)


async def test_over_ssh_a_picture_is_greyed_with_what_to_do(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    async with sitting(socket, "alice", (120, 40)) as alice:
        await at_the_order(alice)
        await alice.press("A")
        await pick(alice, "png")
        await alice.until(lambda: isinstance(alice.app.screen, ChooseScreen))
        row = alice.app.screen.query_one(VirtualList).source.row(0)
        assert row is not None and row.cells["note"].startswith("Over SSH pictures are not shown")


async def test_a_file_is_opened_by_its_handler_and_goes_when_that_has_ended(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "HANDED_OVER_SECONDS", 0.0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    seen = tmp_path / "seen"
    viewer = tmp_path / "viewer"
    viewer.write_text(f'#!/bin/sh\ncat "$1" > {seen}\n')
    viewer.chmod(0o755)
    async with sitting(socket, "alice", (120, 40)) as alice:
        handlers = {"text/*": str(viewer)}
        alice.main.settings = replace(alice.main.settings, handlers=handlers, open_over_ssh=True)
        await at_the_order(alice)
        await alice.press("A")
        await pick(alice, "positions")
        await pick(alice, "open")
        await alice.until(lambda: alice.notice.startswith("Opened positions.csv with"))
        await alice.until(lambda: seen.exists() and b"Bris pendant" in seen.read_bytes())
        await alice.until(lambda: not list((tmp_path / "t").rglob("positions.csv")))


async def test_a_program_that_has_nothing_for_a_file_is_not_said_to_have_opened_it(socket: Path) -> None:
    async with sitting(socket, "alice", (120, 40)) as alice:
        alice.main.settings = replace(alice.main.settings, handlers={"*": "false"}, open_over_ssh=True)
        await at_the_order(alice)
        await alice.press("A")
        await pick(alice, "positions")
        await pick(alice, "open")
        await alice.until(lambda: alice.notice.startswith("false cannot open this: name a program for text/"))


async def test_a_file_is_piped_to_a_command(socket: Path) -> None:
    async with sitting(socket, "alice", (120, 40)) as alice:
        await at_the_order(alice)
        await alice.press("A")
        await pick(alice, "positions")
        await pick(alice, "pipe")
        await alice.until(lambda: isinstance(alice.app.screen, AskScreen))
        await alice.press(*"wc -l", "enter")
        await alice.until(lambda: "wc -l" in alice.reader() and "3" in alice.reader())


@pytest.mark.parametrize(("kind", "ending"), [("conversation, text", "txt"), ("conversation, EML", "eml")])
async def test_a_whole_conversation_is_written_down(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, ending: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with sitting(socket, "alice", (120, 40)) as alice:
        await alice.press("S")
        await pick(alice, kind)
        await pick(alice, "here")
        await alice.until(lambda: alice.notice.startswith("Saved"))
        assert [name.rpartition(".")[2] for name in names(tmp_path)] == [ending] * len(names(tmp_path)) != []


async def test_a_message_is_saved_as_the_reader_shows_it(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with sitting(socket, "alice", (120, 40)) as alice:
        await alice.press("S")
        await pick(alice, "as the reader")
        await pick(alice, "here")
        await alice.until(lambda: alice.notice.startswith("Saved"))
        [data] = contents(tmp_path)
        assert b"From" in data and b"\x1b" not in data


async def test_the_source_is_shown_piped_and_saved_as_eml(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with sitting(socket, "alice", (120, 40)) as alice:
        await alice.press("g", "s")
        await alice.until(lambda: "Message-ID" in alice.reader())
        await alice.press("escape", "|")
        await alice.until(lambda: alice.app.screen is not alice.main)
        await alice.press(*"grep Message-ID: | wc -l", "enter")
        await alice.until(lambda: alice.reader().split()[-1:] == ["1"])
        await alice.press("escape", "S")
        await pick(alice, "eml")
        await pick(alice, "here")
        await alice.until(lambda: alice.notice.startswith("Saved"))
        assert b"Message-ID" in contents(tmp_path)[0]


async def test_news_of_the_list_do_not_take_away_what_is_looked_at(socket: Path) -> None:
    async with sitting(socket, "alice", (120, 40)) as alice:

        def nothing_is_read() -> bool:
            reads = [work for work in alice.main.workers if work.group == "read" and not work.is_finished]
            return not alice.main.is_about_to_read and not reads

        await alice.press("g", "s")
        await alice.until(lambda: "Message-ID" in alice.reader())
        await alice.main.refresh_view()
        await alice.until(nothing_is_read)
        assert "Message-ID" in alice.reader()
        alice.main.messages.focus()
        await alice.press("j")
        await alice.until(lambda: alice.main.reading and "Message-ID" not in alice.reader())


async def test_a_link_is_copied_as_where_it_leads(socket: Path) -> None:
    async with sitting(socket, "alice", (120, 40)) as alice:
        alice.main.messages.focus()
        for _ in range(40):
            await alice.press("ctrl+l")
            await alice.until(lambda: alice.notice or isinstance(alice.app.screen, ChooseScreen))
            if isinstance(alice.app.screen, ChooseScreen):
                break
            alice.main.notice.clear()
            await alice.press("j")
        await pick(alice, "")
        await pick(alice, "copy")
        await alice.until(lambda: alice.notice == f"Copied {alice.app.clipboard}")
        assert ":" in alice.app.clipboard
