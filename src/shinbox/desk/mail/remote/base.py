"""What a mail server looks like to the desk: the `Remote` protocol and the plain data that it speaks in.

Owns the words that the planner and the worker share with every connector (IMAP, in memory). Refuses to
know how bytes travel, what the desk has mirrored, and what a person may do: rights are delivered as the
server's own RFC 4314 letters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from shinbox.errors import RemoteError, RemoteRefused
from shinbox.terms import Role

Token = bytes | int | None | list["Token"]
"""One value of an IMAP response: string or atom, number, NIL, or parenthesised list."""

SEEN, ANSWERED, FLAGGED, DELETED, DRAFT = r"\Seen", r"\Answered", r"\Flagged", r"\Deleted", r"\Draft"
SYSTEM_FLAGS = frozenset({SEEN, ANSWERED, FLAGGED, DELETED, DRAFT})
ANY_KEYWORD = r"\*"
"""In PERMANENTFLAGS: new keywords may be made (RFC 3501 §7.1)."""

ALL_RIGHTS = frozenset("lrswipkxtea")
DEFAULT_MAX_SIZE = 64 * 1024 * 1024
"""Octets of a raw message that are fetched unless the caller allows more."""


class UidValidityChanged(RemoteError):
    """The folder was rebuilt on the mail server: its UIDs mean other messages now."""


class FolderMissing(RemoteRefused):
    """The mail server has no such folder."""


class MessageMissing(RemoteRefused):
    """The message is no longer in that folder on the mail server."""


class MessageTooLarge(RemoteRefused):
    """The message is larger than the desk fetches."""


class NotAllowed(RemoteRefused):
    """The mail server does not allow this for the mailbox's account."""


class BadName(RemoteRefused):
    """A folder name or search text holds a control character."""


class NamespaceKind(StrEnum):
    """Whose folders these are (RFC 2342)."""

    PERSONAL = "personal"
    OTHER = "other"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class FolderState:
    """The counters of a folder (STATUS). `None` where the server does not tell."""

    uidvalidity: int
    uidnext: int
    messages: int
    unseen: int
    highestmodseq: int | None = None
    mailbox_id: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """A folder as listed.

    `root` is the path of the mailbox that it belongs to in a namespace that is not personal, such as
    `shared/support@example.org` or `Public/support`; `None` for personal folders. Roles are unique within a
    root. `rights` are MYRIGHTS' letters, `None`
    when the server has no ACL; the obsolete `c` and `d` are spelt out as RFC 4314 §2.1.1 says. The counters
    are `None` for what cannot be selected, and `highestmodseq` also where CONDSTORE is missing.
    """

    path: str
    delimiter: str | None
    role: Role | None = None
    attributes: frozenset[str] = frozenset()
    namespace: NamespaceKind = NamespaceKind.PERSONAL
    root: str | None = None
    rights: frozenset[str] | None = None
    subscribed: bool = False
    selectable: bool = True
    uidvalidity: int | None = None
    uidnext: int | None = None
    messages: int | None = None
    unseen: int | None = None
    highestmodseq: int | None = None
    mailbox_id: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's names, outermost first."""
        return tuple(self.path.split(self.delimiter)) if self.delimiter else (self.path,)


@dataclass(frozen=True, slots=True)
class SelectedFolder:
    """What SELECT said. `permanentflags` holds `\\*` if new keywords may be made; empty when read-only."""

    path: str
    uidvalidity: int
    uidnext: int
    exists: int
    highestmodseq: int | None
    permanentflags: frozenset[str]
    read_only: bool
    rights: frozenset[str] | None

    def keeps(self, flag: str) -> bool:
        """Whether a change of `flag` is kept by the server (RFC 3501 §7.1), whatever its tagged OK says."""
        lower = flag.lower()
        known = {permanent.lower() for permanent in self.permanentflags}
        return lower in known or (ANY_KEYWORD in known and not lower.startswith("\\"))


@dataclass(frozen=True, slots=True)
class FlagsRow:
    """The flags of one message; system flags in RFC 3501's spelling, without `\\Recent`."""

    uid: int
    flags: frozenset[str]
    modseq: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteMessage:
    """All that a message needs to be published, without its body.

    `header` is at most `HEADER_LIMIT` octets; `bodystructure` is RFC 3501 §7.4.2's list, `None` when the
    server could not make one. `email_id` is EMAILID or `gm-` + X-GM-MSGID (RFC 8474), `None` without either.
    `internaldate` is aware.
    """

    uid: int
    flags: frozenset[str]
    internaldate: datetime
    size: int
    header: bytes
    bodystructure: list[Token] | None
    modseq: int | None = None
    email_id: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different in the selected folder.

    `flags` has a row for each changed and each new message, or for every message when `complete`; `vanished`
    are the known UIDs that are gone, ascending. `folder` is the SELECT that this was read under: its
    `highestmodseq` is the one to remember, since a later change is then reported again and none is lost.
    """

    folder: SelectedFolder
    flags: Sequence[FlagsRow]
    vanished: Sequence[int]
    complete: bool

    @property
    def highestmodseq(self) -> int | None:
        """The state to ask from next time."""
        return self.folder.highestmodseq


@dataclass(frozen=True, slots=True)
class Copied:
    """Where messages went (COPYUID, RFC 4315). A UID that was not there, or that the server did not name
    (no UIDPLUS), is missing from `uids`."""

    uidvalidity: int | None
    uids: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an appended message lies (APPENDUID, RFC 4315)."""

    uidvalidity: int
    uid: int


class IdleKind(StrEnum):
    """What the server announced while idle."""

    EXISTS = "exists"
    GONE = "gone"
    FLAGS = "flags"


@dataclass(frozen=True, slots=True)
class IdleEvent:
    """A hint that the selected folder changed: ask `changes_since`, don't count on the event itself."""

    kind: IdleKind


class Stop(Protocol):
    """What ends an `idle` from another thread; see `waker.Waker`."""

    def is_set(self) -> bool: ...

    def fileno(self) -> int:
        """A descriptor that is readable once set."""
        ...


class Remote(Protocol):
    """One connection to a mailbox. It belongs to the thread that made it; any other caller gets RuntimeError.

    Every operation may raise `RemoteUnreachable` (the connection is then closed: make a new one) and
    `RemoteRefused`, whose `extra["code"]` is the server's response code (RFC 5530) if it gave one. UIDs
    mean messages of the folder selected last.
    """

    @property
    def capabilities(self) -> frozenset[str]:
        """In upper case, as of after the login."""
        ...

    @property
    def selected(self) -> SelectedFolder | None: ...

    def folders(self) -> list[RemoteFolder]:
        """All folders of all namespaces, with roles, rights and counters."""
        ...

    def status(self, path: str) -> FolderState:
        """A folder's counters. Raises FolderMissing."""
        ...

    def select(self, path: str) -> SelectedFolder:
        """Open a folder, read-write where the server allows. Raises FolderMissing."""
        ...

    def uids(self) -> list[int]:
        """The UIDs in the selected folder, ascending."""
        ...

    def fetch_summaries(self, uids: Iterable[int], *, chunk: int = 250) -> Iterator[list[RemoteMessage]]:
        """Headers, structure and flags in lists of about `chunk`, newest (highest UID) first. UIDs that
        are gone are left out. Never sets `\\Seen`."""
        ...

    def fetch_flags(self, uids: Iterable[int] | None = None) -> list[FlagsRow]:
        """Flags of these messages, or of all, ascending by UID."""
        ...

    def changes_since(self, modseq: int | None, known: Collection[int]) -> Changes:
        """What changed in the selected folder since `modseq`, given the UIDs the desk knows.

        Selects the folder again first. Raises UidValidityChanged if it was rebuilt since the last select,
        FolderMissing."""
        ...

    def fetch_raw(self, uid: int, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
        """The message as it lies there. Never sets `\\Seen`. Raises MessageMissing, MessageTooLarge."""
        ...

    def fetch_raw_into(self, uid: int, sink: BinaryIO, *, max_size: int = DEFAULT_MAX_SIZE) -> int:
        """As `fetch_raw`, written to `sink` piece by piece; the number of octets."""
        ...

    def fetch_starts(self, uids: Iterable[int], octets: int) -> dict[int, bytes]:
        """The first octets of these messages as they lie there; empty for one that the server cannot read,
        and none for one that is gone. Never sets `\\Seen`."""
        ...

    def store_flags(
        self, uids: Iterable[int], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> dict[int, FlagsRow]:
        """Change flags and return what the server really has afterwards: compare, since a server may
        answer OK and do nothing. A message that is gone is missing from the answer."""
        ...

    def move(self, uids: Iterable[int], target: str) -> Copied:
        """Move messages. When refused half-way, the error's `extra["copied"]` is what has moved.
        Raises FolderMissing (target), NotAllowed."""
        ...

    def copy(self, uids: Iterable[int], target: str) -> Copied:
        """Copy messages. Raises FolderMissing (target), NotAllowed."""
        ...

    def append(
        self, path: str, raw: bytes, *, flags: Iterable[str] = (), internaldate: datetime | None = None
    ) -> Appended | None:
        """Add a message, octet for octet; `None` if the server does not say where (no UIDPLUS): look with
        `find_by_message_id`. `internaldate` must be aware."""
        ...

    def find_by_message_id(self, path: str, message_id: str, *, since_uid: int = 1) -> list[int]:
        """Select `path` and return the UIDs, from `since_uid` on, whose Message-ID is exactly this."""
        ...

    def expunge_uids(self, uids: Iterable[int]) -> list[int]:
        """Remove exactly these messages (UID EXPUNGE, RFC 4315); those that are really gone, ascending.
        Raises NotAllowed where the server cannot remove single messages."""
        ...

    def create_folder(self, path: str) -> None: ...

    def rename_folder(self, path: str, new_path: str) -> None: ...

    def delete_folder(self, path: str) -> None: ...

    def idle(self, stop: Stop, timeout: float) -> list[IdleEvent]:
        """Wait for a change of the selected folder: at most `timeout` seconds, or until `stop` is set.
        Empty when nothing happened. Without IDLE the server is asked once, after the wait."""
        ...

    def noop(self) -> None:
        """Show that the connection lives."""
        ...

    def abort(self) -> None:
        """Cut the connection, from any thread: whoever waits on it gets RemoteUnreachable."""
        ...

    def close(self) -> None:
        """Log out politely if possible; never raises, may be called twice."""
        ...


Connector = Callable[[], Remote]
"""Makes a new connection, logged in: what a worker is given."""

HEADER_LIMIT = 256 * 1024
"""Octets of a header that a summary holds at most: a longer one is cut, so that it blocks nothing."""
