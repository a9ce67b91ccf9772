"""Whole query results, kept for the next page.

Owns a small cache. Its keys hold the state that a result belongs to, so nothing in it is ever out of date,
only forgotten.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

KEPT: Final = 16
"""How many results; one of 100,000 emails takes some 4 MB."""


class Results:
    """The results that were needed last; from any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, list[int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], list[int]]) -> list[int]:
        """The result kept under `key`, or a computed one. Nobody may change it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = compute()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Drop them all: what is found is no longer what it was, and no state says so."""
        with self._lock:
            self._kept.clear()
