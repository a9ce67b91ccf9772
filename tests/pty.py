"""A terminal for tests: runs a program in a pty of a given size and shows what a person would see.

    with Terminal([".venv/bin/shinbox", "demo"], columns=80, lines=24) as terminal:
        terminal.wait_for("Inbox")
        terminal.press("down", "enter")

Owns the pty and the reader thread; what is seen is `emulation`'s to say. Knows nothing of shinbox. `screen`
is what is seen, `raw` every byte the program wrote.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pyte.screens import Char

from tests.emulation import Emulation

#: What a key sends, as xterm does.
KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "insert": "\x1b[2~", "delete": "\x1b[3~",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f10": "\x1b[21~",
}  # fmt: skip

PATIENCE = 60.0
"""Seconds until something has failed to come; only a failure takes as long, on a machine busy with others."""
POLL = 0.05
"""Seconds between looks at what no byte of the program tells: a file, another process."""
ESCAPE_ALONE = 0.3
"""Seconds after an Esc was read that make it a key of its own: three times as long as Textual waits."""


class Terminal:
    """A program in a terminal of `columns` x `lines`; close it, or use it in a `with` block.

    A program draws in pieces and answers a key when it comes to it: what is looked at right after waiting for
    something else may not be there yet. So wait for all that matters, `wait_for("Subject", "saved")`.

    `env` is added to a small environment (PATH, HOME, PYTHONPATH, UTF-8, TERM=xterm-256color, true colour).
    Without `colours` only the text is followed, in a third of the time; the program is told nothing of it.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        columns: int = 80,
        lines: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        *,
        colours: bool = True,
    ) -> None:
        self._changed = threading.Condition()
        self._raw = bytearray()
        self._last_write = time.monotonic()
        self._ended = False
        self._emulation = Emulation(columns, lines, self.send, colours=colours)
        self._screen = self._emulation.screen
        self._escape_alone = 0.0
        self._master, slave = os.openpty()
        self._name = os.ttyname(slave)
        _set_size(slave, columns, lines)
        try:
            self.process = subprocess.Popen(
                [os.fspath(argument) for argument in argv],
                stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=_environment(env or {}),
                start_new_session=True, preexec_fn=_take_controlling_terminal,
            )  # fmt: skip
        finally:
            os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- what is seen ---

    @property
    def screen(self) -> list[str]:
        """The lines as seen now, each as wide as the terminal."""
        with self._changed:
            return self._emulation.lines()

    @property
    def text(self) -> str:
        """The screen as one string, spaces at line ends removed."""
        return "\n".join(line.rstrip() for line in self.screen)

    @property
    def raw(self) -> bytes:
        """All that the program wrote, unfiltered."""
        with self._changed:
            return bytes(self._raw)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and line, from 0."""
        with self._changed:
            return self._screen.cursor.x, self._screen.cursor.y

    def find(self, text: str) -> tuple[int, int] | None:
        """Column and line (from 0) where `text` begins first; None if it is not on the screen."""
        for number, line in enumerate(self.screen):
            if (column := line.find(text)) >= 0:
                return column, number
        return None

    def cell(self, column: int, line: int) -> Char:
        """One cell with its colours and attributes (`data`, `fg`, `bg`, `bold`, `reverse`, …)."""
        with self._changed:
            return self._screen.buffer[line][column]

    # -- what is done ---

    def send(self, keys: str | bytes) -> None:
        """Type `keys` as they are; see `press` for keys by name."""
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self._master, data) :]

    def press(self, *keys: str) -> None:
        """Press keys one after the other: names of KEYS, "ctrl+x", or a text to type.

        The key after an Esc is held back until the Esc is a key of its own: close behind, it would be Alt.
        """
        for key in keys:
            time.sleep(max(0.0, self._escape_alone - time.monotonic()))
            if key.startswith("ctrl+"):
                self.send(chr(ord(key[-1].upper()) & 0x1F))
            else:
                self.send(KEYS.get(key, key))
            if key == "escape":
                self._wait_read()
                self._escape_alone = time.monotonic() + ESCAPE_ALONE

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size, as dragging its window does."""
        with self._changed:
            self._screen.resize(lines, columns)
        _set_size(self._master, columns, lines)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    # -- waiting ---

    def wait_for(self, *what: str | Callable[[Self], bool], timeout: float = PATIENCE) -> None:
        """Return once all the texts are on the screen and all the predicates hold, at the same time.

        Raises TimeoutError with the screen after `timeout` seconds, or once the program ended without it.
        """

        def missing() -> str:
            text = self.text
            there = (each in text if isinstance(each, str) else each(self) for each in what)
            return ", ".join(repr(each) for each, is_there in zip(what, there, strict=True) if not is_there)

        self._wait(missing, "{} was not shown", timeout)

    def wait_gone(self, text: str, timeout: float = PATIENCE) -> None:
        """Return once `text` is nowhere on the screen."""
        self._wait(lambda: repr(text) if text in self.text else "", "{} is still shown", timeout)

    def wait_quiet(self, quiet: float = 0.2, timeout: float = PATIENCE) -> None:
        """Return once the program has written nothing for `quiet` seconds from now on."""
        began = time.monotonic()
        with self._changed:
            while (rest := max(self._last_write, began) + quiet - time.monotonic()) > 0:
                if time.monotonic() > began + timeout:
                    raise TimeoutError(f"the program does not stop writing; screen:\n{self.text}")
                self._changed.wait(rest)

    def wait(self, timeout: float = PATIENCE) -> int:
        """The exit status, once the program ended and all it wrote was read."""
        status = self.process.wait(timeout)
        self._reader.join(timeout)
        return status

    def _wait(self, missing: Callable[[], str], failure: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        with self._changed:
            while what := missing():
                rest = deadline - time.monotonic()
                if rest <= 0 or self._ended:
                    why = "the program ended" if self._ended else f"{timeout} s passed"
                    raise TimeoutError(f"{failure.format(what)} ({why}); screen:\n{self.text}")
                self._changed.wait(min(rest, POLL))

    def _wait_read(self, timeout: float = PATIENCE) -> None:
        """Return once the program has read all that was typed, or has ended."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None and _unread(self._name):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the program does not read its keys; screen:\n{self.text}")
            time.sleep(POLL / 5)

    def close(self) -> None:
        """Hang up, as closing a terminal's window does; a program that stays is killed after 5 s."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGHUP)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(1)
        # First forgotten: its number may soon be that of another file, which is not the reader's to read.
        master, self._master = self._master, -1
        if master >= 0:
            os.close(master)

    # -- the reader thread ---

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                # EIO: the last writer has gone.
                data = b""
            with self._changed:
                self._ended = not data
                self._last_write = time.monotonic()
                self._raw += data
                self._emulation.feed(data)
                self._changed.notify_all()
            if not data:
                return


def _take_controlling_terminal() -> None:
    # In the child, whose standard input is the pty and who leads a session of its own. A terminal's program
    # starts with the usual signals, also where the tests were started by nohup or in the background.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _set_size(descriptor: int, columns: int, lines: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _unread(terminal: str) -> int:
    """How many bytes have been typed and not read."""
    descriptor = os.open(terminal, os.O_RDONLY | os.O_NOCTTY)
    try:
        (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))
        return int(count)
    finally:
        os.close(descriptor)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    base = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "TMPDIR", "PYTHONPATH", "SHINBOX_UNREST")
        if name in os.environ
    }
    fixed = {"LANG": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return {**base, **fixed, **extra}
