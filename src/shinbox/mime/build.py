"""A message to bytes: what leaves a composer, ready for SMTP and for the Sent folder.

Owns the tree of parts, their encodings and what is taken out of one before it leaves. Pure: the
Message-ID and the date are given; the same message gives the same bytes. What it builds, parse reads back.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING

from shinbox.errors import InvalidField
from shinbox.mime import fields
from shinbox.mime.split import header_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from shinbox.mime.model import Address

_STRUCTURAL = frozenset(
    {"from", "to", "cc", "bcc", "reply-to", "sender", "subject", "date", "message-id", "in-reply-to"}
    | {"references", "mime-version", "content-type", "content-transfer-encoding", "content-disposition"}
)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_BCC = re.compile(rb"(?im)^(?:resent-)?bcc[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)")


@dataclass(frozen=True)
class OutgoingAttachment:
    """A file that goes with a message; inline with a `cid` it belongs to the HTML."""

    name: str
    type: str
    content: bytes
    disposition: str = "attachment"
    cid: str | None = None


@dataclass(frozen=True)
class OutgoingMessage:
    """Everything that a composed message says. Ids are without angle brackets, `date` has an offset."""

    from_: list[Address]
    to: list[Address]
    subject: str
    text: str | None
    message_id: str
    date: datetime
    cc: list[Address] = field(default_factory=list)
    bcc: list[Address] = field(default_factory=list)
    reply_to: list[Address] = field(default_factory=list)
    sender: list[Address] = field(default_factory=list)
    html: str | None = None
    attachments: list[OutgoingAttachment] = field(default_factory=list)
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    extra_headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    """A part that is written: its Content-* fields, and either lines or sub-parts."""

    header: bytes
    content: bytes = b""
    parts: tuple[_Part, ...] = ()
    boundary: str = ""

    def write(self) -> Iterator[bytes]:
        yield self.header
        yield b"\r\n"
        yield self.content
        for part in self.parts:
            yield b"\r\n--" + self.boundary.encode() + b"\r\n"
            yield from part.write()
        if self.parts:
            yield b"\r\n--" + self.boundary.encode() + b"--\r\n"


def build(draft: OutgoingMessage) -> bytes:
    """The message as octets with CRLF line ends.

    Bcc is in it, because a draft keeps it: see `strip_bcc`. Raises InvalidField for a control character in
    any field, for ids and types that are none, and for extra headers that the message already has.
    """
    return b"".join([_message_header(draft), *_body(draft).write()])


def _message_header(draft: OutgoingMessage) -> bytes:
    lines = [fields.field("Date", [format_datetime(draft.date)])]
    people = [("From", draft.from_), ("Sender", draft.sender), ("Reply-To", draft.reply_to)]
    people += [("To", draft.to), ("Cc", draft.cc), ("Bcc", draft.bcc)]
    lines += [
        fields.field(name, fields.address_tokens(given, name.lower())) for name, given in people if given
    ]
    lines.append(fields.field("Subject", fields.text_tokens(draft.subject, "subject")))
    ids = (
        ("Message-ID", [draft.message_id]),
        ("In-Reply-To", draft.in_reply_to),
        ("References", draft.references),
    )
    lines += [fields.field(name, fields.id_tokens(given, name.lower())) for name, given in ids if given]
    for name, value in draft.extra_headers:
        if fields.field_name(name).lower() in _STRUCTURAL:
            raise InvalidField(f"{name} is set by the message itself", properties=[name])
        lines.append(fields.field(name, fields.text_tokens(value, name)))
    lines.append(b"MIME-Version: 1.0\r\n")
    return b"".join(lines)


def _body(draft: OutgoingMessage) -> _Part:
    """text | alternative(text, html) | related(html, images), inside mixed if files are attached."""
    seed = hashlib.sha256(f"{draft.message_id}\0{draft.date.isoformat()}".encode("utf-8", "replace"))
    related = [
        file
        for file in draft.attachments
        if file.cid and file.disposition == "inline" and draft.html is not None
    ]
    attached = [file for file in draft.attachments if file not in related]
    texts: list[_Part] = []
    if draft.text is not None or draft.html is None:
        texts.append(_text(draft.text or "", "plain"))
    if draft.html is not None:
        html = _text(draft.html, "html")
        texts.append(
            _multipart("related", [html, *map(_file, related)], seed.hexdigest()) if related else html
        )
    body = _multipart("alternative", texts, seed.hexdigest()) if len(texts) > 1 else texts[0]
    return _multipart("mixed", [body, *map(_file, attached)], seed.hexdigest()) if attached else body


def _multipart(kind: str, parts: list[_Part], seed: str) -> _Part:
    """Parts between a boundary that stands in none of them."""
    written = b"".join(piece for part in parts for piece in part.write())
    number = 0
    while (boundary := f"=_{kind[:3]}{number}_{seed[:24]}").encode() in written:
        number += 1
    tokens = fields.param_tokens(f"multipart/{kind}", [("boundary", boundary)], "boundary")
    return _Part(fields.field("Content-Type", tokens), parts=tuple(parts), boundary=boundary)


def _text(text: str, subtype: str) -> _Part:
    """Text as whole lines: as 7bit where they allow it, else the shorter of quoted-printable and base64."""
    lines = re.sub(r"\r\n|\r|\n", "\r\n", text).encode("utf-8", "replace")
    if lines and not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    charset = "us-ascii" if lines.isascii() else "utf-8"
    encoding, content = _encoded(lines)
    head = fields.field(
        "Content-Type", fields.param_tokens(f"text/{subtype}", [("charset", charset)], "charset")
    )
    return _Part(head + fields.field("Content-Transfer-Encoding", [encoding]), content)


def _encoded(lines: bytes) -> tuple[str, bytes]:
    if lines.isascii() and b"\0" not in lines and max(map(len, lines.split(b"\r\n"))) <= fields.HARD_LINE:
        return "7bit", lines
    if sum(byte > 126 for byte in lines[:4096]) * 6 < len(lines[:4096]):
        return "quoted-printable", _quoted_printable(lines)
    return "base64", _base64(lines)


def _quoted_printable(lines: bytes) -> bytes:
    """Line by line: b2a_qp takes its line break from the first one it sees."""
    encoded = [binascii.b2a_qp(line, istext=True) for line in lines.split(b"\r\n")]
    return b"\r\n".join(line.replace(b"\r", b"=0D").replace(b"\n", b"\r\n") for line in encoded)


def _base64(content: bytes) -> bytes:
    encoded = binascii.b2a_base64(content, newline=False)
    return b"".join(encoded[i : i + 76] + b"\r\n" for i in range(0, len(encoded), 76))


def _file(file: OutgoingAttachment) -> _Part:
    kind = file.type.lower()
    if not _TYPE.fullmatch(kind):
        raise InvalidField(f"{file.type!r} is not a media type", properties=["attachments"])
    if kind.startswith("multipart/"):
        kind = "application/octet-stream"
    if file.disposition not in {"attachment", "inline"}:
        raise InvalidField(
            f"{file.disposition!r} is neither attachment nor inline", properties=["attachments"]
        )
    named = [("name", file.name)] if file.name else []
    header = fields.field("Content-Type", fields.param_tokens(kind, named, "attachments"))
    filename = [("filename", file.name)] if file.name else []
    header += fields.field(
        "Content-Disposition", fields.param_tokens(file.disposition, filename, "attachments")
    )
    if file.cid:
        header += fields.field("Content-ID", fields.id_tokens([file.cid], "attachments"))
    if kind == "message/rfc822" and _is_plain_mail(file.content):
        return _Part(header + fields.field("Content-Transfer-Encoding", [_bits(file.content)]), file.content)
    return _Part(header + fields.field("Content-Transfer-Encoding", ["base64"]), _base64(file.content))


def _is_plain_mail(raw: bytes) -> bool:
    """A message may stand inside another only as lines (RFC 2046 §5.2.1); anything else would be altered."""
    lines = raw.split(b"\r\n")
    return max(map(len, lines)) <= fields.HARD_LINE and not any(
        b"\r" in x or b"\n" in x or b"\0" in x for x in lines
    )


def _bits(raw: bytes) -> str:
    return "7bit" if raw.isascii() else "8bit"


def strip_bcc(raw: bytes) -> bytes:
    """`raw` without Bcc and Resent-Bcc in its own header; every other octet stays as it is."""
    end, _ = header_end(raw, 0, len(raw))
    return _BCC.sub(b"", raw[:end]) + raw[end:]
