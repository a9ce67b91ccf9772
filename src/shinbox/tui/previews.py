"""Attachments as text for the reader: plain text, CSV as columns, invitations as their facts.

Pure and total: what cannot be read this way is None. Texts stay as they came: the reader makes them safe.
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from datetime import date, timedelta
from itertools import islice
from typing import Final

from shinbox.client.formats import Toned, count
from shinbox.text.cells import cell_len
from shinbox.tui.columns import fit_text

_MOST_ROWS: Final = 5000
_WIDEST_CELL: Final = 40
_NARROWEST: Final = 4
_BETWEEN: Final = " │ "
_USUAL_WIDTH: Final = 98
"""Cells: the reader breaks longer lines."""
_TEXTS: Final = ("application/json", "application/xml", "application/x-sh", "application/toml")
_UNKNOWN: Final = ("application/octet-stream", "")
_TEXT_ENDINGS: Final = frozenset(["txt", "log", "md", "json", "xml", "yaml", "yml", "toml", "ini", "diff"])
_CHARSETS: Final = re.compile(
    r"(utf|iso|latin|cp|windows|koi8|mac|shift|sjis|euc|gb|big5|hz|tis)[\w-]*\Z", re.I
)
"""Python decodes more under a name than charsets: some of that takes quadratic time."""
_SEVEN_BIT: Final = re.compile(r"utf-?(7|16|32)|iso-2022|hz", re.I)
"""What may read as UTF-8 and says another thing."""
_CONTENT: Final = re.compile(r'((?:"[^"]*"|[^":])*+):(.*)', re.DOTALL)
"""What stands before a line's value, where a colon between quotation marks is none, and the value."""
_PARAMETER: Final = re.compile(r'([\w-]+)=("[^"]*"|[^;]*)')
_MOMENT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d*(Z?))?")
_FACTS: Final = {
    "SUMMARY": "What",
    "DTSTART": "Begins",
    "DTEND": "Ends",
    "LOCATION": "Where",
    "ORGANIZER": "From",
    "ATTENDEE": "Invited",
    "STATUS": "Status",
    "RRULE": "Repeats",
    "DESCRIPTION": "About",
}


def can_preview(name: str, type_: str) -> bool:
    """Whether a file claims to be of a kind that can be read as text."""
    kind, ending = type_.lower(), name.lower().rpartition(".")[2]
    return (
        kind.startswith(("text/", "message/"))
        or kind in _TEXTS
        or (kind in _UNKNOWN and ending in _TEXT_ENDINGS)
        or ending in ("ics", "csv", "tsv")
    )


def preview(
    name: str, type_: str, data: bytes, width: int = _USUAL_WIDTH, charset: str = ""
) -> list[Toned] | None:
    """The file as lines, tables no wider than `width` cells; None for a kind that is not text.

    `charset`: what the message says of the file; it may be wrong.
    """
    kind, ending = type_.lower(), name.lower().rpartition(".")[2]
    if not can_preview(name, type_):
        return None
    text = _decoded(data, charset)
    if kind == "text/calendar" or ending == "ics":
        return _calendar(text)
    if kind in ("text/csv", "text/tab-separated-values") or ending in ("csv", "tsv"):
        return _table(text, min(width, _USUAL_WIDTH))
    if kind == "text/html":
        from shinbox.text.html import html_to_text

        return [(line, "") for line in html_to_text(text).text.split("\n")]
    return [(line, "") for line in text.split("\n")]


def _decoded(data: bytes, said: str) -> str:
    """The file's own mark counts most, then UTF-8 that is UTF-8, then what the message says of the file."""
    said = said if _CHARSETS.match(said) else ""
    marked = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ""
    for charset in (marked, said if _SEVEN_BIT.match(said) else "", "utf-8-sig", said, "cp1252"):
        try:
            return _whole(data, charset).replace("\r\n", "\n")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1").replace("\r\n", "\n")


def _whole(data: bytes, charset: str) -> str:
    # A long file is cut anywhere: half a character at its end says nothing against the charset.
    try:
        return data.decode(charset)
    except UnicodeDecodeError as wrong:
        before = data[: wrong.start]
        if wrong.end < len(data) or before.isascii():
            raise
        return before.decode(charset)


def _table(text: str, room: int) -> list[Toned]:
    delimiter = max(",;\t", key=text[:10_000].count)
    try:
        reader = csv.reader(text.splitlines(), delimiter=delimiter)
        rows = list(islice(reader, _MOST_ROWS))
        below = sum(1 for _ in reader)
    except csv.Error:
        return [(line, "") for line in text.split("\n")]
    widths = _fitted(_widths(rows), room)
    lines: list[Toned] = []
    for place, row in enumerate(rows):
        cells = [fit_text(cell, width) for cell, width in zip(row, widths, strict=False)]
        lines.append((_BETWEEN.join(cells).rstrip(), "subject" if place == 0 else ""))
    left_out = max((len(row) for row in rows), default=0) - len(widths)
    if left_out > 0:
        lines.append((f"[{count(left_out, 'more column')} on the right: save the file to see all.]", "muted"))
    if below:
        lines.append((f"[{count(below, 'more row')} below: save the file to see all.]", "muted"))
    return lines


def _widths(rows: list[list[str]]) -> list[int]:
    columns = max((len(row) for row in rows), default=0)
    return [
        min(_WIDEST_CELL, max((cell_len(row[at]) for row in rows if at < len(row)), default=0))
        for at in range(columns)
    ]


def _fitted(widths: list[int], room: int) -> list[int]:
    """The widest columns give way first; what does not fit even so is left out on the right."""
    found = widths[: max(1, (room + len(_BETWEEN)) // (_NARROWEST + len(_BETWEEN)))]
    while sum(found) + len(_BETWEEN) * (len(found) - 1) > room and max(found) > _NARROWEST:
        found[found.index(max(found))] -= 1
    return found


def _calendar(text: str) -> list[Toned]:
    """The facts of each event (RFC 5545 §3.1: folded lines, `NAME;PARAMETERS:value`)."""
    lines: list[Toned] = []
    inside = False
    for line in text.replace("\n ", "").replace("\n\t", "").split("\n"):
        found = _CONTENT.fullmatch(line)
        head, value = found.groups() if found else line.partition(":")[::2]
        name, _, parameters = head.partition(";")
        if name.upper() == "BEGIN" and value.upper() == "VEVENT":
            inside = True
            lines.append(("Invitation" if not lines else "", "subject"))
        elif name.upper() == "END" and value.upper() == "VEVENT":
            inside = False
        elif inside and name.upper() in _FACTS:
            lines.append((f"{_FACTS[name.upper()]:<9}{_said(name.upper(), value, parameters)}", ""))
    return lines or [(line, "") for line in text.split("\n")]


def _said(name: str, value: str, parameters: str) -> str:
    told = {key.upper(): text.strip('"') for key, text in _PARAMETER.findall(parameters)}
    if name in ("DTSTART", "DTEND") and (moment := _MOMENT.fullmatch(value)):
        year, month, day, *clock, utc = moment.groups()
        if name == "DTEND" and clock[0] is None:
            return _day_before(year, month, day)
        time = f" {clock[0]}:{clock[1]}" if clock[0] else ""
        return f"{year}-{month}-{day}{time} {'UTC' if utc else told.get('TZID', '')}".rstrip()
    if name in ("ORGANIZER", "ATTENDEE"):
        address = value[7:] if value[:7].lower() == "mailto:" else value
        return f"{told['CN']} <{address}>" if told.get("CN") else address
    return value.replace("\\n", " ").replace("\\,", ",").replace("\\;", ";")


def _day_before(year: str, month: str, day: str) -> str:
    """The last day of an event of whole days: DTEND is the first one after it (RFC 5545 §3.6.1)."""
    try:
        return str(date(int(year), int(month), int(day)) - timedelta(days=1))
    except (ValueError, OverflowError):
        return f"{year}-{month}-{day}"
