"""Encoded words (RFC 2047): reading all that arrive, writing those that are needed.

Owns `=?charset?B?…?=` in both directions. Refuses to know which header it stands in.
"""

from __future__ import annotations

import binascii
import re

from shinbox.mime.charsets import decode
from shinbox.mime.transfer import base64_bytes

_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*|.{0,1000}?)\?=", re.DOTALL)
"""The payload should hold no `?`; where it does, a bounded look ahead keeps hostile headers linear."""

MAX_WORD = 75
_PLAIN_Q = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def decode_words(text: str) -> str:
    """Every encoded word in `text` in place; white space between two of them goes (RFC 2047 §6.2).

    Neighbours of one charset are joined before decoding: senders cut characters in two.
    """
    if "=?" not in text:
        return text
    shown: list[str] = []
    pending: list[bytes] = []
    charset = ""
    position = 0
    for match in _WORD.finditer(text):
        gap = text[position : match.start()]
        claimed = match[1].partition("*")[0].lower()
        if pending and (gap.strip() or claimed != charset):
            shown.append(decode(b"".join(pending), charset).value)
            pending.clear()
        if gap.strip() or not position:
            shown.append(gap)
        charset = claimed
        pending.append(_word_bytes(match[2], match[3]))
        position = match.end()
    if pending:
        shown.append(decode(b"".join(pending), charset).value)
    shown.append(text[position:])
    return "".join(shown)


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return base64_bytes(data)
    return binascii.a2b_qp(data.replace(b"\n", b"").replace(b"\r", b""), header=True)


def encode_words(text: str) -> list[str]:
    """`text` as UTF-8 encoded words of at most 75 characters each, no character cut in two."""
    data = text.encode("utf-8", "replace")
    needs_q = sum(byte not in _PLAIN_Q and byte != 0x20 for byte in data)
    in_base64 = needs_q * 3 > len(data)
    room = MAX_WORD - len("=?utf-8?q??=")
    words: list[str] = []
    chunk, used = b"", 0
    for character in text:
        piece = character.encode("utf-8", "replace")
        cost = len(piece) if in_base64 else len(_q(piece))
        if (-(-(used + cost) // 3) * 4 if in_base64 else used + cost) > room:
            words.append(_word(chunk, in_base64))
            chunk, used = b"", 0
        chunk, used = chunk + piece, used + cost
    words.append(_word(chunk, in_base64))
    return words


def _word(chunk: bytes, in_base64: bool) -> str:
    if in_base64:
        return f"=?utf-8?b?{binascii.b2a_base64(chunk, newline=False).decode('ascii')}?="
    return f"=?utf-8?q?{_q(chunk)}?="


def _q(chunk: bytes) -> str:
    return "".join(
        "_" if byte == 0x20 else chr(byte) if byte in _PLAIN_Q else f"={byte:02X}" for byte in chunk
    )
