"""What a parsed message is made of: RFC 8621's words as plain data.

Owns the shapes and the limits. Refuses to know how bytes become them (parse, structure) and how they
travel (jmap/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

Defect = Literal[
    "too-large",
    "too-many-parts",
    "too-deep",
    "header-too-long",
    "too-many-headers",
    "not-a-header",
    "missing-boundary",
    "missing-end",
    "bad-encoding",
]
"""What was wrong with a message, in one word each; the first three mean that something is not shown."""

TOO_LARGE: Final = "too-large"
"""The defect of a message that broke a limit: nothing but its header is looked at again."""

_SENTENCES: dict[str, str] = {
    "too-large": "Too large to display: save the original.",
    "too-many-parts": "It has too many parts: not all of them are shown.",
    "too-deep": "Its parts are nested too deeply: not all of them are shown.",
    "header-too-long": "A line of its header is too long and was cut.",
    "too-many-headers": "Its header is too long: not all of it was read.",
    "not-a-header": "Its header has lines that are none.",
    "missing-boundary": "The line that divides its parts is missing: they are shown as one text.",
    "missing-end": "Its end is missing: it may have been cut off on the way.",
    "bad-encoding": "A part of it is encoded in an unknown way.",
}


def defect_sentence(defect: str) -> str:
    """What is wrong with a message, for the person who reads it; what is no Defect of ours stays as it is."""
    return _SENTENCES.get(defect, defect)


class Address(msgspec.Struct, frozen=True):
    """EmailAddress of RFC 8621 §4.1.2.3."""

    name: str | None
    email: str


class AddressGroup(msgspec.Struct, frozen=True):
    """EmailAddressGroup of RFC 8621 §4.1.2.4; name is null for addresses outside any group."""

    name: str | None
    addresses: list[Address]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one message is looked at. Beyond it: headers, and a defect that says so."""

    message_bytes: int = 50 * 1024 * 1024
    parts: int = 1_000
    depth: int = 30
    header_bytes: int = 64 * 1024
    headers: int = 2_000
    all_headers_bytes: int = 1024 * 1024


DEFAULT_LIMITS = Limits()

Header = tuple[str, str]
"""Name as written, and raw value: from after the colon up to the final line break (RFC 8621 §4.1.2.1)."""


class BodyPart(msgspec.Struct):
    """EmailBodyPart of RFC 8621 §4.1.4.

    `size` counts decoded octets (from a BODYSTRUCTURE: an estimate). `start` and `end` say where the
    encoded content lies in the raw message, which is how `content` is found again; -1 if not held.
    """

    part_id: str | None
    type: str
    size: int = 0
    name: str | None = None
    charset: str | None = None
    disposition: str | None = None
    cid: str | None = None
    language: list[str] | None = None
    location: str | None = None
    sub_parts: list[BodyPart] | None = None
    headers: list[Header] = []
    encoding: str = ""
    params: dict[str, str] = {}
    start: int = -1
    end: int = -1

    def walk(self) -> Iterator[BodyPart]:
        """This part and every part below it, in the order of the message."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.sub_parts or []))


class BodyLists(msgspec.Struct):
    """The three flat lists of RFC 8621 §4.1.4; a part may stand in two of them."""

    text_body: list[BodyPart] = []
    html_body: list[BodyPart] = []
    attachments: list[BodyPart] = []


class DecodedText(msgspec.Struct, frozen=True):
    """Text of a part with LF line ends; the flag is EmailBodyValue's isEncodingProblem."""

    value: str
    is_encoding_problem: bool = False
