"""What mirroring costs: the first sync of a large folder, a sync of nothing new, and of a busy morning.

One line a figure: name, value, unit, peer. `python -m benchmarks.bench_sync [messages]` (as root: starts the
tests' own Dovecot). The peer is mbsync: in the same run where it is installed, else as FACTS.md measured it.
mbsync fetches whole messages in its first sync; ours publishes headers and structure, bodies follow later.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bench_imap import endpoint_of, messages
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.line import Line, Memory
from shinbox.desk.mail.process import SWITCH_SECONDS
from shinbox.desk.mail.remote import imap
from shinbox.desk.mail.remote.settings import Endpoint
from shinbox.desk.store import accounts
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database, Tx
from tests.servers.mail import MailServers, User

MESSAGES = 100_000
CHANGED = 100
MOVED = 50
MEASURED = {"first": "13-21 s, 67-71 s with fsync", "nothing": "0.35 s", "busy": "0.75-1.1 s"}


def main() -> None:
    """Run all, print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    sys.setswitchinterval(SWITCH_SECONDS)
    with MailServers.start() as servers, tempfile.TemporaryDirectory(prefix="shinbox-bench-") as folder:
        user = servers.new_user()
        servers.seed(user, _some(count))
        ours = _Ours(Path(folder), endpoint_of(servers, user))
        theirs = _Mbsync(Path(folder), servers, user) if shutil.which("mbsync") else None
        for name in ("first", "nothing", "busy"):
            if name == "busy":
                _busy(servers, user, count)
            seconds = _timed(ours.sync)
            peer = (
                f"mbsync {_timed(theirs.sync):.2f} s"
                if theirs is not None
                else f"mbsync {MEASURED[name]}, FACTS.md"
            )
            print(f"sync of {count} messages: {name:<10} {seconds:>8.2f} s   ({peer})", flush=True)
            if name == "first":
                print(f"{'':<27}{'':<10} {count / seconds:>8.0f} messages/s", flush=True)
                print(f"{'':<20}longest write transaction {ours.longest * 1000:>6.0f} ms", flush=True)
                print(f"{'':<20}first page visible after  {ours.first_page:>6.2f} s", flush=True)


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def _some(count: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count:
        lap = len(found)
        found += [
            raw.replace(b"@example.org>\r\nDate", b"@%d.example.org>\r\nDate" % lap) for raw in messages()
        ]
    return found[:count]


class _Ours:
    """A desk that is synced as its worker would, one connection a time."""

    def __init__(self, folder: Path, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        database = _Timed(folder / "desk.db")
        database.migrate()
        self._database = database
        self.first_page = 0.0
        self._started = 0.0
        self._desk = Desk(database, Blobs(folder / "blobs"), time.time, lambda _: None)
        self._memory = Memory(self._desk, 60.0)
        with database.write() as tx:
            self._account = accounts.create(tx, "bench", address="", kind="imap", created_at=self._desk.utc())

    @property
    def longest(self) -> float:
        """Seconds of the longest write transaction."""
        return self._database.longest

    def sync(self) -> None:
        """One connection's work."""
        self._started = time.perf_counter()
        remote = imap.connect(self._endpoint)
        connect = partial(imap.connect, self._endpoint)
        try:
            line = Line(
                self._desk, self._account, remote, self._memory, arrived=self._arrived, connect=connect
            )
            line.sync()
        finally:
            remote.close()

    def _arrived(self, published: object) -> None:
        self.first_page = self.first_page or time.perf_counter() - self._started


class _Timed(Database):
    """A database that notes how long its write transactions take."""

    longest = 0.0

    @contextmanager
    def write(self, *options: Any) -> Iterator[Tx]:
        started = time.perf_counter()
        with super().write(*options) as tx:
            yield tx
        self.longest = max(self.longest, time.perf_counter() - started)


def _busy(servers: MailServers, user: User, count: int) -> None:
    """100 new, 100 flagged, 50 moved."""
    with servers.imap(user) as client:
        for number in range(CHANGED):
            raw = next(messages()).replace(b"Message-ID: <0@", b"Message-ID: <new%d@" % number)
            client.append("INBOX", "", "", raw)
        client.select("INBOX")
        client.uid("STORE", f"{count - CHANGED}:{count - 1}", "+FLAGS", "(\\Flagged)")
        client.uid("MOVE", f"{count // 2}:{count // 2 + MOVED - 1}", "Archive")


class _Mbsync:
    def __init__(self, folder: Path, servers: MailServers, user: User) -> None:
        (folder / "mirror").mkdir()
        self._config = folder / "mbsyncrc"
        self._config.write_text(
            f"IMAPAccount a\nHost {servers.host}\nPort {servers.imaps_port}\nUser {user.address}\n"
            f"Pass {user.password}\nSSLType IMAPS\nCertificateFile {servers.ca_file}\n\n"
            f"IMAPStore far\nAccount a\n\nMaildirStore near\nSubFolders Verbatim\n"
            f"Path {folder}/mirror/\nInbox {folder}/mirror/INBOX\n\n"
            "Channel c\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSyncState *\nFSync no\n"
        )

    def sync(self) -> None:
        subprocess.run(["mbsync", "-q", "-c", self._config, "c"], check=True)


if __name__ == "__main__":
    main()
