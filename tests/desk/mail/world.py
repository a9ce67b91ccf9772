"""A desk with one account on a mail server in memory: what the tests of sync and sending act in."""

from __future__ import annotations

import email.message
import email.policy
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path

from shinbox.desk.mail import sent
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.line import Line, Memory
from shinbox.desk.mail.looking import Arrived
from shinbox.desk.mail.publishing import keywords_of
from shinbox.desk.mail.remote.base import DEFAULT_MAX_SIZE
from shinbox.desk.mail.remote.memory import MemoryRemote
from shinbox.desk.mail.remote.memory_server import MemoryServer
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.reports import About
from shinbox.desk.store import arrival, emails, intents, mailboxes
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database, Tx
from shinbox.errors import RemoteError, RemoteUnreachable
from shinbox.mime.parse import parse


def message(
    number: int, subject: str = "Invoice", body: str = "Hello.", message_id: str | None = None
) -> bytes:
    """A well-formed message; the same number gives the same octets."""
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    made["Message-ID"] = message_id or f"<m{number}@test.example>"
    made["Date"] = "Mon, 05 Jan 2026 12:00:00 +0000"
    made["From"] = "Carla Customer <carla@customer.example>"
    made["To"] = "support@team.example"
    made["Subject"] = f"{subject} {number}"
    made.set_content(body)
    return bytes(made)


def report(about: str = "m7@test.example", **people: str) -> bytes:
    """What a mail server writes; `people`: name at customer.example → "action status text"."""
    groups = []
    for name, told in people.items():
        action, status, text = told.split(" ", 2)
        groups.append(
            f"Final-Recipient: rfc822; {name}@customer.example\r\nAction: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; {text}\r\n"
        )
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@team.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <bounce@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        + "\r\n".join(groups)
        + f"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{about}>\r\n\r\n--b--\r\n"
    ).encode()


class Breaking(MemoryRemote):
    """A connection that ends with `error` as soon as it is asked for what `bad` is a UID of."""

    def __init__(self, server: MemoryServer, bad: int, error: RemoteError) -> None:
        super().__init__(server)
        self._bad, self._error = bad, error

    def fetch_raw(self, uid: int, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
        self._read([uid])
        return super().fetch_raw(uid, max_size=max_size)

    def fetch_starts(self, uids: Iterable[int], octets: int) -> dict[int, bytes]:
        wanted = list(uids)
        self._read(wanted)
        return super().fetch_starts(wanted, octets)

    def _read(self, uids: Sequence[int]) -> None:
        if self._bad in uids:
            self.abort()
            raise self._error


class World:
    """`server` is what another client sees and changes; the methods below are what people on the desk do."""

    def __init__(self, folder: Path, server: MemoryServer | None = None) -> None:
        self.server = server or MemoryServer()
        self.connect: Callable[[], Remote] = lambda: MemoryRemote(self.server)
        self.about: About = lambda start: arrival.about(parse(start))
        self.time = 1_767_600_000.0
        self.told: set[tuple[int, str]] = set()
        self.database = Database(folder / "desk.db")
        self.database.migrate()
        self.desk = Desk(self.database, Blobs(folder / "blobs"), lambda: self.time, self.told.update)
        self.memory = Memory(self.desk, 60.0)
        with self.database.write() as tx:
            self.account = tx.insert(
                "INSERT INTO account (name, kind, created_at) VALUES ('support', 'imap', ?)",
                (self.desk.utc(),),
            )

    # --- the worker, one connection at a time -------------------------------------------------------

    def sync(self, root: str | None = None, arrived: Arrived = lambda _: None) -> None:
        """One connection: a round, the intents, and as many rounds as those ask for."""
        remote = self.connect()
        try:
            Line(
                self.desk,
                self.account,
                remote,
                self.memory,
                root=root,
                arrived=arrived,
                connect=self.connect,
                about=self.about,
            ).sync()
        finally:
            remote.close()

    def follow(self) -> None:
        """A sync that looks for what was sent among the arrivals."""
        self.sync(arrived=lambda published: sent.arrived(self.desk, self.account, published))

    def sync_through_accidents(self) -> int:
        """Connect again until one connection comes to its end; how many were lost."""
        for lost in range(100):
            try:
                self.sync()
            except RemoteUnreachable:
                continue
            return lost
        raise AssertionError("no connection came to its end")

    def sync_until_quiet(self) -> None:
        """As long as anything changes: what is doubted is believed at the second look."""
        for _ in range(3):
            self.time += 61.0
            self.sync_through_accidents()

    # --- people on the desk -------------------------------------------------------------------------

    def mailbox(self, name: str) -> int:
        with self.database.read() as tx:
            row: int | None = tx.value(
                "SELECT id FROM mailbox WHERE account_id = ? AND name = ?", (self.account, name)
            )
        assert row is not None, f"no folder {name}"
        return row

    def emails(self) -> list[int]:
        with self.database.read() as tx:
            return tx.column("SELECT id FROM email WHERE account_id = ? ORDER BY id", (self.account,))

    def email(self, subject: str) -> int:
        with self.database.read() as tx:
            found = tx.column("SELECT id FROM email WHERE subject = ?", (subject,))
        assert len(found) == 1, f"{len(found)} emails called {subject}"
        return int(found[0])

    def move(self, mail: int, *targets: str) -> None:
        with self.database.write() as tx:
            boxes = frozenset(self._box(tx, name) for name in targets)
            intents.change_email(tx, self.account, mail, mailboxes=boxes, now=self.desk.utc())

    def set_keywords(self, mail: int, *keywords: str) -> None:
        with self.database.write() as tx:
            words = frozenset(keywords)
            intents.change_email(tx, self.account, mail, keywords=words, now=self.desk.utc())

    def destroy(self, mail: int) -> None:
        with self.database.write() as tx:
            intents.queue(tx, self.account, "remove", email=mail, now=self.desk.utc())
            emails.destroy(tx, self.account, [mail])

    def add(self, raw: bytes, folder: str, *keywords: str) -> int:
        """A draft, or an import."""
        name = self.desk.blobs.put(raw)
        with self.database.write() as tx:
            box = self._box(tx, folder)
            new = arrival.new_email(
                parse(raw),
                received_at=self.desk.utc(),
                mailboxes=frozenset({box}),
                keywords=frozenset(keywords),
                blob_hash=name,
            )
            mail, _ = emails.insert(tx, self.account, new)
            intents.queue(tx, self.account, "append", email=mail, mailbox=box, now=self.desk.utc())
        return mail

    def make_folder(self, name: str, parent: str | None = None) -> int:
        with self.database.write() as tx:
            above = self._box(tx, parent) if parent else None
            box = mailboxes.create(tx, self.account, name, parent=above)
            intents.queue(tx, self.account, "createMailbox", mailbox=box, now=self.desk.utc())
        return box

    def rename_folder(self, box: int, name: str) -> None:
        with self.database.write() as tx:
            mailboxes.update(tx, self.account, box, name=name)
            intents.queue(tx, self.account, "renameMailbox", mailbox=box, now=self.desk.utc())

    def destroy_folder(self, name: str) -> None:
        with self.database.write() as tx:
            box = self._box(tx, name)
            lying = tx.column("SELECT email_id FROM placement WHERE mailbox_id = ?", (box,))
            emails.destroy(tx, self.account, lying)
            mailboxes.destroy(tx, self.account, box)
            intents.queue(tx, self.account, "destroyMailbox", mailbox=box, now=self.desk.utc())

    def _box(self, tx: Tx, name: str) -> int:
        row: int | None = tx.value(
            "SELECT id FROM mailbox WHERE account_id = ? AND name = ?", (self.account, name)
        )
        assert row is not None, f"no folder {name}"
        return row

    # --- what is so now -----------------------------------------------------------------------------

    def shown(self) -> dict[int, tuple[str, Set[str], Set[str]]]:
        """email → subject, folder names, keywords."""
        with self.database.read() as tx:
            rows = tx.all("SELECT id, subject FROM email WHERE account_id = ?", (self.account,))
            some = [row["id"] for row in rows]
            boxes, words = emails.mailboxes_of(tx, some), emails.keywords_of(tx, some)
            names = {row["id"]: row["name"] for row in mailboxes.all_of(tx, self.account)}
        return {
            row["id"]: (
                row["subject"],
                frozenset(names[box] for box in boxes.get(row["id"], ())),
                words.get(row["id"], frozenset()),
            )
            for row in rows
        }

    def on_desk(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """(folder, subject, keywords) of each placement, sorted: what a server would hold."""
        return sorted(
            (folder, subject, tuple(sorted(words)))
            for subject, folders, words in self.shown().values()
            for folder in folders
        )

    def on_server(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The same of what is not marked as deleted on the server."""
        return sorted(
            (
                "Inbox" if path == "INBOX" else path.rpartition("/")[2],
                parse(stored.raw).subject or "",
                tuple(sorted(keywords_of(stored.flags))),
            )
            for path, box in self.server.boxes.items()
            for stored in box.messages.values()
            if "\\Deleted" not in stored.flags
        )

    def outcomes(self) -> list[tuple[str, str, str | None]]:
        """(kind, status, reason) of every intent."""
        with self.database.read() as tx:
            return [tuple(row) for row in tx.all("SELECT kind, status, reason FROM intent ORDER BY id")]

    def deliver(self, number: int, path: str = "INBOX", *flags: str, raw: bytes | None = None) -> int:
        """Mail arrives, or another client adds it; its uid."""
        return self.server.deliver(path, raw or message(number), flags)

    def elsewhere(self) -> MemoryRemote:
        """Another client's connection."""
        return MemoryRemote(self.server)
