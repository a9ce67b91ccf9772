"""What the notice says now, and what waits until it can be seen.

Good news pass with the clock. What asks for something, a warning or an error, counts its seconds only while
it can be seen; if it came while it could not, others stand before it but never in its place. Pure: the clock
comes in, and whether one sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

STAYS: Final = 8.0
"""Seconds that a sentence stays; also of good news that would stay longer where something waits."""


@dataclass(eq=False)
class Notice:
    """A sentence, and the action that it offers: its key with the hint, else with its label."""

    text: str
    tone: str = ""
    """"warning" or "error" for what asks for something."""
    offers: str = ""
    hint: str = ""
    seconds: float = STAYS
    """Those that remain."""
    counting: bool = True
    """Whether these are shown."""
    owed: bool = False
    """Whether it came, or was covered, before its seconds were over."""


class Notices:
    """The one that is told, and those after it."""

    def __init__(self, clock: Callable[[], float], sees: Callable[[], bool]) -> None:
        self._clock, self._sees = clock, sees
        self._at = 0.0
        self._waiting: list[Notice] = []
        self.now: Notice | None = None

    def say(self, notice: Notice) -> None:
        """Tell it at once; an unseen one after those that are owed, and once however often it is said."""
        self.look()
        notice.owed = bool(notice.tone) and not self._sees()
        owed = [one for one in (self.now, *self._waiting) if one is not None and one.owed]
        if notice.owed and owed:
            if notice.text not in [one.text for one in owed]:
                self._waiting.append(notice)
            return
        if self.now is not None and self.now.owed:
            self._waiting.insert(0, self.now)
        self.now = notice

    def clear(self) -> None:
        """Take it away; the next one is told."""
        self.now = self._waiting.pop(0) if self._waiting else None

    def look(self) -> None:
        """Let the time since the last look pass."""
        before, self._at = self._at, self._clock()
        now = self.now
        if now is None:
            return
        if now.tone and not self._sees():
            now.owed = True
            return
        now.seconds -= self._at - before
        if self._waiting and not (now.tone or now.counting):
            now.seconds = min(now.seconds, STAYS)
        if now.seconds <= 0:
            self.clear()

    @property
    def left(self) -> float:
        """Seconds that it still stays."""
        return self.now.seconds - (self._clock() - self._at) if self.now is not None else 0.0
