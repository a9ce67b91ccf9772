"""What the desk asks of Linux: a signal ends a process, whichever thread the kernel gave it to."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import signal, threading
from shinbox.desk.unix import await_signal

wait = await_signal(signal.SIGTERM)

def catch():
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

{then}
wait()
print("ended")
"""
BEFORE = "catch()"
ELSEWHERE = "thread = threading.Thread(target=catch); thread.start(); thread.join()"
WHILE_IT_WAITS = "threading.Timer(0.2, catch).start()"


@pytest.mark.parametrize(
    "then", [BEFORE, ELSEWHERE, WHILE_IT_WAITS], ids=["before", "elsewhere", "meanwhile"]
)
def test_a_signal_ends_the_wait_whoever_caught_it_and_whenever(then: str) -> None:
    program = PROGRAM.format(then=then)
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout == "ended\n"
