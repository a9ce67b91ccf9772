"""The reader shows texts of any length and lets nothing through."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.strip import Strip

from shinbox.tui.look import LookApp
from shinbox.tui.widgets.reader import PORTION, Reader
from tests.tui.person import until


class ReaderApp(LookApp):
    def compose(self) -> ComposeResult:
        yield Reader()

    @property
    def reader(self) -> Reader:
        return self.query_one(Reader)

    def lines(self) -> list[str]:
        return [self.reader.render_line(y).text.rstrip() for y in range(self.reader.size.height)]


async def test_a_text_is_shown_from_its_beginning_and_keys_move_through_it() -> None:
    app = ReaderApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.reader.show([(f"line {number}", "") for number in range(100)])
        app.reader.focus()
        await until(pilot, lambda: app.lines()[0] == " line 0")
        await pilot.press("space")
        await until(pilot, lambda: app.lines()[0] == " line 9")
        await pilot.press("G")
        await until(pilot, lambda: app.lines()[-1] == " line 99")
        await pilot.press("home", "j")
        await until(pilot, lambda: app.lines()[0] == " line 1")


async def test_a_new_text_begins_at_the_top() -> None:
    app = ReaderApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.reader.show([(f"line {number}", "") for number in range(100)])
        app.reader.focus()
        await until(pilot, lambda: app.reader.max_scroll_y)
        await pilot.press("G")
        await until(pilot, lambda: app.reader.scroll_offset.y)
        app.reader.show([("hello", "")])
        await until(pilot, lambda: app.lines()[0] == " hello")


async def test_a_text_that_is_shown_is_not_drawn_again_and_begins_at_the_top(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = ReaderApp()
    text = [(f"line {number}", "") for number in range(100)]
    async with app.run_test(size=(60, 10)) as pilot:
        app.reader.show(text)
        await until(pilot, lambda: app.lines()[0] == " line 0")
        drawn: list[int] = []
        draw = app.reader.render_line

        def watched(y: int) -> Strip:
            drawn.append(y)
            return draw(y)

        monkeypatch.setattr(app.reader, "render_line", watched)
        app.reader.show(list(text))
        await pilot.pause()
        assert drawn == []
        app.reader.focus()
        await pilot.press("G")
        await until(pilot, lambda: app.reader.scroll_offset.y)
        app.reader.show(list(text))
        assert app.reader.scroll_offset.y == 0


async def test_a_huge_text_is_there_at_once_and_wrapped_to_its_end_by_and_by() -> None:
    app = ReaderApp()
    async with app.run_test(size=(60, 10)) as pilot:
        total = 3 * PORTION + 5
        app.reader.show([(f"line {number}", "") for number in range(total)])
        assert app.reader.lines == PORTION
        await until(pilot, lambda: app.reader.lines == total)
        assert app.lines()[0] == " line 0"


async def test_a_resize_wraps_anew() -> None:
    app = ReaderApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.reader.show([("word " * 30, "")])
        await pilot.pause()
        wide = app.reader.lines
        await pilot.resize_terminal(30, 10)
        await until(pilot, lambda: app.reader.lines > wide)


async def test_a_hostile_text_cannot_reach_the_terminal() -> None:
    app = ReaderApp()
    async with app.run_test(size=(60, 10)) as pilot:
        app.reader.show([("\x1b]52;c;aGk=\x07[/]a\x9b2Jb\u202e", "")])
        await until(pilot, lambda: "[/]a" in app.lines()[0])
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set("".join(app.lines()))
