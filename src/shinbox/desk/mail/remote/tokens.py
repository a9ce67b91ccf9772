"""IMAP response text to nested lists, and UID sets, both ways.

Pure. Owns the lexical grammar of RFC 3501 §9 as one regular expression (a byte-by-byte lexer costs four times
as much on a first sync); knows nothing of what the values mean. Not recursive: depth costs memory, not stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from shinbox.desk.mail.remote.base import Token
from shinbox.errors import RemoteProtocolError

_TOKEN = re.compile(
    rb'"((?:[^"\\]|\\.)*)"'  # 1 quoted string
    rb"|([()])"  # 2
    rb"|\{(\d+)\}\r\n"  # 3 literal: its octets are kept apart
    rb"|((?:BODY|BINARY)[.A-Z]*\[[^\]]*\](?:<\d+>)?|[^\s()\"]+)",  # 4 atom; sections hold spaces
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_SET = re.compile(rb"(\d{1,10})(?::(\d{1,10}))?")
SET_LENGTH = 8000
"""Octets of a UID set in one command: Dovecot refuses lists of about 64 KB, others lines of 8 KB."""


def parse(text: bytes, literals: Sequence[bytes] = (), *, raw: bool = False) -> list[Token]:
    """The values of one response.

    Args:
        text: the response, where each literal's octets are left out and `{n}` still stands.
        literals: those octets, in order.
        raw: leave atoms as octets, also `NIL` and numbers: a folder may be called 007.

    Raises:
        RemoteProtocolError: parentheses do not match, or there are more `{n}` than literals.
    """
    top: list[Token] = []
    current = top
    stack: list[list[Token]] = []
    waiting = iter(literals)
    for quoted, bracket, literal, atom in _TOKEN.findall(text):
        if atom:
            current.append(atom if raw else _atom(atom))
        elif bracket == b"(":
            inner: list[Token] = []
            current.append(inner)
            stack.append(current)
            current = inner
        elif bracket:
            if not stack:
                raise RemoteProtocolError("The mail server closed a list that it had not opened.")
            current = stack.pop()
        elif literal:
            current.append(_next_literal(waiting))
        else:
            current.append(_ESCAPE.sub(rb"\1", quoted) if b"\\" in quoted else quoted)
    if stack:
        raise RemoteProtocolError("The mail server left a list open.")
    return top


def _atom(atom: bytes) -> Token:
    if atom.isdigit() and len(atom) < 21:
        return int(atom)
    return None if atom == b"NIL" or atom == b"nil" else atom


def _next_literal(waiting: Iterator[bytes]) -> bytes:
    try:
        return next(waiting)
    except StopIteration:
        raise RemoteProtocolError("The mail server announced a literal that it did not send.") from None


def text(token: Token) -> str:
    """A string or number as text; octets that are not ASCII are kept readable."""
    if isinstance(token, bytes):
        return token.decode("utf-8", "replace")
    return "" if token is None or isinstance(token, list) else str(token)


def number(token: Token, what: str = "number") -> int:
    """A number, also where the server quoted it. Raises RemoteProtocolError."""
    if isinstance(token, int):
        return token
    if isinstance(token, bytes) and token.isdigit() and len(token) < 21:
        return int(token)
    raise RemoteProtocolError(f"The mail server sent something else than a {what}.")


def pairs(values: Sequence[Token]) -> dict[bytes, Token]:
    """`name value name value …` as a mapping with names in upper case."""
    return {
        name.upper(): value
        for name, value in zip(values[::2], values[1::2], strict=False)
        if isinstance(name, bytes)
    }


def ranges(uids: Iterable[int]) -> list[tuple[int, int]]:
    """The UIDs as ascending ranges without overlap."""
    found: list[tuple[int, int]] = []
    for uid in sorted(set(uids)):
        if found and found[-1][1] == uid - 1:
            found[-1] = (found[-1][0], uid)
        else:
            found.append((uid, uid))
    return found


def uid_sets(uids: Iterable[int], length: int = SET_LENGTH) -> Iterator[bytes]:
    """The UIDs as sequence sets, each short enough for one command."""
    pieces: list[bytes] = []
    size = 0
    for first, last in ranges(uids):
        piece = b"%d" % first if first == last else b"%d:%d" % (first, last)
        if pieces and size + len(piece) > length:
            yield b",".join(pieces)
            pieces, size = [], 0
        pieces.append(piece)
        size += len(piece) + 1
    if pieces:
        yield b",".join(pieces)


def parse_ranges(data: Token) -> list[tuple[int, int]]:
    """A sequence set in the order given; `5:3` means 3 to 5. Raises RemoteProtocolError."""
    if isinstance(data, int):
        return [(data, data)]
    found: list[tuple[int, int]] = []
    for piece in data.split(b",") if isinstance(data, bytes) else [b"?"]:
        match = _SET.fullmatch(piece)
        if match is None:
            raise RemoteProtocolError("The mail server sent a set of UIDs that cannot be read.")
        first, last = int(match[1]), int(match[2] or match[1])
        found.append((min(first, last), max(first, last)))
    return found


def expand(found: Iterable[tuple[int, int]], limit: int) -> list[int]:
    """The UIDs of ranges. Raises RemoteProtocolError beyond `limit`: we do not count to 4 billion."""
    uids: list[int] = []
    for first, last in found:
        if len(uids) + last - first >= limit:
            raise RemoteProtocolError("The mail server named more messages than there can be.")
        uids.extend(range(first, last + 1))
    return uids
