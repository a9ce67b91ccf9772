"""What can be taken back, the newest first. Some of it only for a while: a message being sent leaves.

Pure: the clock comes in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final

MOST: Final = 50


@dataclass(frozen=True, eq=False)
class Step:
    """One act: what takes it back, and until when that works."""

    run: Callable[[], Any]
    until: float = inf


class Undos:
    """The acts of this sitting that can still be taken back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._steps: list[Step] = []

    def push(self, run: Callable[[], Any], seconds: float = inf) -> Step:
        """Something was done; `run` takes it back, for so many seconds."""
        step = Step(run, self._clock() + seconds)
        self._steps = [*self._steps[1 - MOST :], step]
        return step

    def drop(self, step: Step) -> None:
        """It cannot be taken back any more: it never came about."""
        self._steps = [other for other in self._steps if other is not step]

    def take(self) -> Step | None:
        """The newest; it is gone from here then."""
        self._forget_late()
        return self._steps.pop() if self._steps else None

    def clear(self) -> None:
        """Nothing of it can be taken back any more."""
        self._steps = []

    def __bool__(self) -> bool:
        self._forget_late()
        return bool(self._steps)

    def _forget_late(self) -> None:
        now = self._clock()
        self._steps = [step for step in self._steps if step.until > now]
