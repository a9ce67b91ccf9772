"""The service: starts the desk's two processes, watches them, restarts what dies, ends both.

Owns everything both need and neither may lose: the lock, the listening sockets, the line between them.
Only the mail process is handed the key, through a pipe: never by argument or environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from shinbox.desk import unix, wake
from shinbox.desk.config import Config, tcp_address
from shinbox.desk.store import sealing
from shinbox.desk.store.database import Database
from shinbox.errors import ConfigError

KEY_NAME: Final = "shinbox.key"
END_SECONDS: Final = 15.0
"""How long a process may take to end before it is killed."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 30.0
ALONE_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 1.0
"""How often it looks whether it is alone, and for how long it must have been before it ends."""
HEALTHY_SECONDS: Final = 60.0
"""A process that lived this long died for a reason of its own: it is restarted at once."""

_log = logging.getLogger(__name__)


@dataclass
class Resources:
    """What outlives the processes."""

    lock: int
    listeners: list[socket.socket]
    front_end: socket.socket
    mail_end: socket.socket

    def close(self, socket_path: Path) -> None:
        """Let go; the socket's path first, so that nobody connects to the dead."""
        with contextlib.suppress(FileNotFoundError):
            socket_path.unlink()
        for end in (*self.listeners, self.front_end, self.mail_end):
            end.close()
        os.close(self.lock)


def serve(config: Config, ready: int | None = None, needed: Path | None = None) -> None:
    """Run the desk until SIGTERM or SIGINT. `ready` is a descriptor that is written to once it listens.

    With `needed` it also ends when nobody has held a lock on that file for ALONE_SECONDS. From then on until
    this process has ended it holds that lock itself: whoever comes meanwhile waits for it, and then sees
    that there is no desk.

    :raises ConfigError: it cannot start; the text says what to do.
    """
    unix.withdraw()
    resources = acquire(config)
    try:
        descriptor = os.open(needed, os.O_RDWR | os.O_CREAT, 0o600) if needed else None
        asyncio.run(_run(config, resources, ready, descriptor))
    finally:
        resources.close(Path(config.socket.path))


def acquire(config: Config) -> Resources:
    """Make sure that this is the only desk on its data, bring the data up to date, and listen.

    :raises ConfigError: see serve.
    """
    unix.check_private(config.data_folder)
    lock = unix.lock(config.data_folder)
    try:
        database = Database(config.database)
        if not config.database.exists():
            raise ConfigError(f"{config.data_folder} holds no desk yet: run `shinbox admin init`.")
        database.migrate()
        check_key(config, database)
        database.close()
        listeners = [unix.bind(Path(config.socket.path), config.socket.group)]
        if config.tcp.listen:
            listeners.append(unix.bind_tcp(*tcp_address(config.tcp.listen)))
    except BaseException:
        os.close(lock)
        raise
    return Resources(lock, listeners, *wake.pair())


def read_key(config: Config) -> bytes:
    """The key: a credential of the service manager, or the file in the data folder.

    :raises ConfigError: there is none, others can read it, or it is broken.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    given = Path(folder) / KEY_NAME if folder else None
    file = given if given and given.exists() else config.data_folder / KEY_NAME
    try:
        mode, key = file.stat().st_mode, file.read_bytes()
    except OSError as unreadable:
        raise ConfigError(f"{file}: the desk's key cannot be read: {unreadable.strerror}.") from None
    if file is not given and mode & 0o077:
        raise ConfigError(f"Others can read {file}: chmod 0600 {file}")
    if len(key) != sealing.KEY_BYTES:
        raise ConfigError(f"{file} is no key of a desk: restore it from a backup.")
    return key


def check_key(config: Config, database: Database) -> None:
    """Refuse a key that does not open what is sealed in the database.

    :raises ConfigError: it is another desk's.
    """
    public = sealing.public_of(read_key(config))
    with database.write() as tx:
        if not tx.value("SELECT 1 FROM setting WHERE key = ?", (sealing.PUBLIC_KEY,)):
            sealing.keep_public_key(tx, public)
        kept = sealing.public_key(tx)
    if kept != public:
        raise ConfigError("The key is not the one that this data was sealed for: restore the right one.")


@dataclass
class Child:
    """One of the two processes, and how to start it."""

    name: str
    arguments: Sequence[str]
    descriptors: Sequence[int]
    needs_key: bool = False
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self, config: Config, lock: int) -> asyncio.subprocess.Process:
        """Start it; what it needs to know comes through pipes."""
        inherited, key_end = [*self.descriptors, lock], -1
        arguments = [*self.arguments, f"--parent={os.getpid()}"]
        if self.needs_key:
            key_end = _piped(read_key(config))
            inherited.append(key_end)
            arguments.append(f"--key={key_end}")
        environment = {name: value for name, value in os.environ.items() if name not in _KEPT_FROM_CHILDREN}
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "shinbox.desk", self.name, *arguments),
                stdin=asyncio.subprocess.PIPE,
                pass_fds=inherited,
                env=environment,
            )
        finally:
            if key_end >= 0:
                os.close(key_end)
        assert process.stdin is not None
        with contextlib.suppress(ConnectionError):  # a process that died at once is seen by its watcher
            process.stdin.write(msgspec.json.encode(config))
            await process.stdin.drain()
        process.stdin.close()
        self.process = process
        return process


def _piped(key: bytes) -> int:
    """The end of a pipe that the key is read from. A failure leaves nothing open: starts are tried again."""
    reading, writing = os.pipe()
    try:
        os.write(writing, key)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return reading


_KEPT_FROM_CHILDREN: Final = frozenset({"CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET"})


def children_of(resources: Resources) -> list[Child]:
    """The two processes. Front is ended first: nothing new comes in while mail ends."""
    sockets = [listener.fileno() for listener in resources.listeners]
    front, mail = resources.front_end.fileno(), resources.mail_end.fileno()
    listen = ",".join(str(number) for number in sockets)
    return [
        Child("front", [f"--wake={front}", f"--listen={listen}"], [front, *sockets]),
        Child("mail", [f"--wake={mail}"], [mail], needs_key=True),
    ]


async def _until_alone(needed: int, stop: asyncio.Event) -> None:
    """Stop when nobody has a lock on the open file any more."""
    alone = 0.0
    while alone < ALONE_SECONDS:
        await asyncio.sleep(LOOK_SECONDS)
        alone = alone + LOOK_SECONDS if unix.nobody_needs(needed) else 0.0
        if alone < ALONE_SECONDS:
            fcntl.flock(needed, fcntl.LOCK_UN)
    stop.set()


async def _run(config: Config, resources: Resources, ready: int | None, needed: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    children = children_of(resources)
    started = [asyncio.Event() for _ in children]
    watchers = [
        asyncio.create_task(_watch(child, config, resources.lock, stop, up))
        for child, up in zip(children, started, strict=True)
    ]
    ended = asyncio.create_task(stop.wait())
    alone = asyncio.create_task(_until_alone(needed, stop)) if needed is not None else None
    for up in started:
        await asyncio.wait([asyncio.create_task(up.wait()), ended], return_when=asyncio.FIRST_COMPLETED)
    _tell_ready(config, ready)
    await ended
    if alone is not None:
        alone.cancel()
    unix.tell_systemd("STOPPING=1")
    for child, watcher in zip(children, watchers, strict=True):
        await _end(child)
        await watcher


def _tell_ready(config: Config, ready: int | None) -> None:
    _log.info("the desk listens on %s", config.socket.path)
    unix.tell_systemd("READY=1")
    if ready is not None:
        with contextlib.suppress(BrokenPipeError):
            os.write(ready, b"ready\n")
        os.close(ready)


async def _watch(child: Child, config: Config, lock: int, stop: asyncio.Event, up: asyncio.Event) -> None:
    """Keep a process running until `stop`."""
    loop, pause = asyncio.get_running_loop(), 0.0
    while not stop.is_set():
        began = loop.time()
        ended = await _live(child, config, lock, stop, up)
        if stop.is_set():
            return
        lived = loop.time() - began
        pause = 0.0 if lived > HEALTHY_SECONDS else min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        _log.error("the %s process ended (%s) after %.1f s; again in %.1f s", child.name, ended, lived, pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _live(
    child: Child, config: Config, lock: int, stop: asyncio.Event, up: asyncio.Event
) -> int | Exception:
    """One life of a process: its exit code, or why it could not be started."""
    try:
        process = await child.start(config, lock)
    except (OSError, ConfigError) as failure:  # a machine without room for a process may have some later
        return failure
    up.set()
    if stop.is_set():  # It came while the process started: whoever ends the desk did not see this one.
        await _end(child)
    return await process.wait()


async def _end(child: Child) -> None:
    process = child.process
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS)
    except TimeoutError:
        _log.error("the %s process did not end in %.0f s and is killed", child.name, END_SECONDS)
        process.kill()
        await process.wait()
