"""What every part of the mail process is handed: the store, the clock, and whom to tell of changes.

Owns nothing but that bundle, so that time and waking come in by parameter everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shinbox.desk.store.arrival import utc_now
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database, Tx

Notify = Callable[[frozenset[tuple[int, str]]], None]
"""Called with (account row, type name) pairs after the commit that changed them."""


@dataclass(frozen=True)
class Desk:
    """`now`: seconds since the epoch."""

    database: Database
    blobs: Blobs
    now: Callable[[], float]
    notify: Notify

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction; whoever watches hears of it after the commit."""
        with self.database.write() as tx:
            yield tx
        if tx.touched:
            self.notify(frozenset(tx.touched))

    def utc(self) -> str:
        """Now, as the store writes times."""
        return utc_now(self.now())


class Doubts:
    """What would empty something is believed only at a second look, `seconds` after the first."""

    def __init__(self, now: Callable[[], float], seconds: float) -> None:
        self._now, self._seconds = now, seconds
        self._since: dict[object, float] = {}

    def believe(self, what: object) -> bool:
        """Whether this was seen before, long enough ago. The time begins anew when the clock was set back."""
        now = self._now()
        if what not in self._since or now < self._since[what]:
            self._since[what] = now
            return False
        return now - self._since[what] >= self._seconds

    def clear(self, what: object) -> None:
        """It is not so after all."""
        self._since.pop(what, None)
