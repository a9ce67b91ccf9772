"""A mail server that lives in memory: folders, UIDs, MODSEQs, rights, and accidents on demand.

Owns the state that several `memory.MemoryRemote` share, with the semantics that Dovecot was measured to have.
Knows no protocol. For tests of whoever uses a `base.Remote`; it passes the same contract suite.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from shinbox.desk.mail.remote.base import (
    ALL_RIGHTS,
    ANY_KEYWORD,
    DELETED,
    SEEN,
    SYSTEM_FLAGS,
    FolderMissing,
    FolderState,
    RemoteFolder,
)
from shinbox.desk.mail.remote.noticing import flags_of
from shinbox.desk.mail.remote.waker import Waker
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


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it lies in one folder."""

    raw: bytes
    flags: frozenset[str]
    internaldate: datetime
    modseq: int
    email_id: str


@dataclass(slots=True)
class Box:
    """A folder. `rights` are RFC 4314 letters; `keywords` are those that it keeps, `None` for any."""

    uidvalidity: int
    role: Role | None = None
    rights: frozenset[str] = ALL_RIGHTS
    keywords: frozenset[str] | None = None
    uidnext: int = 1
    modseq: int = 1
    subscribed: bool = True
    messages: dict[int, Stored] = field(default_factory=dict)

    @property
    def read_only(self) -> bool:
        """Dovecot's rule: nothing that could change."""
        return not self.rights & frozenset("wstie")

    @property
    def permanentflags(self) -> frozenset[str]:
        """The flags that a change is kept of (RFC 4314 §4: `s` for Seen, `t` for Deleted, `w` for others)."""
        flags: set[str] = set()
        if "s" in self.rights:
            flags.add(SEEN)
        if "t" in self.rights:
            flags.add(DELETED)
        if "w" in self.rights:
            flags |= SYSTEM_FLAGS - {SEEN, DELETED}
            flags |= {ANY_KEYWORD} if self.keywords is None else self.keywords
        return frozenset(flags)

    def put(self, stored: Stored) -> int:
        """Add a message; its UID."""
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.modseq += 1
        self.messages[uid] = replace(stored, modseq=self.modseq)
        return uid

    def flag(self, uid: int, flags: frozenset[str]) -> None:
        """Set the flags of a message."""
        if self.messages[uid].flags != flags:
            self.modseq += 1
            self.messages[uid] = replace(self.messages[uid], flags=flags, modseq=self.modseq)

    def take(self, uid: int) -> Stored:
        """Remove a message."""
        self.modseq += 1
        return self.messages.pop(uid)


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
