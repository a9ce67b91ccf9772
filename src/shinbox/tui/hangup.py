"""The terminal that is gone: whoever closes its window, or loses the connection, ends shinbox.

The system tells only the program that leads the terminal's session. Where that is another one which waits for
us (make, sudo), nobody would tell us, and Textual would read the end of the input again and again, for ever.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from typing import Any, Final

from textual.app import App

LOOK_EVERY: Final = 2.0
"""Seconds until it is noticed."""
_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


def end_with_the_terminal(app: App[Any]) -> None:
    """Look from time to time whether there is a terminal; without one, end as the system would end us."""
    if not app.is_headless and sys.__stdin__ is not None:
        descriptor = sys.__stdin__.fileno()
        app.set_interval(LOOK_EVERY, lambda: _look(descriptor))


def _look(descriptor: int) -> None:
    terminal = select.poll()
    terminal.register(descriptor, 0)
    if any(what & _GONE for _, what in terminal.poll(0)):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGHUP)
