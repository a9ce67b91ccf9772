"""The real front of a desk on a Unix socket, with the demo's mail and people, for the screens' tests.

`python -m tests.tui.demo_front FOLDER` seeds FOLDER and serves FOLDER/desk.sock until SIGTERM. The mail
process is not started: nothing leaves, so a submission stays pending and can be taken back.
"""

from __future__ import annotations

import signal
import subprocess
import sys
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
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database

NEWEST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def main(folder: Path) -> None:
    """Seed and serve."""
    config = Config(
        data=str(folder / "data"),
        socket=SocketConfig(path=str(folder / "desk.sock")),
        limits=Limits(sign_ins_per_minute=1000),
    )
    if not (folder / "data").exists():
        initialise(config, "ada", password=PASSWORD, now=time.time())
        database = Database(config.database)
        seed(database, Blobs(config.blobs), now=NEWEST, smtp_port=1)
        database.close()
    front_end, _mail_end = wake.pair()
    process.run(config, [unix.bind(Path(config.socket.path))], front_end)


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
    with (folder / "front.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", __name__, str(folder)], stderr=log, stdout=log)
        try:
            deadline = time.monotonic() + 60
            while not path.exists():
                assert server.poll() is None, (folder / "front.log").read_text()
                assert time.monotonic() < deadline, "the front did not start"
                time.sleep(0.05)
            yield server
        finally:
            server.send_signal(signal.SIGCONT)
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
