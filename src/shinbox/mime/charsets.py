"""Bytes of any claimed charset to text: total, and without lone surrogates.

Owns which decoder a charset's name means and what happens when the claim is missing or wrong. Refuses to
know MIME. Only the codecs in a closed list are ever used: Python's own table holds decompressors and
`punycode`, which a sender must not be able to call.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from shinbox.mime.model import DecodedText

SAMPLE_BYTES = 4096
"""How much is looked at to guess an undeclared charset."""

_ALIASES = {
    "utf8": "utf_8_sig",
    "utf_8": "utf_8_sig",
    "utf8mb4": "utf_8_sig",
    "unicode_1_1_utf_8": "utf_8_sig",
    "x_unicode_2_0_utf_8": "utf_8_sig",
    "unicode_1_1_utf_7": "utf_7",
    "x_unicode_2_0_utf_7": "utf_7",
    "unicode": "utf_16",
    "iso_10646_ucs_2": "utf_16_be",
    "ucs_2": "utf_16_be",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc_kr": "cp949",
    "korean": "cp949",
    "windows_949": "cp949",
    "uhc": "cp949",
    "gb2312": "gb18030",
    "gb_2312": "gb18030",
    "gb_2312_80": "gb18030",
    "euc_cn": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "cp936": "gb18030",
    "windows_936": "gb18030",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "x_sjis": "cp932",
    "windows_31j": "cp932",
    "ms_kanji": "cp932",
    "iso_2022_jp": "iso2022_jp_ext",
    "iso_2022_jp_1": "iso2022_jp_ext",
    "iso_2022_jp_ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "x_euc_jp": "euc_jp",
    "eucjp_ms": "euc_jp",
    "big5": "cp950",
    "x_x_big5": "cp950",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_6_i": "iso8859_6",
    "iso_8859_6_e": "iso8859_6",
    "iso_8859_1": "cp1252",
    "latin1": "cp1252",
    "latin_1": "cp1252",
    "l1": "cp1252",
    "iso_8859_9": "cp1254",
    "iso_8859_11": "cp874",
    "tis_620": "cp874",
    "windows_874": "cp874",
    "x_mac_roman": "mac_roman",
    "macintosh": "mac_roman",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_greek": "mac_greek",
    "x_mac_ce": "mac_latin2",
    "x_mac_turkish": "mac_turkish",
    "koi8": "koi8_r",
    "cp1250": "cp1250",
}
_UNDECLARED = frozenset(
    {"", "us_ascii", "ascii", "ansi_x3_4_1968", "iso646_us", "unknown_8bit", "x_unknown"}
) | {
    *("unknown", "default", "8bit", "7bit", "none", "binary", "x_user_defined", "_iso_2022_jp"),
}
_SINGLE_BYTE = frozenset(
    {f"iso8859_{n}" for n in (*range(2, 12), 13, 14, 15, 16)}
    | {
        f"cp{n}"
        for n in (*range(1250, 1259), 437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863)
    }
    | {f"cp{n}" for n in (864, 865, 866, 869, 874, 1125, 500, 1140)}
    | {"koi8_r", "koi8_u", "koi8_t", "kz1048", "ptcp154", "hp_roman8"}
    | {"mac_roman", "mac_latin2", "mac_cyrillic", "mac_greek", "mac_iceland", "mac_turkish"}
)
_MULTI_BYTE = frozenset(
    {"utf_8_sig", "utf_7", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"}
    | {
        "cp949",
        "johab",
        "gb18030",
        "hz",
        "cp932",
        "euc_jp",
        "euc_jis_2004",
        "shift_jis_2004",
        "shift_jisx0213",
    }
    | {
        "iso2022_jp_ext",
        "iso2022_jp_2",
        "iso2022_jp_2004",
        "iso2022_jp_3",
        "iso2022_kr",
        "cp950",
        "big5hkscs",
    }
)
_HIGH = bytes(range(0x80, 0x100))
_LETTERS = bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))
_SURROGATE = re.compile("[\ud800-\udfff]")
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\([IJ])")


@lru_cache(maxsize=256)
def codec_for(charset: str) -> str | None:
    """Our codec for a charset's name as it stands in mail; "" if it claims nothing; None if unknown."""
    name = re.sub(r"[^a-z0-9]+", "_", charset.lower().partition("*")[0]).strip("_")
    if name in _UNDECLARED:
        return ""
    if len(name) > 40:
        return None
    if name in _ALIASES:
        return _ALIASES[name]
    windows = re.fullmatch(r"(?:x_)?(?:windows|win|ibm|cp|x_cp)_?(\d{3,5})", name)
    try:
        found = codecs.lookup(f"cp{windows[1]}" if windows else name).name.replace("-", "_")
    except LookupError:
        return None
    found = _ALIASES.get(found, found)
    return found if found in _SINGLE_BYTE or found in _MULTI_BYTE else None


def decode(data: bytes, charset: str | None, hint: str = "") -> DecodedText:
    """`data` as text. `hint` is a charset to try when none is declared, such as the message's own."""
    if data.isascii() and b"\x1b" not in data and not _changes_ascii(charset):
        return DecodedText(data.decode("ascii"), codec_for(charset or "") is None)
    codec = codec_for(charset or "")
    if codec is None or codec == "":
        return DecodedText(_undeclared(data, hint), codec is None or not _is_utf_8(data))
    text = _strictly(data, codec)
    if text is not None:
        return DecodedText(text)
    text = _strictly(data, "utf_8")
    if text is None:
        text = _clean(data.decode(codec, "replace"))
    return DecodedText(text, True)


def _changes_ascii(charset: str | None) -> bool:
    """True for the encodings in which ASCII octets do not mean ASCII characters."""
    return bool(charset) and (codec_for(charset or "") or "").startswith(
        ("utf_7", "utf_16", "utf_32", "hz", "cp500", "cp1140")
    )


def _strictly(data: bytes, codec: str) -> str | None:
    """The text if `data` is valid in `codec`. cp1252 is never refused: its holes are the C1 controls."""
    if codec == "cp1252":
        utf_8 = _strictly(data, "utf_8")
        return utf_8 if utf_8 is not None else _cp1252(data)
    try:
        return _clean(data.decode(codec))
    except (UnicodeError, ValueError):
        return None


def _cp1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _undeclared(data: bytes, hint: str) -> str:
    """ISO-2022 is looked for before ASCII, because it is ASCII to whoever does not look."""
    if _ISO_2022_JP.search(data[:SAMPLE_BYTES]):
        japanese = _strictly(data, "iso2022_jp_ext")
        if japanese is not None:
            return japanese
    for codec in ("utf_8", codec_for(hint) or ""):
        text = _strictly(data, codec) if codec else None
        if text is not None:
            return text
    return _guess(data)


def _guess(data: bytes) -> str:
    """The likeliest reading of 8-bit text that says nothing about itself.

    Where most letters are ASCII the language is a Western one; statistics are asked only about the rest.
    """
    sample = data[:SAMPLE_BYTES]
    high = len(sample) - len(sample.translate(None, _HIGH))
    letters = len(sample) - len(sample.translate(None, _LETTERS))
    if high < 16 or high * 2 < letters:
        return _cp1252(data)
    from charset_normalizer import from_bytes

    best = from_bytes(sample, steps=3, chunk_size=1024).best()
    codec = codec_for(best.encoding) if best else None
    text = _strictly(data, codec) if codec else None
    return text if text is not None else _cp1252(data)


def _is_utf_8(data: bytes) -> bool:
    return _strictly(data, "utf_8") is not None


def _clean(text: str) -> str:
    """No lone surrogates (UTF-7 can spell them) and no byte order mark."""
    if text.isascii():
        return text
    if text[0] == "\ufeff":
        text = text[1:]
    return _SURROGATE.sub("\ufffd", text)
