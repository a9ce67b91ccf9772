"""The first picture: painted when there is something to see, or when somebody has waited long enough.

An empty frame, the folders, the list: three pictures of the whole screen would delay the last, which is the
one that is waited for. Owns the waiting. Knows no screen.
"""

from __future__ import annotations

import gc
from contextlib import ExitStack
from typing import Any, Final

from textual.app import App
from textual.timer import Timer

LONGEST: Final = 0.3
"""Seconds after which an empty frame is better than none."""


class FirstPaint:
    """Holds back what an app paints, from now on until `show`."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._held = ExitStack()
        self._held.enter_context(app.batch_update())
        self._timer: Timer | None = app.set_timer(LONGEST, self.show)

    def show(self) -> None:
        """Paint what there is; from now on everything at once. Again, it does nothing."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._held.close()
            # Laying out paints it all; what asked for that meanwhile would have it written a second time.
            self._app.screen._repaint_required = False
            self._app.screen.refresh(repaint=False, layout=True)
            if not gc.isenabled():
                # What the start has made stays to the end: no later look for cycles need pass through it.
                gc.freeze()
                gc.enable()
