"""How much one request may take: seconds of work, and seconds of waiting for a mail server.

Owns the count; who looks at it breaks off. Work is processor time of the thread that answers the request, so
that nobody is refused because others are busy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from shinbox.errors import TakesTooLong

UNLIMITED: Final = float("inf")
OUTSIDE: Final = 6
"""Times as much work may be done outside the transaction, where it holds nobody up: large messages."""


class Allowance:
    """What is left to one request. Made and used in the thread that answers it.

    `worked`: processor time of that thread, `clock`: time that passes; both in seconds from any moment.
    """

    def __init__(
        self,
        work: float = UNLIMITED,
        waiting: float = UNLIMITED,
        *,
        worked: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._worked, self._clock = worked, clock
        self._end = worked() + work
        self._spare = OUTSIDE * work
        self._thread = threading.get_ident()
        self._waiting = waiting

    def is_over(self) -> bool:
        """Whether it has worked for too long."""
        return threading.get_ident() == self._thread and self._worked() >= self._end

    def check(self) -> None:
        """Go on only if there is work left.

        :raises TakesTooLong: there is none.
        """
        if self.is_over():
            raise TakesTooLong()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """What is done inside holds nobody up and counts less; see OUTSIDE."""
        began = self._worked()
        try:
            yield
        finally:
            free = min(self._worked() - began, self._spare)
            self._spare -= free
            self._end += free

    @property
    def waiting(self) -> float:
        """How long it may still wait for a mail server."""
        return max(self._waiting, 0.0)

    @contextmanager
    def waits(self) -> Iterator[None]:
        """The time inside is waiting, and counted."""
        began = self._clock()
        try:
            yield
        finally:
            self._waiting -= self._clock() - began
