"""A desk of one's own: in the person's folders, run as the person, for the person alone.

Owns where it lies and how it is started: as a service of the person's systemd where there is one, else as a
process that lives as long as any client of this person needs it. Knows no mail.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from shinbox.errors import ConfigError, DeskUnreachable
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.finding import own_socket

START_SECONDS: Final = 60.0
_STARTED: Final[list[subprocess.Popen[bytes]]] = []
"""Our children, each of which may outlive us."""
UNIT: Final = "shinbox-desk.service"
_TOML: Final = """\
# The desk of {login} alone. Every key: packaging/desk.toml of shinbox.
data = {data}
[socket]
path = {socket}
"""
_UNIT: Final = """\
[Unit]
Description=shinbox: a desk of one's own

[Service]
Type=notify
ExecStart={command}
Restart=on-failure
UMask=0077
LimitCORE=0

[Install]
WantedBy=default.target
"""


@dataclass(frozen=True)
class OwnDesk:
    """Where it lies."""

    config: Path
    data: Path
    socket: Path

    @classmethod
    def here(cls, environ: Mapping[str, str] = os.environ) -> OwnDesk:
        """In the person's usual folders."""
        from platformdirs import user_config_path, user_data_path

        data = user_data_path("shinbox") / "desk"
        return cls(user_config_path("shinbox") / "desk.toml", data, own_socket(environ) or data / "desk.sock")

    @property
    def endpoint(self) -> Endpoint:
        """Its address."""
        return Endpoint(socket=self.socket)

    @property
    def needed(self) -> Path:
        """The file that each of its clients holds a lock on."""
        return self.data / "needed"

    def exists(self) -> bool:
        """Whether it was begun."""
        return self.config.exists() and (self.data / "desk.db").exists()

    def listens(self) -> bool:
        """Whether it is running."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1.0)
            return line.connect_ex(str(self.socket)) == 0

    def begin(self) -> None:
        """Make it: the configuration, the data, and the person as its administrator.

        :raises ConfigError: it cannot be made, with the reason.
        """
        login = pwd.getpwuid(os.getuid()).pw_name
        try:
            self.config.parent.mkdir(parents=True, exist_ok=True)
            self.data.parent.mkdir(parents=True, exist_ok=True)
            text = _TOML.format(login=login, data=_quoted(self.data), socket=_quoted(self.socket))
            self.config.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{error.filename} cannot be written: {error.strerror}.") from None
        words = ("init", "--config", str(self.config), "--admin", login, "--unix-name", login)
        done = subprocess.run([*_program(), *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ConfigError(_last(done.stderr) or f"{self.data} could not be made.")


@contextlib.contextmanager
def running(desk: OwnDesk) -> Iterator[Endpoint]:
    """The desk, running; begun if it is not there yet.

    :raises ShinboxError: it cannot be made or started, with what to do.
    """
    if not desk.exists():
        desk.begin()
    if not desk.listens() and has_user_services():
        start_service(desk)
    with started(desk):
        yield replace(desk.endpoint, back=_Restart(desk))


class _Restart:
    """Starts the desk again where it ended before its clients."""

    asks = False

    def __init__(self, desk: OwnDesk) -> None:
        self._desk = desk

    def needs_person(self) -> bool:
        return False

    def connect(self) -> None:
        if not self._desk.listens() and has_user_services():
            start_service(self._desk)
        _ensure(self._desk)

    def give_up(self) -> None:
        """It ends by itself in START_SECONDS."""


def has_user_services() -> bool:
    """Whether the person has a systemd of their own here that answers."""
    if shutil.which("systemctl") is None:
        return False
    try:
        return _systemctl("show-environment").returncode == 0
    except subprocess.TimeoutExpired:
        return False


def start_service(desk: OwnDesk) -> None:
    """Install and start it as a service that comes back with the person's next login.

    :raises DeskUnreachable: systemd could not start it.
    """
    folder = desk.config.parent.parent / "systemd" / "user"
    command = " ".join(_unit_word(word) for word in (*_program(), "serve", "--config", str(desk.config)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / UNIT).write_text(_UNIT.format(command=command), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{error.filename} cannot be written: {error.strerror}.") from None
    for words in (("daemon-reload",), ("enable", "--now", UNIT)):
        try:
            done = _systemctl(*words)
        except subprocess.TimeoutExpired:
            raise DeskUnreachable(
                f"Your desk did not start in time: systemctl --user status {UNIT}"
            ) from None
        if done.returncode:
            raise DeskUnreachable(f"Your desk did not start: systemctl --user status {UNIT} says why.")


@contextlib.contextmanager
def started(desk: OwnDesk) -> Iterator[None]:
    """The desk runs while the block does; a process that was started for it ends soon after its last client.

    :raises DeskUnreachable: it did not start; the text is what it said last.
    """
    with _locked(desk.needed, fcntl.LOCK_SH):
        _ensure(desk)
        yield


def _ensure(desk: OwnDesk) -> None:
    """Start it, unless it runs; of several clients one does so."""
    with _locked(desk.data / "starting", fcntl.LOCK_EX):
        if not desk.listens():
            _start(desk)


@contextlib.contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    """Hold a lock, which the kernel takes back when this process ends, however it does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _start(desk: OwnDesk) -> None:
    log_file = desk.data / "desk.log"
    words = ("serve", "--config", str(desk.config), f"--while-needed={desk.needed}")
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as ready, open(log_file, "w+b", opener=_private) as log:
        process = subprocess.Popen(
            [*_program(), *words, f"--ready-fd={writing}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            pass_fds=[writing],
            start_new_session=True,
        )
        os.close(writing)
        if select.select([ready], [], [], START_SECONDS)[0] and ready.read(1):
            _STARTED.append(process)
            return
        process.kill()
        process.wait()
        log.seek(0)
        why = _last(log.read().decode("utf-8", "replace"))
    raise DeskUnreachable(f"Your desk did not start: {why or f'{log_file} says why.'}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _program() -> tuple[str, ...]:
    return sys.executable, "-m", "shinbox.desk"


def _systemctl(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["systemctl", "--user", *words], capture_output=True, check=False, timeout=START_SECONDS
    )


def _unit_word(word: str) -> str:
    """A word of a unit's command line: quoted, and nothing in it has a meaning (systemd.service(5))."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _quoted(path: Path) -> str:
    """A path as a text of TOML."""
    import json

    return json.dumps(str(path), ensure_ascii=False)


def _last(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1].removeprefix("shinbox: ") if lines else ""
