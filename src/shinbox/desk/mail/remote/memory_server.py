"""A mail server that lives in memory: folders, UIDs, MODSEQs, rights, and accidents on demand.

Owns the state that several `memory.MemoryRemote` share, with the semantics that Dovecot was measured to have.
Knows no protocol. For tests of whoever uses a `remote.Remote`; it passes the same contract suite.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from shinbox.desk.mail.remote.base import (
    ALL_RIGHTS,
    HEADER_LIMIT,
    SEEN,
    Copied,
    FlagsRow,
    FolderMissing,
    FolderState,
    RemoteFolder,
    RemoteMessage,
    SelectedFolder,
)
from shinbox.desk.mail.remote.memory_folder import Box, Stored
from shinbox.desk.mail.remote.memory_mail import header_of, structure
from shinbox.desk.mail.remote.noticing import flags_of
from shinbox.desk.mail.remote.waker import Waker
from shinbox.errors import RemoteRefused
from shinbox.terms import Role

_LINE_END = re.compile(rb"\r?\n")
_FIRST_VALIDITY = 1_700_000_000
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


class Moment(StrEnum):
    """When the connection is lost: before a command took effect, after half of its messages, or after all,
    but before the answer came."""

    BEFORE = "before"
    HALFWAY = "halfway"
    AFTER = "after"


class MemoryServer:
    """The server. What it can do is chosen at the start: CONDSTORE, EMAILID (OBJECTID), ACL, UIDPLUS."""

    def __init__(
        self, *, condstore: bool = True, object_ids: bool = False, acl: bool = True, uidplus: bool = True
    ) -> None:
        self.lock = threading.RLock()
        self.condstore, self.object_ids, self.acl, self.uidplus = condstore, object_ids, acl, uidplus
        self.boxes: dict[str, Box] = {}
        self.commands: list[str] = []
        """The name of each operation that any connection asked for."""
        self.reachable = True
        self._validity = _FIRST_VALIDITY
        self._emails = 0
        self._faults: list[tuple[str, Moment]] = []
        self._watchers: dict[str, list[Waker]] = {}
        for path, role in {"INBOX": Role.INBOX, **{role.title(): role for role in list(Role)[1:]}}.items():
            self.add_folder(path, role)

    # --- setting the scene ------------------------------------------------------------------------

    def add_folder(
        self,
        path: str,
        role: Role | None = None,
        *,
        rights: Iterable[str] = ALL_RIGHTS,
        keywords: Iterable[str] | None = None,
    ) -> Box:
        """Make a folder, of the owner's or below `shared/NAME` or `Public/NAME`."""
        self._validity += 1
        kept = None if keywords is None else frozenset(keywords)
        self.boxes[path] = Box(self._validity, role, frozenset(rights), kept)
        return self.boxes[path]

    def box(self, path: str) -> Box:
        """A folder. Raises FolderMissing."""
        try:
            return self.boxes[path]
        except KeyError:
            raise FolderMissing(f"The mail server has no folder {path}.", code="NONEXISTENT") from None

    def deliver(
        self, path: str, raw: bytes, flags: Iterable[str] = (), internaldate: datetime | None = None
    ) -> int:
        """A new message from anywhere; its UID. Line ends become CRLF, as on a real server."""
        with self.lock:
            self._emails += 1
            text = _LINE_END.sub(b"\r\n", raw)
            stored = Stored(text, flags_of(flags), internaldate or EPOCH, 0, f"M{self._emails}")
            uid = self.box(path).put(stored)
            self.changed(path)
            return uid

    def renumber(self, path: str) -> None:
        """Rebuild a folder: the same messages under a new UIDVALIDITY and new UIDs."""
        with self.lock:
            old = self.box(path)
            self._validity += 1
            new = self.boxes[path] = Box(self._validity, old.role, old.rights, old.keywords)
            for uid in sorted(old.messages):
                new.put(old.messages[uid])

    def empty(self, path: str) -> None:
        """Lose every message of a folder without a new UIDVALIDITY, as a broken server does."""
        with self.lock:
            box = self.box(path)
            for uid in list(box.messages):
                box.take(uid)
            self.changed(path)

    def state(self, path: str) -> FolderState:
        """The counters of a folder. Raises FolderMissing."""
        box = self.box(path)
        unseen = sum(SEEN not in stored.flags for stored in box.messages.values())
        modseq = box.modseq if self.condstore else None
        return FolderState(box.uidvalidity, box.uidnext, len(box.messages), unseen, modseq)

    def listed(self, path: str) -> RemoteFolder:
        """A folder as LIST tells it, before anybody thought about namespaces and roles."""
        box, state = self.boxes[path], self.state(path)
        return RemoteFolder(
            path=path,
            delimiter="/",
            attributes=frozenset() if box.role is None else frozenset({f"\\{box.role}"}),
            rights=box.rights if self.acl else None,
            subscribed=box.subscribed,
            uidvalidity=state.uidvalidity,
            uidnext=state.uidnext,
            messages=state.messages,
            unseen=state.unseen,
            highestmodseq=state.highestmodseq,
        )

    # --- what sessions ask, with `lock` held --------------------------------------------------------

    def selected(self, path: str) -> SelectedFolder:
        """A folder as SELECT tells it. Raises FolderMissing."""
        box = self.box(path)
        return SelectedFolder(
            path=path,
            uidvalidity=box.uidvalidity,
            uidnext=box.uidnext,
            exists=len(box.messages),
            highestmodseq=box.modseq if self.condstore else None,
            permanentflags=frozenset() if box.read_only else box.permanentflags,
            read_only=box.read_only,
            rights=box.rights if self.acl else None,
        )

    def rows(self, box: Box, chosen: set[int] | None = None) -> list[FlagsRow]:
        """The flags of these messages, or of all."""
        return [
            FlagsRow(uid, stored.flags, stored.modseq if self.condstore else None)
            for uid, stored in sorted(box.messages.items())
            if chosen is None or uid in chosen
        ]

    def summary(self, uid: int, stored: Stored) -> RemoteMessage:
        """A message as FETCH tells it, without its body."""
        return RemoteMessage(
            uid=uid,
            flags=stored.flags,
            internaldate=stored.internaldate,
            size=len(stored.raw),
            header=header_of(stored.raw)[:HEADER_LIMIT],
            bodystructure=structure(stored.raw),
            modseq=stored.modseq if self.condstore else None,
            email_id=stored.email_id if self.object_ids else None,
        )

    def store_flags(
        self, uids: Iterable[int], path: str, added: frozenset[str], removed: frozenset[str]
    ) -> None:
        """Change the flags of what is there of these messages."""
        box = self.box(path)
        for uid in uids:
            if uid in box.messages:
                box.flag(uid, (box.messages[uid].flags | added) - removed)
        self.changed(path)

    def expunge(self, uids: Iterable[int], path: str) -> None:
        """Remove what is there of these messages. Raises NotAllowed."""
        box = self.box(path)
        box.demand("te", path)
        for uid in uids:
            if uid in box.messages:
                box.take(uid)
        self.changed(path)

    def transfer(self, uids: Iterable[int], path: str, target: str, *, keep: bool) -> Copied:
        """Copy messages into another folder, or move them. Raises FolderMissing, NotAllowed."""
        source, box = self.box(path), self.box(target)
        box.demand("i", target)
        if not keep:
            source.demand("te", path)
        found = {}
        # What was there before: within one folder the copies get UIDs that may have been asked for too.
        for uid in [uid for uid in uids if uid in source.messages]:
            found[uid] = box.put(source.messages[uid] if keep else source.take(uid))
        for changed in (path, target):
            self.changed(changed)
        return Copied(box.uidvalidity, found) if self.uidplus and found else Copied(None)

    def create(self, path: str) -> None:
        """A new folder. Raises RemoteRefused if there is one."""
        self._refuse_taken(path)
        self.add_folder(path)

    def rename(self, path: str, new_path: str) -> None:
        """Another path for a folder and those below it. Raises FolderMissing, RemoteRefused as `create`."""
        self.box(path)
        self._refuse_taken(new_path)
        for name in list(self.boxes):
            if name == path or name.startswith(path + "/"):
                self.boxes[new_path + name.removeprefix(path)] = self.boxes.pop(name)

    def delete(self, path: str) -> None:
        """Remove a folder with its messages. Raises FolderMissing."""
        self.box(path)
        del self.boxes[path]

    def _refuse_taken(self, path: str) -> None:
        if path in self.boxes:
            raise RemoteRefused(f"There is a folder {path} already.", code="ALREADYEXISTS")

    # --- accidents --------------------------------------------------------------------------------

    def lose(self, operation: str, moment: Moment) -> None:
        """Lose the connection at the next call of this operation of a Remote (or of any, for `*`)."""
        self._faults.append((operation, moment))

    def fault(self, operation: str) -> Moment | None:
        """Take the accident that waits for this operation, if one does; note the call."""
        self.commands.append(operation)
        for at, (name, moment) in enumerate(self._faults):
            if name in (operation, "*"):
                del self._faults[at]
                return moment
        return None

    # --- news -------------------------------------------------------------------------------------

    def watch(self, path: str, waker: Waker) -> None:
        """Set `waker` at the next change of a folder."""
        with self.lock:
            self._watchers.setdefault(path, []).append(waker)

    def unwatch(self, path: str, waker: Waker) -> None:
        """End `watch`."""
        with self.lock:
            self._watchers[path].remove(waker)

    def changed(self, path: str) -> None:
        """Wake whoever watches a folder."""
        for waker in self._watchers.get(path, ()):
            waker.set()
