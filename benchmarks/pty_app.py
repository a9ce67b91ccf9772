"""Drives a terminal program in a pty: when it wrote what, and what its screen showed then.

Owns the pseudo-terminal: size, keys, reading until silence; processor time and memory of the program.
Bytes are noted with their time and drawn later, by an emulation: a measurement never waits for it. Knows
nothing of what runs inside.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.emulation import Emulation

# Terminals answer these; without an answer a program may wait.
_ANSWERS = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R"}
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Press:
    """What a key, or a start, caused: what was written when, in seconds since then."""

    chunks: tuple[tuple[float, bytes], ...]
    processor: float
    """Seconds of processor time, of the program and its threads."""

    @property
    def seconds(self) -> float:
        """Until the last byte."""
        return self.chunks[-1][0] if self.chunks else 0.0

    @property
    def output(self) -> bytes:
        return b"".join(data for _, data in self.chunks)


class PtyApp:
    """A program in a pty of `columns` x `rows`."""

    def __init__(
        self, command: Sequence[str], columns: int, rows: int, env: Mapping[str, str] | None = None
    ) -> None:
        self._emulation = Emulation(columns, rows)
        self.screen = [""] * rows
        """The lines as drawn so far."""
        self.started = self._since = time.perf_counter()
        self._used = 0.0
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe(command[0], list(command), {**os.environ, **(env or {})})

    def __enter__(self) -> PtyApp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    # -- keys and what they cause ---

    def read(self, quiet: float = 0.15, timeout: float = 10.0, until: bytes = b"") -> Press:
        """Read until nothing came for `quiet` seconds and `until` was seen (or `timeout` passed).

        Times count from the last key, or from the start.
        """
        chunks: list[tuple[float, bytes]] = []
        begin = last = time.perf_counter()
        sought = not until
        while (now := time.perf_counter()) - begin < timeout:
            if sought and chunks and now - last > quiet:
                break
            if not select.select([self._fd], [], [], 0.01)[0]:
                continue
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                break
            last = time.perf_counter()
            chunks.append((last - self._since, data))
            sought = sought or until in b"".join(data for _, data in chunks[-2:])
            for question, answer in _ANSWERS.items():
                if question in data:
                    os.write(self._fd, answer)
        used, self._used = self._used, self.processor()
        return Press(tuple(chunks), self._used - used)

    def press(self, keys: bytes, quiet: float = 0.15, timeout: float = 5.0, until: bytes = b"") -> Press:
        """Type keys and read what they cause."""
        self._since = time.perf_counter()
        os.write(self._fd, keys)
        return self.read(quiet, timeout, until)

    # -- what is seen ---

    def draw(self, press: Press) -> list[str]:
        """The screen's lines after this; each is to be drawn once, in order."""
        self.feed(press.output)
        return self.screen

    def feed(self, data: bytes) -> None:
        """Draw the next bytes. Only lines that they touch are read again: portions come by the thousand."""
        screen = self._emulation.screen
        self._emulation.feed(data)
        for line in screen.dirty:
            if line < len(self.screen):
                self.screen[line] = "".join(screen.buffer[line][x].data for x in range(screen.columns))
        screen.dirty.clear()

    def shown_after(self, press: Press, text: str, patience: float = 0.0) -> float:
        """Draw it; the seconds after which `text` stood on the screen and went on standing there.

        What does not stand there in the end is awaited for `patience` seconds.

        :raises TimeoutError: it does not come.
        """
        found: float | None = None
        deadline = time.perf_counter() + patience
        while True:
            for seconds, data in press.chunks:
                self.feed(data)
                if not any(text in line for line in self.screen):
                    found = None
                elif found is None:
                    found = seconds
            if found is not None or time.perf_counter() > deadline:
                break
            press = self.read(timeout=1.0)
        if found is None:
            screen = "\n".join(line.rstrip() for line in self.screen)
            raise TimeoutError(f"{text!r} is not on the screen:\n{screen}")
        return found

    def found(self, pattern: str) -> set[str]:
        """What of the screen, as drawn, matches."""
        return set(re.findall(pattern, "\n".join(self.screen)))

    # -- what it uses ---

    def processor(self) -> float:
        """Seconds of processor time so far."""
        return processor_of(self.pid)

    def memory(self, peak: bool = False) -> int:
        """Resident bytes: now, or the most there ever were."""
        return memory_of(self.pid, peak)


def processor_of(pid: int) -> float:
    """Seconds of processor time that a process has used, in user and in system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory_of(pid: int, peak: bool = False) -> int:
    """A process's resident bytes: now, or the most there ever were."""
    name = "VmHWM:" if peak else "VmRSS:"
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024
