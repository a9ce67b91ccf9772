"""What a mail server tells, as plain data: folders, messages, flags, changes, and its refusals.

Pure. Owns the words that the planner and the worker share with every connector (IMAP, in memory). Refuses to
know how they are asked for (remote.py), what the desk has mirrored, and what a person may do: rights are
delivered as the server's own RFC 4314 letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

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
HEADER_LIMIT = 256 * 1024
"""Octets of a header that a summary holds at most: a longer one is cut, so that it blocks nothing."""


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
