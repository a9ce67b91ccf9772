"""Keeps one ssh running for as long as its starter lives: a program of its own, standard library only.

    python -I -S ssh_keeper.py (first|again) FOLDER SSH WORD…

Its standard input is a pipe of which the starter holds the other end: it ends when the starter says so by a
byte, and with it ssh and FOLDER; where the starter is gone, by whatever, also the folder that FOLDER lies in.
Standard output gets one line, `up` or `down`. What ssh says last is always in FOLDER/said. `first`: ssh may
ask the person, and is not tried again if it fails; afterwards, and with `again`, ssh asks nobody and is
started anew for ever.
"""

from __future__ import annotations

import os
import select
import selectors
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Final

SHORTEST: Final = 0.25
LONGEST: Final = 15.0
"""Seconds between two attempts: doubled each time, from the shortest on after a connection that lived."""
LIVED: Final = 30.0
LOOK: Final = 0.05
LAST_WORD: Final = 2.0
"""How long it waits, ended by a signal, for the starter to end as well or to say that it lives."""
KEPT: Final = 2000
"""Bytes of what ssh says that are kept."""


class Dismissed(Exception):
    """The starter does not need this connection any more."""


class StarterGone(Exception):
    """Nobody needs it any more, nor the folder around it."""


class Signalled(Exception):
    """It has to end; the terminal went away, perhaps, and the starter with it."""


class Keeper:
    """One way to one host."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self.folder = folder
        self.socket = folder / "desk.sock"
        self.command = command
        self.said = b""
        self.was_up = False
        self._answered = False

    def keep(self, first: bool) -> int:
        """Until the starter goes; the exit code."""
        pause = SHORTEST
        while True:
            began = monotonic()
            self.run(self.command if first else [self.command[0], "-o", "BatchMode=yes", *self.command[1:]])
            if first and not self.was_up:
                self.answer("down")
                self.wait(None)
            first = False
            if monotonic() - began > LIVED:
                pause = SHORTEST
            self.wait(pause)
            pause = min(pause * 2, LONGEST)

    def run(self, command: list[str]) -> None:
        """One ssh, to its end."""
        self.socket.unlink(missing_ok=True)
        self.said = b""
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        try:
            with process.stderr, selectors.DefaultSelector() as ready:
                ready.register(sys.stdin, selectors.EVENT_READ)
                ready.register(process.stderr, selectors.EVENT_READ)
                self.watch(process, ready)
        finally:
            end(process)

    def watch(self, process: subprocess.Popen[bytes], ready: selectors.BaseSelector) -> None:
        """Until this ssh ends: tell the starter that it is up, keep what it says."""
        up = False
        while process.poll() is None:
            if not up and self.socket.exists():
                up = self.was_up = True
                self.answer("up")
            for key, _ in ready.select(1.0 if up else LOOK):
                if key.fileobj is sys.stdin:
                    check_starter()
                    continue
                data = os.read(key.fd, 65536)
                if not data:
                    ready.unregister(key.fileobj)
                self.note(data)
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)
        self.note(process.stderr.read() or b"")

    def note(self, data: bytes) -> None:
        """Put what ssh says where the starter finds it, in one step."""
        self.said = (self.said + data)[-KEPT:]
        fresh = self.folder / "said.new"
        fresh.write_bytes(self.said)
        fresh.replace(self.folder / "said")

    def answer(self, word: str) -> None:
        """Tell the starter, once, what became of the first call: `up` or `down`."""
        if not self._answered:
            self._answered = True
            os.write(1, f"{word}\n".encode())

    def wait(self, seconds: float | None) -> None:
        """Let time pass; without a number until the starter goes."""
        with selectors.DefaultSelector() as ready:
            ready.register(sys.stdin, selectors.EVENT_READ)
            if ready.select(seconds):
                check_starter()


def check_starter() -> None:
    """Read what the starter says; nothing is its end."""
    raise Dismissed if os.read(0, 4096) else StarterGone


def end(process: subprocess.Popen[bytes]) -> None:
    """See that it is gone, by force if it takes longer than three seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main(words: list[str]) -> int:
    mode, folder, *command = words

    def leave(number: int, frame: FrameType | None) -> None:
        raise Signalled

    # Ctrl+C in the terminal is meant for the client, and an ignored signal stays ignored in ssh.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    gone = False
    try:
        return Keeper(Path(folder), command).keep(mode == "first")
    except (StarterGone, BrokenPipeError):
        gone = True
    except Signalled:
        gone = bool(select.select([0], [], [], LAST_WORD)[0]) and not os.read(0, 1)
    except Dismissed:
        pass
    finally:
        shutil.rmtree(Path(folder).parent if gone else folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
