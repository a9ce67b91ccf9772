"""Somebody at the keyboard of the real app, in memory, at the real front of a desk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email
from shinbox.tui.app import ShinboxApp
from shinbox.tui.demo import Demo
from shinbox.tui.folder_view import FolderView
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.main import MainScreen
from shinbox.tui.widgets.bars import KeyFooter, TitleBar
from tests.tui.picture import take

PATIENCE = 60.0
"""Seconds until something has failed to come; only a failure takes as long, on a machine busy with others."""
ENDS_IN = 20.0
"""Seconds until what a test left behind is not waited for."""


async def until(pilot: Pilot[None], true: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for something to be so on the screen of any app."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"it did not happen; the screen:\n{take(pilot.app).text}"
        await pilot.pause(0.02)
    await pilot.pause()


class Person:
    """Somebody at the keyboard."""

    def __init__(self, app: ShinboxApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def main(self) -> MainScreen:
        return self.app.main

    async def press(self, *keys: str) -> None:
        """Press keys, until they have gone from the app to a field and what that says to its screen.

        Of a busy app the pilot does not wait for what it hands on.
        """
        await self.pilot.press(*keys)
        for _ in ("the field", "its screen"):
            await self.pilot._wait_for_screen()

    async def until(self, true: Callable[[], object], patience: float = PATIENCE) -> None:
        """Wait for something to be so: for all that the desk or a worker brings, before it is looked at."""
        await until(self.pilot, true, patience)

    async def found(self, words: str) -> None:
        """Wait for what these words find: to who types slowly, the finds of some are shown meanwhile."""

        def is_found() -> bool:
            said = self.main.search_words()
            return said.endswith(f": {words}") and not said.startswith("searching")

        await self.until(is_found)

    @property
    def view(self) -> FolderView:
        assert self.main.view is not None
        return self.main.view

    def email(self, email_id: str) -> Email:
        found = self.view.email(email_id)
        assert found is not None
        return found

    @property
    def notice(self) -> str:
        return self.main.notice.text

    def title(self) -> str:
        return str(self.main.query_one(TitleBar).render())

    def footer(self) -> str:
        return str(self.main.query_one(KeyFooter).render())

    def reader(self) -> str:
        reader = self.main.reader
        return "\n".join(reader.render_line(y).text.rstrip() for y in range(reader.size.height))

    def under_cursor(self) -> str:
        row = self.main.messages.cursor_row
        return row.id if row else ""

    async def choose(self, text: str) -> None:
        """Type into the open box, take the first that fits."""
        await self.until(lambda: isinstance(self.app.screen, ChooseScreen))
        self.app.screen.query_one(Input).value = text
        await self.pilot.pause()
        await self.press("enter")
        await self.until(lambda: self.app.screen is self.main)


@asynccontextmanager
async def sitting(
    socket: Path, name: str, size: tuple[int, int], drafts: Path | None = None
) -> AsyncIterator[Person]:
    """A person at the open inbox."""
    folder = drafts or socket.parent / f"drafts-{time.monotonic_ns()}"
    demo = Demo([(name, "")], PASSWORD, name)
    app = ShinboxApp(Endpoint(socket=socket), demo=demo, drafts=folder)
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: app.main.view is not None and app.main.view.known)
        await person.until(lambda: app.main.messages.cursor_row is not None)
        # Drafts that other tests left at the desk are offered late in the start.
        await person.until(lambda: not [work for work in app.workers if work.group.startswith("start-")])
        yield person
        # As for whoever quits, what was done is done: those who share the desk meet it.
        with suppress(TimeoutError):
            await asyncio.wait_for(app.main.answered(), ENDS_IN)
