"""A whole desk inside another program: for `shinbox demo` and for tests.

Owns starting it in a session of its own (a Ctrl+C in the terminal is not for it), waiting until it
listens, and its end with its parent, however the parent ends.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from shinbox.desk.config import Config
from shinbox.errors import ConfigError

START_SECONDS: Final = 60.0
END_SECONDS: Final = 40.0
"""Longer than the service gives its two processes, one after the other: killed, it leaves its socket."""


class EmbeddedDesk:
    """A desk that runs. Start it from a thread that lives as long as the desk shall: the kernel ends the
    desk together with that thread."""

    def __init__(self, config: Config, process: subprocess.Popen[bytes]) -> None:
        self.config = config
        self.process = process

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return Path(self.config.socket.path)

    def stop(self) -> int:
        """End it cleanly; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def run_embedded(config: Config, log: IO[bytes] | None = None) -> EmbeddedDesk:
    """Start a desk on an initialised data folder; returns once it listens. `log`: where it writes.

    :raises ConfigError: it did not start; the text is what it said.
    """
    with tempfile.TemporaryFile() as own_log:
        return _start(config, own_log if log is None else log)


def _start(config: Config, log: IO[bytes]) -> EmbeddedDesk:
    reading, writing = os.pipe()
    began = log.tell() if log.seekable() else 0
    try:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "shinbox.desk", "serve", "--config-stdin"),
                *(f"--parent={os.getpid()}", f"--ready-fd={writing}"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            pass_fds=[writing],
            start_new_session=True,
        )
        os.close(writing)
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(config))
        process.stdin.close()
        ready, _, _ = select.select([reading], [], [], START_SECONDS)
        said = os.read(reading, 64) if ready else b""
    finally:
        os.close(reading)
    if said:
        return EmbeddedDesk(config, process)
    process.kill()
    process.wait()
    raise ConfigError(_said(log, began) or "The desk did not start; its log says why.")


def _said(log: IO[bytes], since: int) -> str:
    if not (log.seekable() and log.readable()):
        return ""
    log.seek(since)
    return log.read().decode(errors="replace").strip()
