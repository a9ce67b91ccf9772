"""An IMAP connection, logged in: `remote.Remote` over a `Wire`.

Owns which folder is selected and what the extensions in use make of each operation; the operations are in
listing, fetching, changing and idling. Knows no login, no account and no database.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import BinaryIO

from shinbox.desk.mail.remote import changing, fetching, idling, listing, noticing, tokens
from shinbox.desk.mail.remote.answers import Answer, Status
from shinbox.desk.mail.remote.base import (
    DEFAULT_MAX_SIZE,
    Appended,
    Changes,
    Copied,
    FlagsRow,
    FolderMissing,
    FolderState,
    IdleEvent,
    RemoteFolder,
    RemoteMessage,
    SelectedFolder,
    UidValidityChanged,
)
from shinbox.desk.mail.remote.names import quoted_name
from shinbox.desk.mail.remote.remote import Remote, Stop
from shinbox.desk.mail.remote.wire import Wire
from shinbox.errors import RemoteError, RemoteRefused

_GOODBYE = 2.0
"""Seconds that a server may take to say goodbye."""


class ImapRemote:
    """An IMAP connection as `remote.Remote`; the docstrings are there."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._selected: SelectedFolder | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        return self._wire.features

    @property
    def selected(self) -> SelectedFolder | None:
        return self._selected

    def folders(self) -> list[RemoteFolder]:
        if self._selected is not None:
            self.noop()  # The counters of the selected folder are stale until then.
        return listing.folders(self._wire)

    def status(self, path: str) -> FolderState:
        if self._selected is not None and self._selected.path == path:
            self.noop()
        return listing.status(self._wire, path)

    def select(self, path: str) -> SelectedFolder:
        command = b"SELECT " + quoted_name(path)
        if self._wire.has("CONDSTORE") and not self._wire.has("QRESYNC"):
            command += b" (CONDSTORE)"
        self._selected = None
        answer = self._wire.run(command)
        if answer.status.word != "OK" and not listing.exists(self._wire, path):
            raise FolderMissing(f"The mail server has no folder {path}.", code="NONEXISTENT")
        answer.check(f"open the folder {path}")
        rights = listing.my_rights(self._wire, [path]) if self._wire.has("ACL") else {}
        self._selected = _selected(path, answer, rights.get(listing.canonical(path)))
        return self._selected

    def uids(self) -> list[int]:
        self._folder()
        return noticing.all_uids(self._wire)

    def fetch_summaries(self, uids: Iterable[int], *, chunk: int = 250) -> Iterator[list[RemoteMessage]]:
        self._folder()
        return fetching.summaries(self._wire, uids, chunk)

    def fetch_flags(self, uids: Iterable[int] | None = None) -> list[FlagsRow]:
        self._folder()
        return noticing.fetch_flags(self._wire, uids)

    def changes_since(self, modseq: int | None, known: Collection[int]) -> Changes:
        before = self._folder()
        folder = self.select(before.path)
        if folder.uidvalidity != before.uidvalidity:
            raise UidValidityChanged(f"The folder {folder.path} was rebuilt on the mail server.")
        return noticing.changes(self._wire, folder, modseq, known)

    def fetch_raw(self, uid: int, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
        sink = io.BytesIO()
        self.fetch_raw_into(uid, sink, max_size=max_size)
        return sink.getvalue()

    def fetch_raw_into(self, uid: int, sink: BinaryIO, *, max_size: int = DEFAULT_MAX_SIZE) -> int:
        self._folder()
        return fetching.raw_into(self._wire, uid, sink, max_size)

    def fetch_starts(self, uids: Iterable[int], octets: int) -> dict[int, bytes]:
        self._folder()
        return fetching.starts(self._wire, uids, octets)

    def store_flags(
        self, uids: Iterable[int], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> dict[int, FlagsRow]:
        return changing.store(self._wire, self._folder(), uids, add, remove)

    def move(self, uids: Iterable[int], target: str) -> Copied:
        return changing.move(self._wire, self._folder(), uids, target)

    def copy(self, uids: Iterable[int], target: str) -> Copied:
        self._folder()
        return changing.copy(self._wire, uids, target)

    def append(
        self, path: str, raw: bytes, *, flags: Iterable[str] = (), internaldate: datetime | None = None
    ) -> Appended | None:
        return changing.append(self._wire, path, raw, flags, internaldate)

    def find_by_message_id(self, path: str, message_id: str, *, since_uid: int = 1) -> list[int]:
        self.select(path)
        return noticing.by_message_id(self._wire, message_id, since_uid)

    def expunge_uids(self, uids: Iterable[int]) -> list[int]:
        return changing.expunge(self._wire, self._folder(), uids)

    def create_folder(self, path: str) -> None:
        changing.create_folder(self._wire, path)

    def rename_folder(self, path: str, new_path: str) -> None:
        self._leave(path)
        changing.rename_folder(self._wire, path, new_path)

    def delete_folder(self, path: str) -> None:
        self._leave(path)
        changing.delete_folder(self._wire, path)

    def idle(self, stop: Stop, timeout: float) -> list[IdleEvent]:
        self._folder()
        return idling.wait(self._wire, stop, timeout)

    def noop(self) -> None:
        self._wire.run(b"NOOP").check("answer")

    def abort(self) -> None:
        self._wire.abort_from_any_thread()

    def close(self) -> None:
        self._selected = None
        if not self._wire.closed:
            # A goodbye that fails is a goodbye; a stranger's thread may only cut.
            with contextlib.suppress(RemoteError, OSError, RuntimeError):
                self._wire.sock.settimeout(_GOODBYE)
                self._wire.run(b"LOGOUT")
        self._wire.shutdown()

    def _folder(self) -> SelectedFolder:
        if self._selected is None:
            raise RuntimeError("select a folder first")
        return self._selected

    def _leave(self, path: str) -> None:
        """A server may end the session whose selected folder, or one above it, goes away. CLOSE would
        expunge: never that."""
        if self._selected is not None and self._selected.path.startswith(path):
            self._selected = None
            if self._wire.has("UNSELECT"):
                self._wire.run(b"UNSELECT").check("leave the folder")
            else:
                self._wire.run(b"EXAMINE INBOX")


def _selected(path: str, answer: Answer, rights: frozenset[str] | None) -> SelectedFolder:
    codes = {status.code: status for status in answer.statuses() if status.code}
    if "UIDVALIDITY" not in codes:
        raise RemoteRefused(f"The folder {path} has no lasting message numbers: it cannot be mirrored.")
    exists = [int(text[2:].split()[0]) for text, _ in answer.untagged if text.upper().endswith(b" EXISTS")]
    read_only = "READ-ONLY" in codes
    permanent = codes.get("PERMANENTFLAGS")
    flags = permanent.data if permanent is not None else _flags_line(answer)
    return SelectedFolder(
        path=path,
        uidvalidity=_code_number(codes, "UIDVALIDITY"),
        uidnext=_code_number(codes, "UIDNEXT"),
        exists=exists[-1] if exists else 0,
        highestmodseq=_code_number(codes, "HIGHESTMODSEQ") or None,
        permanentflags=frozenset() if read_only else noticing.flags_of(_words(flags)),
        read_only=read_only,
        rights=rights,
    )


def _code_number(codes: dict[str, Status], name: str) -> int:
    status = codes.get(name)
    return tokens.number(status.data.strip(), name) if status is not None else 0


def _flags_line(answer: Answer) -> bytes:
    """Without PERMANENTFLAGS all flags are kept (RFC 3501 §6.3.1)."""
    return next((text for text, _ in answer.named(b"FLAGS")), b"")


def _words(flags: bytes) -> list[str]:
    return flags.decode("utf-8", "replace").strip("()").split()


_conforms: type[Remote] = ImapRemote
