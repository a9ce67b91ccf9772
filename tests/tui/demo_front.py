"""The real front of a desk on a Unix socket, with the demo's mail and people, for the screens' tests.

The mail is seeded once a run of pytest's worker; each desk gets a copy of it. The mail process is not
started: nothing leaves, so a submission stays pending and can be taken back.
"""

from __future__ import annotations

import functools
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from shinbox.desk import unix, wake
from shinbox.desk.config import Config, Limits, SocketConfig
from shinbox.desk.demo.people import PASSWORD
from shinbox.desk.demo.seed import seed
from shinbox.desk.front import process
from shinbox.desk.initialise import initialise
from shinbox.desk.store import accounts
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database

NEWEST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PATIENCE = 60.0
"""Seconds until a front has failed to start or to end."""
UNDO_SECONDS = 3_600
"""Until a message would leave: the demo's five are over before a busy machine has drawn the next key."""


def main(folder: Path) -> None:
    """Serve FOLDER/desk.sock from FOLDER/data until SIGTERM."""
    front_end, _mail_end = wake.pair()
    config = _config(folder)
    process.run(config, [unix.bind(Path(config.socket.path))], front_end)


def _config(folder: Path) -> Config:
    return Config(
        data=str(folder / "data"),
        socket=SocketConfig(path=str(folder / "desk.sock")),
        limits=Limits(sign_ins_per_minute=1000),
    )


@functools.cache
def _seeded() -> tempfile.TemporaryDirectory[str]:
    """A folder whose `data` is a desk with the demo's mail; gone when this process ends."""
    folder = tempfile.TemporaryDirectory(prefix="shinbox-seeded-")
    config = _config(Path(folder.name))
    initialise(config, "ada", password=PASSWORD, now=time.time())
    database = Database(config.database)
    seed(database, Blobs(config.blobs), now=NEWEST, smtp_port=1)
    with database.write() as tx:
        for account in accounts.all_open(tx):
            accounts.update(tx, account["id"], undo_seconds=UNDO_SECONDS)
    database.close()
    return folder


def _listens(path: Path) -> bool:
    """A socket's file is there before anybody listens."""
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


@contextmanager
def demo_front(folder: Path) -> Iterator[Path]:
    """A running front; its socket."""
    with demo_front_process(folder):
        yield folder / "desk.sock"


@contextmanager
def demo_front_process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running front, its socket `desk.sock`; in the same folder again, it goes on with the same mail."""
    path = folder / "desk.sock"
    path.unlink(missing_ok=True)
    if not (folder / "data").exists():
        shutil.copytree(Path(_seeded().name) / "data", folder / "data")
    with (folder / "front.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", __name__, str(folder)], stderr=log, stdout=log)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _listens(path):
                assert server.poll() is None, (folder / "front.log").read_text()
                assert time.monotonic() < deadline, "the front did not start"
                time.sleep(0.05)
            yield server
        finally:
            server.send_signal(signal.SIGCONT)
            server.terminate()
            server.wait(PATIENCE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
