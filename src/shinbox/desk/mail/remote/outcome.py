"""What became of a message that was handed to an SMTP server, and what it was sent with.

Pure. Owns the four outcomes whose difference decides whether a message may be sent again: only
`NotAttempted` and a `Refused` are safe; `Uncertain` never is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shinbox.errors import InvalidEmail, InvalidRecipients, NoRecipients, RemoteError

_ADDRESS = re.compile(
    r'(?:"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"|[^\s<>"\x00-\x1f\x7f]+)(?:@[^\s<>"@]+)?'
)
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BCC = re.compile(rb"^(?:resent-)?bcc[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\r\n\r\n")
_NOTIFY = frozenset({"NEVER", "SUCCESS", "FAILURE", "DELAY"})


@dataclass(frozen=True, slots=True)
class Notify:
    """When to tell the sender about the delivery (RFC 3461). `envelope_id` comes back in the notice."""

    on: frozenset[str] = frozenset({"FAILURE", "DELAY"})
    full: bool = False
    envelope_id: str | None = None

    def __post_init__(self) -> None:
        if not self.on or not self.on <= _NOTIFY or ("NEVER" in self.on and len(self.on) > 1):
            raise ValueError(f"no delivery notices on {sorted(self.on)}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom; the header is not asked. An empty sender is the null path (RFC 5321 §4.5.5).

    Raises (when made): NoRecipients, InvalidRecipients.
    """

    sender: str
    recipients: tuple[str, ...]
    notify: Notify | None = None

    def __post_init__(self) -> None:
        if not self.recipients:
            raise NoRecipients
        for address in (*self.recipients, *([self.sender] if self.sender else [])):
            if not _ADDRESS.fullmatch(address):
                raise InvalidRecipients(f"{address!r} is no mail address.")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it goes over the wire, but for the dots: CRLF line ends only."""

    data: bytes
    header_is_ascii: bool
    is_ascii: bool

    @classmethod
    def prepare(cls, raw: bytes) -> Message:
        """Raises InvalidEmail for a Bcc field, which would show every recipient who was to stay hidden."""
        data = _LINE_END.sub(b"\r\n", raw)
        if not data.endswith(b"\r\n"):
            data += b"\r\n"
        end = _HEADER_END.search(data)
        header = data[: end.start()] if end is not None else data
        if _BCC.search(header):
            raise InvalidEmail("A Bcc field must not be sent.")
        return cls(data, header.isascii(), data.isascii())


@dataclass(frozen=True, slots=True)
class Refusal:
    """One negative answer."""

    code: int
    text: str

    @property
    def permanent(self) -> bool:
        """Whether trying again is useless (5yz, RFC 5321 §4.2.1)."""
        return self.code >= 500


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the message for all recipients but those in `refused`."""

    response: str
    refused: Mapping[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The server said no; nothing was sent. `recipients` says to whom, where it was at RCPT."""

    code: int
    text: str
    permanent: bool
    recipients: Mapping[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotAttempted:
    """The end of the message was not sent, so no server has it: safe to try again once `error` is cured."""

    error: RemoteError


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The end of the message was sent and no answer came: the server may have it. Never resend by itself."""

    text: str


Outcome = Accepted | Refused | NotAttempted | Uncertain


class Phase(StrEnum):
    """How far a submission is. COMMITTING comes right before the final dot, and is awaited: what is written
    down there is true whenever the dot may have been sent, also if the process dies at that moment."""

    CONNECTED = "connected"
    SENDING = "sending"
    COMMITTING = "committing"
