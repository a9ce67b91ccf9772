"""Structured header values: `type/subtype; name=value` with RFC 2231, as senders really write it.

Owns Content-Type and Content-Disposition syntax. Refuses to know what a parameter means.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from shinbox.mime.charsets import decode
from shinbox.mime.words import decode_words

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PARAMS = 200
_PARAM = re.compile(
    r"""[;\s]*([^\s=;"]{1,200})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""",
    re.DOTALL,
)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")


def parse_value(raw: str) -> tuple[str, dict[str, str]]:
    """The leading value in lower case and its parameters; of a doubled parameter the first one counts.

    Comments are cut from the value; RFC 2231 continuations are put together and decoded, encoded words in
    plain parameters are decoded too, because that is how most file names are sent.
    """
    text = re.sub(r"[\r\n]+", "", raw).strip()
    head, separator, rest = text.partition(";")
    if "=" in head:
        head, rest = _without_separator(head, rest)
    head = _COMMENT.sub("", head).strip().strip('"').lower()
    return head, _parameters(rest) if separator or rest else {}


def _without_separator(head: str, rest: str) -> tuple[str, str]:
    """`multipart/mixed boundary=x`: the semicolon that is missing is put back."""
    kind, _, first = head.partition(" ") if " " in head else head.partition("\t")
    if "=" in kind:
        kind, first = "", head
    return kind, f"{first};{rest}"


def _parameters(text: str) -> dict[str, str]:
    pairs: list[tuple[str, str]] = []
    for match in islice(_PARAM.finditer(text), MAX_PARAMS):
        value = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else _unquoted(match[3])
        pairs.append((match[1], value))
    return join_params(pairs)


def join_params(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by lower-case name, RFC 2231 sections put together; an extended value wins."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for key, value in pairs:
        name = _SECTION.match(key.lower())
        if name and (name[2] or name[3]):
            sections.setdefault(name[1], {}).setdefault(int(name[2] or 0), (value, bool(name[3])))
        else:
            plain.setdefault(key.lower(), decode_words(value))
    return plain | {name: _joined(parts) for name, parts in sections.items()}


def _unquoted(value: str) -> str:
    """A bare value: trailing comments and white space are not part of it."""
    return _COMMENT.sub("", value).strip() if "(" in value else value.strip()


def _joined(sections: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 §3–4.1: the charset stands in the first section, each section says whether it is encoded."""
    charset = ""
    pieces: list[bytes] = []
    for number, (value, encoded) in sorted(sections.items()):
        if encoded and number == min(sections) and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        pieces.append(unquote_to_bytes(value) if encoded else value.encode("utf-8", "replace"))
    text = decode(b"".join(pieces), charset or "utf-8").value
    return decode_words(text) if "=?" in text else text
