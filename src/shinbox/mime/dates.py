"""Date headers (RFC 5322 §3.3 and what passes for it) as RFC 3339 text.

Owns the grammar and the obsolete zones. Refuses to know the clock and the reader's zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_ZONES = {
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
}
_ZONES |= {
    "pst": -8,
    "pdt": -7,
    "bst": 1,
    "west": 1,
    "cet": 1,
    "cest": 2,
    "met": 1,
    "mest": 2,
    "eet": 2,
    "eest": 3,
}
_ZONES |= {
    "msk": 3,
    "ist": 5,
    "jst": 9,
    "kst": 9,
    "hkt": 8,
    "sgt": 8,
    "aest": 10,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
}
_COMMENT = re.compile(r"\([^()]*\)")
_DATE = re.compile(
    r"(?:[A-Za-z]+\s*[,.]?\s*)?(?P<day>\d{1,2})[\s-]+(?P<month>[A-Za-z]{3,9})[\s,.-]+(?P<year>\d{2,4})"
    r"(?:[\s,T]+(?P<time>\d{1,2}\s*[:.]\s*\d{1,2}(?:\s*[:.]\s*\d{1,2})?)(?:\.\d+)?\s*(?P<half>[AaPp][Mm]\b)?)?"
    r"\s*(?P<zone>[+-]\s*\d{1,2}:?\d{2}|[A-Za-z]{1,5})?\s*(?P<offset>[+-]\d{4})?"
)
_ASCTIME = re.compile(
    r"[A-Za-z]{3,9}[\s,]+(?P<month>[A-Za-z]{3,9})\s+(?P<day>\d{1,2})[\s,]+(?P<time>\d{1,2}:\d{1,2}(?::\d{1,2})?)\s*"
    r"(?P<zone>[+-]\d{4}|[A-Z]{2,5})?\s*(?P<year>\d{4})\s*(?P<offset>[+-]\d{4})?(?P<half>)"
)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?")
LONGEST = 200


def parse_date(raw: str) -> datetime | None:
    """The moment with the sender's own offset, or None if there is no date in `raw`.

    An unknown zone counts as UTC (RFC 5322 §4.3).
    """
    text = _COMMENT.sub(" ", raw[:LONGEST])
    text = " ".join(text.split())
    match = _DATE.search(text) or _ASCTIME.search(text)
    iso = _ISO.search(text)
    if match is None and iso is None:
        return None
    try:
        return _from_match(match) if match else datetime.fromisoformat(_iso(iso)) if iso else None
    except ValueError:
        return None


def rfc3339(moment: datetime) -> str:
    """As JMAP's Date wants it: seconds, `Z` for UTC (RFC 8620 §1.4)."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    text = moment.replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _iso(match: re.Match[str]) -> str:
    return f"{match[1]}T{match[2]}{match[3] or '+00:00'}"


def _from_match(match: re.Match[str]) -> datetime | None:
    month = _MONTHS.get(match["month"][:3].lower())
    if month is None:
        return None
    hour, minute, second = _time(match["time"] or "0:0", match["half"] or "")
    offset = _offset(match["offset"] or match["zone"] or "")
    return datetime(_year(match["year"]), month, int(match["day"]), hour, minute, second, tzinfo=offset)


def _time(text: str, half: str) -> tuple[int, int, int]:
    """Hour, minute, second; a leap second is shown as the second before it."""
    parts = [int(part) for part in re.split(r"\s*[:.]\s*", text)]
    hour = parts[0] % 12 + 12 * (half.lower() == "pm") if half else parts[0]
    return hour, parts[1], min(parts[2], 59) if len(parts) > 2 else 0


def _year(text: str) -> int:
    """RFC 5322 §4.3: two digits from 00 to 49 are 20xx, the rest and three digits count from 1900."""
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(text) == 3 else year


def _offset(text: str) -> timezone:
    digits = re.sub(r"[\s:]", "", text)
    if digits[:1] in {"+", "-"}:
        minutes = int(digits[1:-2] or 0) * 60 + int(digits[-2:])
        if minutes >= 24 * 60:
            return UTC
        return timezone(timedelta(minutes=-minutes if digits[0] == "-" else minutes)) if minutes else UTC
    return timezone(timedelta(hours=_ZONES.get(digits.lower(), 0))) if _ZONES.get(digits.lower()) else UTC
