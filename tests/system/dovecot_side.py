"""A mailbox on real Dovecot as another client has it, and connections of the desk that break on demand."""

from __future__ import annotations

import contextlib
import imaplib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from shinbox.desk.mail.publishing import keywords_of
from shinbox.desk.mail.remote import imap
from shinbox.desk.mail.remote.memory_server import Moment
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.remote.settings import Endpoint, Login, Security
from shinbox.errors import RemoteUnreachable
from shinbox.mime.parse import parse
from tests.desk.mail.sides import Placed, shown_folder
from tests.servers.mail import MailServers, User, quoted

FOLDERS = ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"]
_FETCHED = re.compile(rb"UID (\d+)")
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
OPERATIONS = frozenset(
    {"folders", "status", "select", "uids", "fetch_summaries", "fetch_starts", "fetch_flags", "changes_since"}
    | {
        "store_flags",
        "move",
        "copy",
        "append",
        "expunge_uids",
        "create_folder",
        "rename_folder",
        "delete_folder",
        "noop",
    }
)


class Breaking:
    """A Remote whose connection ends where `fault` says so."""

    def __init__(self, remote: Remote, fault: Callable[[str], Moment | None]) -> None:
        self._remote, self._fault = remote, fault

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._remote, name)
        if name not in OPERATIONS:
            return found

        def run(*args: Any, **kwargs: Any) -> Any:
            moment = self._fault(name)
            if moment is Moment.BEFORE:
                self._break()
            result = found(*args, **kwargs)
            if name == "fetch_summaries":
                result = list(result)
            if moment is not None:
                self._break()
            return result

        return run

    def _break(self) -> None:
        self._remote.abort()
        raise RemoteUnreachable("The connection was cut.")


class DovecotSide:
    """See tests.desk.mail.sides.Side. Its own connection is made anew after each renumbering."""

    def __init__(self, servers: MailServers) -> None:
        self.servers = servers
        self.user: User = servers.new_user()
        self.client: imaplib.IMAP4 = servers.imap(self.user)

    def endpoint(self) -> Endpoint:
        login = Login(self.user.address, self.user.password)
        host, port = self.servers.host, self.servers.imaps_port
        return Endpoint(host, port, Security.TLS, login, ca_file=self.servers.ca_file)

    def connect(self) -> Remote:
        remote = imap.connect(self.endpoint())
        return cast(Remote, Breaking(remote, lambda operation: self.fault(operation)))

    def fault(self, operation: str) -> Moment | None:
        return None

    def _fetch(self, path: str, items: str) -> list[tuple[int, bytes, bytes]]:
        """(uid, the line, the literal) of each message."""
        self._select(path)
        _, data = self.client.uid("FETCH", "1:*", items)
        found = []
        for line in data:
            head, literal = line if isinstance(line, tuple) else (line, b"")
            if head is not None and (match := _FETCHED.search(head)):
                found.append((int(match[1]), head, literal))
        return found

    def _select(self, path: str) -> None:
        typ, answer = self.client.select(quoted(path))
        assert typ == "OK", answer

    def spots(self, paths: list[str]) -> list[tuple[str, int]]:
        return [(path, uid) for path in paths for uid, _, _ in self._fetch(path, "(UID)")]

    def subject(self, path: str, uid: int) -> str:
        self._select(path)
        _, data = self.client.uid("FETCH", str(uid), "(BODY.PEEK[HEADER])")
        assert isinstance(data[0], tuple)
        return str(parse(data[0][1]).subject)

    def deliver(self, path: str, raw: bytes) -> None:
        typ, answer = self.client.append(quoted(path), "", "", raw)
        assert typ == "OK", answer

    def move(self, path: str, uid: int, target: str) -> None:
        self._select(path)
        typ, answer = self.client.uid("MOVE", str(uid), quoted(target))
        assert typ == "OK", answer

    def flag(self, path: str, uid: int, flag: str, on: bool) -> None:
        self._select(path)
        self.client.uid("STORE", str(uid), "+FLAGS" if on else "-FLAGS", f"({flag})")

    def remove(self, path: str, uid: int) -> None:
        self.flag(path, uid, "\\Deleted", True)
        self.client.uid("EXPUNGE", str(uid))

    def renumber(self, path: str) -> None:
        """As after a restore from a backup that forgot Dovecot's own files."""
        self.end()
        folder = self.servers.root / "mail" / self.user.address / "Maildir"
        folder = folder if path == "INBOX" else folder / f".{path}"
        for each in [*folder.glob("dovecot.index*"), *folder.glob("dovecot-uidlist*")]:
            _remove(each)
        self.client = self.servers.imap(self.user)

    def contents(self) -> list[Placed]:
        found = []
        for path in FOLDERS:
            for _, line, header in self._fetch(path, "(UID FLAGS BODY.PEEK[HEADER])"):
                match = _FLAGS.search(line)
                flags = match[1].decode().split() if match else []
                if "\\Deleted" not in flags:
                    words = keywords_of(flag for flag in flags if flag != "\\Recent")
                    found.append((shown_folder(path), str(parse(header).subject), tuple(sorted(words))))
        return sorted(found)

    def end(self) -> None:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            self.client.logout()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
