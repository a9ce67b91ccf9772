"""Small apps before the client itself: what to do without a desk, and the first mailbox of one's own.

Own their start and end. Between them the terminal is plain: ssh can ask there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

from textual.events import Event, Key
from textual.screen import Screen

from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.look import LookApp, has_few_colours
from shinbox.tui.new_mailbox import FirstMailbox
from shinbox.tui.screens.first_mailbox import FirstMailboxScreen
from shinbox.tui.screens.first_run import Chosen, FirstRunScreen
from shinbox.tui.typed_ahead import take_in

R = TypeVar("R")


class OneScreen(LookApp, Generic[R]):
    """An app that shows one screen and ends with its answer."""

    TITLE = "shinbox"

    def __init__(self, make: Callable[[], Screen[R]], client: Client | None = None) -> None:
        super().__init__()
        self._make = make
        self._client = client
        self.answer: R | None = None
        if has_few_colours(os.environ) and "ansi16" in self.available_themes:
            self.theme = "ansi16"

    def on_mount(self) -> None:
        self.push_screen(self._make(), self._done)

    async def on_event(self, event: Event) -> None:
        """A key counts where the keys before it have led: Enter behind a name takes the whole name."""
        if isinstance(event, Key) and not event.is_forwarded:
            await take_in(self)
        await super().on_event(event)

    def _done(self, answer: R | None) -> None:
        self.answer = answer
        self.exit()

    async def on_unmount(self) -> None:
        if self._client is not None:
            await self._client.aclose()


def ask_way(said: str = "", address: str = "") -> Chosen | None:
    """What somebody without a desk wants; None if they leave. `said` is what went wrong before."""
    app = OneScreen(lambda: FirstRunScreen(said, address))
    app.run()
    return app.answer


def ask_mailbox(endpoint: Endpoint) -> bool:
    """Connect a first mailbox to a desk; False if somebody leaves that for later."""
    client = Client(endpoint)
    app = OneScreen(lambda: FirstMailboxScreen(FirstMailbox(client)), client)
    app.run()
    return bool(app.answer)
