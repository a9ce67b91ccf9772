"""Keys that are quicker than the screen: each counts where the keys before it have led.

Textual looks at a key at once, while letters still wait in their field's queue and a box that was left has
not said yet what was chosen: `/invoice`, Enter and `j` typed in one go would search for “invoicej”. Owns the
waiting, and the focus that does not wait; knows no screen.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Self, cast

from textual._queue import Queue
from textual.app import App
from textual.dom import NoScreen
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

PATIENCE: Final = 2.0
"""Seconds after which a key counts in any case: what the one before began is taking its time."""


class FocusedAtOnce:
    """A widget that has the focus before the next key, which may be here already, is looked at.

    Textual's own `focus` waits behind it. No Widget itself: those of several bases lose a base's styles.
    """

    def focus(self, scroll_visible: bool = True) -> Self:
        widget = cast(Widget, self)
        with contextlib.suppress(NoScreen):
            widget.screen.set_focus(widget, scroll_visible=scroll_visible)
        return self


async def take_in(app: App[None]) -> None:
    """Return when all that the keys before set off has been done, from what has the focus up to its screen.

    A screen that opens, or that comes back, gets the time to say what the next keys are for.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            before = None
            while before != (before := (app.screen, app.focused)):
                # A letter goes up from the field to the screen, each with a queue of its own.
                for pump in (before[1] or before[0]).ancestors_with_self:
                    if pump is not app:
                        await _drained(pump)


async def _drained(pump: MessagePump) -> None:
    waiting = 0 if _waits(pump) else 1
    while waiting:
        left: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if not pump.call_later(_count, pump, left):
            return
        waiting = await left


def _waits(pump: MessagePump) -> bool:
    """Whether it has nothing left to do. To have it said would cost each key a turn of every pane."""
    queue: Queue[Message | None] = pump._message_queue
    return queue.empty() and bool(queue.ready_event._waiters)


def _count(pump: MessagePump, left: asyncio.Future[int]) -> None:
    if not left.done():
        left.set_result(pump.message_queue_size)
