"""A screen that renders no more than it paints: what it paints later is whole."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.widgets import Static

from shinbox.tui.sparing import SparingScreen


class Panes(SparingScreen):
    CSS = "Horizontal { height: 1 } Horizontal Static { width: 10 }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("left")
            yield Static("right")
        yield Static("below")


async def test_what_is_painted_after_a_part_is_whole() -> None:
    async with App[None]().run_test(size=(20, 4)) as pilot:
        screen = Panes()
        await pilot.app.push_screen(screen)
        await pilot.pause()
        compositor = screen._compositor
        compositor._cuts = None
        compositor._render_chops(Region(0, 1, 20, 1), lambda line: line == 1)
        seen = ["".join(segment.text for segment in line).strip() for line in compositor.render_strips()]
        assert seen[:2] == ["left      right", "below"]
