"""A screen that is closed: what it had begun ends before its parts are taken away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import WorkerCancelled

from shinbox.tui.look import CRASHED, LookApp


class SlowToGo(Static):
    """A part that goes only when it is let go, as on a machine that has much to do."""

    def __init__(self) -> None:
        super().__init__("part")
        self.may_go = asyncio.Event()

    async def on_unmount(self) -> None:
        await self.may_go.wait()


class Asking(Screen[None]):
    """Asks for something and shows the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.slow, self.answer, self.after = SlowToGo(), asyncio.Event(), ""

    def compose(self) -> ComposeResult:
        yield Static("", id="answer")
        yield self.slow

    async def ask(self) -> None:
        await self.answer.wait()
        self.query_one("#answer", Static).update("here it is")

    async def close(self) -> None:
        self.dismiss(None)
        self.after = "closed"


async def gone(app: LookApp, part: Widget) -> None:
    while part.is_attached:  # noqa: ASYNC110 -- Textual tells nobody of this moment.
        await asyncio.sleep(0)
    assert app.screen.id == "_default"


async def test_an_answer_that_comes_while_a_screen_is_taken_away_is_for_nobody() -> None:
    app, screen = LookApp(), Asking()
    async with app.run_test() as pilot:
        await app.push_screen(screen)
        answer = screen.query_one("#answer")
        asked = screen.run_worker(screen.ask())
        by_a_part = answer.run_worker(screen.ask())
        await pilot.pause()
        screen.dismiss(None)
        await gone(app, answer)
        assert screen.is_attached, "it waits for its slow part"
        screen.answer.set()
        try:
            for worker in (asked, by_a_part):
                with pytest.raises(WorkerCancelled):
                    await worker.wait()
        finally:
            screen.slow.may_go.set()


async def test_an_answer_that_comes_while_the_program_ends_is_for_nobody() -> None:
    app, screen = LookApp(), Asking()

    async def late(part: Widget) -> None:
        while part.is_attached:  # noqa: ASYNC110 -- Textual tells nobody of this moment.
            await asyncio.sleep(0)
        screen.answer.set()
        screen.slow.may_go.set()

    async with app.run_test() as pilot:
        await app.push_screen(screen)
        asked = screen.run_worker(screen.ask())
        await pilot.pause()
        answering = asyncio.create_task(late(screen.query_one("#answer")))
    await answering
    assert asked.is_cancelled


async def test_who_finds_its_screen_gone_because_the_program_ends_is_no_crash() -> None:
    app, screen = LookApp(), Asking()
    async with app.run_test():
        screen.slow.may_go.set()
        await app.push_screen(screen)
        await screen.query_one("#answer").remove()
        app.exit(return_code=3)
        app.call_later(screen.ask)
        screen.answer.set()
    assert app.return_code == 3


async def test_who_finds_a_part_missing_while_the_program_runs_ends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app, screen = LookApp(), Asking()
    with pytest.raises(NoMatches):
        async with app.run_test():
            screen.slow.may_go.set()
            await app.push_screen(screen)
            await screen.query_one("#answer").remove()
            screen.answer.set()
            app.call_later(screen.ask)
    assert app.return_code == CRASHED


async def test_the_worker_that_closes_its_screen_says_its_last_word() -> None:
    app, screen = LookApp(), Asking()
    async with app.run_test() as pilot:
        screen.slow.may_go.set()
        await app.push_screen(screen)
        closing = screen.run_worker(screen.close())
        await app.workers.wait_for_complete([closing])
        await pilot.pause()
        assert screen.after == "closed"


async def test_what_other_screens_do_goes_on() -> None:
    app, below, above = LookApp(), Asking(), Asking()
    async with app.run_test() as pilot:
        above.slow.may_go.set()
        below.slow.may_go.set()
        await app.push_screen(below)
        asked = below.run_worker(below.ask())
        await app.push_screen(above)
        above.dismiss(None)
        below.answer.set()
        await app.workers.wait_for_complete([asked])
        await pilot.pause()
        assert str(below.query_one("#answer", Static).render()) == "here it is"
