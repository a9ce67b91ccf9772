"""Address lists (RFC 5322 §3.4, RFC 6532) as they arrive.

Owns reading addresses out of a header's value, in one pass. Refuses to judge them: what is not an address
is still shown as what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shinbox.mime.model import Address, AddressGroup
from shinbox.mime.words import decode_words

MAX_ADDRESSES = 5_000
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<literal>\[[^\]\s]*\])|(?P<special>[<>,;:()])"""
    r"""|(?P<word>=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)|(?P<atom>[^\s"<>,;:()\[\]]+)|(?P<other>.)""",
    re.DOTALL,
)
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ALL_ENCODED = re.compile(r"([^<>]*)<([^<>\s]+@[^<>\s]+)>")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class _Quoted(str):
    """A quoted string: the same text, but never an address by itself if there is another one."""

    __slots__ = ()


@dataclass
class _Reading:
    """One address being read."""

    phrase: list[str] = field(default_factory=list)
    angle: list[str] | None = None
    comments: list[str] = field(default_factory=list)

    def address(self) -> Address | None:
        """The address so far, or nothing if nothing was read."""
        comment = _tidy(" ".join(self.comments))
        name = _tidy("".join(self.phrase))
        if self.angle is not None:
            email = _without_route("".join(self.angle).strip())
            return Address(name or comment or None, email) if email or name else None
        if not name:
            return None
        return _bare(self.phrase, comment)


def parse_addresses(raw: str) -> list[Address]:
    """All addresses in order, groups flattened (RFC 8621 §4.1.2.3)."""
    return [address for group in parse_groups(raw) for address in group.addresses]


def parse_groups(raw: str) -> list[AddressGroup]:
    """Addresses by group; those outside any group stand in groups without name (RFC 8621 §4.1.2.4)."""
    return _Reader().read(raw)


class _Reader:
    """The state of one pass over a header's value."""

    def __init__(self) -> None:
        self.groups: list[AddressGroup] = []
        self.now = _Reading()
        self.group: str | None = None
        self.members: list[Address] = []
        self.comment_depth = 0
        self.comment: list[str] = []
        self.count = 0
        self.quotes_close = True

    def read(self, raw: str) -> list[AddressGroup]:
        position = 0
        while position < len(raw) and self.count < MAX_ADDRESSES:
            position = self._step(raw, position)
        self._end_address()
        self._end_group()
        return self.groups

    def _step(self, raw: str, position: int) -> int:
        """Take one token; a quote that is never closed is a character, looked for only once."""
        quoted = _QUOTED.match(raw, position) if raw[position] == '"' and self.quotes_close else None
        self.quotes_close = self.quotes_close and (quoted is not None or raw[position] != '"')
        match = quoted or _TOKEN.match(raw, position)
        if match is None:
            return position + 1
        kind = "quoted" if quoted else match.lastgroup or "other"
        if self.comment_depth:
            self._in_comment(match[0])
        elif self.now.angle is not None and self._in_angle(kind, match[0]):
            pass
        elif kind == "special":
            self._special(match[0])
        else:
            self.now.phrase.append(_quoted(match[1]) if quoted else match[0])
        return match.end()

    def _in_comment(self, text: str) -> None:
        self.comment_depth += (text == "(") - (text == ")")
        if self.comment_depth:
            self.comment.append(text)
        else:
            self.now.comments.append("".join(self.comment))
            self.comment.clear()

    def _in_angle(self, kind: str, text: str) -> bool:
        """Collect between `<` and `>`; a closed angle takes nothing more, so the rest is looked at anew."""
        angle = self.now.angle
        if angle is None or (angle and angle[-1] == ">"):
            return False
        if text == "(" or (text == "," and not (angle and angle[0].startswith("@"))):
            return False
        if kind != "space" or (angle and angle[0].startswith('"')):
            angle.append(text)
        return True

    def _special(self, text: str) -> None:
        if text == "<":
            if self.now.angle is None:
                self.now.angle = []
        elif text == "(":
            self.comment_depth = 1
        elif text == ",":
            self._end_address()
        elif text == ";":
            self._end_address()
            self._end_group()
        elif (
            text == ":"
            and self.now.angle is None
            and self.group is None
            and "@" not in "".join(self.now.phrase)
        ):
            self._end_group()
            self.group = _tidy("".join(self.now.phrase))
            self.now = _Reading()
        elif text == ":":
            self.now.phrase.append(text)

    def _end_address(self) -> None:
        address = self.now.address()
        self.now = _Reading()
        if address is not None:
            self.count += 1
            self.members.append(address)

    def _end_group(self) -> None:
        if self.members or self.group is not None:
            self.groups.append(AddressGroup(self.group, self.members))
        self.group, self.members = None, []


def _quoted(text: str) -> _Quoted:
    return _Quoted(_ESCAPED.sub(r"\1", text))


def _tidy(phrase: str) -> str:
    """A phrase for reading: encoded words decoded, white space single, stray outer quotes gone."""
    shown = " ".join(decode_words(phrase).split())
    if len(shown) > 1 and shown[0] == shown[-1] and shown[0] in "'\"":
        shown = shown[1:-1].strip()
    return shown


def _without_route(angle: str) -> str:
    """The address between angle brackets: the closing one and an obsolete route (`@a,@b:x@c`) cut off."""
    angle = angle.removesuffix(">").removeprefix("<").strip()
    if angle.startswith("@") and ":" in angle:
        angle = angle.rpartition(":")[2]
    return _plain_local(angle.removeprefix("mailto:"))


def _plain_local(email: str) -> str:
    """`"john"@x` is `john@x`; quotes stay where the local part needs them."""
    match = re.fullmatch(
        r'"([A-Za-z0-9!#$%&\'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&\'*+/=?^_`{|}~-]+)*)"(@.+)', email
    )
    return match[1] + match[2] if match else email


def _bare(phrase: list[str], comment: str) -> Address:
    """Text without angle brackets: an address, a name followed by an address, or just a name."""
    joined = "".join(phrase).strip()
    if "@" not in joined and "=?" not in joined:
        return Address(comment or None, _tidy(joined))
    if any(isinstance(piece, _Quoted) for piece in phrase):
        return _bare_with_quotes(phrase, comment)
    compact = re.sub(r"\s*([@.])\s*", r"\1", joined) if joined.count("@") == 1 else joined
    decoded = decode_words(compact).strip()
    hidden = _ALL_ENCODED.fullmatch(decoded)
    if hidden:
        return Address(_tidy(hidden[1]) or comment or None, hidden[2])
    words = decoded.split() or [""]
    if len(words) == 1:
        return Address(comment or None, words[0])
    email = next((word for word in reversed(words) if "@" in word), "")
    name = " ".join(word for word in words if word is not email)
    return Address(_tidy(name) or comment or None, email) if email else Address(comment or None, _tidy(name))


def _bare_with_quotes(phrase: list[str], comment: str) -> Address:
    """`"john smith"@example.org`, or a quoted name before an address that lacks its brackets."""
    rest = list(phrase)
    for place, piece in enumerate(phrase):
        after = phrase[place + 1] if place + 1 < len(phrase) else ""
        if isinstance(piece, _Quoted) and after.startswith("@"):
            escaped = piece.replace("\\", "\\\\").replace('"', '\\"')
            del rest[place : place + 2]
            return Address(_tidy("".join(rest)) or comment or None, _plain_local(f'"{escaped}"{after}'))
        if not isinstance(piece, _Quoted) and "@" in piece.strip("@"):
            del rest[place]
            return Address(_tidy("".join(rest)) or comment or None, piece)
    return Address(comment or None, _tidy("".join(phrase)))
