"""At the start nothing is painted until there is something to see, and never for long nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from shinbox.tui import first_paint
from shinbox.tui.first_paint import FirstPaint
from tests.tui.lists import ListApp, folder, lines_drawn

SIZE = (60, 20)


async def test_what_happens_before_the_first_picture_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_paint, "LONGEST", 600.0)
    app = ListApp(folder(5))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j")
        drawn = lines_drawn(app, monkeypatch)
        held = FirstPaint(app)
        app.list.source = folder(1000)
        await pilot.pause()
        assert drawn == []
        held.show()
        await until(pilot, lambda: set(drawn) == set(range(SIZE[1])))


async def test_who_has_waited_long_enough_sees_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_paint, "LONGEST", 0.05)
    app = ListApp(folder(5))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j")
        drawn = lines_drawn(app, monkeypatch)
        held = FirstPaint(app)
        app.list.source = folder(1000)
        await until(pilot, lambda: drawn)
        held.show()
        await pilot.press("j")
        await until(pilot, lambda: app.list.cursor == 1)


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        await pilot.pause(0.01)
    await pilot.pause()
