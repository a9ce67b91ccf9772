"""Three-way sync on real Dovecot: random histories, connections cut anywhere, the mail process killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis.stateful import initialize

from shinbox.desk import wake
from shinbox.desk.config import Config
from shinbox.desk.store import connections, sealing
from tests.desk.mail.histories import FLAGS, PATHS, WORDS, Histories
from tests.desk.mail.world import World, message
from tests.servers.mail import MailServers
from tests.system.dovecot_side import DovecotSide

pytestmark = pytest.mark.system

TORTURE = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
HISTORIES = int(os.environ.get("SHINBOX_HISTORIES", "2000" if TORTURE else "8"))
DEADLINE = 60.0


@pytest.mark.timeout(7200)
def test_random_histories_converge_on_dovecot(servers: MailServers) -> None:
    class OnDovecot(Histories):
        @initialize()
        def begin(self) -> None:
            self.begin_on(DovecotSide(servers))

    case: Any = OnDovecot.TestCase
    case.settings = settings(stateful_step_count=15, max_examples=HISTORIES)
    case().runTest()


@pytest.fixture
def side(servers: MailServers) -> Iterator[DovecotSide]:
    side = DovecotSide(servers)
    yield side
    side.end()


def rights_of(world: World) -> dict[str, tuple[str | None, str | None]]:
    """folder name → (role, the server's rights)."""
    with world.database.read() as tx:
        rows = tx.all("SELECT name, role, server_rights FROM mailbox WHERE account_id = ?", (world.account,))
    return {row["name"]: (row["role"], row["server_rights"]) for row in rows}


def test_a_mailbox_shared_by_another_user_is_mirrored_with_its_roles_and_its_rights(
    servers: MailServers, side: DovecotSide, tmp_path: Path
) -> None:
    owner = servers.new_user(domain=side.user.domain)
    for folder, letters in (("INBOX", "lrswipekxt"), ("Sent", "lrswipekxt"), ("Archive", "lr")):
        servers.set_acl(owner, folder, side.user.address, letters)
    servers.seed(owner, [message(1), message(2)])
    servers.seed(owner, [message(3)], "Archive")
    world = World(tmp_path)
    world.connect = side.connect
    root = f"shared/{owner.address}"
    world.sync(root)
    found = rights_of(world)
    assert {name: role for name, (role, _) in found.items() if role} == {
        next(name for name, (role, _) in found.items() if role == "inbox"): "inbox",
        "Sent": "sent",
        "Archive": "archive",
    }
    assert set(found["Archive"][1] or "") == {"l", "r"}
    world.set_keywords(world.email("Invoice 3"), "$flagged")
    world.move(world.email("Invoice 1"), "Sent")
    world.sync(root)
    assert [(kind, status) for kind, status, _ in world.outcomes()] == [
        ("keywords", "refused"),
        ("move", "done"),
    ]
    assert ("Archive", "Invoice 3", ()) in world.on_desk()
    with servers.imap(owner) as client:
        assert client.select("Sent", readonly=True)[1] == [b"1"]


def test_a_public_folder_is_mirrored_below_its_root(
    servers: MailServers, side: DovecotSide, tmp_path: Path
) -> None:
    for name in ("support", "support/Sent"):
        servers.new_public_folder(side.user.domain, name, {side.user.address: "lrswipekxt"})
    servers.seed(side.user, [message(1)], "Public/support")
    world = World(tmp_path)
    world.connect = side.connect
    world.sync("Public/support")
    found = rights_of(world)
    assert {role for role, _ in found.values()} == {"inbox", "sent"}
    world.move(world.email("Invoice 1"), "Sent")
    world.sync("Public/support")
    assert [status for _, status, _ in world.outcomes()] == ["done"]
    world.sync("Public/support")
    assert [folder for folder, _, _ in world.on_desk()] == ["Sent"]


class MailProcess:
    """The real mail process on a world's data, to be killed and started again."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.config, self.key = Config(data=str(folder), log_level="warning"), key
        self.front, self.mail = wake.pair()
        self.line = wake.WakeLine(self.front, lambda _: None)
        self.line.start()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        reading, writing = os.pipe()
        os.write(writing, self.key)
        os.close(writing)
        command = [sys.executable, "-m", "shinbox.desk", "mail", f"--parent={os.getpid()}"]
        self.process = subprocess.Popen(
            [*command, f"--wake={self.mail.fileno()}", f"--key={reading}"],
            pass_fds=[self.mail.fileno(), reading],
            stdin=subprocess.PIPE,
        )
        os.close(reading)
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(self.config))
        self.process.stdin.close()

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)

    def listens_for(self, number: signal.Signals) -> bool:
        """Whether it has come so far that the signal reaches its own handler (proc(5), SigCgt)."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (number - 1) & 1)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)
        self.line.close()
        self.front.close()
        self.mail.close()


class Killed:
    """One history: a world, its Dovecot mailbox, and a mail process that dies at random moments."""

    def __init__(self, folder: Path, servers: MailServers, chance: random.Random) -> None:
        self.chance = chance
        self.side = DovecotSide(servers)
        self.world = World(folder)
        key = sealing.new_key()
        server = {
            "host": servers.host,
            "port": servers.imaps_port,
            "tls": "tls",
            "caFile": str(servers.ca_file),
        }
        with self.world.database.write() as tx:
            connections.put(
                tx,
                self.world.account,
                imap=json.dumps({**server, "user": self.side.user.address}),
                imap_secret=sealing.seal(sealing.public_of(key), self.side.user.password),
            )
        self.process = MailProcess(folder, key)
        self.number = 0
        self.wanted: dict[str, int] = {}
        self.removed: set[str] = set()
        self.drafts: dict[str, int] = {}

    def step(self) -> None:
        """Something that either side does."""
        what = [self.deliver, self.they_move, self.they_flag, self.they_remove]
        what += [self.we_move, self.we_move, self.we_flag, self.we_destroy, self.we_draft]
        self.chance.choice(what)()

    def deliver(self) -> None:
        self.number += self.chance.random() < 0.8 or not self.number
        self.wanted[f"Invoice {self.number}"] = self.wanted.get(f"Invoice {self.number}", 0) + 1
        self.side.deliver(self.chance.choice(list(PATHS.values())), message(self.number))

    def _theirs(self) -> Iterator[tuple[str, int]]:
        if found := self.side.spots(list(PATHS.values())):
            yield self.chance.choice(found)

    def they_move(self) -> None:
        for spot in self._theirs():
            self.side.move(*spot, self.chance.choice(list(PATHS.values())))

    def they_flag(self) -> None:
        for spot in self._theirs():
            self.side.flag(*spot, FLAGS[self.chance.choice(WORDS)], self.chance.random() < 0.5)

    def they_remove(self) -> None:
        for spot in self._theirs():
            if self.chance.random() < 0.4:
                # The desk may move it between our two looks: then nothing is removed.
                self.removed.add(self.side.subject(*spot))
                self.side.remove(*spot)

    def we_move(self) -> None:
        for mail in self._ours():
            self.world.move(mail, self.chance.choice(list(PATHS)))

    def we_flag(self) -> None:
        for mail in self._ours():
            self.world.set_keywords(mail, *self.chance.sample(WORDS, self.chance.randint(0, len(WORDS))))

    def we_destroy(self) -> None:
        for mail in self._ours():
            if self.chance.random() < 0.4:
                self.removed.add(self.world.shown()[mail][0])
                self.world.destroy(mail)

    def we_draft(self) -> None:
        if not self.world.emails():
            return  # The folders are not known yet.
        self.number += 1
        self.wanted[f"Draft {self.number}"] = 1
        self.drafts[f"Draft {self.number}"] = self.world.add(
            message(self.number, "Draft"), "Drafts", "$draft"
        )

    def _ours(self) -> Iterator[int]:
        if some := self.world.emails():
            yield self.chance.choice(some)

    def wake(self, topic: wake.Topic) -> None:
        self.process.line.send(wake.Wake(self.world.account, topic))

    def live(self, steps: int) -> int:
        """The history; how often the process was killed."""
        kills = 0
        self.process.start()
        for _ in range(steps):
            try:
                self.step()
            except AssertionError:
                # The message left while the other client meant it: a real client would look again.
                self.side.client.noop()
            self.wake(self.chance.choice(["intents", "fetch"]))
            if self.chance.random() < 0.2:
                time.sleep(self.chance.random() * 0.4)  # anywhere in what it is doing
                self.process.end(signal.SIGKILL)
                kills += 1
                self.process.start()
        return kills

    def quiet(self) -> bool:
        self.wake("fetch")
        waiting = any(status == "queued" for _, status, _ in self.world.outcomes())
        return not waiting and self.world.on_desk() == self.side.contents()

    def check(self) -> None:
        until(
            self.quiet,
            lambda: f"{self.world.on_desk()} is not {self.side.contents()}: {self.world.outcomes()}",
        )
        subjects = [subject for _, subject, _ in self.side.contents()]
        for subject, count in self.wanted.items():
            there = subjects.count(subject)
            assert there == count or (subject in self.removed and there < count), (
                f"{subject}: {there} of {count}"
            )
        shown = self.world.shown()
        for subject, mail in self.drafts.items():
            if subject not in self.removed:
                assert shown[mail][0] == subject


def until(so: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    end = time.monotonic() + DEADLINE
    while not so():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.2)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", range(100 if TORTURE else 2))
def test_a_mail_process_killed_anywhere_loses_and_doubles_nothing(
    servers: MailServers, tmp_path: Path, seed: int
) -> None:
    history = Killed(tmp_path, servers, random.Random(seed))
    try:
        assert history.live(40) > 0
        history.check()
        # The last kill may be so late that its successor is still starting when everything is already right.
        until(lambda: history.process.listens_for(signal.SIGTERM), lambda: "it never listened for SIGTERM")
        assert history.process.end(signal.SIGTERM) == 0
    finally:
        history.process.close()
        history.side.end()
