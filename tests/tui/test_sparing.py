"""A step of the cursor goes through the lines that change, not through every line of every pane."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from shinbox.tui.look import LookApp
from shinbox.tui.sparing import SparingScreen
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.lists import COLUMNS, folder

SIZE = (60, 20)


class TwoPanes(SparingScreen):
    DEFAULT_CSS = "TwoPanes VirtualList, TwoPanes Static { width: 1fr; height: 1fr; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield VirtualList(COLUMNS, folder(100))
            yield Static("beside it\n" * 20)


class PanesApp(LookApp):
    def get_default_screen(self) -> Screen[None]:
        return TwoPanes()


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Region]]:
    """Grows by each part of a widget that is rendered."""
    parts: list[Region] = []
    render = Widget.render_lines

    def watched(widget: Widget, crop: Region) -> list[Strip]:
        parts.append(crop)
        return render(widget, crop)

    monkeypatch.setattr(Widget, "render_lines", watched)
    yield parts


async def test_a_step_of_the_cursor_renders_two_lines(rendered: list[Region]) -> None:
    async with PanesApp().run_test(size=SIZE) as pilot:
        pilot.app.screen.query_one(VirtualList).focus()
        await pilot.press("j", "j")
        compositor = pilot.app.screen._compositor
        before = [strip.text for strip in compositor.render_strips()]
        assert "about m1" in before[1] and "beside it" in before[1]
        rendered.clear()
        chops = compositor._render_chops(Region(0, 1, SIZE[0], 2), lambda y: y in (1, 2))
        assert len(rendered) > 2
        assert {part.height for part in rendered} == {2}
        assert [Strip.join(chop.values()).text for chop in chops[1:3]] == before[1:3]
        assert [strip.text for strip in compositor.render_strips()] == before


async def test_what_lies_behind_the_list_is_not_rendered(rendered: list[Region]) -> None:
    async with PanesApp().run_test(size=SIZE) as pilot:
        pilot.app.screen.query_one(VirtualList).focus()
        await pilot.press("j")
        compositor = pilot.app.screen._compositor
        before = [strip.text for strip in compositor.render_strips()]
        rendered.clear()
        chops = compositor._render_chops(Region(0, 1, 10, 2), lambda y: y in (1, 2))
        assert len(rendered) == 1
        drawn = [next(iter(chop.values())).text for chop in chops[1:3]]
        assert "about m1" in drawn[0]
        assert drawn == [line[: len(text)] for line, text in zip(before[1:3], drawn, strict=True)]


async def test_in_a_batch_nothing_is_rendered_that_would_be_thrown_away(rendered: list[Region]) -> None:
    async with PanesApp().run_test(size=SIZE) as pilot:
        await pilot.pause()
        rendered.clear()
        with pilot.app.batch_update():
            pilot.app.screen._refresh_layout()
            await pilot.pause()
            assert rendered == []
