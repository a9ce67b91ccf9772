"""The tests' mail servers as tests see them: real Dovecot and Postfix on loopback, started once a run.

    def test_it(servers):
        bob = servers.new_user("bob")                    # bob@<a domain of its own>.test
        servers.deliver(raw, to=bob.address)
        raw = servers.wait_for_message(bob, "<1@example.org>")
        with servers.imap(bob) as client: ...            # imaplib: the second IMAP client

Owns starting, users and the ways to look and meddle from outside; knows nothing of shinbox. Each user has a
mail domain of its own unless tests ask for a common one (`new_domain`), so tests never meet.
"""

from __future__ import annotations

import contextlib
import fcntl
import imaplib
import json
import os
import re
import secrets
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.servers import maildir
from tests.servers.keeper import Dovecot, run
from tests.servers.lookup import Facts

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 180.0
END_SECONDS = 180.0
"""A benchmark's 100,000 files take their time to be removed on a busy machine."""


@dataclass(frozen=True)
class User:
    """A mailbox on the test servers, with the password of its log-in (the address)."""

    address: str
    password: str

    @property
    def domain(self) -> str:
        return self.address.partition("@")[2]


class MailServers:
    """A running Dovecot and Postfix. Make one with `start`, or take the `servers` fixture.

    Ports, all on `host`: `imap_port` (plain and STARTTLS), `imaps_port`, `submission_port` (STARTTLS),
    `submissions_port` (TLS), `mx_port` (no log-in, only to `.test`). `ca_file` signs their certificates.
    """

    host = "127.0.0.1"

    def __init__(self, root: Path, users: IO[str], keeper: subprocess.Popen[bytes] | None) -> None:
        ports = json.loads((root / "state.json").read_text())
        self.root = root
        self.imap_port: int = ports["imap"]
        self.imaps_port: int = ports["imaps"]
        self.submission_port: int = ports["submission"]
        self.submissions_port: int = ports["submissions"]
        self.mx_port: int = ports["mx"]
        self.ca_file = root / "ca" / "ca.pem"
        self._users = users
        self._keeper = keeper
        self._facts = Facts(root)
        self._dovecot = Dovecot(root, self.imap_port)

    # -- life ---

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator[MailServers]:
        """Servers of the caller's own, stopped and removed on leaving."""
        servers = cls._start()
        try:
            yield servers
        finally:
            servers._users.close()
            assert servers._keeper is not None
            servers._keeper.wait(END_SECONDS)

    @classmethod
    def _start(cls) -> MailServers:
        root = Path(tempfile.mkdtemp(prefix="shinbox-mail-", dir="/tmp"))
        users = (root / "users.lock").open("w")
        fcntl.flock(users, fcntl.LOCK_SH)
        with (root / "keeper.log").open("wb") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.keeper", str(root)],
                cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not (root / "state.json").exists():
            if keeper.poll() is not None or time.monotonic() > deadline:
                keeper.terminate()
                raise RuntimeError(f"the test mail servers did not start; see {root}: {_tail(root)}")
            time.sleep(0.02)
        return cls(root, users, keeper)

    @classmethod
    def _join(cls, root: Path) -> MailServers | None:
        """The running instance in `root`, or None if it has ended or is about to."""
        try:
            users = (root / "users.lock").open("r+")
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return cls(root, users, None)
        except (BlockingIOError, FileNotFoundError):
            users.close()
            return None

    def restart_dovecot(self) -> None:
        """Stop Dovecot, which drops every session, and start it again. Only on servers of your own."""
        self.stop_dovecot()
        self.start_dovecot()

    def stop_dovecot(self) -> None:
        self._dovecot.stop()

    def start_dovecot(self) -> None:
        self._dovecot.start()

    # -- people ---

    def new_domain(self) -> str:
        """A mail domain that no other test has; its users share one `Public/` namespace."""
        return f"d{secrets.token_hex(4)}.test"

    def new_user(
        self,
        name: str | None = None,
        may_send_as: Iterable[str] = (),
        *,
        domain: str | None = None,
        quota: str = "20G",
    ) -> User:
        """A new mailbox `name`@`domain` (made up where not given); may send as itself and `may_send_as`."""
        local = name or f"u{secrets.token_hex(3)}"
        user = User(f"{local}@{domain or self.new_domain()}", secrets.token_urlsafe(12))
        if self._facts.read("users", user.address) is not None:
            raise ValueError(f"{user.address} exists already")
        line = f"{user.address}:{{PLAIN}}{user.password}::::::userdb_quota_rule=*:storage={quota}\n"
        self._facts.write("users", user.address, line)
        for address in (user.address, *may_send_as):
            self.allow_sender(user, address)
        return user

    def set_password(self, user: User, password: str) -> User:
        """The same mailbox with a new password; sessions that are open stay open."""
        line = (self._facts.read("users", user.address) or "").replace(user.password, password)
        self._facts.write("users", user.address, line)
        # Dovecot sees a change by the file's second and size, and looks once a second.
        os.utime(self.root / "users" / user.address, (time.time() + 2, time.time() + 2))
        deadline = time.monotonic() + 60
        while not self._accepts(User(user.address, password)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Dovecot does not take the new password of {user.address}")
            time.sleep(0.1)
        return User(user.address, password)

    def _accepts(self, user: User) -> bool:
        command = ["/usr/bin/doveadm", "-c", str(self._dovecot.configuration), "auth", "test"]
        ran = subprocess.run([*command, user.address, user.password], capture_output=True, check=False)
        return ran.returncode == 0

    def bouncing_address(self, domain: str | None = None) -> str:
        """An address that Postfix takes and Dovecot then refuses: its sender gets a bounce (RFC 3464)."""
        address = f"gone-{secrets.token_hex(3)}@{domain or self.new_domain()}"
        self._facts.write("users", address, "")
        return address

    def allow_sender(self, user: User, address: str) -> None:
        """From now on `user` may use `address` as envelope sender; others get 553 at RCPT."""
        known = (self._facts.read("senders", address) or "").split()
        self._facts.write("senders", address, "\n".join({*known, user.address}))

    def refuse_recipient(self, address: str, reply: str | None) -> None:
        """Answer RCPT TO:<address> with `reply` ("450 4.2.0 try later", "550 5.1.1 gone"); None ends it."""
        if reply is None:
            self._facts.forget("refusals", address)
        else:
            self._facts.write("refusals", address, reply)

    # -- from outside ---

    def tls(self) -> ssl.SSLContext:
        """Trusts this instance's certificate authority and no other."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def imap(self, user: User) -> imaplib.IMAP4_SSL:
        """The second IMAP client, logged in; leaving its `with` block logs out."""
        client = imaplib.IMAP4_SSL(self.host, self.imaps_port, ssl_context=self.tls(), timeout=30)
        client.login(user.address, user.password)
        return client

    def deliver(self, raw: bytes, to: str, sender: str = "") -> None:
        """Hand in a message (CRLF line ends) at the intake, as the world does; no sender, no bounce."""
        with smtplib.SMTP(self.host, self.mx_port, timeout=30) as client:
            eight_bit = ["BODY=8BITMIME"] if not raw.isascii() else []
            client.sendmail(sender, [to], raw, mail_options=eight_bit)

    def wait_for_message(
        self, user: User, message_id: str, folder: str = "INBOX", timeout: float = 60.0
    ) -> bytes:
        """The message as stored, once it is in `folder`; TimeoutError after `timeout` seconds."""
        criteria = ("HEADER", "Message-ID", quoted(message_id))
        return self.wait_for_search(user, criteria, folder, timeout)

    def wait_for_search(
        self, user: User, criteria: tuple[str, ...], folder: str = "INBOX", timeout: float = 60.0
    ) -> bytes:
        """The first message that an IMAP SEARCH finds, once there is one; else TimeoutError."""
        deadline = time.monotonic() + timeout
        with self.imap(user) as client:
            client.select(quoted(folder), readonly=True)
            while True:
                client.noop()
                _, found = client.uid("SEARCH", *criteria)
                if found and found[0]:
                    _, data = client.uid("FETCH", found[0].split()[0].decode(), "(BODY.PEEK[])")
                    # Another session's flag change may be told in the same answer, before the message.
                    return next(bytes(part[1]) for part in data if isinstance(part, tuple))
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no {' '.join(criteria)} in {folder} of {user.address}")
                time.sleep(0.05)

    def seed(
        self,
        user: User,
        messages: Iterable[bytes | maildir.Seed],
        folder: str = "INBOX",
    ) -> int:
        """Write messages straight into the Maildir, 100,000 in seconds; returns how many. `Public/…` too."""
        if folder.startswith("Public/"):
            return maildir.write(self._public(user.domain), folder.removeprefix("Public/"), messages)
        return maildir.write(self.root / "mail" / user.address / "Maildir", folder, messages)

    def _public(self, domain: str) -> Path:
        return self.root / "public" / domain / "Maildir"

    # -- rights and sessions ---

    def set_acl(self, owner: User, folder: str, who: str, rights: str) -> None:
        """SETACL over IMAP as `owner`; `who` is an address or "anyone". Empty `rights` removes the entry."""
        with self.imap(owner) as client:
            typ, answer = client.setacl(quoted(folder), who, quoted(rights))
            if typ != "OK":
                raise RuntimeError(f"SETACL {folder} {who} {rights}: {answer}")

    def new_public_folder(self, domain: str, name: str, rights: Mapping[str, str]) -> str:
        """Make `Public/<name>` with `rights` (address → RFC 4314 letters); returns its IMAP name."""
        acl = maildir.make(self._public(domain), name) / "dovecot-acl"
        acl.write_text("".join(f"user={who} {letters}\n" for who, letters in rights.items()))
        maildir.own(acl)
        return f"Public/{name}"

    def kill_sessions(self, user: User) -> None:
        """End every IMAP session of `user`, as an administrator or a crash would."""
        run("/usr/bin/doveadm", "-c", self._dovecot.configuration, "kick", user.address)

    def wait_for_no_session(self, user: User) -> None:
        """Return once every IMAP session of `user` has ended: only then nobody writes in its folders."""
        who = ["/usr/bin/doveadm", "-c", str(self._dovecot.configuration), "who", "-1", user.address]
        deadline = time.monotonic() + 60
        while user.address in subprocess.run(who, capture_output=True, text=True, check=True).stdout:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the sessions of {user.address} do not end")
            time.sleep(0.05)

    def log(self, server: str) -> str:
        """What "dovecot" or "postfix" logged so far."""
        path = self.root / "log" / f"{server}.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextlib.contextmanager
def shared_servers(folder: Path) -> Iterator[MailServers]:
    """The servers of a test run: started by the first process that names `folder`, stopped after the last."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "mail-servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = folder / "mail-servers"
        servers = MailServers._join(Path(note.read_text())) if note.exists() else None
        if servers is None:
            servers = MailServers._start()
            note.write_text(os.fspath(servers.root))
    try:
        yield servers
    finally:
        servers._users.close()


def quoted(text: str) -> str:
    """An IMAP quoted string (RFC 9051 section 4.3)."""
    return '"' + re.sub(r'([\\"])', r"\\\1", text) + '"'


def _tail(root: Path) -> str:
    logs = [root / "keeper.log", root / "log" / "dovecot.log", root / "log" / "postfix.log"]
    return "\n".join(path.read_text(errors="replace")[-2_000:] for path in logs if path.exists())
