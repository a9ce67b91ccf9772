"""Dates for people: as short as they stay clear.

Owns the words. Refuses to know the clock and the zone: both are given. Month and weekday names are ours, so
that a list looks the same whatever the process's locale is.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_rfc3339(text: str | None) -> datetime | None:
    """A JMAP Date or UTCDate (RFC 8620 §1.4); None for none and for nonsense."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def list_date(moment: datetime, now: datetime) -> str:
    """At most eleven columns, in the zone of `now`: `14:02`, `Mon 14:02`, `21 Nov`, `21 Nov 2024`."""
    here = _local(moment, now.tzinfo)
    days = (now.date() - here.date()).days
    if days == 0:
        return f"{here:%H:%M}"
    if 0 < days < 7:
        return f"{_DAYS[here.weekday()]} {here:%H:%M}"
    day = f"{here.day} {_MONTHS[here.month - 1]}"
    return day if here.year == now.year else f"{day} {here.year}"


def full_date(moment: datetime, zone: tzinfo | None = None) -> str:
    """`Sat 21 Nov 2026, 14:02`, in `zone`, or in the date's own zone with its offset."""
    here = _local(moment, zone) if zone else moment
    text = f"{_DAYS[here.weekday()]} {here.day} {_MONTHS[here.month - 1]} {here.year}, {here:%H:%M}"
    return text if zone else f"{text} {here:%z}".rstrip()


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    """Dates at the very ends of the calendar stay in their own zone."""
    try:
        return moment.astimezone(zone) if zone else moment
    except OverflowError:
        return moment
