"""How much one person may do at once.

Owns the counting of turns; knows not what they are for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import anyio

from shinbox.errors import LimitExceeded

MOST_WAITING: Final = 64
"""Turns of one person that wait; one more is refused."""


@dataclass
class Turns:
    """Things of one kind: `most` at once for each person; `limit` is their name in errors."""

    most: int
    limit: str
    waits: bool = True
    _open: dict[int, anyio.Semaphore] = field(default_factory=dict)
    _count: dict[int, int] = field(default_factory=dict)

    def check(self, user: int) -> None:
        """Whether there is room.

        :raises LimitExceeded: too many are under way, and (if they wait) too many wait already.
        """
        count = self._count.get(user, 0)
        if count >= self.most + (MOST_WAITING if self.waits else 0):
            raise LimitExceeded(f"You have {count} of these open already: wait for one.", limit=self.limit)

    @asynccontextmanager
    async def one(self, user: int) -> AsyncIterator[None]:
        """One turn of a user.

        :raises LimitExceeded: see check.
        """
        give_back = self.take(user)
        turn = self._open.setdefault(user, anyio.Semaphore(self.most))
        try:
            async with turn:
                yield
        finally:
            give_back()

    def take(self, user: int) -> Callable[[], None]:
        """A place for a user, at once; the result gives it back, however often it is called.

        :raises LimitExceeded: see check.
        """
        self.check(user)
        self._count[user] = self._count.get(user, 0) + 1
        taken = [user]

        def give_back() -> None:
            if not taken:
                return
            taken.clear()
            self._count[user] -= 1
            if not self._count[user]:
                del self._count[user]
                self._open.pop(user, None)

        return give_back
