"""Writing header fields: what was said, in lines that every mail server carries (RFC 5322, 2047, 2231).

Owns folding, quoting and refusing. No value with a line break, a null or another control character
leaves this module: the sender of a header must not be able to write a second one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from shinbox.errors import InvalidField
from shinbox.mime.words import encode_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shinbox.mime.model import Address

LINE = 78
HARD_LINE = 998

_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOT_ATOM = re.compile(r"[^\s\x00-\x20\"(),:;<>@\[\\\]]+")
_NAME = re.compile(r"[!-9;-~]{1,200}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")


def checked(value: str, field: str) -> str:
    """`value` itself, if nothing in it could end a line.

    Raises InvalidField naming `field` for line breaks, nulls, other controls and lone surrogates.
    """
    if _CONTROL.search(value):
        raise InvalidField(
            f"{field} holds a line break or another control character: remove it", properties=[field]
        )
    return value


def field_name(name: str) -> str:
    """`name` if it is a header field's name (RFC 5322 §3.6.8). Raises InvalidField."""
    if not _NAME.fullmatch(name):
        raise InvalidField(f"{name!r} is not a header's name", properties=[name])
    return name


def field(name: str, tokens: Iterable[str]) -> bytes:
    """`name: token token …`, folded before a token that would pass column 78."""
    lines, line = [], f"{name}:"
    for token in tokens:
        if len(line) + 1 + len(token) > LINE and line.strip() and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += f" {token}"
    return "\r\n".join([*lines, line]).encode("utf-8") + b"\r\n"


def text_tokens(text: str, name: str) -> list[str]:
    """Unstructured text (RFC 5322 §3.2.5) as tokens; encoded words where ASCII words cannot carry it."""
    checked(text, name)
    words = text.split(" ")
    plain = text.isascii() and "=?" not in text and "\t" not in text and text == text.strip()
    if plain and all(words) and all(len(word) < HARD_LINE - LINE for word in words):
        return words
    return encode_words(text) if text else []


def address_tokens(addresses: Iterable[Address], name: str) -> list[str]:
    """An address list as tokens, the commas at their ends."""
    written = [_address(address, name) for address in addresses]
    for tokens in written[:-1]:
        tokens[-1] += ","
    return [token for tokens in written for token in tokens]


def _address(address: Address, name: str) -> list[str]:
    email = mail_address(address.email, name)
    if not address.name:
        return [email] if "@" in email else [f"<{email}>"]
    return [*_phrase(checked(address.name, name)), f"<{email}>"]


def _phrase(text: str) -> list[str]:
    """A display name: as atoms, as a quoted string, or as encoded words."""
    if (
        text.isascii()
        and "=?" not in text
        and len(text) < HARD_LINE - LINE
        and text == " ".join(text.split())
    ):
        if _ATOMS.fullmatch(text):
            return text.split(" ")
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return encode_words(text)


def mail_address(email: str, name: str) -> str:
    """An address ready for the header: domain as A-labels, the local part quoted where it needs it.

    A non-ASCII local part stays UTF-8, for SMTPUTF8 (RFC 6532). Raises InvalidField for controls.
    """
    checked(email, name)
    local, at, domain = email.rpartition("@")
    if not at:
        local, domain = email, ""
    if not (_dotted(local) or (local.startswith('"') and local.endswith('"') and len(local) > 1)):
        local = '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if at and not domain.isascii() and local.isascii():
        domain = _a_labels(domain)
    if at and not re.fullmatch(r"\[[^\[\]\\<>\s]*\]|[^\s\"(),:;<>@\[\\\]]+", domain):
        raise InvalidField(f"{email!r} is not a mail address", properties=[name])
    return f"{local}{at}{domain}"


def _dotted(local: str) -> bool:
    return bool(_DOT_ATOM.fullmatch(local))


def _a_labels(domain: str) -> str:
    """The domain as DNS carries it; one that IDNA refuses stays as it is and needs SMTPUTF8."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def id_tokens(ids: Iterable[str], name: str) -> list[str]:
    """Message ids in angle brackets. Raises InvalidField if one holds white space or brackets."""
    tokens = []
    for given in ids:
        if not re.fullmatch(r"[^\s<>\x00-\x1f\x7f]{1,990}", checked(given, name)):
            raise InvalidField(f"{given!r} is not a message id", properties=[name])
        tokens.append(f"<{given}>")
    return tokens


def param_tokens(value: str, params: Iterable[tuple[str, str]], name: str) -> list[str]:
    """`value; name=value …` as tokens; RFC 2231 for what ASCII cannot say in one short piece."""
    pieces = [value]
    for key, given in params:
        pieces += _param(key, checked(given, name))
    return [f"{piece};" for piece in pieces[:-1]] + pieces[-1:]


def _param(key: str, value: str) -> list[str]:
    if value.isascii() and len(value) < LINE - len(key) - 6 and "=?" not in value and "\t" not in value:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return [f"{key}={value}" if _TOKEN.fullmatch(value) else f'{key}="{escaped}"']
    encoded = quote(value, safe="!#$&+-.^_`{}~", encoding="utf-8", errors="replace")
    room = LINE - len(key) - 10
    if len(encoded) + len("utf-8''") <= room:
        return [f"{key}*=utf-8''{encoded}"]
    sections = re.findall(rf"(?:%[0-9A-F]{{2}}|[^%]){{1,{(room - 7) // 3}}}", encoded)
    return [
        f"{key}*{n}*={'' if n else chr(39).join(('utf-8', '', ''))}{part}" for n, part in enumerate(sections)
    ]
