"""What an IMAP server says of a message's form, for the server in memory.

Pure. Owns header and BODYSTRUCTURE of the well-formed mail that tests make; the desk's own parser of real
mail is in `shinbox.mime`.
"""

from __future__ import annotations

import email
import email.message
import re

from shinbox.desk.mail.remote.base import Token

_HEADER_END = re.compile(rb"\r\n\r\n")


def header_of(raw: bytes) -> bytes:
    """The header with the empty line after it."""
    end = _HEADER_END.search(raw)
    return raw[: end.end()] if end is not None else raw


def message_id_of(raw: bytes) -> str | None:
    """The Message-ID, as written."""
    value = email.message_from_bytes(header_of(raw))["Message-ID"]
    return None if value is None else str(value).strip()


def structure(raw: bytes) -> list[Token]:
    """BODYSTRUCTURE (RFC 3501 §7.4.2)."""
    return _structure(email.message_from_bytes(raw))


def _structure(message: email.message.Message) -> list[Token]:
    params: list[Token] = [
        part.encode("utf-8", "surrogateescape")
        for pair in (message.get_params() or [("", "")])[1:]
        for part in pair
    ]
    disposition: list[Token] | None = None
    if (value := message.get_content_disposition()) is not None:
        name = message.get_filename()
        named: list[Token] | None = None if name is None else [b"filename", name.encode("utf-8", "replace")]
        disposition = [value.encode(), named]
    tail: list[Token] = [params or None, disposition, None, None]
    kind, subtype = message.get_content_maintype().encode(), message.get_content_subtype().encode()
    if message.is_multipart() and kind == b"multipart":
        parts = [part for part in message.get_payload() if isinstance(part, email.message.Message)]
        return [*(_structure(part) for part in parts), subtype, *tail]
    body = message.as_bytes().partition(b"\n\n")[2]
    encoding = str(message.get("Content-Transfer-Encoding", "7bit")).encode("ascii", "replace")
    lines = body.count(b"\n")
    size = len(body) + lines
    leaf: list[Token] = [kind, subtype, params or None, None, None, encoding, size]
    if kind == b"text":
        leaf.append(lines)
    return [*leaf, None, disposition, None, None]
