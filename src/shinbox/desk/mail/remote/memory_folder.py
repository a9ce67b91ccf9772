"""A folder of the mail server that lives in memory: its messages, and what it lets be done with them.

Owns UIDs and MODSEQs as they count up, and what rights and keywords make of a change. Knows no other folder,
no connection and no accident (memory_server.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from shinbox.desk.mail.remote.base import (
    ALL_RIGHTS,
    ANY_KEYWORD,
    DELETED,
    SEEN,
    SYSTEM_FLAGS,
    NotAllowed,
)
from shinbox.terms import Role


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

    def demand(self, letters: str, path: str) -> None:
        """Raises NotAllowed unless all these rights are there; to remove takes a kept `\\Deleted` too."""
        if not set(letters) <= self.rights or (letters == "te" and DELETED not in self.permanentflags):
            raise NotAllowed(f"The mail server does not allow this in {path}.", code="NOPERM")

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
