"""Dates, sizes and addresses as the screen says them.

Pure: the time of now comes in. Texts of others pass through unchanged: whoever draws them makes them safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from shinbox.jmap.objects.email import EmailAddress, EventPerson
from shinbox.text.dates import full_date, list_date, parse_rfc3339
from shinbox.text.posing import another_address

Toned = tuple[str, str]
"""A line and the tone that it is drawn in."""

_KINDS: Final = {
    "application/pdf": "PDF",
    "application/zip": "ZIP archive",
    "application/msword": "Word document",
    "application/vnd.ms-excel": "Excel table",
    "application/vnd.ms-powerpoint": "PowerPoint slides",
    "application/vnd.openxmlformats-officedocument.wordprocessingml": "Word document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml": "Excel table",
    "application/vnd.openxmlformats-officedocument.presentationml": "PowerPoint slides",
    "application/vnd.oasis.opendocument.text": "text document",
    "application/vnd.oasis.opendocument.spreadsheet": "table",
    "application/vnd.oasis.opendocument.presentation": "slides",
    "application/octet-stream": "file of unknown kind",
    "text/calendar": "invitation",
    "text/csv": "CSV table",
    "text/html": "HTML page",
    "text/vcard": "contact",
    "text/x-vcard": "contact",
    "text/plain": "text",
    "image/": "picture",
    "audio/": "sound",
    "video/": "video",
    "message/rfc822": "message",
}
"""How a media type begins → what people call it."""


def when(value: str | None, now: datetime) -> str:
    """A date for the list, in the zone of now: as short as it stays clear."""
    moment = parse_rfc3339(value)
    return list_date(moment, now) if moment else ""


def age(value: str | None, now: datetime) -> str:
    """How long ago, in at most three cells: 5m, 3h, 2d, 6w, 1y."""
    moment = parse_rfc3339(value)
    if moment is None:
        return ""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    for unit, length in (("y", 525_600), ("w", 10_080), ("d", 1440), ("h", 60)):
        if minutes >= length:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"


def long_date(value: str | None, now: datetime | None = None) -> str:
    """A date for the reader's header, in the zone of now; without it in its own."""
    moment = parse_rfc3339(value)
    return full_date(moment, now.tzinfo if now else None) if moment else ""


def size(octets: int) -> str:
    """A size in the unit that people would use."""
    for unit, factor in (("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if octets >= factor:
            value = octets / factor
            return f"{value:.1f} {unit}" if value < 10 and unit != "K" else f"{value:.0f} {unit}"
    return f"{octets} B"


def kind(media_type: str) -> str:
    """What people call a file of a media type; the type itself where there is no word for it."""
    name = media_type.lower()
    for beginning, word in _KINDS.items():
        if name.startswith(beginning):
            return word
    return media_type


def about_file(media_type: str, octets: int) -> str:
    """A file's kind and size."""
    return f"{kind(media_type)}, {size(octets)}"


def full_address(address: EmailAddress | EventPerson) -> str:
    """Name and address: the address is always visible."""
    return f"{address.name} <{address.email}>" if address.name else address.email


def full_addresses(addresses: Sequence[EmailAddress] | None) -> str:
    """Several, with commas; empty for none."""
    return ", ".join(full_address(address) for address in addresses or ())


def poses_as_another(address: EmailAddress) -> bool:
    """Whether the display name says an address that is not the sender's."""
    return bool(another_address(address.name or "", address.email))


def short_name(address: EmailAddress) -> str:
    """Who it is, for a list: the name; the address where there is no name or the name lies."""
    name = (address.name or "").strip()
    return address.email if not name or poses_as_another(address) else name


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 message, 3 messages."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
