"""How much one request may take: seconds of work, and seconds of waiting for a mail server.

Owns the count; who looks at it breaks off. Work is processor time of the thread that answers the request, so
that nobody is refused because others are busy. Owns also that of one person's requests only one at a time
works for long (`OneByOne`), so that nobody slows the others by asking much at once.
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
QUICK: Final = 0.1
"""Seconds of work that wait for nothing: what a screen asks for is done by then."""


class OneByOne:
    """Long work of each person, one after another; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[threading.Lock, int]] = {}

    def take(self, user: int) -> None:
        """Wait until nothing else of theirs works for long."""
        with self._lock:
            turn, takers = self._known.get(user, (threading.Lock(), 0))
            self._known[user] = turn, takers + 1
        turn.acquire()

    def give_back(self, user: int) -> None:
        """The next one may go on."""
        with self._lock:
            turn, takers = self._known[user]
            self._known[user] = turn, takers - 1
            if takers == 1:
                del self._known[user]
        turn.release()


class Allowance:
    """What is left to one request. Made and used in the thread that answers it.

    `worked`: processor time of that thread, `clock`: time that passes; both in seconds from any moment.
    `one_by_one`: with whom `user` shares their turns; without it, it waits for nobody.
    """

    def __init__(
        self,
        work: float = UNLIMITED,
        waiting: float = UNLIMITED,
        *,
        worked: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.monotonic,
        one_by_one: OneByOne | None = None,
        user: int = 0,
    ) -> None:
        self._worked, self._clock = worked, clock
        self._one_by_one, self._user = one_by_one, user
        self._may_wait = self._has_turn = False
        began = worked()
        self._long, self._end = began + QUICK, began + work
        self._spare = OUTSIDE * work
        self._thread = threading.get_ident()
        self._waiting = waiting

    def is_over(self) -> bool:
        """Whether it has worked for too long. Waits, `in_turn`, once it has worked for long."""
        if threading.get_ident() != self._thread:
            return False
        worked = self._worked()
        if self._may_wait and not self._has_turn and worked >= self._long and self._one_by_one is not None:
            self._one_by_one.take(self._user)
            self._has_turn = True
        return worked >= self._end

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """What is done inside holds no lock that others need: it may wait for the person's other work."""
        self._may_wait = True
        try:
            yield
        finally:
            self._may_wait = False
            if self._has_turn and self._one_by_one is not None:
                self._has_turn = False
                self._one_by_one.give_back(self._user)

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
            self._long += free

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
