"""What can be taken back, the newest first. Some of it only for a while: a message being sent leaves.

Pure: the clock comes in. Memory is bounded by the number of messages that the steps know of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final

MOST: Final = 50
MOST_MESSAGES: Final = 200_000
"""Messages that all steps together know of: some 30 MB. The newest step is kept, however large."""


@dataclass(frozen=True, eq=False)
class Step:
    """One act: what takes it back, until when that works, and how many messages it knows of."""

    run: Callable[[], Any]
    until: float = inf
    messages: int = 1


class Undos:
    """The acts of this sitting that can still be taken back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._steps: list[Step] = []

    def push(self, run: Callable[[], Any], seconds: float = inf, messages: int = 1) -> Step:
        """Something was done; `run` takes it back, for so many seconds."""
        step = Step(run, self._clock() + seconds, messages)
        self._steps = [*self._steps[1 - MOST :], step]
        while len(self._steps) > 1 and sum(step.messages for step in self._steps) > MOST_MESSAGES:
            del self._steps[0]
        return step

    def drop(self, step: Step) -> None:
        """It cannot be taken back any more: it never came about."""
        self._steps = [other for other in self._steps if other is not step]

    def take(self) -> Step | None:
        """The newest; it is gone from here then. None if it is too late for that: whoever asks means it, and
        no older act is taken back in its place before they ask again."""
        known = len(self._steps)
        while self._steps and self._is_late(self._steps[-1]):
            self._steps.pop()
        return self._steps.pop() if self._steps and len(self._steps) == known else None

    def clear(self) -> None:
        """Nothing of it can be taken back any more."""
        self._steps = []

    def __bool__(self) -> bool:
        return not all(map(self._is_late, self._steps))

    def _is_late(self, step: Step) -> bool:
        return step.until <= self._clock()
