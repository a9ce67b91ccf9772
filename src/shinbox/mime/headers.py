"""The header forms of RFC 8621 §4.1.2: one raw value, seen as text, addresses, ids, date or URLs.

Owns value → form. Refuses to know which header is allowed which form (jmap/objects) and where the value
came from. Every function is total: what cannot be read is null or empty, as the RFC asks.
"""

from __future__ import annotations

import re
import unicodedata

from shinbox.mime.addresses import parse_addresses, parse_groups
from shinbox.mime.dates import parse_date, rfc3339
from shinbox.mime.model import Address, AddressGroup
from shinbox.mime.words import decode_words

_FOLD = re.compile(r"[\r\n]+")
_MESSAGE_ID = re.compile(r"<([^<>]*)>")
_URL = re.compile(r"<([^<>]*)>")
_SPACES = re.compile(r"\s+")


def as_raw(value: str) -> str:
    """Raw form (§4.1.2.1): as it came, with its leading space and encoded words."""
    return value


def unfold(value: str) -> str:
    """`value` without the line breaks of folding."""
    return _FOLD.sub("", value)


def as_text(value: str) -> str:
    """Text form (§4.1.2.2): unfolded, decoded, NFC, no white space around it."""
    return unicodedata.normalize("NFC", decode_words(unfold(value)).strip())


def as_addresses(value: str) -> list[Address]:
    """Addresses form (§4.1.2.3)."""
    return parse_addresses(unfold(value))


def as_grouped_addresses(value: str) -> list[AddressGroup]:
    """GroupedAddresses form (§4.1.2.4)."""
    return parse_groups(unfold(value))


def as_message_ids(value: str) -> list[str] | None:
    """MessageIds form (§4.1.2.5): without the angle brackets; null if there is none.

    Ids without brackets are taken word by word: some senders write them so, and a thread hangs on them.
    """
    text = unfold(value)
    ids = [_SPACES.sub("", found) for found in _MESSAGE_ID.findall(text)]
    if not ids and "<" not in text:
        ids = [word for word in text.split() if "@" in word]
    return [found for found in ids if found] or None


def as_date(value: str) -> str | None:
    """Date form (§4.1.2.6) as RFC 3339 text, or null."""
    moment = parse_date(value)
    return rfc3339(moment) if moment else None


def as_urls(value: str) -> list[str] | None:
    """URLs form (§4.1.2.7): the values of List-* headers; null if there is none."""
    urls = [_SPACES.sub("", found) for found in _URL.findall(unfold(value))]
    return [url for url in urls if url] or None
