"""Without a systemd, a desk of one's own lives as long as anybody needs it: real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shinbox.cli import own_desk
from shinbox.cli.own_desk import OwnDesk

PATIENCE = 60.0
CLIENT = (
    "import sys; from pathlib import Path; from shinbox.cli.own_desk import OwnDesk, started\n"
    "with started(OwnDesk(*map(Path, sys.argv[1:]))): print('up', flush=True); sys.stdin.read()"
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnDesk]:
    # Without a systemctl: whether this machine has one must not matter.
    monkeypatch.setenv("PATH", str(tmp_path))
    mine = OwnDesk(
        tmp_path / "config" / "desk.toml", tmp_path / "data" / "desk", tmp_path / "run" / "desk.sock"
    )
    mine.begin()
    yield mine
    until(lambda: not services(mine))


@contextmanager
def client(desk: OwnDesk) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody who needs the desk until their standard input closes."""
    paths = [str(path) for path in (desk.config, desk.data, desk.socket)]
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    with process.stdin, process.stdout:
        yield process
    process.wait(PATIENCE)


def comes_up(process: subprocess.Popen[bytes]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == b"up\n"


def services(desk: OwnDesk) -> list[int]:
    """The processes of this desk, but for the two that each starts."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(desk.config).encode() in words and b"serve" in words:
            found.append(int(entry.name))
    return found


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_the_desk_outlives_the_client_that_started_it_and_ends_with_the_last(desk: OwnDesk) -> None:
    with client(desk) as first, client(desk) as second:
        assert comes_up(first)
        assert comes_up(second)
        (service,) = services(desk)
        first.kill()
        first.wait()
        with client(desk) as third:
            assert comes_up(third)
            assert services(desk) == [service], "the others still need it"
        assert desk.listens()
        second.kill()
    until(lambda: not services(desk))
    assert not desk.socket.exists(), "it ended in order"


def test_clients_that_come_at_the_same_time_start_one_desk(desk: OwnDesk) -> None:
    with client(desk) as one, client(desk) as another, client(desk) as third:
        assert all(comes_up(each) for each in (one, another, third))
        assert len(services(desk)) == 1


def test_a_desk_that_was_killed_is_started_again_by_whoever_needs_it(desk: OwnDesk) -> None:
    with own_desk.running(desk) as endpoint:
        (before,) = services(desk)
        os.kill(before, signal.SIGKILL)
        until(lambda: not desk.listens())
        assert endpoint.back is not None
        endpoint.back.connect()
        assert desk.listens()
        assert before not in services(desk)
