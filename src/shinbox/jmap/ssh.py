"""The way to a desk on a host: the person's own ssh forwards the desk's socket into a folder of theirs.

Owns the ssh command, the program that keeps it running (`ssh_keeper`) and the sentences for what goes wrong.
ssh asks for passwords and host keys on the terminal, as always, but only before `reached` has returned.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Final

from shinbox.errors import ConfigError, DeskUnreachable
from shinbox.jmap.endpoint import Endpoint, SshPlace

ASKING_SECONDS: Final = 180.0
"""Until ssh is through, where a person may have to type."""
ALONE_SECONDS: Final = 40.0
PROBE_SECONDS: Final = 15.0
ENDING_SECONDS: Final = 20.0
"""A keeper that is killed leaves its ssh behind; on a busy machine the two need longer than its own 3."""
_PREFIX: Final = "shinbox-"
_LONGEST_FOLDER: Final = 107 - len(f"/{_PREFIX}12345678/way/desk.sock")
"""In bytes: the name of a Unix socket has at most 107 (unix(7))."""
_OPTIONS: Final = (
    "ExitOnForwardFailure=yes",
    "StreamLocalBindUnlink=yes",
    "StreamLocalBindMask=0177",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=2",
    "ConnectTimeout=10",
    # A forwarding handed to a shared connection would outlive us there.
    "ControlMaster=no",
    "ControlPath=none",
    "ForwardAgent=no",
    "ForwardX11=no",
    "RemoteCommand=none",
    "PermitLocalCommand=no",
)


def ssh_command(place: SshPlace, local: Path, *, ask: bool) -> list[str]:
    """The arguments that forward the desk's socket to `local`. The address has been checked when parsed."""
    options = [*_OPTIONS, *([] if ask else ["BatchMode=yes"])]
    return [
        "ssh",
        *("-N", "-T", "-L", f"{local}:{place.socket}"),
        *(word for option in options for word in ("-o", option)),
        *(("-p", str(place.port)) if place.port else ()),
        *(("-l", place.user) if place.user else ()),
        "--",
        place.host,
    ]


@contextlib.contextmanager
def reached(
    endpoint: Endpoint, *, patient: bool = False, say: Callable[[str], None] = lambda text: None
) -> Iterator[Endpoint]:
    """The same desk as a client can open it; other addresses, and one that is reached, stay as they are.

    Returns once the desk answers. The connection is kept, and found again after a drop, until the block ends
    or this process does. `say` is told what is waited for. `patient`: a host that cannot be reached now is
    tried on in the background, where nobody can be asked anything.

    :raises DeskUnreachable: with what to do about it.
    :raises ConfigError: there is no ssh here.
    """
    place = endpoint.ssh
    if place is None or endpoint.socket is not None:
        yield endpoint
        return
    if shutil.which("ssh") is None:
        raise ConfigError("ssh is not installed here: install the OpenSSH client (openssh-client on Debian).")
    say(f"connecting with {place.host} over SSH …")
    way = _SshWay(place)
    try:
        try:
            way.begin()
        except DeskUnreachable as failed:
            if not patient:
                raise
            say(f"{failed} It is tried again by itself.")
            way.try_on()
        yield endpoint.through(way.socket, way)
    finally:
        way.close()


class _SshWay:
    """The way to one host, as long as it is needed; its socket is always the same."""

    asks = True

    def __init__(self, place: SshPlace) -> None:
        self._place = place
        # It stays until the end: between two connections, in /tmp, somebody else could take its name.
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_runtime_folder()))
        self.socket = self._folder / "way" / "desk.sock"
        self._keeper: _Keeper | None = None

    def begin(self) -> None:
        """Connect, asking the person where there is a terminal.

        :raises DeskUnreachable: with what to do about it.
        """
        self._end()
        self._keeper = _Keeper(self._place, self.socket, ask=_has_terminal())
        self._keeper.wait()

    def try_on(self) -> None:
        """Try again and again in the background, where nobody is asked anything."""
        self._end()
        self._keeper = _Keeper(self._place, self.socket, ask=False, again=True)

    def needs_person(self) -> bool:
        said = _said(self.socket)
        return any(sign in said for sign in _FOR_A_PERSON)

    def connect(self) -> None:
        try:
            self.begin()
        except DeskUnreachable:
            self.try_on()
            raise

    def give_up(self) -> None:
        if self._keeper is not None:
            self._keeper.hang_up()

    def close(self) -> None:
        """End ssh, and take the socket away."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        if self._keeper is not None:
            self._keeper.close()
        shutil.rmtree(self.socket.parent, ignore_errors=True)


class _Keeper:
    """A running `ssh_keeper`, and the pipe that it lives by."""

    def __init__(self, place: SshPlace, local: Path, *, ask: bool, again: bool = False) -> None:
        self._place = place
        self._seconds = ASKING_SECONDS if ask else ALONE_SECONDS
        self.socket = local
        try:
            local.parent.mkdir(mode=0o700)
        except OSError as error:
            raise DeskUnreachable(f"{local.parent} cannot be made: {error.strerror}.") from None
        program = Path(__file__).with_name("ssh_keeper.py")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(program), "again" if again else "first", str(local.parent)),
                *ssh_command(place, local, ask=ask),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def wait(self) -> None:
        """Until the desk answers.

        :raises DeskUnreachable: it does not.
        """
        output = self._process.stdout
        assert output is not None
        readable, _, _ = select.select([output], [], [], self._seconds)
        if not readable:
            raise DeskUnreachable(f"{self._place.host} did not let us in within {self._seconds:.0f} seconds.")
        if output.readline() != b"up\n":
            raise DeskUnreachable(_sentence(self._place.host, _said(self.socket)))
        if not _answers(self.socket):
            raise DeskUnreachable(_no_desk(self._place, _said(self.socket)))

    def hang_up(self) -> None:
        """Have it end, without waiting for that."""
        pipe = self._process.stdin
        assert pipe is not None
        if not pipe.closed:
            with contextlib.suppress(BrokenPipeError), pipe:
                pipe.write(b"end")

    def close(self) -> None:
        """End ssh."""
        process = self._process
        assert process.stdout is not None
        self.hang_up()
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def why_down(host: str, local: Path) -> str:
    """A sentence for a connection that was there before."""
    return _sentence(host, _said(local))


def _has_terminal() -> bool:
    """Whether ssh could ask anybody: it does so on the terminal itself, wherever its input comes from."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _runtime_folder() -> str:
    """Where sockets may lie: the first of the usual places that is ours to write to and has a short name."""
    for folder in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()):
        fits = len(os.fsencode(folder)) <= _LONGEST_FOLDER
        if folder and fits and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return "/tmp"


def _said(local: Path) -> str:
    """What ssh said last."""
    try:
        return local.with_name("said").read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _answers(local: Path) -> bool:
    """Whether something behind the socket speaks HTTP."""
    question = b"GET /.well-known/jmap HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n"
    end = monotonic() + PROBE_SECONDS
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PROBE_SECONDS)
            line.connect(str(local))
            line.sendall(question)
            answer = b""
            while len(answer) < 5 and monotonic() < end and (piece := line.recv(64)):
                answer += piece
            return answer.startswith(b"HTTP/")
    except OSError:
        return False


_FOR_A_PERSON: Final = ("Permission denied", "Host key verification failed", "Too many authentication")
_CAUSES: Final = (
    ("Could not resolve hostname", "is not known: check the name, or add it to ~/.ssh/config."),
    (
        "Host key verification failed",
        "is not known by its key, or the key changed: run ssh {host} once and compare.",
    ),
    ("Permission denied", "does not let you in: check your name and key with ssh {host}."),
    ("Too many authentication failures", "does not let you in: check your name and key with ssh {host}."),
    ("Connection refused", "takes no connections over SSH: check the name and the port."),
    ("timed out", "does not answer: check the name and your network."),
    ("No route to host", "cannot be reached from here: check your network."),
    ("Network is unreachable", "cannot be reached from here: check your network."),
)


def _sentence(host: str, said: str) -> str:
    for sign, sentence in _CAUSES:
        if sign in said:
            return f"{host} {sentence.format(host=host)}"
    last = said.splitlines()[-1].strip().rstrip(".") if said else "the connection is down"
    return f"{host} cannot be reached over SSH: {last}."


def _no_desk(place: SshPlace, said: str) -> str:
    if "administratively prohibited" in said:
        return (
            f"{place.host} does not let you forward its desk's socket: its administrator can allow it"
            " (AllowStreamLocalForwarding)."
        )
    return (
        f"No desk answers on {place.host} at {place.socket}: is shinbox serve running there, and may you open"
        f" its socket? Another one is named ssh://{place.host}/path/desk.sock."
    )
