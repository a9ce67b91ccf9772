"""Drives a terminal program in a pty and counts what it writes.

Owns the pseudo-terminal: size, keys, reading until silence. Knows nothing of what runs inside.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

# Terminals answer these; without an answer a program may wait.
_ANSWERS = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R"}


@dataclass(frozen=True)
class Press:
    """What one key caused: seconds from the key to the last byte, and the bytes."""

    seconds: float
    output: bytes


class PtyApp:
    """A program in a pty of `columns` × `rows`."""

    def __init__(
        self, command: Sequence[str], columns: int, rows: int, env: Mapping[str, str] | None = None
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), {**os.environ, **(env or {})})
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> PtyApp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def read(self, quiet: float = 0.15, timeout: float = 10.0, until: bytes = b"") -> Press:
        """Read until nothing came for `quiet` seconds and `until` was seen (or `timeout` passed)."""
        start = last = time.perf_counter()
        output = b""
        while (now := time.perf_counter()) - start < timeout:
            if now - last > quiet and until in output and output:
                break
            if not select.select([self._fd], [], [], 0.01)[0]:
                continue
            try:
                chunk = os.read(self._fd, 65536)
            except OSError:
                break
            output += chunk
            last = time.perf_counter()
            for question, answer in _ANSWERS.items():
                if question in chunk:
                    os.write(self._fd, answer)
        return Press(last - start, output)

    def press(self, keys: bytes, quiet: float = 0.15) -> Press:
        """Type keys and read what they cause."""
        os.write(self._fd, keys)
        return self.read(quiet, timeout=5.0)

    def memory(self) -> int:
        """Resident bytes."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024
