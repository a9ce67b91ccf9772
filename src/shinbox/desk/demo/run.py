"""The demo's program (`python -m shinbox.desk demo`): a seeded desk and the mail world around it.

Owns the life of both: they end, and the folder with them, when standard input closes. Says in one line of
JSON where the desk listens and who may sign in.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shinbox.desk.config import Config, SocketConfig
from shinbox.desk.demo.mailworld import MailWorld, Postman
from shinbox.desk.demo.people import PASSWORD, USERS
from shinbox.desk.demo.seed import POSTMAN, seed
from shinbox.desk.embedded import run_embedded
from shinbox.desk.initialise import initialise
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint


def run() -> None:
    """Run the demo's desk until standard input closes or SIGTERM.

    :raises ConfigError: the desk did not start; the text says why.
    """
    with tempfile.TemporaryDirectory(prefix="shinbox-demo-") as folder:
        asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> None:
    config = Config(
        data=str(folder / "desk"),
        log_level="warning",
        socket=SocketConfig(path=str(folder / "desk.sock")),
    )
    with (folder / "desk.log").open("w+b") as log:
        async with Client(Endpoint(socket=folder / "desk.sock")) as client:
            postman = Postman(client)
            world = MailWorld(postman, pause=_pause())
            _prepare(config, await world.start())
            with run_embedded(config, log):
                await client.sign_in(POSTMAN, PASSWORD)
                await postman.learn()
                _say(config)
                await _until_left_alone()
                await world.stop()


def _prepare(config: Config, smtp_port: int) -> None:
    now = datetime.now(UTC)
    administrator = next(user.name for user in USERS if user.administrator)
    initialise(config, administrator, password=PASSWORD, now=now.timestamp())
    database = Database(config.database)
    seed(database, Blobs(config.blobs), now=now, smtp_port=smtp_port)
    database.close()


def _pause() -> float:
    """Seconds that a customer takes to answer; a script may be less patient."""
    return float(os.environ.get("SHINBOX_DEMO_PAUSE", "6"))


def _say(config: Config) -> None:
    people = [{"name": user.name, "about": user.about} for user in USERS]
    told = {"socket": config.socket.path, "people": people, "password": PASSWORD}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


async def _until_left_alone() -> None:
    """Return when standard input ends or SIGTERM comes."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.add_reader(sys.stdin.fileno(), _drain(loop, over.set))
    await over.wait()


def _drain(loop: asyncio.AbstractEventLoop, ended: Callable[[], Any]) -> Callable[[], None]:
    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            ended()

    return read
