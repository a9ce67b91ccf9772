"""A desk on a host, reached by `--desk ssh://…` from a machine that has nothing but the client and OpenSSH.

The real sshd, ssh and desk; the laptop's uid is one that the desk does not know. A connection is lost
by killing the host's end of it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty import Terminal
from tests.servers.mail import MailServers
from tests.servers.ssh import SshServer
from tests.servers.unix import Runtime, UnixUser, _processes_of, as_user, run_as, unix_user
from tests.system.letters import letter
from tests.system.world import SharedMailbox, World, eventually, house

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


class Laptop:
    """Bob at another machine."""

    def __init__(self, world: World, box: SharedMailbox, ssh: SshServer, user: UnixUser) -> None:
        self.world, self.box, self.ssh, self.user = world, box, ssh, user
        self.bob = world.people["bob"]
        self.desk = f"ssh://{self.bob.name}@{ssh.host}:{ssh.port}{world.socket}"

    def env(self, folder: Path) -> dict[str, str]:
        return {"PATH": f"{folder}:/usr/bin:/bin", "TMPDIR": str(self.user.home), "SHINBOX_DESK": self.desk}

    def command(self, folder: Path, *words: str) -> list[str | Path]:
        return as_user(self.user, [self.world.runtime.shinbox, *words], self.env(folder))

    def deliver(self, number: str) -> str:
        subject = f"From afar {number}"
        raw = letter(f"afar-{number}", subject, sender="Carla <carla@customer.test>", to=self.box.address)
        self.world.servers.deliver(raw, self.box.address)
        return subject

    def left_behind(self) -> list[object]:
        return [*_processes_of(self.user.uid), *self.user.home.glob("shinbox-*")]

    def cut(self) -> None:
        """The connection is lost: the host's end of it dies."""
        for process in _processes_of(self.bob.uid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def times_let_in(self) -> int:
        return self.ssh.log().count(f"Accepted publickey for {self.bob.name}")


@pytest.fixture(scope="module")
def office(servers: MailServers, public_runtime: Runtime) -> Iterator[tuple[World, SharedMailbox, SshServer]]:
    with house(servers, public_runtime) as world, SshServer.start() as ssh:
        world.new_person("bob")
        box = world.new_mailbox("support", user=servers.new_user("support"), undo_seconds=1)
        world.share(box, "bob", "write", "send-as")
        yield world, box, ssh


@pytest.fixture
def laptop(office: tuple[World, SharedMailbox, SshServer]) -> Iterator[Laptop]:
    with unix_user("laptop") as user:
        yield Laptop(*office, user)


def test_a_lost_connection_is_found_again_and_a_killed_client_leaves_nothing(laptop: Laptop) -> None:
    folder = laptop.ssh.program(laptop.user, laptop.bob)
    first = laptop.deliver("one")
    with Terminal(laptop.command(folder), columns=120, lines=40) as terminal:
        terminal.wait_for(first, "write + send")
        before = laptop.times_let_in()
        laptop.cut()
        second = laptop.deliver("two")
        terminal.wait_for(first, second)
        assert laptop.times_let_in() > before, "by a new connection"
        terminal.kill()
        eventually(lambda: not laptop.left_behind(), what="ssh and its socket are gone")


def test_what_ssh_asks_is_asked_before_the_screen_is_taken(laptop: Laptop) -> None:
    folder = laptop.ssh.program(laptop.user, laptop.bob, known=False)
    subject = laptop.deliver("three")
    with Terminal(laptop.command(folder), columns=120, lines=40) as terminal:
        terminal.wait_for("Are you sure you want to continue connecting")
        terminal.send("yes\r")
        terminal.wait_for(subject)
        terminal.press("Q")
        assert terminal.wait() == 0
    eventually(lambda: not laptop.left_behind(), what="ssh and its socket are gone")


def test_commands_work_over_ssh_and_say_what_is_wrong(laptop: Laptop) -> None:
    folder = laptop.ssh.program(laptop.user, laptop.bob)
    shinbox, env = laptop.world.runtime.shinbox, laptop.env(folder)
    done = run_as(laptop.user, [shinbox, "mailboxes"], env=env)
    assert done.returncode == 0, done.stderr
    assert laptop.box.address in done.stdout
    assert laptop.left_behind() == []

    nobody = laptop.desk.replace(laptop.bob.name, "nobody")
    refused = run_as(laptop.user, [shinbox, "mailboxes", "--desk", nobody], env=env)
    assert (refused.returncode, refused.stderr.count("\n")) == (6, 1)
    assert "does not let you in: check your name and key with ssh" in refused.stderr

    elsewhere = laptop.desk.replace(str(laptop.world.socket), "/run/nothing/desk.sock")
    empty = run_as(laptop.user, [shinbox, "mailboxes", "--desk", elsewhere], env=env)
    assert empty.returncode == 6
    assert "No desk answers on 127.0.0.1 at /run/nothing/desk.sock: is shinbox serve running" in empty.stderr
    assert laptop.left_behind() == []
