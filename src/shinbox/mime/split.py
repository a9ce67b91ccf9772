"""Where things lie in a raw message: header fields, and the parts between boundaries.

Owns offsets. Refuses to know what a header means or how content is decoded. Everything is found with
bounded scans, so that the time is linear in the size of the message whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from shinbox.mime.charsets import decode
from shinbox.mime.model import DEFAULT_LIMITS, Defect, Header, Limits

_FIELD = re.compile(r"([^\s:]{1,1000}+)[ \t]{0,100}+:([^\n]*(?:\n[ \t][^\n]*)*)\n?|([^\n]*)\n?")
_FIELD_START = re.compile(rb"[^\s:]{1,1000}+[ \t]{0,100}+:")
_CHARSET = re.compile(rb"(?i)charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})")
MAX_FALSE_BOUNDARIES = 100_000


@dataclass
class ParsedHeaders:
    """The fields of one header block in order, and what was wrong with it."""

    fields: list[Header] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    def last(self, name: str) -> str | None:
        """The raw value of the last field of that name (RFC 8621 §4.1.3), or None."""
        return next(reversed(self.all(name)), None)

    def first(self, name: str) -> str | None:
        """The raw value of the first field of that name, or None."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """The raw values of every field of that name, in order."""
        return self._by_name.get(name.lower(), [])

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """Made on first use: the fields do not change once they are read."""
        index: dict[str, list[str]] = {}
        for given, value in self.fields:
            index.setdefault(given.lower(), []).append(value)
        return index


def header_end(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header block that begins at `start` ends, and where the content after it begins."""
    if raw.startswith(b"\n", start, end):
        return start, start + 1
    if raw.startswith(b"\r\n", start, end):
        return start, start + 2
    crlf = raw.find(b"\n\r\n", start, end)
    bare = raw.find(b"\n\n", start, crlf + 1 if crlf >= 0 else end)
    if bare >= 0:
        return bare + 1, bare + 2
    return (crlf + 1, crlf + 3) if crlf >= 0 else (end, end)


def parse_headers(raw_header_block: bytes, limits: Limits = DEFAULT_LIMITS) -> ParsedHeaders:
    """The fields of a header block. A field or block over its limit is cut, with a defect."""
    result = ParsedHeaders()
    block = raw_header_block
    if len(block) > limits.all_headers_bytes:
        block = block[: limits.all_headers_bytes]
        result.defects.append("too-many-headers")
    text = _decoded(block).replace("\0", "")
    for match in _FIELD.finditer(text):
        name, value, junk = match.groups()
        if name is None:
            if junk.strip() and not (match.start() == 0 and junk.startswith(("From ", ">From "))):
                _note(result.defects, "not-a-header")
            continue
        if len(result.fields) >= limits.headers:
            _note(result.defects, "too-many-headers")
            break
        if len(value) > limits.header_bytes:
            value = value[: limits.header_bytes]
            _note(result.defects, "header-too-long")
        result.fields.append((name, value.rstrip("\r\n")))
    return result


def body_without_blank_line(block: bytes) -> int | None:
    """Where text begins at the end of a header block that lacks its empty line; None if it does not.

    A line that is no field in the middle of a header is damage; after the last field it is the body.
    """
    position = last_good = 0
    in_field = False
    for line in block.splitlines(keepends=True):
        position_after = position + len(line)
        if line[:1] in (b" ", b"\t"):
            good = in_field
        else:
            good = in_field = bool(_FIELD_START.match(line)) or (
                position == 0 and line.startswith((b"From ", b">From "))
            )
        if good:
            last_good = position_after
        position = position_after
    return last_good if block[last_good:].strip() else None


def boundary_in_header(block: bytes) -> int | None:
    """Where a line begins that could be the first boundary of a multipart without empty line before it."""
    found = block.find(b"\n--")
    return found + 1 if found >= 0 else None


def _decoded(block: bytes) -> str:
    """Header octets as text: UTF-8 (RFC 6532), else in the charset that the message names for itself."""
    whole = None if b"\x1b" in block else _utf_8(block)
    if whole is not None:
        return whole
    named = _CHARSET.search(block)
    hint = named[1].decode("ascii") if named else ""
    return "\n".join(_line(line, hint) for line in block.split(b"\n"))


def _utf_8(block: bytes) -> str | None:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _line(line: bytes, hint: str) -> str:
    """ISO-2022 is ASCII to whoever does not look for its escapes."""
    return (
        line.decode("ascii")
        if line.isascii() and b"\x1b" not in line
        else decode(line, "", hint).value.replace("\n", " ")
    )


def _note(defects: list[Defect], defect: Defect) -> None:
    if defect not in defects:
        defects.append(defect)


@dataclass
class Pieces:
    """The parts of one multipart as (start, end) in the raw message, without their boundary lines."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False


def split_multipart(raw: bytes, start: int, end: int, boundary: bytes, most: int) -> Pieces:
    """The parts between `boundary` lines within raw[start:end], at most `most` of them.

    The line break before a boundary belongs to the boundary (RFC 2046 §5.1.1). Without closing
    boundary the last part runs to the end.
    """
    pieces = Pieces()
    marker = b"--" + boundary
    opened = -1
    position, false_hits = start, 0
    while len(pieces.spans) < most and false_hits < MAX_FALSE_BOUNDARIES:
        hit = raw.find(marker, position, end)
        if hit < 0:
            break
        position = hit + len(marker)
        after = _after_boundary(raw, position, end) if hit == start or raw[hit - 1] in b"\r\n" else None
        if after is None:
            false_hits += 1
            continue
        if opened >= 0:
            pieces.spans.append((opened, _before_boundary(raw, opened, hit)))
        next_start, pieces.closed = after
        if pieces.closed:
            return pieces
        opened = position = next_start
    if opened >= 0 and len(pieces.spans) < most:
        _add_unclosed(pieces, raw, opened, end, marker + b"--")
    return pieces


def _add_unclosed(pieces: Pieces, raw: bytes, opened: int, end: int, closing: bytes) -> None:
    """The last part of a multipart whose closing line is missing.

    Some senders close with an opening line, and some lose the line break before the closing one.
    """
    left = raw[max(opened, end - len(closing) - 4) : end].rstrip()
    if left.endswith(closing):
        end -= end - max(opened, end - len(closing) - 4) - len(left) + len(closing)
        pieces.closed = True
    if not pieces.spans or raw[opened:end].strip():
        pieces.spans.append((opened, end))


def _after_boundary(raw: bytes, position: int, end: int) -> tuple[int, bool] | None:
    """Where the line after a boundary begins and whether it closes; None if it is no boundary.

    White space and what follows it on the line is ignored (RFC 2046 §5.1.1: the boundary's line need not
    match as a whole); other characters make it a longer boundary, and so another one.
    """
    closing = raw.startswith(b"--", position, end)
    position += 2 * closing
    if position >= end:
        return end, closing
    if raw[position] not in b" \t\r\n":
        return None
    line_end = raw.find(b"\n", position, end)
    return (end if line_end < 0 else line_end + 1), closing


def _before_boundary(raw: bytes, opened: int, hit: int) -> int:
    if hit - 2 >= opened and raw[hit - 2 : hit] == b"\r\n":
        return hit - 2
    return max(opened, hit - 1)
