"""What took a walk through much mail, kept for the next call or page.

Owns a small cache. Its keys tell the state that a result belongs to, so nothing in it is ever out of date,
only forgotten. Of a key it keeps a digest: what people search for may be long.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar

KEPT: Final = 16
"""How many results; one of 100,000 emails takes some 2 MB."""

T = TypeVar("T")


class Results:
    """The results that were needed last; from any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object, compute: Callable[[], T]) -> T:
        """The result kept under `key`, or a computed one. Nobody may change it; a key has one type.

        Keys are told apart by their repr.
        """
        digest = hashlib.blake2b(repr(key).encode(), digest_size=32).digest()
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                kept: T = self._kept[digest]
                return kept
        found = compute()
        with self._lock:
            self._kept[digest] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found
