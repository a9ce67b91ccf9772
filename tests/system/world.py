"""A whole house for system tests: a desk under a uid of its own, people with Unix logins, real mail servers.

    with house(servers, runtime) as world:
        support = world.new_mailbox("support", undo_seconds=0)
        bob = world.new_person("bob")
        world.admin("grant", "add", support.address, "bob", "--level", "write", "--send", "send-as")
        world.shinbox(bob, "mailboxes")                        # the command, as bob's own uid
        async with world.caller("bob") as caller: ...          # the protocol, with bob's token

Everything is set up as an administrator would: `shinbox admin …`, under the administrator's own uid. Knows no
table of the desk and imports nothing of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from tests.servers.mail import MailServers, User
from tests.servers.unix import Runtime, UnixUser, as_user, run_as, unix_group, unix_user
from tests.system.caller import Caller

T = TypeVar("T")

START_SECONDS = 120.0
"""Only a failure takes as long, on a machine busy with others."""
CHIEF = "ada"
"""The desk's first administrator: makes mailboxes and users, and sees no mail."""
MANAGER = "mia"
"""Manages every mailbox: its identities are hers to set."""
SIGNATURE = "Team Support\nMon–Fri 8–17"
DISPLAY_NAME = "Halden Support"


@dataclass(frozen=True)
class SharedMailbox:
    """A shared mailbox of the desk, and its log-in at the mail servers."""

    name: str
    user: User

    @property
    def address(self) -> str:
        return self.user.address


class World:
    """The running house; make one with `house`."""

    def __init__(
        self, servers: MailServers, runtime: Runtime, folder: Path, life: contextlib.ExitStack, listen: str
    ) -> None:
        self.servers = servers
        self.runtime = runtime
        self.folder = folder
        self._life = life
        self.group = life.enter_context(unix_group("inbox"))
        self.desk_user = life.enter_context(unix_user("desk", [self.group]))
        self.people: dict[str, UnixUser] = {}
        self._tokens: dict[str, str] = {}
        self.data = folder / "data"
        self.socket = folder / "run" / "desk.sock"
        self.configuration = folder / "desk.toml"
        self.log_file = folder / "desk.log"
        self.desk: subprocess.Popen[bytes] | None = None
        self._lay_out(listen)

    def _lay_out(self, listen: str) -> None:
        self.folder.chmod(0o755)
        for owned in (self.data, self.socket.parent):
            owned.mkdir(mode=0o755)
            os.chown(owned, self.desk_user.uid, self.desk_user.gid)
        self.data.chmod(0o700)
        ca_file = self.folder / "ca.pem"
        shutil.copy(self.servers.ca_file, ca_file)
        ca_file.chmod(0o644)
        self.configuration.write_text(
            f'data = "{self.data}"\n[socket]\npath = "{self.socket}"\ngroup = "{self.group}"\n'
            f'[tcp]\nlisten = "{listen}"\n'
        )
        self.configuration.chmod(0o644)

    # -- the desk ---

    def initialise(self) -> None:
        """`shinbox admin init`, by the desk's own uid."""
        chief = self._log_in(CHIEF)
        words = ("admin", "init", "--config", self.configuration, "--admin", CHIEF, "--unix-name", chief.name)
        done = run_as(self.desk_user, [self.runtime.shinbox, *words])
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start the desk; returns once it listens."""
        reading, writing = os.pipe()
        words = ("serve", "--config", self.configuration, "--ready-fd", str(writing))
        with self.log_file.open("ab") as log:
            self.desk = subprocess.Popen(
                as_user(self.desk_user, [self.runtime.shinbox, *words]),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[writing], cwd="/",
                start_new_session=True,
            )  # fmt: skip
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], START_SECONDS)
        said = os.read(reading, 64) if ready else b""
        os.close(reading)
        assert said == b"ready\n", f"the desk did not start: {self.log()}"

    def stop(self) -> int:
        """SIGTERM, as systemd does; the desk's exit code."""
        assert self.desk is not None
        self.desk.send_signal(signal.SIGTERM)
        return self.desk.wait(START_SECONDS)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def processes(self) -> dict[str, int]:
        """The ids of the desk's processes: "serve", "front", "mail"."""
        assert self.desk is not None
        found = {"serve": self.desk.pid}
        for child in Path(f"/proc/{self.desk.pid}/task/{self.desk.pid}/children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"shinbox.desk" in words:
                found[words[words.index(b"shinbox.desk") + 1].decode()] = int(child)
        return found

    # -- what an administrator does ---

    def admin(self, *words: str | Path, by: str = CHIEF) -> str:
        """`shinbox admin …`, which must succeed; what it printed."""
        done = self.shinbox(by, "admin", *words)
        assert done.returncode == 0, f"shinbox admin {' '.join(map(str, words))}: {done.stderr}"
        return done.stdout

    def new_mailbox(
        self,
        name: str = "support",
        *,
        undo_seconds: int = 0,
        imap_port: int | None = None,
        smtp_port: int | None = None,
        root: str | None = None,
        user: User | None = None,
        connected: bool = True,
    ) -> SharedMailbox:
        """A shared mailbox with its identity, on the test servers (or on wires in front of them)."""
        box = SharedMailbox(name, user or self.servers.new_user(name))
        self.admin("account", "add", box.address, "--kind", "imap", "--undo-seconds", str(undo_seconds))
        self.share(box, MANAGER, "manage", "send-as")
        signature = self.file_of(MANAGER, "signature", SIGNATURE)
        identity = ("--name", DISPLAY_NAME, "--signature-file", signature)
        self.admin("identity", "set", box.address, box.address, *identity, by=MANAGER)
        if connected:
            self.connect(box, imap_port=imap_port, smtp_port=smtp_port, root=root)
        return box

    def connect(
        self,
        box: SharedMailbox,
        *,
        imap_port: int | None = None,
        smtp_port: int | None = None,
        root: str | None = None,
    ) -> None:
        """`shinbox admin connection add`, with the passwords in a file."""
        secret = self.file_of(CHIEF, "secret", box.user.password)
        trust = self.folder / "ca.pem"
        self.admin(
            "connection", "add", box.address,
            "--imap-host", self.servers.host, "--imap-port", str(imap_port or self.servers.imaps_port),
            "--imap-tls", "tls", "--imap-user", box.address, "--imap-ca-file", trust,
            "--imap-password-file", secret,
            "--smtp-host", self.servers.host, "--smtp-port", str(smtp_port or self.servers.submission_port),
            "--smtp-tls", "starttls", "--smtp-user", box.address, "--smtp-ca-file", trust,
            "--smtp-password-file", secret,
            *(("--root", root) if root else ()),
        )  # fmt: skip

    def new_person(self, name: str, *, groups: bool = True) -> UnixUser:
        """A user of the desk with a Unix login and no password, whom the desk knows by uid and name."""
        user = self._log_in(name, groups=groups)
        self.admin("user", "add", name, "--unix-name", user.name, "--email", f"{name}@people.test")
        return user

    def share(self, box: SharedMailbox, name: str, level: str, send: str = "none") -> None:
        """`shinbox admin grant add`."""
        self.admin("grant", "add", box.address, name, "--level", level, "--send", send)

    def unshare(self, box: SharedMailbox, name: str) -> None:
        """`shinbox admin grant remove`."""
        self.admin("grant", "remove", box.address, name)

    # -- what people do ---

    def environment(self) -> dict[str, str]:
        """What a person's programs are told."""
        return {"SHINBOX_DESK": f"unix:{self.socket}", "TERM": "xterm-256color", "COLORTERM": "truecolor"}

    def shinbox(self, name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """The command as somebody, under their own uid; does not raise for its exit status."""
        return run_as(self.people[name], [self.runtime.shinbox, *words], env=self.environment())

    def terminal_command(self, name: str) -> list[str | Path]:
        """What somebody types to start the terminal client, for `Terminal`."""
        return as_user(self.people[name], [self.runtime.shinbox], self.environment())

    def by_hand(self, name: str, *requests: list[list[Any]]) -> list[list[list[Any]]]:
        """Raw JMAP requests under somebody's own uid, without the client's or the screen's manners."""
        code = Path(__file__).with_name("by_hand.py").read_text()
        done = subprocess.run(
            as_user(self.people[name], [self.runtime.python, "-c", code, self.socket]),
            input=json.dumps(requests), capture_output=True, text=True, timeout=120, check=False, cwd="/",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answers: list[list[list[Any]]] = json.loads(done.stdout)
        return answers

    @contextlib.asynccontextmanager
    async def caller(self, name: str) -> AsyncIterator[Caller]:
        """The protocol as somebody, from this process: by a password, since root is nobody there."""
        async with Client(Endpoint(socket=self.socket), self._tokens.get(name)) as client:
            if name not in self._tokens:
                password = f"{name} knows it by heart"
                self.admin("user", "set", name, "--password-file", self.file_of(CHIEF, "password", password))
                self._tokens[name] = await client.sign_in(name, password)
            yield await Caller.at(client)

    # -- inside ---

    def _log_in(self, name: str, *, groups: bool = True) -> UnixUser:
        user = self._life.enter_context(unix_user(name, [self.group] if groups else []))
        self.people[name] = user
        return user

    def file_of(self, person: str, name: str, text: str) -> Path:
        """A file that only this person can read."""
        owner = self.people[person]
        path = owner.home / name
        path.write_text(text)
        path.chmod(0o600)
        os.chown(path, owner.uid, owner.gid)
        return path


@contextlib.contextmanager
def house(servers: MailServers, runtime: Runtime, *, listen: str = "") -> Iterator[World]:
    """A desk that runs, with its administrator and the manager of its mailboxes to come.

    `listen`: also at this loopback address, so that a wire can stand before it.
    """
    with contextlib.ExitStack() as life:
        folder = Path(tempfile.mkdtemp(prefix="shinbox-house-", dir="/tmp"))
        life.callback(shutil.rmtree, folder, ignore_errors=True)
        world = World(servers, runtime, folder, life, listen)
        world.initialise()
        world.start()
        try:
            world.new_person(MANAGER)
            yield world
        finally:
            if world.desk is not None and world.desk.poll() is None:
                world.stop()


def eventually(look: Callable[[], T | None], what: str, seconds: float = 60.0) -> T:
    """What `look` returns, once that is something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return found
