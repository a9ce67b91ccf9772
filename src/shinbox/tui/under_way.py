"""What is under way is told where it takes long; what is over never is.

Owns when. A timer only asks the screen to tell: it comes to that when it is done with what it is at, and by
then the timer may have been stopped for long.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Final

from textual.message_pump import MessagePump

SHOWN_AFTER: Final = 0.2
"""Seconds after which one is told of what is under way."""


@contextlib.contextmanager
def told_late(screen: MessagePump, tell: Callable[[], None]) -> Iterator[None]:
    """Tell of what goes on in the block, once, if it takes long."""
    goes_on = True

    def tell_in_time() -> None:
        if goes_on:
            tell()

    timer = screen.set_timer(SHOWN_AFTER, tell_in_time)
    try:
        yield
    finally:
        goes_on = False
        timer.stop()
