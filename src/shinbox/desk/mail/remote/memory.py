"""A connection to a `MemoryServer`: the whole of `remote.Remote` without a network.

Owns what one session knows: its selected folder and whether it was lost. For tests; a real implementation
under the same contract suite as IMAP, not a mock.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, NoReturn, TypeVar

from shinbox.desk.mail.remote import listing
from shinbox.desk.mail.remote.base import (
    DEFAULT_MAX_SIZE,
    Appended,
    Changes,
    Copied,
    FlagsRow,
    FolderState,
    IdleEvent,
    IdleKind,
    MessageMissing,
    MessageTooLarge,
    NamespaceKind,
    NotAllowed,
    RemoteFolder,
    RemoteMessage,
    SelectedFolder,
    UidValidityChanged,
)
from shinbox.desk.mail.remote.changing import date_time, flag_list
from shinbox.desk.mail.remote.memory_folder import Box
from shinbox.desk.mail.remote.memory_mail import message_id_of
from shinbox.desk.mail.remote.memory_server import MemoryServer, Moment
from shinbox.desk.mail.remote.names import refuse_control
from shinbox.desk.mail.remote.noticing import flags_of
from shinbox.desk.mail.remote.remote import Remote, Stop
from shinbox.desk.mail.remote.waker import Waker
from shinbox.errors import RemoteUnreachable

_T = TypeVar("_T")
_SPACES = [
    listing.Namespace(NamespaceKind.PERSONAL, "", "/"),
    listing.Namespace(NamespaceKind.OTHER, "shared/", "/"),
    listing.Namespace(NamespaceKind.SHARED, "Public/", "/"),
]


class MemoryRemote:
    """A session; the docstrings are in `remote.Remote`. Raises RemoteUnreachable when the server is away."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._selected: SelectedFolder | None = None
        self._owner = threading.get_ident()
        self._lost = False
        self._seen_modseq = 0
        self._run("connect", lambda _: None)

    @property
    def capabilities(self) -> frozenset[str]:
        offered = {
            "CONDSTORE": self._server.condstore,
            "OBJECTID": self._server.object_ids,
            "ACL": self._server.acl,
            "UIDPLUS": self._server.uidplus,
        }
        return frozenset({"IDLE", "MOVE", *(name for name, has in offered.items() if has)})

    @property
    def selected(self) -> SelectedFolder | None:
        return self._selected

    def folders(self) -> list[RemoteFolder]:
        def effect(_: Sequence[int]) -> list[RemoteFolder]:
            listed = [listing.placed(self._server.listed(path), _SPACES) for path in self._server.boxes]
            return sorted(listing.with_roles(listed), key=lambda folder: folder.path)

        return self._run("folders", effect)

    def status(self, path: str) -> FolderState:
        return self._run("status", lambda _: self._server.state(path))

    def select(self, path: str) -> SelectedFolder:
        def effect(_: Sequence[int]) -> SelectedFolder:
            self._selected = None
            self._selected = self._server.selected(path)
            return self._selected

        return self._run("select", effect)

    def uids(self) -> list[int]:
        return self._run("uids", lambda _: sorted(self._box().messages))

    def fetch_summaries(self, uids: Iterable[int], *, chunk: int = 250) -> Iterator[list[RemoteMessage]]:
        wanted = sorted(set(uids), reverse=True)
        self._box()
        return self._chunks(wanted, chunk)

    def _chunks(self, wanted: list[int], chunk: int) -> Iterator[list[RemoteMessage]]:
        for start in range(0, len(wanted), chunk):
            part = self._run("fetch_summaries", self._summaries, wanted[start : start + chunk])
            if part:
                yield part

    def fetch_flags(self, uids: Iterable[int] | None = None) -> list[FlagsRow]:
        chosen = None if uids is None else set(uids)
        return self._run("fetch_flags", lambda _: self._rows(chosen))

    def changes_since(self, modseq: int | None, known: Collection[int]) -> Changes:
        before = self._chosen()

        def effect(_: Sequence[int]) -> Changes:
            folder = self._selected = self._server.selected(before.path)
            if folder.uidvalidity != before.uidvalidity:
                raise UidValidityChanged(f"The folder {folder.path} was rebuilt on the mail server.")
            full = not modseq or not self._server.condstore
            rows = [row for row in self._rows(None) if full or (row.modseq or 0) > (modseq or 0)]
            return Changes(folder, rows, sorted(set(known) - self._box().messages.keys()), complete=full)

        return self._run("changes_since", effect)

    def fetch_raw(self, uid: int, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
        def effect(_: Sequence[int]) -> bytes:
            stored = self._box().messages.get(uid)
            if stored is None:
                raise MessageMissing(f"Message {uid} is no longer there.")
            if len(stored.raw) > max_size:
                raise MessageTooLarge(f"Message {uid} has {len(stored.raw)} octets.")
            return stored.raw

        return self._run("fetch_raw", effect)

    def fetch_raw_into(self, uid: int, sink: BinaryIO, *, max_size: int = DEFAULT_MAX_SIZE) -> int:
        return sink.write(self.fetch_raw(uid, max_size=max_size))

    def fetch_starts(self, uids: Iterable[int], octets: int) -> dict[int, bytes]:
        def effect(some: Sequence[int]) -> dict[int, bytes]:
            messages = self._box().messages
            return {uid: messages[uid].raw[:octets] for uid in some if uid in messages}

        return self._run("fetch_starts", effect, uids)

    def store_flags(
        self, uids: Iterable[int], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> dict[int, FlagsRow]:
        folder = self._chosen()
        added, removed = (flags_of(flag for flag in flags if folder.keeps(flag)) for flags in (add, remove))
        flag_list(added | removed)

        def effect(some: Sequence[int]) -> dict[int, FlagsRow]:
            self._box()
            self._server.store_flags(some, folder.path, added, removed)
            return {row.uid: row for row in self._rows(set(some))}

        return self._run("store_flags", effect, uids)

    def move(self, uids: Iterable[int], target: str) -> Copied:
        return self._run("move", lambda some: self._transfer(some, target, keep=False), uids)

    def copy(self, uids: Iterable[int], target: str) -> Copied:
        return self._run("copy", lambda some: self._transfer(some, target, keep=True), uids)

    def append(
        self, path: str, raw: bytes, *, flags: Iterable[str] = (), internaldate: datetime | None = None
    ) -> Appended | None:
        def effect(_: Sequence[int]) -> Appended | None:
            box = self._server.box(path)
            box.demand("i", path)
            uid = self._server.deliver(path, raw, flags, internaldate)
            return Appended(box.uidvalidity, uid) if self._server.uidplus else None

        flag_list(flags)
        if internaldate is not None:
            date_time(internaldate)
        return self._run("append", effect)

    def find_by_message_id(self, path: str, message_id: str, *, since_uid: int = 1) -> list[int]:
        wanted = refuse_control(message_id, "The Message-ID").strip()
        self.select(path)

        def effect(_: Sequence[int]) -> list[int]:
            found = sorted(uid for uid in self._box().messages if uid >= since_uid)
            return [uid for uid in found if message_id_of(self._box().messages[uid].raw) == wanted]

        return self._run("find_by_message_id", effect)

    def expunge_uids(self, uids: Iterable[int]) -> list[int]:
        folder = self._chosen()

        def effect(some: Sequence[int]) -> list[int]:
            self._box()
            self._server.expunge(some, folder.path)
            return list(some)

        if not self._server.uidplus:
            raise NotAllowed("The mail server cannot remove single messages (no UIDPLUS).")
        return self._run("expunge_uids", effect, uids)

    def create_folder(self, path: str) -> None:
        refuse_control(path, "The folder name")
        self._run("create_folder", lambda _: self._server.create(path))

    def rename_folder(self, path: str, new_path: str) -> None:
        refuse_control(new_path, "The folder name")
        self._spare_inbox(path)
        self._run("rename_folder", lambda _: self._server.rename(path, new_path))

    def delete_folder(self, path: str) -> None:
        self._spare_inbox(path)
        self._run("delete_folder", lambda _: self._server.delete(path))

    def idle(self, stop: Stop, timeout: float) -> list[IdleEvent]:
        path, news, poller = self._chosen().path, Waker(), select.poll()
        seen = self._seen_modseq
        self._run("idle", lambda _: self._server.watch(path, news))
        if self._seen_modseq != seen:
            news.set()
        try:
            for waited in (stop, news):
                poller.register(waited.fileno(), select.POLLIN)
            poller.poll(timeout * 1000)
            self._run("idle", lambda _: None)
            return [IdleEvent(IdleKind.EXISTS)] if news.is_set() else []
        finally:
            self._server.unwatch(path, news)
            news.close()

    def noop(self) -> None:
        self._run("noop", lambda _: None)

    def abort(self) -> None:
        self._lost = True

    def close(self) -> None:
        self._lost = True
        self._selected = None

    # --- the session ------------------------------------------------------------------------------

    def _run(self, name: str, effect: Callable[[Sequence[int]], _T], uids: Iterable[int] = ()) -> _T:
        if threading.get_ident() != self._owner:
            raise RuntimeError("A connection to a mail server is used by a thread that did not make it.")
        wanted = sorted(set(uids))
        with self._server.lock:
            moment = self._server.fault(name)
            if self._lost or not self._server.reachable or moment is Moment.BEFORE:
                self._lose()
            if moment is Moment.HALFWAY:
                effect(wanted[: len(wanted) // 2])
                self._lose()
            result = effect(wanted)
            if moment is Moment.AFTER:
                self._lose()
            if self._selected is not None and (box := self._server.boxes.get(self._selected.path)):
                self._seen_modseq = box.modseq
            return result

    def _lose(self) -> NoReturn:
        self._lost = True
        raise RemoteUnreachable("The connection to the mail server was lost.")

    def _chosen(self) -> SelectedFolder:
        if self._selected is None:
            raise RuntimeError("select a folder first")
        return self._selected

    def _box(self) -> Box:
        """The selected folder; a session whose folder went away or was rebuilt is ended, as Dovecot does."""
        folder = self._chosen()
        box = self._server.boxes.get(folder.path)
        if box is None or box.uidvalidity != folder.uidvalidity:
            self._lose()
        return box

    def _summaries(self, uids: Sequence[int]) -> list[RemoteMessage]:
        messages = self._box().messages
        found = [uid for uid in sorted(uids, reverse=True) if uid in messages]
        return [self._server.summary(uid, messages[uid]) for uid in found]

    def _rows(self, chosen: set[int] | None) -> list[FlagsRow]:
        return self._server.rows(self._box(), chosen)

    def _transfer(self, uids: Sequence[int], target: str, *, keep: bool) -> Copied:
        self._box()
        return self._server.transfer(uids, self._chosen().path, target, keep=keep)

    def _spare_inbox(self, path: str) -> None:
        if path.upper() == "INBOX":
            raise NotAllowed("The Inbox can be neither renamed nor deleted.", code="CANNOT")
        if self._selected is not None and self._selected.path.startswith(path):
            self._selected = None


_conforms: type[Remote] = MemoryRemote
