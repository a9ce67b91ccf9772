"""Attachments as text for the reader: plain text, CSV as columns, invitations as their facts.

Pure and total: what cannot be read this way is None. Texts stay as they came: the reader makes them safe.
"""

from __future__ import annotations

import csv
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


def preview(name: str, type_: str, data: bytes, width: int = _USUAL_WIDTH) -> list[Toned] | None:
    """The file as lines, tables no wider than `width` cells; None for a kind that is not text."""
    kind, ending = type_.lower(), name.lower().rpartition(".")[2]
    if not can_preview(name, type_):
        return None
    if kind == "text/calendar" or ending == "ics":
        return _calendar(_decoded(data))
    if kind in ("text/csv", "text/tab-separated-values") or ending in ("csv", "tsv"):
        return _table(_decoded(data), min(width, _USUAL_WIDTH))
    if kind == "text/html":
        from shinbox.text.html import html_to_text

        return [(line, "") for line in html_to_text(_decoded(data)).text.split("\n")]
    return [(line, "") for line in _decoded(data).split("\n")]


def _decoded(data: bytes) -> str:
    for charset in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(charset).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").replace("\r\n", "\n")


def _table(text: str, room: int) -> list[Toned]:
    delimiter = max(",;\t", key=text[:10_000].count)
    try:
        reader = islice(csv.reader(text.splitlines(), delimiter=delimiter), _MOST_ROWS)
        rows = list(reader)
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
        head, _, value = line.partition(":")
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
    if name in ("DTSTART", "DTEND") and value[:8].isdigit():
        day, time = value[:8], value[9:13]
        zone = next((p[5:] for p in parameters.split(";") if p.upper().startswith("TZID=")), "")
        zone = "UTC" if value.endswith("Z") else zone
        clock = f" {time[:2]}:{time[2:]}" if time else ""
        return f"{day[:4]}-{day[4:6]}-{day[6:]}{clock} {zone}".rstrip()
    value = value.removeprefix("mailto:").removeprefix("MAILTO:")
    return value.replace("\\n", " ").replace("\\,", ",").replace("\\;", ";")
