"""What takes long is told; what is over is not told any more, however busy the screen is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from shinbox.tui import under_way
from shinbox.tui.look import LookApp
from shinbox.tui.under_way import told_late
from tests.tui.person import PATIENCE


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_way, "SHOWN_AFTER", 0.05)


async def test_what_takes_long_is_told_once() -> None:
    app, told, heard = LookApp(), list[str](), asyncio.Event()

    def tell() -> None:
        told.append("loading")
        heard.set()

    async with app.run_test() as pilot:
        with told_late(app.screen, tell):
            await asyncio.wait_for(heard.wait(), PATIENCE)
        await pilot.pause()
    assert told == ["loading"]


async def test_what_is_over_before_the_screen_comes_to_telling_it_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, told = LookApp(), list[str]()
    async with app.run_test() as pilot:
        screen, busy, free, asked = app.screen, asyncio.Event(), asyncio.Event(), asyncio.Event()
        call_next = screen.call_next

        async def work() -> None:
            busy.set()
            await free.wait()

        def ask(callback: Callable[[], None]) -> None:
            call_next(callback)
            asked.set()

        screen.call_later(work)
        await asyncio.wait_for(busy.wait(), PATIENCE)
        monkeypatch.setattr(screen, "call_next", ask)
        with told_late(screen, lambda: told.append("loading")):
            await asyncio.wait_for(asked.wait(), PATIENCE)
        free.set()
        await pilot.pause()
        assert not screen._next_callbacks
    assert told == []
