"""What took a walk through much mail, kept for the next call or page.

Owns a small cache. Its keys hold the state that a result belongs to, so nothing in it is ever out of date,
only forgotten.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

KEPT: Final = 16
"""How many results; one of 100,000 emails takes some 2 MB."""

T = TypeVar("T")


class Results:
    """The results that were needed last; from any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The result kept under `key`, or a computed one. Nobody may change it; a key has one type."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: T = self._kept[key]
                return kept
        found = compute()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found
