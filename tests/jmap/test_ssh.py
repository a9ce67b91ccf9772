"""The way to a desk on a host: which addresses, which command, what is said when it fails. A stand-in for ssh
(a small script on the PATH) does what OpenSSH does with its arguments; the real one is in tests/system.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shinbox.errors import ConfigError, DeskUnreachable
from shinbox.jmap.endpoint import SYSTEM_SOCKET, Endpoint, SshPlace
from shinbox.jmap.ssh import reached, ssh_command, why_down

PATIENCE = 60.0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ssh://north", SshPlace("north")),
        ("ssh://Mia@North.example:2222/", SshPlace("North.example", "Mia", 2222)),
        ("ssh://[::1]/srv/desk.sock", SshPlace("::1", "", None, Path("/srv/desk.sock"))),
    ],
)
def test_a_host_is_named_with_user_port_and_socket(text: str, place: SshPlace) -> None:
    endpoint = Endpoint.parse(text)
    assert endpoint.ssh == place
    assert Endpoint.parse(str(endpoint)) == endpoint, "what is kept is read again"


@pytest.mark.parametrize(
    "text",
    [
        "ssh://",
        "ssh://-oProxyCommand=evil",
        "ssh://-l@host",
        "ssh://user@-host",
        "ssh://a b",
        "ssh://host$(id)",
        "ssh://host:99999",
        "ssh://host/${HOME}/x",
        "ssh://host/a:b",
        "ssh://host/%h",
        "ssh://u:p@host",
        "ssh:host",
    ],
)
def test_what_ssh_could_take_for_something_else_is_no_address(text: str) -> None:
    with pytest.raises(ConfigError):
        assert Endpoint.parse(text).ssh is None


def test_the_command_is_a_list_with_the_host_after_the_options() -> None:
    place = SshPlace("north", "mia", 22, Path("/srv/d.sock"))
    words = ssh_command(place, Path("/run/x/desk.sock"), ask=False)
    assert words[-2:] == ["--", "north"]
    assert words[words.index("-L") + 1] == "/run/x/desk.sock:/srv/d.sock"
    assert "BatchMode=yes" in words
    assert "ControlPath=none" in words, "a shared connection would keep the forwarding alive"
    assert "BatchMode=yes" not in ssh_command(place, Path("/run/x/desk.sock"), ask=True)


STAND_IN = """#!{python}
import os, pathlib, signal, socket, sys, threading
words = sys.argv[1:]
local, _, remote = words[words.index("-L") + 1].partition(":")
note = pathlib.Path({notes!r})
with note.open("a") as file:
    file.write(f"{{os.getpid()}} {{local}} {{words[-1]}} {{'BatchMode=yes' in words}}\\n")
if words[-1] == "unknown":
    sys.exit("ssh: Could not resolve hostname unknown: Name or service not known")
if words[-1] == "refusing" or pathlib.Path({refuse!r}).exists():
    sys.exit("me@refusing: Permission denied (publickey).")
listener = socket.socket(socket.AF_UNIX)
new = os.path.dirname(local) + "/new"  # No longer than the name that it gets.
listener.bind(new)
listener.listen()
os.rename(new, local)
while True:
    there, _ = listener.accept()
    if words[-1] == "empty":
        sys.stderr.write("channel 2: open failed: connect failed: No such file or directory\\n")
        there.close()
        continue
    there.recv(1000)
    there.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
    there.close()
"""


class StandIn:
    """The stand-in's notes: one line for each time it was started."""

    def __init__(self, folder: Path) -> None:
        self.notes, self.refuse = folder / "notes", folder / "refuse"
        program = folder / "bin" / "ssh"
        program.parent.mkdir()
        program.write_text(
            STAND_IN.format(python=sys.executable, notes=str(self.notes), refuse=str(self.refuse))
        )
        program.chmod(0o755)
        self.path = f"{program.parent}:{os.environ['PATH']}"

    def starts(self) -> list[list[str]]:
        return [line.split() for line in self.notes.read_text().splitlines()] if self.notes.exists() else []

    def pid(self) -> int:
        return int(self.starts()[-1][0])


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    stand_in = StandIn(tmp_path)
    monkeypatch.setenv("PATH", stand_in.path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    yield stand_in


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(path))
            line.sendall(b"x")
            return line.recv(4) == b"HTTP"
        except OSError:
            return False


def test_the_desk_is_reached_through_a_socket_that_only_the_person_may_open(ssh: StandIn) -> None:
    said: list[str] = []
    with reached(Endpoint.parse("ssh://north"), say=said.append) as endpoint:
        assert endpoint.socket is not None
        assert str(endpoint) == "ssh://north", "tokens and drafts are kept under the address, not the socket"
        assert stat.S_IMODE(endpoint.socket.parent.stat().st_mode) == 0o700
        assert endpoint.target("/x").over == "north"
        assert answers(endpoint.socket)
        pid = ssh.pid()
    assert said == ["connecting with north over SSH …"]
    assert not runs(pid), "ssh ends with the client"
    assert not endpoint.socket.parent.exists()


def test_where_names_of_folders_are_longer_than_a_sockets_may_be_another_place_is_taken(
    ssh: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("long" * 12)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with reached(Endpoint.parse("ssh://north")) as endpoint:
        assert endpoint.socket is not None
        assert answers(endpoint.socket)


def test_an_ssh_that_dies_is_started_again_at_the_same_socket_and_asks_nobody(ssh: StandIn) -> None:
    with reached(Endpoint.parse("ssh://north")) as endpoint:
        assert endpoint.socket is not None
        os.kill(ssh.pid(), signal.SIGKILL)
        until(lambda: len(ssh.starts()) == 2 and answers(endpoint.socket))  # type: ignore[arg-type]  # set above
        assert ssh.starts()[1][3] == "True", "nobody can be asked while the screen is taken"


def test_between_two_connections_the_folder_stays_ours(ssh: StandIn) -> None:
    with reached(Endpoint.parse("ssh://north")) as endpoint:
        assert endpoint.socket is not None
        assert endpoint.back is not None
        folder = endpoint.socket.parent.parent
        before = folder.stat()
        endpoint.back.connect()
        assert answers(endpoint.socket)
        assert folder.stat().st_ino == before.st_ino
        assert stat.S_IMODE(before.st_mode) == 0o700
    assert not folder.exists()


def test_while_the_host_refuses_the_sentence_says_so(ssh: StandIn) -> None:
    with reached(Endpoint.parse("ssh://north")) as endpoint:
        assert endpoint.socket is not None
        local = endpoint.socket
        ssh.refuse.touch()
        os.kill(ssh.pid(), signal.SIGKILL)
        until(lambda: "does not let you in" in why_down("north", local))
        ssh.refuse.unlink()
        until(lambda: answers(local))


def test_a_client_that_is_killed_takes_its_ssh_and_its_socket_along(ssh: StandIn) -> None:
    program = (
        "import time; from shinbox.jmap.ssh import reached; from shinbox.jmap.endpoint import Endpoint\n"
        "with reached(Endpoint.parse('ssh://north')) as there:\n"
        "    print(there.socket, flush=True); time.sleep(60)"
    )
    client = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    local = Path(client.stdout.readline().strip())
    assert answers(local)
    client.kill()
    client.wait()
    client.stdout.close()
    until(lambda: not runs(ssh.pid()) and not local.parent.parent.exists())


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("unknown", "unknown is not known: check the name, or add it to ~/.ssh/config."),
        ("refusing", "refusing does not let you in: check your name and key with ssh refusing."),
        ("empty", f"No desk answers on empty at {SYSTEM_SOCKET}: is shinbox serve running there"),
    ],
)
def test_what_went_wrong_is_said_with_what_to_do(
    ssh: StandIn, host: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(DeskUnreachable) as failed, reached(Endpoint.parse(f"ssh://{host}")):
        pass
    assert str(failed.value).startswith(sentence)
    assert not list(tmp_path.glob("shinbox-*")), "nothing is left behind"


def test_one_of_several_desks_is_waited_for_in_the_background(ssh: StandIn) -> None:
    ssh.refuse.touch()
    said: list[str] = []
    with reached(Endpoint.parse("ssh://north"), patient=True, say=said.append) as endpoint:
        assert said[-1].endswith("with ssh north. It is tried again by itself.")
        ssh.refuse.unlink()
        local = endpoint.socket
        assert local is not None
        until(lambda: answers(local))


def test_without_ssh_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(ConfigError, match="install the OpenSSH client"),
        reached(Endpoint.parse("ssh://north")),
    ):
        pass


def test_other_addresses_need_no_ssh() -> None:
    endpoint = Endpoint(socket=Path("/run/x.sock"))
    with reached(endpoint) as same:
        assert same is endpoint
