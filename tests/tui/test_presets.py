"""Each preset, with real keys: what TUI.md's table says of aerc, neomutt and shinbox's own keys, they do.

Each key of a column of the study is pressed in the app, and its effect is looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shinbox.terms import Keyword
from shinbox.tui.commands import command_names
from shinbox.tui.keymap import PRESETS
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.command_line import CommandScreen
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.help import HelpScreen
from tests.tui.person import Person, sitting

Act = Callable[[Person], Awaitable[None]]
Effect = Callable[[Person, Act], Awaitable[None]]


async def _home(p: Person) -> None:
    """The inbox, its first line, nothing marked, no box."""
    if p.app.screen is not p.main:
        p.app.pop_screen()
        await p.until(lambda: p.app.screen is p.main)
    p.main.notice.clear()
    p.main.remove_class("-reading")
    p.main.do_go_inbox()
    await p.until(lambda: p.view.known and p.main.messages.cursor_row is not None)
    p.main.messages.move_to(0)
    p.main.messages.focus()
    await p.pilot.pause()


def _moves(start: int, goes: Callable[[Person, int], bool]) -> Effect:
    async def effect(p: Person, act: Act) -> None:
        p.main.messages.move_to(start)
        await act(p)
        await p.until(lambda: goes(p, p.main.messages.cursor))

    return effect


def _says(*words: str) -> Effect:
    async def effect(p: Person, act: Act) -> None:
        await act(p)
        await p.until(
            lambda: any(word in p.notice for word in words) or isinstance(p.app.screen, ChooseScreen)
        )

    return effect


def _shows(kind: type, title: str = "") -> Effect:
    async def effect(p: Person, act: Act) -> None:
        await act(p)
        await p.until(lambda: isinstance(p.app.screen, kind))
        assert not title or title in p.app.screen._title  # type: ignore[attr-defined]  # of a box
        if kind is ComposeScreen:
            await p.press("ctrl+s", "d")
            await p.until(lambda: p.app.screen is p.main)

    return effect


async def _opens(p: Person, act: Act) -> None:
    await act(p)
    assert p.main.has_class("-reading")


async def _goes_back(p: Person, act: Act) -> None:
    await p.press("enter")
    assert p.main.has_class("-reading")
    await act(p)
    assert not p.main.has_class("-reading")


async def _folder_changes(p: Person, act: Act) -> None:
    p.main.do_go_sent()
    before = p.main.folder
    await act(p)
    assert p.main.folder != before


async def _marks_one(p: Person, act: Act) -> None:
    await act(p)
    assert p.main.messages.marks.count(p.main.messages.source.total) == 1
    p.main.messages.clear_marks()


async def _marks_two(p: Person, act: Act) -> None:
    await act(p)
    await p.press("j")
    assert p.main.messages.marks.count(p.main.messages.source.total) == 2
    p.main.messages.clear_marks()


async def _marks_all(p: Person, act: Act) -> None:
    await act(p)
    assert p.main.messages.marks.everything
    p.main.messages.clear_marks()


async def _leaves_and_returns(p: Person, act: Act) -> None:
    row = p.under_cursor()
    await act(p)
    await p.until(lambda: p.view.index_of(row) is None)
    await p.main.do_undo()
    await p.until(lambda: p.view.index_of(row) is not None)


async def _undoes(p: Person, act: Act) -> None:
    row = p.under_cursor()
    await p.main.action_act("message.archive")
    await p.until(lambda: p.view.index_of(row) is None)
    await act(p)
    await p.until(lambda: p.view.index_of(row) is not None)


def _turns(keyword: str) -> Effect:
    async def effect(p: Person, act: Act) -> None:
        row = p.under_cursor()
        before = keyword in p.email(row).keywords
        if keyword == Keyword.SEEN and before:
            await p.main.action_act("message.unread")
            await p.until(lambda: keyword not in p.email(row).keywords)
            before = False
        await act(p)
        await p.until(lambda: (keyword in p.email(row).keywords) is not before)

    return effect


async def _turns_unread(p: Person, act: Act) -> None:
    row = p.under_cursor()
    await p.main.action_act("message.read")
    await act(p)
    await p.until(lambda: Keyword.SEEN not in p.email(row).keywords)


async def _searches(p: Person, act: Act) -> None:
    await act(p)
    await p.until(lambda: p.main._bar is not None and p.main._bar.has_class("-shown"))
    await p.press("escape")
    await p.until(lambda: p.main.messages.has_focus)


def _finds(start: int, end: int) -> Effect:
    async def effect(p: Person, act: Act) -> None:
        await p.main.do_search("from:example")
        await p.until(lambda: p.view.is_search and p.view.known and p.view.total > 2)
        p.main.messages.move_to(start)
        await act(p)
        assert p.main.messages.cursor == end
        p.main.leave_search()

    return effect


async def _folds(p: Person, act: Act) -> None:
    p.main.conversations = True
    p.main.open_folder(p.main.account, p.main.folder)

    def folded() -> int | None:
        rows = [(at, p.main.messages.source.row(at)) for at in range(p.main.messages.source.total)]
        return next((at for at, row in rows if row is not None and row.fold == "shut"), None)

    await p.until(lambda: folded() is not None)
    at = folded() or 0
    p.main.messages.move_to(at)
    total = p.main.messages.source.total
    await act(p)
    await p.until(lambda: p.main.messages.source.total > total)
    p.main.messages.action_fold()
    await p.until(lambda: p.main.messages.source.total == total)


def _reviewed(said: str) -> Effect:
    async def effect(p: Person, act: Act) -> None:
        await p.main.action_act("message.reply")
        await p.until(lambda: isinstance(p.app.screen, ComposeScreen))
        await p.press("x", "ctrl+s")
        await p.until(lambda: p.app.screen.has_class("-review"))
        await act(p)
        await p.until(lambda: said in p.notice)

    return effect


SAME = None
"""As shinbox's own."""

TABLE: tuple[tuple[str, str, str | None, str | None, Effect], ...] = (
    # action, shinbox, aerc, neomutt, effect; keys of one action are parted by two spaces
    ("next", "j  down", SAME, SAME, _moves(0, lambda p, at: at == 1)),
    ("previous", "k  up", SAME, SAME, _moves(1, lambda p, at: at == 0)),
    ("first", "g g", "g", "=", _moves(3, lambda p, at: at == 0)),
    ("last", "G", "G", "*", _moves(0, lambda p, at: at == p.main.messages.source.total - 1)),
    ("half a page down", "ctrl+d", SAME, "]", _moves(0, lambda p, at: at > 1)),
    ("half a page up", "ctrl+u", SAME, "[", _moves(4, lambda p, at: at < 4)),
    ("open", "enter  o", "enter", "enter", _opens),
    ("back", "escape  q  u", "q", "q", _goes_back),
    ("next folder", "J", "J", "", _folder_changes),
    ("previous folder", "K", "K", "", _folder_changes),
    ("go to a folder", "g m", "c", "c", _shows(ChooseScreen, "Go where?")),
    ("compose", "c", "C  m", "m", _shows(ComposeScreen)),
    ("reply", "r", "R r", "r", _shows(ComposeScreen)),
    ("reply all", "a", "r r", "g", _shows(ComposeScreen)),
    ("forward", "f", "f", "f", _shows(ComposeScreen)),
    ("archive", "e", "a", "", _leaves_and_returns),
    ("delete", "#", "d  D", "d", _leaves_and_returns),
    ("undo", "z", "", "u", _undoes),
    ("move", "m  v", "", "s", _shows(ChooseScreen, "Move")),
    ("copy", "Y", "", "C", _shows(ChooseScreen, "Copy")),
    ("select", "x  space", "space  v", "t", _marks_one),
    ("select a range", "V", "V", "", _marks_two),
    ("select all", "*", "", "T", _marks_all),
    ("flag", "s", "", "F", _turns(Keyword.FLAGGED)),
    ("read", "I", "", "N", _turns(Keyword.SEEN)),
    ("unread", "U", "", "N", _turns_unread),
    ("search", "/", "/", "/", _searches),
    ("filter", "\\", "\\", "l", _searches),
    ("next hit", "n", "n", "n", _finds(0, 1)),
    ("previous hit", "N", "N", "", _finds(1, 0)),
    ("fold", "right  g f", "z a  tab", "alt+v", _folds),
    ("attachments", "A", "O  S", "v", _says("no files")),
    ("links", "ctrl+l", "ctrl+l", "", _says("no links")),
    ("send", "y", "y", "y", _reviewed("Sending")),
    ("keep as a draft", "p", "p", "P", _reviewed("Kept in Drafts")),
    ("command", ":", ":", ":", _shows(CommandScreen)),
    ("palette", "ctrl+p", "", "", _shows(ChooseScreen, "Do what?")),
    ("help", "?", "?", "?", _shows(HelpScreen)),
)


def _keys(column: str) -> list[list[str]]:
    return [keys.split(" ") for keys in column.split("  ") if keys]


@pytest.mark.timeout(400)  # some sixty keys, each with its effect
@pytest.mark.parametrize("preset", list(PRESETS))
async def test_each_key_of_the_study_does_what_it_says(socket: Path, preset: str) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        bob.main.take_settings(replace(bob.main.settings, keys=preset, conversations=False))
        wrong = []
        for name, own, aerc, mutt, effect in TABLE:
            column = {"gmail": own, "aerc": aerc, "mutt": mutt}[preset]
            for keys in _keys(own if column is SAME else column):
                await _home(bob)

                async def act(p: Person, keys: list[str] = keys) -> None:
                    await p.press(*keys)

                try:
                    await effect(bob, act)
                except AssertionError as error:
                    wrong.append(f"{' '.join(keys)} is not “{name}”: {str(error).splitlines()[0][:80]}")
        assert wrong == []


async def test_notices_footers_and_help_name_the_keys_of_the_preset(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        bob.main.take_settings(replace(bob.main.settings, keys="mutt"))
        await bob.press("e")
        offer = bob.main.notice.offer
        assert "u undo" in offer
        await bob.press("u")
        assert "m compose" in bob.footer()
        assert "g reply all" in bob.footer()
        await bob.press("m")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.press("x", "ctrl+s")
        review = str(bob.app.screen.query_one("#review-keys").render())
        assert "P keep as draft" in review
        await bob.press("d")
        await bob.until(lambda: bob.app.screen is bob.main)
        assert "u undo" in bob.main.notice.offer


def test_every_action_has_a_name_on_the_command_line() -> None:
    names = command_names()
    assert {"reply", "archive", "undo", "theme", "settings", "permission", "connection"} <= set(names)
