"""The one gate between text from outside and the terminal.

Owns the table of what each class of character becomes. Refuses to know widgets, markup and width:
its result is plain text that moves no cursor, changes no colour, reverses nothing and hides nothing.

| what arrives                                                    | what is shown                      |
|-----------------------------------------------------------------|------------------------------------|
| C0 controls U+0000–001F, so ESC, BEL, BS, …                     | their picture: ␀ … ␛ … ␟           |
| tab                                                             | one space; in a block, to column 8 |
| LF                                                              | ␤; in a block, a line break        |
| CR LF, U+2028, U+2029, NEL U+0085                               | like LF                            |
| DEL U+007F                                                      | ␡                                  |
| C1 controls U+0080–009F (CSI, OSC, DCS in one character)        | �                                  |
| lone surrogates, noncharacters (U+FFFE, U+FDD0 …)               | �                                  |
| bidi marks, embeddings, overrides, isolates                     | ⇄                                  |
|   (U+061C, 200E–F, 202A–E, 2066–9)                              |                                    |
| zero-width and other invisible characters (U+00AD, 034F, 115F,  | ·                                  |
|   1160, 17B4–5, 180B–F, 200B–D, 2060–4, 206A–F, 3164, FEFF,     |                                    |
|   FFA0, FFF9–B, 1BCA0–3, 1D173–A)                               |                                    |
| non-joiner U+200C between letters of the scripts that need it   | kept                               |
|   (Arabic, Syriac, N'Ko, the Indic scripts, Mongolian)          |                                    |
| joiner U+200D between two such letters or two emoji; skin tone  | dropped: terminals disagree about  |
|   after an emoji; U+FE0E–F after a symbol                       |   the width, the base is shown     |
| tag characters U+E0000–E007F, variation selectors anywhere else | ·                                  |
| ideographic selectors U+E0100–E01EF after an ideograph          | kept                               |
| everything else: all letters, private use, unassigned           | kept                               |
"""

from __future__ import annotations

import re
from functools import cache

BIDI_MARK = "⇄"
HIDDEN_MARK = "·"
NO_CHARACTER = "\ufffd"
LINE_MARK = "␤"
TAB_WIDTH = 8

_BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_HIDDEN = [
    *(0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x200E),
    *range(0x2060, 0x2066),
    *range(0x206A, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFFC),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE1000),
]
_NO_CHARACTER = [
    *range(0x80, 0xA0),
    *range(0xD800, 0xE000),
    *range(0xFDD0, 0xFDF0),
    *(plane + low for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)),
]


def _table() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20)}
    table |= {0x7F: "␡", 0x09: " ", 0x2028: LINE_MARK, 0x2029: LINE_MARK}
    table |= dict.fromkeys(_NO_CHARACTER, NO_CHARACTER)
    table |= dict.fromkeys(_BIDI, BIDI_MARK)
    table |= dict.fromkeys(_HIDDEN, HIDDEN_MARK)
    table |= {0x0A: LINE_MARK, 0x85: LINE_MARK}
    return table


TABLE = _table()
"""Code point → what is shown in its place, where its neighbours do not matter."""

_BLOCK_TABLE = {code: mark for code, mark in TABLE.items() if code != 0x0A}


def _char_class(codes: list[int]) -> str:
    """The codes as the inside of a regular expression's set, in ranges."""
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


_SUSPECT = re.compile(f"[{_char_class([*TABLE, *range(0x1F3FB, 0x1F400)])}]")
_NEWLINES = re.compile("\r\n|[\u0085\u2028\u2029]")

_JOINING = "\u0600-\u061b\u061d-\u086f\u08a0-\u0dff\u1800-\u180a\u1820-\u18af\ufb50-\ufdcf\ufe70-\ufefc"
_SYMBOL = "\u00a9\u00ae\u203c\u2049\u2100-\u27bf\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SKIN = "\U0001f3fb-\U0001f3ff"


@cache
def _dropped() -> re.Pattern[str]:
    """What of an emoji or between letters is dropped. Compiled when a text needs it first: few do."""
    return re.compile(
        f"(?<=[{_SYMBOL}])[{_SKIN}]?[\ufe0e\ufe0f]?\u200d(?=[{_SYMBOL}])"
        f"|(?<=[{_SYMBOL}])(?:[{_SKIN}][\ufe0e\ufe0f]?|[\ufe0e\ufe0f])"
        "|(?<=[0-9#*])\ufe0f(?=\u20e3)"
        f"|(?<=[{_JOINING}])\u200d(?=[{_JOINING}])"
    )


@cache
def _kept() -> re.Pattern[str]:
    """What stays for its neighbours' sake: non-joiners that shape letters, selectors of ideographs."""
    shaping = f"(?<=[{_JOINING}])\u200c(?=[{_JOINING}])"
    return re.compile(f"{shaping}|(?<=[{_IDEOGRAPH}])[\U000e0100-\U000e01ef]")


def safe(text: str) -> str:
    """`text` on one line, with nothing in it that a terminal would act on (see the table above)."""
    if _is_harmless(text):
        return text
    return _translate(_NEWLINES.sub("\n", text), TABLE)


def safe_block(text: str) -> str:
    """Like `safe`, for text of several lines: line breaks stay, tabs become spaces up to column 8."""
    if _is_harmless(text):
        return text
    text = _NEWLINES.sub("\n", text)
    return _translate(text.expandtabs(TAB_WIDTH) if "\t" in text else text, _BLOCK_TABLE)


def _is_harmless(text: str) -> bool:
    """The way of nearly every text: looked at once, copied never."""
    return (text.isascii() and text.isprintable()) or not _SUSPECT.search(text)


def _translate(text: str, table: dict[int, str]) -> str:
    """Apply the rules that look at neighbours, then the table to everything that they did not keep."""
    if text.isascii():
        return text.translate(table)
    text = _dropped().sub("", text)
    shown: list[str] = []
    position = 0
    for kept in _kept().finditer(text):
        shown += (text[position : kept.start()].translate(table), kept.group())
        position = kept.end()
    shown.append(text[position:].translate(table))
    return "".join(shown)
