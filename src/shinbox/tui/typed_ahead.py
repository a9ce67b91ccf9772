"""Keys that are quicker than the screen: what was typed into a field counts before the key that uses it.

Textual looks at the keys of a box at once, while letters still wait in their field's queue: a quick Enter
would choose from the list as it was before them, the wrong folder. Owns the waiting; knows no screen.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump

PATIENCE: Final = 2.0
"""Seconds after which a key counts in any case: what the one before began is taking its time."""


async def take_in(key: Key, app: App[None]) -> None:
    """Return when a field, and what listens to it up to its screen, has seen all letters before the key.

    A screen that is just opening gets the time to say which field the letters are for.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            if app.focused is None:
                await _drained(app.screen)
            elif not key.is_printable and app.focused.check_consume_key("a", "a"):
                # A letter goes up from the field to the screen, each with a queue of its own.
                for pump in app.focused.ancestors_with_self:
                    if pump is not app:
                        await _drained(pump)


async def _drained(pump: MessagePump) -> None:
    seen = asyncio.Event()
    if pump.call_later(seen.set):
        await seen.wait()
