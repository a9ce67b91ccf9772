"""A terminal that is closed ends shinbox, also behind a program that waits for it, as make does."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

from tests.pty import _take_controlling_terminal

PATIENCE = 60.0
LEADER = """
import signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)
sys.exit(7 if subprocess.call(sys.argv[1:]) == -signal.SIGHUP else 1)
"""
"""Leads the session, is told of the end, and waits for what it has started."""
APP = "from shinbox.tui.look import LookApp; LookApp().run()"


def read_until(master: int, wanted: bytes) -> None:
    seen, deadline = b"", time.monotonic() + PATIENCE
    while wanted not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 65_536)


def test_who_is_told_nothing_of_the_end_of_the_terminal_ends_with_it() -> None:
    master, slave = os.openpty()
    leader = subprocess.Popen(
        [sys.executable, "-c", LEADER, sys.executable, "-c", APP],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True, preexec_fn=_take_controlling_terminal,
    )  # fmt: skip
    os.close(slave)
    try:
        read_until(master, b"\x1b[?1049h")
        os.close(master)
        assert leader.wait(PATIENCE) == 7
    finally:
        if leader.poll() is None:
            os.killpg(leader.pid, signal.SIGKILL)
            leader.wait()
