"""No message costs its reader more than two seconds and 512 MB, whatever its sender intended.

Each bomb is read in a process of its own, by everything that reads mail, so that its memory can be counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mime.bombs import BOMBS

SECONDS = 6.0
"""Of a processor: one needs a second at most, twice that beside others. What grows faster needs minutes."""
MEGABYTES = 512
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_within_limits(name: str) -> None:
    command = [sys.executable, "-m", "tests.mime.bombs", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    cost = json.loads(done.stdout)
    assert cost["seconds"] < SECONDS, cost
    assert cost["megabytes"] < MEGABYTES, cost
    assert cost["surrogates"] == 0
