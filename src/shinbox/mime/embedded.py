"""Files that are in a message without being parts of it: uuencoded in its text, packed in a winmail.dat.

Owns finding them. They have no part id of their own (RFC 8621 knows none): they are told apart by the part
that they are in and their number in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shinbox.mime.parse import ParsedMessage
from shinbox.mime.tnef import TYPES, read_tnef
from shinbox.mime.transfer import uu_bytes

MAX_FILES = 200
_BLOCK = re.compile(
    r"(?m)^begin [0-7]{3,4} ([^\n]{1,255})\n"
    r"((?:[ -`]{1,90}\n){0,2000000}?)(?:[`\s]*\n)?end[ \t]*(?:\n|\Z)"
)
"""Data lines hold no lower-case letter: so `end` and a second `begin` stop them."""


@dataclass(frozen=True)
class EmbeddedFile:
    """A file inside the part `part_id`, the `number`-th one there, counted from 1."""

    part_id: str
    number: int
    name: str
    type: str
    content: bytes


def embedded_files(message: ParsedMessage) -> list[EmbeddedFile]:
    """Every such file of the message in order; empty for nearly all messages."""
    found: list[EmbeddedFile] = []
    for part in message.body_structure.walk():
        if part.part_id is None or len(found) >= MAX_FILES:
            continue
        if part.type == "text/plain" and part.disposition != "attachment":
            for number, (name, content) in enumerate(uuencoded_files(message.text(part).value), 1):
                found.append(EmbeddedFile(part.part_id, number, name, "application/octet-stream", content))
        elif part.type in TYPES or (part.name or "").lower() == "winmail.dat":
            for number, file in enumerate(read_tnef(message.content(part)).files, 1):
                found.append(EmbeddedFile(part.part_id, number, file.name, file.type, file.content))
    return found[:MAX_FILES]


def uuencoded_files(text: str) -> list[tuple[str, bytes]]:
    """Name and octets of the uuencoded files in `text`; text/uuencoded.py takes them out of what is shown."""
    if "\nend" not in text or "begin " not in text:
        return []
    return [
        (match[1].strip(), uu_bytes(match[2].encode("ascii", "replace"))) for match in _BLOCK.finditer(text)
    ]
