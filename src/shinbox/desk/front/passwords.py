"""Passwords: argon2id, and the same work for those that cannot be right.

Owns the parameters and the hash that stands in for a user who does not exist. Knows no users.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB: Final = 32_768
ITERATIONS: Final = 3
_ROOM: Final = threading.BoundedSemaphore(2)
"""How many hashes are computed at a time: each takes its memory."""
MAX_LENGTH: Final = 1_000
MIN_LENGTH: Final = 8


class Passwords:
    """Makes and checks hashes. Every check costs exactly one computation, whatever it is given."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, iterations: int = ITERATIONS) -> None:
        self._hasher = PasswordHasher(time_cost=iterations, memory_cost=memory_kib, parallelism=1)

    @cached_property
    def nobody(self) -> str:
        """The hash that stands in for a user who does not exist; computed once, before it is needed."""
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The hash to keep.

        :raises ValueError: too short or too long; the text says so.
        """
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise ValueError(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
        with _ROOM:
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one behind a hash; None: nobody's, and never."""
        fitted = self._verify(kept or self.nobody, password[:MAX_LENGTH])
        return fitted and kept is not None and len(password) <= MAX_LENGTH

    def _verify(self, kept: str, password: str) -> bool:
        with _ROOM:
            try:
                return self._hasher.verify(kept, password)
            except (VerificationError, InvalidHashError):
                return False
