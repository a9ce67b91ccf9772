"""Who is at which message just now, in memory: nothing of it outlives the process.

Owns when somebody is gone. Knows no rights and no clock: moments come by parameter, in seconds. May be used
from any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

GONE_SECONDS: Final = 25.0
"""How long somebody counts as there after their last word; they say it every 15 s."""
MOST_WINDOWS: Final = 16
"""Windows of one person; the one that was silent longest gives way."""


@dataclass(frozen=True)
class Here:
    """One window at one email. `account`, `email` and `thread` are rows; `number` is the presence's own."""

    number: int
    account: int
    user: int
    name: str
    window: str
    email: int
    thread: int
    writes: bool
    until: float

    def same(self, other: Here) -> bool:
        """Whether others see the same."""
        return replace(self, number=0, until=0) == replace(other, number=0, until=0)

    def is_there(self, now: float) -> bool:
        """Whether it counts. What lasts too long is of before the clock was set back."""
        return now < self.until <= now + 2 * GONE_SECONDS


class Presences:
    """Everybody who is at something."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[tuple[int, str], Here] = {}
        self._last = 0

    def refresh(self, here: Here, now: float) -> set[int]:
        """Somebody is there; the accounts in which others see something new. Sets `number` and `until`."""
        key = (here.user, here.window)
        with self._lock:
            before = self._windows.pop(key, None)
            changed = before is None or not before.same(here) or not before.is_there(now)
            if before is None or before.email != here.email:
                self._last += 1
                number = self._last
            else:
                number = before.number
            self._windows[key] = replace(here, number=number, until=now + GONE_SECONDS)
            accounts = {here.account} if changed else set()
            if before is not None and before.account != here.account:
                accounts.add(before.account)
            return accounts | self._crowded_out(here.user)

    def leave(self, user: int, window: str) -> set[int]:
        """A window is at nothing any more; the accounts in which others see that."""
        with self._lock:
            before = self._windows.pop((user, window), None)
            return set() if before is None else {before.account}

    def there(self, account: int, now: float) -> list[Here]:
        """Who is at something in an account, in the order of their coming."""
        with self._lock:
            found = [
                here for here in self._windows.values() if here.account == account and here.is_there(now)
            ]
        return sorted(found, key=lambda here: here.number)

    def expire(self, now: float) -> set[int]:
        """Forget who said nothing for too long; the accounts in which others see that."""
        with self._lock:
            gone = [key for key, here in self._windows.items() if not here.is_there(now)]
            return {self._windows.pop(key).account for key in gone}

    def _crowded_out(self, user: int) -> set[int]:
        own = [key for key in self._windows if key[0] == user]
        return self._forget(own[:-MOST_WINDOWS])

    def _forget(self, keys: Iterable[tuple[int, str]]) -> set[int]:
        return {self._windows.pop(key).account for key in keys}
