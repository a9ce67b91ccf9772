"""TNEF (winmail.dat, MS-OXTNEF): the files that Outlook packs into one.

Owns that format, read-only. Refuses to know where the part came from. Total: a damaged container gives
what could be read of it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from shinbox.mime.charsets import decode

SIGNATURE = b"\x78\x9f\x3e\x22"
TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
MAX_FILES = 1_000
MAX_ATTRIBUTES = 20_000

_ATTACH_BEGINS, _ATTACH_TITLE, _ATTACH_DATA, _ATTACH_PROPS = 0x9002, 0x8010, 0x800F, 0x9005
_MESSAGE_PROPS, _BODY, _CODEPAGE = 0x9003, 0x800C, 0x9007
_LONG_NAME, _MIME_TAG, _CONTENT_ID, _DATA_OBJECT, _DISPLAY_NAME = 0x3707, 0x370E, 0x3712, 0x3701, 0x3001
_TEXT_BODY, _HTML_BODY = 0x1000, 0x1013
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})


@dataclass
class TnefFile:
    """One file in a container."""

    name: str = ""
    type: str = "application/octet-stream"
    content: bytes = b""
    cid: str | None = None


@dataclass
class Tnef:
    """What a container holds; `text` and `html` are empty if the message's words are elsewhere."""

    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str = ""
    is_whole: bool = True


def read_tnef(data: bytes) -> Tnef:
    """The files and bodies in a TNEF container; empty and not whole if `data` is none."""
    found = Tnef(is_whole=data.startswith(SIGNATURE))
    codepage = "cp1252"
    if not found.is_whole:
        return found
    for tag, value in _attributes(data, found):
        if tag == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{int.from_bytes(value[:4], 'little')}"
        elif tag == _BODY:
            found.text = found.text or _text(value, codepage)
        elif tag == _MESSAGE_PROPS:
            _read_message(found, value, codepage)
        elif tag == _ATTACH_BEGINS and len(found.files) < MAX_FILES:
            found.files.append(TnefFile())
        elif found.files:
            _read_attachment(found.files[-1], tag, value, codepage)
    return found


def _attributes(data: bytes, found: Tnef) -> Iterator[tuple[int, bytes]]:
    """Level, tag, length, value, checksum; ends, not whole, where a length points outside."""
    position = 6
    for _ in range(MAX_ATTRIBUTES):
        if position + 9 > len(data):
            return
        tag = int.from_bytes(data[position + 1 : position + 3], "little")
        length = int.from_bytes(data[position + 5 : position + 9], "little")
        begin = position + 9
        if begin + length > len(data):
            found.is_whole = False
            return
        yield tag, data[begin : begin + length]
        position = begin + length + 2
    found.is_whole = False


def _read_message(found: Tnef, value: bytes, codepage: str) -> None:
    for prop, kind, content in _properties(value):
        if prop == _TEXT_BODY:
            found.text = found.text or _property_text(kind, content, codepage)
        elif prop == _HTML_BODY:
            found.html = _property_text(kind, content, codepage)


def _read_attachment(file: TnefFile, tag: int, value: bytes, codepage: str) -> None:
    if tag == _ATTACH_TITLE:
        file.name = file.name or _text(value, codepage)
    elif tag == _ATTACH_DATA:
        file.content = value
    elif tag == _ATTACH_PROPS:
        for prop, kind, content in _properties(value):
            if prop == _LONG_NAME or (prop == _DISPLAY_NAME and not file.name):
                file.name = _property_text(kind, content, codepage) or file.name
            elif prop == _MIME_TAG:
                file.type = _property_text(kind, content, codepage).lower() or file.type
            elif prop == _CONTENT_ID:
                file.cid = _property_text(kind, content, codepage).strip("<>") or None
            elif prop == _DATA_OBJECT and not file.content:
                file.content = content[16:]


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """MAPI properties: id, type, value (the first one of many). Ends quietly at the first that is cut off."""
    try:
        (count,) = struct.unpack_from("<I", data)
        position = 4
        for _ in range(min(count, MAX_ATTRIBUTES)):
            kind, prop = struct.unpack_from("<HH", data, position)
            position = _after_name(data, position + 4) if prop >= 0x8000 else position + 4
            many, kind = bool(kind & 0x1000), kind & 0x0FFF
            values = struct.unpack_from("<I", data, position)[0] if many or kind in _VARIABLE else 1
            position += 4 * (many or kind in _VARIABLE)
            first = b""
            for place in range(min(values, MAX_ATTRIBUTES)):
                content, position = _value(data, position, kind)
                first = content if place == 0 else first
            yield prop, kind, first
    except struct.error:
        return


def _after_name(data: bytes, position: int) -> int:
    """Past the GUID and the number or name of a named property."""
    (by_name,) = struct.unpack_from("<I", data, position + 16)
    if not by_name:
        return position + 24
    (length,) = struct.unpack_from("<I", data, position + 20)
    return position + 24 + -(-int(length) // 4) * 4


def _value(data: bytes, position: int, kind: int) -> tuple[bytes, int]:
    if kind not in _VARIABLE:
        length = _FIXED.get(kind, 4)
        struct.unpack_from(f"{length}s", data, position)
        return data[position : position + length], position + length
    (length,) = struct.unpack_from("<I", data, position)
    if position + 4 + length > len(data):
        raise struct.error("a value ends outside the data")
    return data[position + 4 : position + 4 + length], position + 4 + -(-int(length) // 4) * 4


def _property_text(kind: int, content: bytes, codepage: str) -> str:
    return _text(content, "utf-16-le" if kind == 0x1F else codepage)


def _text(data: bytes, charset: str) -> str:
    return (
        decode(data, charset).value.partition("\0")[0]
        if charset.startswith("utf")
        else _narrow(data, charset)
    )


def _narrow(data: bytes, charset: str) -> str:
    return decode(data.partition(b"\0")[0], charset).value
