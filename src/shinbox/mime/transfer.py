"""Content-Transfer-Encodings (RFC 2045 §6): tolerant decoding, exact encoding.

Owns octets to octets. Refuses to know charsets. Every decoder is total: what cannot be decoded is
skipped, never raised.
"""

from __future__ import annotations

import binascii
import re

UUENCODED = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
KNOWN = frozenset({"", "7bit", "8bit", "binary", "base64", "quoted-printable"}) | UUENCODED

MAX_RESTARTS = 1_000
"""How often padding may end a run of base64 and another one begin; beyond it padding is ignored."""

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
_BEGIN = re.compile(rb"(?:^|\n)begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n")


def decode_content(data: bytes, encoding: str) -> bytes:
    """The content of a part in the clear; an unknown encoding is left as it is."""
    if encoding == "base64":
        return base64_bytes(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding in UUENCODED:
        return uu_bytes(data)
    return data


def base64_bytes(data: bytes) -> bytes:
    """Base64 with anything foreign in it skipped, padding optional, also padding in the middle.

    What is no base64 from its first line on is given as it is: words are better than what they decode to.
    """
    if _is_no_base64(data):
        return data
    if b"=" in data.rstrip(b"=\r\n\t "):
        return b"".join(_one_base64(chunk) for chunk in re.split(rb"=+", data, maxsplit=MAX_RESTARTS))
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return _one_base64(data)


def _is_no_base64(data: bytes) -> bool:
    """Base64 that something was added to begins as base64."""
    first = data[:2_000].lstrip().partition(b"\n")[0].strip()
    foreign = len(first) - len(first.translate(None, _NOT_BASE64)) - first.count(b"=")
    return foreign * 10 > len(first)


def _one_base64(data: bytes) -> bytes:
    """A run without padding; a single left-over character carries no whole octet and is dropped."""
    letters = data.translate(None, _NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def uu_bytes(data: bytes) -> bytes:
    """The first uuencoded file in `data`, or of `data` without begin line."""
    begin = _BEGIN.search(data)
    out: list[bytes] = []
    for line in data[begin.end() if begin else 0 :].splitlines():
        if line.strip() in (b"end", b"`", b""):
            if line.strip() == b"end":
                break
            continue
        out.append(_uu_line(line))
    return b"".join(out)


def _uu_line(line: bytes) -> bytes:
    """One line; short ones are padded, overlong ones cut to the length that they claim.

    Whole groups are decoded and then cut, because a2b_uu refuses set bits beyond the claimed length.
    """
    if not 32 <= line[0] <= 96:
        return b""
    octets = (line[0] - 32) & 63
    groups = (octets + 2) // 3
    body = bytes(byte if 32 <= byte <= 96 else 32 for byte in line[1 : 1 + 4 * groups]).ljust(4 * groups)
    return binascii.a2b_uu(bytes([32 + 3 * groups]) + body)[:octets]
