"""The words of the plan: what the server shows, what the desk has, what to do about it.

Owns these shapes and `content_key`, which recognises a message. Pure; decides nothing (plan.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

HIDDEN: Final = 0
"""The email of a row that is marked `\\Deleted` on the server."""

DELETED: Final = "\\deleted"
"""In the flags of a row; never a keyword."""

Spot = tuple[int, int]
"""(mailbox row, uid)."""

_STABLE: Final = (
    b"message-id",
    b"date",
    b"from",
    b"sender",
    b"to",
    b"cc",
    b"subject",
    b"in-reply-to",
    b"references",
    b"content-type",
)
_FIELD: Final = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)


def content_key(header: bytes, size: int) -> str:
    """Recognises the same message in another folder: headers that no server changes, and the size.

    `size` counts CRLF line ends, as RFC822.SIZE does.
    """
    found: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(header):
        name = match[1].lower()
        if name in _STABLE:
            found[name] = b" ".join(match[2].split())
    text = b"\n".join(name + b":" + found[name] for name in _STABLE if name in found)
    return hashlib.sha256(b"%d\n" % size + text).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Row:
    """A message in base. `flags` are keywords, and DELETED."""

    mailbox: int
    uid: int
    email: int
    flags: frozenset[str]

    @property
    def spot(self) -> Spot:
        return self.mailbox, self.uid


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message on the server that base does not know at that spot."""

    mailbox: int
    uid: int
    key: str
    flags: frozenset[str]
    remote_id: str | None = None
    message_id: str | None = None

    @property
    def spot(self) -> Spot:
        return self.mailbox, self.uid


@dataclass(frozen=True, slots=True)
class Known:
    """What recognises an email, also one that people destroyed and the server still has."""

    key: str | None
    remote_id: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What people see of an email."""

    mailboxes: frozenset[int]
    keywords: frozenset[str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An intent that is still queued. `source` and `target` are what a move leaves and joins, `target` also
    where an append goes."""

    kind: str
    email: int
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    source: frozenset[int] = frozenset()
    target: frozenset[int] = frozenset()
    started: bool = False


@dataclass(frozen=True)
class Seen:
    """What the server shows.

    `gone`: spots of base that are no longer there. `hidden` ⊆ gone: they are, but marked `\\Deleted`; with
    their flags. `forgotten` ⊆ gone: every folder was looked at since, so they were not moved but removed.
    """

    arrivals: Sequence[Arrival] = ()
    flags: Mapping[Spot, frozenset[str]] = field(default_factory=dict)
    gone: AbstractSet[Spot] = frozenset()
    hidden: Mapping[Spot, frozenset[str]] = field(default_factory=dict)
    forgotten: AbstractSet[Spot] = frozenset()


@dataclass(frozen=True)
class Here:
    """What the desk has. `rows` are all rows of the emails concerned and of the spots in `Seen`; `emails` and
    `shown` speak of those that exist (`emails` also of destroyed ones with a waiting intent); `missing` are
    mailboxes of base that people have destroyed."""

    rows: Sequence[Row]
    emails: Mapping[int, Known]
    shown: Mapping[int, Shown]
    waiting: Sequence[Waiting] = ()
    missing: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PutRow:
    """Base: the message lies there."""

    row: Row


@dataclass(frozen=True, slots=True)
class DropRow:
    """Base: it no longer does."""

    spot: Spot


@dataclass(frozen=True, slots=True)
class Publish:
    """A message nobody knew: a new email, seen as `shown`, and its row."""

    arrival: Arrival
    shown: Shown


@dataclass(frozen=True, slots=True)
class Show:
    """People see the email so from now on."""

    email: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class Destroy:
    """The email is gone from the server for good."""

    email: int


Action = PutRow | DropRow | Publish | Show | Destroy
