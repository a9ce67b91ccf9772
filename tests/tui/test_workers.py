"""Work that is taken back before it has begun leaves nothing behind."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any

from shinbox.tui.look import LookApp


class Begins(LookApp):
    """An app that begins work of which one piece takes the place of another."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[int] = []
        self.begun: list[Coroutine[Any, Any, None]] = []

    async def _show(self, number: int) -> None:
        await asyncio.sleep(0)
        self.done.append(number)

    def show(self, number: int) -> None:
        self.begun.append(self._show(number))
        self.run_worker(self.begun[-1], exclusive=True, group="read")


async def test_work_that_another_replaces_before_it_has_begun_is_closed_and_the_other_done() -> None:
    app = Begins()
    async with app.run_test() as pilot:
        app.show(1)
        app.show(2)
        async with asyncio.timeout(20):
            while not app.done:
                await pilot.pause()
        assert app.done == [2]
        assert [inspect.getcoroutinestate(work) for work in app.begun] == [inspect.CORO_CLOSED] * 2


async def test_work_that_the_end_of_the_program_takes_away_is_closed() -> None:
    app = Begins()
    async with app.run_test():
        app.show(1)
        app.exit()
    assert inspect.getcoroutinestate(app.begun[0]) == inspect.CORO_CLOSED
