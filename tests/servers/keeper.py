"""The process that keeps one instance of the mail servers: starts them, answers Postfix, stops them for sure.

It stops when no test process holds `users.lock` in its folder any more, however those ended: the kernel drops
their locks. `python -m tests.servers.keeper ROOT` is started by `mail.py`, which holds the lock from before.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers.certificates import make_certificates
from tests.servers.dovecot import MAIL_UID, dovecot_conf
from tests.servers.lookup import Facts, LookupServer
from tests.servers.postfix import main_cf, master_cf

PORTS = ("imap", "imaps", "submission", "submissions", "mx")
#: Outside the kernel's ephemeral range, so that no outgoing connection takes a port before its server does.
PORT_RANGE = range(15_000, 30_000)
#: Held from the choice of ports until their servers listen.
_ONE_AT_A_TIME = Path("/tmp/shinbox-ports.lock")
START_SECONDS = 120.0
"""Only a failure takes as long, on a machine busy with others."""


@contextlib.contextmanager
def free_ports(names: tuple[str, ...]) -> Iterator[dict[str, int]]:
    """A port that nobody listens on at 127.0.0.1, for each name; no other server takes one inside the block.

    Listen before its end.
    """
    with _ONE_AT_A_TIME.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _unused(names)


def _unused(names: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    while len(found) < len(names):
        port = random.choice(PORT_RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found.values():
            found[names[len(found)]] = port
    return found


def run(*command: str | Path) -> None:
    # A file, not a pipe: a daemon keeps its standard output, and a pipe's end would never come.
    with tempfile.TemporaryFile() as output:
        code = subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=START_SECONDS
        )
        output.seek(0)
        if code:
            raise RuntimeError(f"{' '.join(map(str, command))}: {output.read().decode(errors='replace')}")


def wait_for_port(port: int) -> None:
    """Return once something listens on `port`; TimeoutError if nothing does in time."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"port {port} did not open") from error
            time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether somebody takes connections on `port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    return True


def children_of(process: int) -> set[int]:
    """The processes that `process` started and that are there; none if it is gone itself."""
    try:
        return set(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))
    except (FileNotFoundError, ProcessLookupError):
        return set()


def runs(process: int) -> bool:
    """Whether a process of this id exists and is more than a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Dovecot:
    """One Dovecot whose folder is `root`. Any process may restart it: it daemonises itself."""

    def __init__(self, root: Path, port: int) -> None:
        self.configuration = root / "dovecot.conf"
        self._port = port
        self._pid_file = root / "run" / "dovecot" / "master.pid"

    def start(self) -> None:
        run("/usr/sbin/dovecot", "-c", self.configuration)

    def stop(self) -> None:
        """Stop it and every session; returns when all its processes have gone and nothing listens."""
        if not self._pid_file.exists():
            return
        master = int(self._pid_file.read_text())
        told: set[int] = set()
        deadline = time.monotonic() + START_SECONDS
        # Left to themselves, log-in processes stay for the sessions whose TLS they carry; one that is started
        # while we look keeps the port open.
        while any(map(runs, told)) or not told or listens(self._port):
            for process in {master, *children_of(master)} - told:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGTERM)
                told.add(process)
            if time.monotonic() > deadline:
                raise TimeoutError("Dovecot did not stop")
            time.sleep(0.02)


class Postfix:
    """One Postfix whose folder is `root`."""

    def __init__(self, root: Path) -> None:
        self.configuration = root / "postfix" / "etc"

    def start(self) -> None:
        run("/usr/sbin/postfix", "-c", self.configuration, "start")

    def stop(self) -> None:
        run("/usr/sbin/postfix", "-c", self.configuration, "stop")


def lay_out(root: Path, ports: dict[str, int]) -> None:
    """Make the folders and write the configurations."""
    root.chmod(0o711)
    for folder in (
        "users",
        "senders",
        "refusals",
        "log",
        "run",
        "mail",
        "public",
        "postfix/queue",
        "postfix/data",
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
    os.chown(root / "mail", MAIL_UID, MAIL_UID)
    os.chown(root / "public", MAIL_UID, MAIL_UID)
    shutil.chown(root / "postfix" / "data", user="postfix")
    (root / "dovecot.conf").write_text(dovecot_conf(root, ports["imap"], ports["imaps"]))
    etc = root / "postfix" / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "main.cf").write_text(main_cf(root))
    (etc / "master.cf").write_text(master_cf(ports["mx"], ports["submission"], ports["submissions"]))


def keep(root: Path) -> None:
    """Run the servers of `root` until nobody needs them."""
    make_certificates(root / "ca")
    with contextlib.ExitStack() as life:
        with free_ports(PORTS) as ports:
            lay_out(root, ports)
            start(root, ports, life)
        scratch = root / "state.new"
        scratch.write_text(json.dumps(ports))
        scratch.rename(root / "state.json")
        wait_until_unused(root)
    shutil.rmtree(root)


def start(root: Path, ports: dict[str, int], life: contextlib.ExitStack) -> None:
    """Start all; returns once they listen. What was started is stopped at the end of `life`."""
    lookup = life.enter_context(LookupServer(root / "run" / "lookup", Facts(root)))
    threading.Thread(target=lookup.serve_forever, args=(0.05,), daemon=True).start()
    life.callback(lookup.shutdown)
    for server in (Dovecot(root, ports["imap"]), Postfix(root)):
        life.callback(server.stop)
        server.start()
    for port in ports.values():
        wait_for_port(port)


def wait_until_unused(root: Path) -> None:
    """Return once nobody holds the lock and nobody can join any more."""
    with (root / "users.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (root / "state.json").unlink()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    keep(Path(sys.argv[1]))
