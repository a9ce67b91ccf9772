"""Dates, sizes and addresses as the screen says them.

Pure: the time of now comes in. Texts of others pass through unchanged: whoever draws them makes them safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shinbox.jmap.objects.email import EmailAddress


def parse_date(value: str | None) -> datetime | None:
    """A JMAP date (RFC 8620 §1.4) in local time; None for none and for nonsense."""
    try:
        return datetime.fromisoformat(value).astimezone() if value else None
    except (ValueError, OverflowError):
        return None


def when(value: str | None, now: datetime) -> str:
    """A date as short as it stays clear: 14:02 today, then the weekday, then the day, then the year."""
    moment = parse_date(value)
    if moment is None:
        return ""
    days = (now.date() - moment.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    if 0 < days < 7:
        return f"{moment:%a %H:%M}"
    if moment.year == now.year:
        return f"{moment.day} {moment:%b}"
    return f"{moment.day} {moment:%b %Y}"


def age(value: str | None, now: datetime) -> str:
    """How long ago, in at most four cells: 5m, 3h, 2d, 6w, 1y."""
    moment = parse_date(value)
    if moment is None:
        return ""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    for unit, length in (("y", 525_600), ("w", 10_080), ("d", 1440), ("h", 60)):
        if minutes >= length:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"


def long_date(value: str | None) -> str:
    """A date for the reader's header: Sat 21 Nov 2026 14:02."""
    moment = parse_date(value)
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M}" if moment else ""


def size(octets: int) -> str:
    """A size in the unit that people would use."""
    for unit, factor in (("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if octets >= factor:
            value = octets / factor
            return f"{value:.1f} {unit}" if value < 10 and unit != "K" else f"{value:.0f} {unit}"
    return f"{octets} B"


def full_address(address: EmailAddress) -> str:
    """Name and address: the address is always visible."""
    return f"{address.name} <{address.email}>" if address.name else address.email


def full_addresses(addresses: Sequence[EmailAddress] | None) -> str:
    """Several, with commas; empty for none."""
    return ", ".join(full_address(address) for address in addresses or ())


def poses_as_another(address: EmailAddress) -> bool:
    """Whether the display name looks like an address that is not the sender's."""
    name = address.name or ""
    return "@" in name and address.email.lower() not in name.lower()


def short_name(address: EmailAddress) -> str:
    """Who it is, for a list: the name; the address where there is no name or the name lies."""
    name = (address.name or "").strip()
    return address.email if not name or poses_as_another(address) else name


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 message, 3 messages."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
