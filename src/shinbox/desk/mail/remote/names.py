"""Folder names: modified UTF-7 (RFC 3501 §5.1.3), quoting, and what a folder is for.

Pure. Owns the two-way mapping between a server's name and the path shown to people, and the guess of a role
from a name where the server gives no SPECIAL-USE attribute (RFC 6154).
"""

from __future__ import annotations

import base64
import binascii
import re

from shinbox.desk.mail.remote.base import BadName
from shinbox.terms import Role

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHIFT = re.compile(rb"&([A-Za-z0-9+,]*)-")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+|&")
_ESCAPED = 0xEF00
"""A name that is not modified UTF-7 keeps its octets, as U+EF00 + octet: no two names share a path."""

_RAW = re.compile(f"[{chr(_ESCAPED)}-{chr(_ESCAPED + 0xFF)}]")


def refuse_control(text: str, what: str) -> str:
    """`text` itself. Raises BadName if it holds a control character, which would end the command."""
    if _CONTROL.search(text):
        raise BadName(f"{what} holds a control character: {text!r}")
    return text


def decode_name(raw: bytes) -> str:
    """A server's folder name as a path; total, and undone by `encode_name`."""
    try:
        path = _decode_strictly(raw)
        if not _RAW.search(path) and encode_name(path) == raw:
            return path
    except (UnicodeError, binascii.Error, BadName):
        pass  # Not modified UTF-7: the octets are kept below.
    return "".join(chr(_ESCAPED + octet) if octet >= 0x80 or octet == 0x26 else chr(octet) for octet in raw)


def encode_name(path: str) -> bytes:
    """A path as the server spells it. Raises BadName for control characters and lone surrogates."""
    refuse_control(path, "The folder name")
    if _RAW.search(path):
        return b"".join(map(_octet, path))
    try:
        return _UNPRINTABLE.sub(lambda match: _shift(match[0]), path).encode("ascii")
    except UnicodeEncodeError as error:
        raise BadName(f"The folder name is not valid Unicode: {path!r}") from error


def _octet(character: str) -> bytes:
    return (
        bytes([ord(character) - _ESCAPED]) if _RAW.match(character) else character.encode("ascii", "replace")
    )


def _shift(text: str) -> str:
    parts = [part and f"&{_base64(part)}-" for part in text.split("&")]
    return "&-".join(parts)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")


def _decode_strictly(raw: bytes) -> str:
    pieces: list[str] = []
    end = 0
    for match in _SHIFT.finditer(raw):
        pieces.append(raw[end : match.start()].decode("ascii"))
        coded = match[1].replace(b",", b"/")
        padded = coded + b"=" * (-len(coded) % 4)
        pieces.append(base64.b64decode(padded, validate=True).decode("utf-16-be") if coded else "&")
        end = match.end()
    return "".join(pieces) + raw[end:].decode("ascii")


def quote(text: bytes) -> bytes:
    """An IMAP quoted string (RFC 3501 §4.3) of text without control characters."""
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def quoted_name(path: str) -> bytes:
    """A path, ready for a command. Raises BadName."""
    return quote(encode_name(path))


_ROLE_OF_ATTRIBUTE = {
    "\\sent": Role.SENT,
    "\\drafts": Role.DRAFTS,
    "\\trash": Role.TRASH,
    "\\archive": Role.ARCHIVE,
    "\\junk": Role.JUNK,
}

_ROLE_OF_NAME = {
    name: role
    for role, names in {
        Role.INBOX: "inbox",
        Role.SENT: "sent|sent items|sent messages|sent mail|gesendet|gesendete elemente|gesendete objekte"
        "|envoyés|éléments envoyés|enviados|elementos enviados|inviati|posta inviata|verzonden"
        "|verzonden items|skickat|sendt|wysłane|отправленные",
        Role.DRAFTS: "drafts|draft|entwürfe|brouillons|borradores|bozze|concepten|utkast|kladder|robocze"
        "|черновики",
        Role.TRASH: "trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöschte elemente|corbeille"
        "|éléments supprimés|papelera|cestino|prullenbak|papperskorgen|kosz|корзина",
        Role.ARCHIVE: "archive|archives|archiv|archivo|archivio|archief|arkiv|archiwum|архив",
        Role.JUNK: "junk|junk e-mail|junk email|spam|bulk mail|werbung|unerwünscht|courrier indésirable"
        "|correo no deseado|posta indesiderata|ongewenst|спам",
    }.items()
    for name in names.split("|")
}


def role_of_attributes(attributes: frozenset[str]) -> Role | None:
    """The role that SPECIAL-USE names; attributes are matched whatever their case (Cyrus: lower)."""
    lower = {attribute.lower() for attribute in attributes}
    return next((role for attribute, role in _ROLE_OF_ATTRIBUTE.items() if attribute in lower), None)


def role_of_name(name: str) -> Role | None:
    """The role that a folder's own name suggests in the languages we know."""
    return _ROLE_OF_NAME.get(name.casefold())
