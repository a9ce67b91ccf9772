"""Test users are real users of the machine, and sshd lets them in and forwards their sockets."""

from __future__ import annotations

import pwd
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty import Terminal
from tests.servers.ssh import SshServer
from tests.servers.unix import Runtime, UnixUser, as_user, run_as, unix_group, unix_user, world_readable

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def ssh() -> Iterator[SshServer]:
    with SshServer.start() as server:
        yield server


@pytest.fixture
def bob() -> Iterator[UnixUser]:
    with unix_user("bob") as user:
        yield user


class WhoAreYou(socketserver.StreamRequestHandler):
    """Tells each client its own uid, as the kernel reports it."""

    def handle(self) -> None:
        credentials = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self.wfile.write(str(struct.unpack("3i", credentials)[1]).encode())


@pytest.fixture
def who_are_you(bob: UnixUser) -> Iterator[Path]:
    """A Unix socket that tells its clients their uid; anyone may connect."""
    path = bob.home.parent / f"{bob.name}.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), WhoAreYou) as server:
        path.chmod(0o666)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield path
        server.shutdown()
    path.unlink()


def test_a_test_user_exists_for_the_test_alone() -> None:
    with unix_user("carol") as carol:
        assert pwd.getpwnam(carol.name).pw_uid == carol.uid
        sleeper = run_as(carol, ["/bin/sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"])
        assert Path("/proc", sleeper.stdout.strip()).exists()
    assert not Path("/proc", sleeper.stdout.strip(), "exe").exists()
    assert not carol.home.exists()
    with pytest.raises(KeyError):
        pwd.getpwnam(carol.name)


def test_a_program_run_as_a_user_has_that_user_s_rights_and_groups_only(
    bob: UnixUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of root")
    with unix_group("desk") as group, unix_user("alice", groups=[group]) as alice:
        assert group in run_as(alice, ["id", "-Gn"]).stdout.split()
        assert group not in run_as(bob, ["id", "-Gn"]).stdout.split()
        assert run_as(bob, ["id", "-u"]).stdout.strip() == str(bob.uid)
        assert "CapEff:\t0000000000000000" in run_as(bob, ["cat", "/proc/self/status"]).stdout
        assert run_as(bob, ["cat", "/etc/shadow"]).returncode != 0
        assert run_as(bob, ["ls", alice.home]).returncode != 0
    assert "of root" not in run_as(bob, ["env"]).stdout
    assert "WANTED=yes" in run_as(bob, ["env"], env={"WANTED": "yes"}).stdout


def test_other_users_can_run_shinbox_s_interpreter(bob: UnixUser, public_runtime: Runtime) -> None:
    ran = run_as(bob, [public_runtime.python, "-c", "import shinbox, msgspec; print(shinbox.__version__)"])
    assert ran.stdout.strip(), ran.stderr
    assert world_readable(public_runtime.shinbox)


def test_a_program_of_a_user_runs_in_a_terminal(bob: UnixUser) -> None:
    with Terminal(as_user(bob, ["/bin/sh", "-c", "id -un; stty size"]), columns=100, lines=30) as terminal:
        terminal.wait_for(bob.name)
        terminal.wait_for("30 100")


def test_a_user_logs_in_with_the_key(ssh: SshServer, bob: UnixUser) -> None:
    ran = ssh.run(bob, "sh", "-c", "id -un; echo 'two  words'")
    assert ran.stdout.splitlines() == [bob.name, "two  words"], ran.stderr + ssh.log()
    with Terminal(ssh.command(bob, "tty", options=("-t",))) as terminal:
        terminal.wait_for("/dev/pts/")


def test_somebody_else_s_key_does_not_open_the_door(ssh: SshServer, bob: UnixUser) -> None:
    with unix_user("eve") as eve:
        ssh.enroll(eve)
        ssh.enroll(bob)
        forged = [word.replace(f"{bob.name}@", f"{eve.name}@") for word in ssh.command(bob, "id")]
        with Terminal(forged) as terminal:
            assert terminal.wait() == 255
            assert "Permission denied" in terminal.text


def test_a_forwarded_socket_shows_the_login_user(
    ssh: SshServer, bob: UnixUser, who_are_you: Path, tmp_path: Path
) -> None:
    local = tmp_path / "desk.sock"
    with ssh.forward(bob, local, who_are_you), socket.socket(socket.AF_UNIX) as client:
        assert local.stat().st_mode & 0o077 == 0
        client.settimeout(60)
        client.connect(str(local))
        assert client.recv(20) == str(bob.uid).encode()
    assert not local.exists()
