"""The words of the house: rights, levels, roles, keywords, and what an id may look like.

Owns the vocabulary that both programs share (docs/terms.md). Imports nothing of ours and knows no
protocol, no database and no screen.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

ID_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""What an id may look like (RFC 8620 §1.2)."""

DESK: Final = "desk"
"""The account that holds what belongs to no mailbox: users, teams, accounts, the desk's audit."""

CORE: Final = "urn:ietf:params:jmap:core"
MAIL: Final = "urn:ietf:params:jmap:mail"
SUBMISSION: Final = "urn:ietf:params:jmap:submission"
DESK_CAPABILITY: Final = "urn:shinbox:desk"


LONGEST_UNDO: Final = 3_600
"""Seconds that sending can at most be undone."""


class Right(StrEnum):
    """One thing a person may do. JMAP's words (RFC 8621 §2, RFC 9670), then our own."""

    READ = "mayReadItems"
    SET_SEEN = "maySetSeen"
    SET_KEYWORDS = "maySetKeywords"
    ADD = "mayAddItems"
    REMOVE = "mayRemoveItems"
    CREATE_CHILD = "mayCreateChild"
    RENAME = "mayRename"
    DELETE = "mayDelete"
    SUBMIT = "maySubmit"
    ADMIN = "mayAdmin"
    MOVE = "mayMove"
    ASSIGN = "mayAssign"
    NOTE = "mayNote"
    SEND_ON_BEHALF = "maySendOnBehalf"
    READ_SETTINGS = "mayReadSettings"
    WRITE_SETTINGS = "mayWriteSettings"


class Level(StrEnum):
    """A named set of rights, the starting point of a grant."""

    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MANAGE = "manage"


_READ = frozenset({Right.READ})
_TRIAGE = _READ | {Right.SET_SEEN, Right.SET_KEYWORDS, Right.MOVE, Right.ASSIGN, Right.NOTE}
_WRITE = _TRIAGE | {
    Right.ADD,
    Right.REMOVE,
    Right.CREATE_CHILD,
    Right.RENAME,
    Right.DELETE,
    Right.READ_SETTINGS,
}
_MANAGE = _WRITE | {Right.WRITE_SETTINGS, Right.ADMIN}

LEVEL_RIGHTS: Final[dict[Level, frozenset[Right]]] = {
    Level.READ: _READ,
    Level.TRIAGE: _TRIAGE,
    Level.WRITE: _WRITE,
    Level.MANAGE: _MANAGE,
}


class Send(StrEnum):
    """How a grant lets a person send: not at all, with `Sender:` naming them, or as the mailbox."""

    NONE = "none"
    ON_BEHALF = "on-behalf"
    SEND_AS = "send-as"


SEND_RIGHTS: Final[dict[Send, frozenset[Right]]] = {
    Send.NONE: frozenset(),
    Send.ON_BEHALF: frozenset({Right.SEND_ON_BEHALF}),
    Send.SEND_AS: frozenset({Right.SUBMIT}),
}

MAILBOX_RIGHTS: Final = frozenset(
    {
        Right.READ,
        Right.SET_SEEN,
        Right.SET_KEYWORDS,
        Right.ADD,
        Right.REMOVE,
        Right.CREATE_CHILD,
        Right.RENAME,
        Right.DELETE,
        Right.SUBMIT,
        Right.MOVE,
        Right.ASSIGN,
        Right.NOTE,
        Right.SEND_ON_BEHALF,
    }
)
"""Rights that a folder carries; the rest belong to the whole account."""


class Role(StrEnum):
    """What a folder is for (RFC 8621 §2, RFC 6154)."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    TRASH = "trash"
    ARCHIVE = "archive"
    JUNK = "junk"


class Keyword(StrEnum):
    """Keywords with a meaning of their own (RFC 8621 §4.1.1)."""

    SEEN = "$seen"
    FLAGGED = "$flagged"
    DRAFT = "$draft"
    ANSWERED = "$answered"
    FORWARDED = "$forwarded"


class UndoStatus(StrEnum):
    """Where a submission stands (RFC 8621 §7); `uncertain` is ours: DATA may or may not have arrived."""

    PENDING = "pending"
    FINAL = "final"
    CANCELED = "canceled"
    UNCERTAIN = "uncertain"


EVERYONE: Final = "everyone"
"""The principal that every user of the desk belongs to."""
