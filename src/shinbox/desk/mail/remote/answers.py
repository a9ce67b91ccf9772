"""What came back for one IMAP command: its status, the responses before it, and the error that a refusal is.

Pure. Owns the form of a status response and the response codes that have an error of their own. Refuses to
know how octets travel (wire.py) and what an untagged response tells (noticing.py, listing.py, fetching.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shinbox.desk.mail.remote.base import FolderMissing, MessageMissing, NotAllowed
from shinbox.errors import RemoteRefused

_STATUS = re.compile(
    rb"(OK|NO|BAD|BYE)(?: \[([A-Za-z0-9-]+)(?: ([^\]]*))?\])? ?(.*)", re.DOTALL | re.IGNORECASE
)
_REFUSALS: dict[str, type[RemoteRefused]] = {
    "NONEXISTENT": FolderMissing,
    "TRYCREATE": FolderMissing,
    "NOPERM": NotAllowed,
    "EXPUNGEISSUED": MessageMissing,
}

Response = tuple[bytes, Sequence[bytes]]
"""A response's text without its last line break, each literal's octets left out, and those octets."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status response (RFC 3501 §7.1): word, response code with its data, text."""

    word: str
    code: str | None
    data: bytes
    text: str

    @classmethod
    def parse(cls, text: bytes) -> Status | None:
        """The status in `text` (without tag or asterisk), if it is one."""
        match = _STATUS.fullmatch(text)
        if match is None:
            return None
        code = match[2].decode("ascii").upper() if match[2] else None
        word = match[1].decode("ascii").upper()
        return cls(word, code, match[3] or b"", match[4].decode("utf-8", "replace"))


@dataclass(slots=True)
class Answer:
    """What came back for one command: the tagged status and the untagged responses before it."""

    status: Status
    untagged: list[Response] = field(default_factory=list)

    def check(self, what: str) -> Answer:
        """Itself. Raises RemoteRefused (or the subclass that the code names) unless it is OK."""
        if self.status.word == "OK":
            return self
        kind = _REFUSALS.get(self.status.code or "", RemoteRefused)
        said = self.status.text or self.status.code or self.status.word
        raise kind(f"The mail server refused to {what}: {said}", code=self.status.code)

    def statuses(self) -> Iterator[Status]:
        """The untagged `OK` responses' codes, then the tagged one."""
        for text, _ in self.untagged:
            if text[:5].upper() == b"* OK " and (status := Status.parse(text[2:])) is not None:
                yield status
        yield self.status

    def named(self, name: bytes) -> Iterator[Response]:
        """The untagged responses `* NAME …`, whatever the case, without the asterisk and the name."""
        for text, literals in self.untagged:
            if text[2 : 2 + len(name)].upper() == name and text[2 + len(name) : 3 + len(name)] in (b" ", b""):
                yield text[3 + len(name) :], literals
