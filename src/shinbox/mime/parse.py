"""A raw message to everything that RFC 8621 §4.1 says about it.

Owns the walk over the parts. Pure and total: whatever arrives gives a ParsedMessage, over the limits
one with headers and a defect. Refuses to know the store, the wire and the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from shinbox.mime import body, headers, preview
from shinbox.mime.charsets import decode
from shinbox.mime.model import DEFAULT_LIMITS, Address, BodyPart, DecodedText, Defect, Header, Limits
from shinbox.mime.params import parse_value
from shinbox.mime.split import (
    ParsedHeaders,
    body_without_blank_line,
    boundary_in_header,
    header_end,
    parse_headers,
    split_multipart,
)
from shinbox.mime.transfer import KNOWN, decode_content

__all__ = ["Limits", "ParsedHeaders", "ParsedMessage", "parse", "parse_headers"]

_TYPE = re.compile(r"[^\s/\"(),:;<=>?@\[\\\]]+/[^\s/\"(),:;<=>?@\[\\\]]+")
_LOST = frozenset({"too-large", "too-many-parts", "too-deep"})


@dataclass
class ParsedMessage:
    """One message. Addresses, dates and ids come from the last header of their name (RFC 8621 §4.1.3)."""

    raw: bytes
    headers: list[Header]
    body_structure: BodyPart
    text_body: list[BodyPart] = field(default_factory=list)
    html_body: list[BodyPart] = field(default_factory=list)
    attachments: list[BodyPart] = field(default_factory=list)
    has_attachment: bool = False
    preview: str = ""
    defects: list[Defect] = field(default_factory=list)
    from_: list[Address] = field(default_factory=list)
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    bcc: list[Address] = field(default_factory=list)
    reply_to: list[Address] = field(default_factory=list)
    sender: list[Address] = field(default_factory=list)
    subject: str | None = None
    sent_at: str | None = None
    message_id: list[str] | None = None
    in_reply_to: list[str] | None = None
    references: list[str] | None = None
    _texts: dict[int, DecodedText] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_whole(self) -> bool:
        """False if a limit kept something from being shown: the original should be offered for saving."""
        return not _LOST.intersection(self.defects)

    def header(self, name: str) -> str | None:
        """The raw value of the last header of that name, or None."""
        return self._fields.last(name)

    @cached_property
    def _fields(self) -> ParsedHeaders:
        return ParsedHeaders(self.headers)

    def part(self, part_id: str) -> BodyPart | None:
        """The leaf part with that id, or None."""
        return next((part for part in self.body_structure.walk() if part.part_id == part_id), None)

    def content(self, part: BodyPart) -> bytes:
        """The decoded octets of a leaf part; the encoded ones of a multipart."""
        data = self.raw[part.start : part.end]
        return data if part.sub_parts is not None else decode_content(data, part.encoding)

    def text(self, part: BodyPart) -> DecodedText:
        """The text of a part, line ends LF (RFC 8621 §4.1.4 EmailBodyValue). Decoded once."""
        known = self._texts.get(part.start)
        if known is None:
            known = self._texts[part.start] = text_of(self.content(part), part)
        return known


def text_of(content: bytes, part: BodyPart) -> DecodedText:
    """Decoded octets of `part` as text: for callers that hold a part's content, not the message."""
    decoded = decode(content, part.params.get("charset"))
    value = decoded.value
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = value.replace("\0", "")
    problem = decoded.is_encoding_problem or part.encoding not in KNOWN
    return DecodedText(value, problem)


def parse(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> ParsedMessage:
    """Everything about `raw`. Never raises for what is in it."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    block_end, _ = header_end(raw, 0, min(len(raw), limits.message_bytes))
    if len(raw) > limits.message_bytes:
        found = parse_headers(raw[:block_end], limits)
        root = BodyPart("1", "application/octet-stream", size=len(raw) - block_end, headers=found.fields)
        return _with_headers(ParsedMessage(raw, found.fields, root, defects=[*found.defects, "too-large"]))
    walk = _Walk(raw, limits)
    root = walk.part(0, len(raw), "", 0, "text/plain")
    message = _with_headers(ParsedMessage(raw, root.headers, root, defects=walk.defects))
    lists = body.flatten(root)
    message.text_body, message.html_body = lists.text_body, lists.html_body
    message.attachments = lists.attachments
    message.has_attachment = body.has_attachment(lists)
    message.preview = _preview(message)
    return message


def _with_headers(message: ParsedMessage) -> ParsedMessage:
    found = message._fields
    for attribute in ("from_", "to", "cc", "bcc", "reply_to", "sender"):
        value = found.last(attribute.rstrip("_").replace("_", "-"))
        setattr(message, attribute, headers.as_addresses(value) if value is not None else [])
    subject, date = found.last("subject"), found.last("date")
    message.subject = headers.as_text(subject) if subject is not None else None
    message.sent_at = headers.as_date(date) if date is not None else None
    for attribute in ("message_id", "in_reply_to", "references"):
        value = found.last(attribute.replace("_", "-"))
        setattr(message, attribute, headers.as_message_ids(value) if value is not None else None)
    return message


def _preview(message: ParsedMessage) -> str:
    for part in message.text_body:
        if part.type == "text/plain" and (text := preview.preview_of_text(message.text(part).value)):
            return text
        if part.type == "text/html" and (text := preview.preview_of_html(message.text(part).value)):
            return text
    return ""


class _Walk:
    """One pass over a message's parts, counting them."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw = raw
        self.limits = limits
        self.count = 0
        self.defects: list[Defect] = []

    def note(self, *defects: Defect) -> None:
        self.defects += [defect for defect in dict.fromkeys(defects) if defect not in self.defects]

    def part(self, start: int, end: int, number: str, depth: int, default_type: str) -> BodyPart:
        """The part at raw[start:end]; `number` is its IMAP section number, empty for the whole message."""
        self.count += 1
        block_end, content = header_end(self.raw, start, end)
        found = parse_headers(self.raw[start:block_end], self.limits)
        self.note(*found.defects)
        if "not-a-header" in found.defects:
            found, content = self._without_blank_line(found, self.raw[start:block_end], start, content)
        part = describe(found, default_type)
        part.start, part.end = content, end
        if part.type.startswith("multipart/"):
            if self._is_divided(part, number, depth):
                return part
            part.type, part.charset = "text/plain", "us-ascii"
        part.part_id = number or "1"
        part.size = len(decode_content(self.raw[content:end], part.encoding))
        if part.encoding not in KNOWN:
            self.note("bad-encoding")
        return part

    def _without_blank_line(
        self, found: ParsedHeaders, block: bytes, start: int, content: int
    ) -> tuple[ParsedHeaders, int]:
        """Headers and content's place where the line between them is lost: at the boundary, or the text."""
        boundary_at = boundary_in_header(block)
        if boundary_at is not None:
            above = parse_headers(block[:boundary_at], self.limits)
            boundary = describe(above, "text/plain").params.get("boundary")
            if boundary and block.startswith(b"--" + boundary.encode("utf-8", "replace"), boundary_at):
                return above, start + boundary_at
        text_at = body_without_blank_line(block)
        return found, content if text_at is None else start + text_at

    def _is_divided(self, part: BodyPart, number: str, depth: int) -> bool:
        """Fill in the sub-parts of a multipart; False if it has to be shown as one text."""
        if depth >= self.limits.depth:
            self.note("too-deep")
            return False
        boundary = part.params.get("boundary") or self._first_line(part)
        if boundary and self._split(part, number, depth, boundary):
            return True
        self.note("missing-boundary")
        if self.raw[part.start : part.end].strip():
            return False
        part.sub_parts = []
        return True

    def _first_line(self, part: BodyPart) -> str:
        """The boundary that a multipart does not name but begins with; empty if there is none."""
        line = self.raw[part.start : min(part.start + 200, part.end)].lstrip().partition(b"\n")[0].rstrip()
        return line[2:].decode("utf-8", "replace") if line.startswith(b"--") and len(line) > 2 else ""

    def _split(self, part: BodyPart, number: str, depth: int, boundary: str) -> bool:
        """Fill in the sub-parts; False if there is no boundary line, so no parts at all."""
        room = self.limits.parts - self.count
        pieces = split_multipart(self.raw, part.start, part.end, boundary.encode("utf-8", "replace"), room)
        if not pieces.spans and not pieces.closed and room > 0:
            return False
        if len(pieces.spans) >= room:
            self.note("too-many-parts")
        elif not pieces.closed:
            self.note("missing-end")
        inside = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        prefix = f"{number}." if number else ""
        part.sub_parts = []
        for position, (start, end) in enumerate(pieces.spans, 1):
            if self.count >= self.limits.parts:
                self.note("too-many-parts")
                break
            part.sub_parts.append(self.part(start, end, f"{prefix}{position}", depth + 1, inside))
        return True


def describe(found: ParsedHeaders, default_type: str) -> BodyPart:
    """A part as its own headers describe it (RFC 8621 §4.1.4), without content.

    Of a doubled header the last one counts, as RFC 8621 §4.1.3 has it for all headers.
    """
    content_type = found.last("content-type")
    kind, params = parse_value(content_type) if content_type is not None else (default_type, {})
    if not _is_type(kind):
        kind = "text/plain" if "/" not in kind else "application/octet-stream"
    disposition = found.last("content-disposition")
    how, how_params = parse_value(disposition) if disposition is not None else (None, {})
    cid, language, location = (found.last(f"content-{name}") for name in ("id", "language", "location"))
    encoding = parse_value(found.last("content-transfer-encoding") or "")[0]
    return BodyPart(
        None,
        kind,
        name=how_params.get("filename") or params.get("name") or None,
        charset=(params.get("charset") or "us-ascii") if kind.startswith("text/") else None,
        disposition=how or None,
        cid=_cid(cid) if cid is not None else None,
        language=[tag.strip() for tag in headers.as_text(language).split(",") if tag.strip()]
        if language
        else None,
        location=headers.as_text(location) or None if location is not None else None,
        headers=found.fields,
        encoding=encoding,
        params=params,
    )


def _is_type(kind: str) -> bool:
    return _TYPE.fullmatch(kind) is not None


def _cid(value: str) -> str | None:
    ids = headers.as_message_ids(value)
    return (ids[0] if ids else headers.as_text(value).strip("<> ")) or None
