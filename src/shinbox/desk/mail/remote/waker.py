"""A flag that one thread sets and another, blocked in select(), notices at once.

Owns one socket pair; knows nothing of mail.
"""

from __future__ import annotations

import contextlib
import socket


class Waker:
    """An event with a descriptor. `set` may be called from any thread, the rest from the waiting one."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._set = False

    def set(self) -> None:
        """Wake the waiting thread; a second call changes nothing."""
        self._set = True
        # A full pair or a closed one already says what this octet would say.
        with contextlib.suppress(OSError):
            self._writer.send(b"\0")

    def is_set(self) -> bool:
        """Whether `set` was called since the last `clear`."""
        return self._set

    def clear(self) -> None:
        """Make it usable again."""
        self._set = False
        with contextlib.suppress(OSError):
            while self._reader.recv(4096):
                pass

    def fileno(self) -> int:
        """A descriptor that is readable once set."""
        return self._reader.fileno()

    def close(self) -> None:
        """Give the descriptors back."""
        self._reader.close()
        self._writer.close()
