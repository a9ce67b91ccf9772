"""Attachments as text for the reader: plain text, CSV as columns, invitations as their facts.

Pure and total: what cannot be read this way is None. Texts stay as they came: the reader makes them safe.
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import Final

from shinbox.client.formats import Toned
from shinbox.tui.columns import fit_text

_MOST_ROWS: Final = 5000
_WIDEST_CELL: Final = 40
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


def preview(name: str, type_: str, data: bytes) -> list[Toned] | None:
    """The file as lines; None for a kind that is not text."""
    kind, ending = type_.lower(), name.lower().rpartition(".")[2]
    if kind == "text/calendar" or ending == "ics":
        return _calendar(_decoded(data))
    if kind in ("text/csv", "text/tab-separated-values") or ending in ("csv", "tsv"):
        return _table(_decoded(data))
    if kind == "text/html":
        from shinbox.text.html import html_to_text

        return [(line, "") for line in html_to_text(_decoded(data)).text.split("\n")]
    if kind.startswith(("text/", "message/")) or kind in ("application/json", "application/xml"):
        return [(line, "") for line in _decoded(data).split("\n")]
    return None


def _decoded(data: bytes) -> str:
    for charset in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(charset).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").replace("\r\n", "\n")


def _table(text: str) -> list[Toned]:
    delimiter = max(",;\t", key=text[:10_000].count)
    try:
        reader = islice(csv.reader(text.splitlines(), delimiter=delimiter), _MOST_ROWS)
        rows = list(reader)
    except csv.Error:
        return [(line, "") for line in text.split("\n")]
    width = max((len(row) for row in rows), default=0)
    widths = [
        min(_WIDEST_CELL, max((len(row[column]) for row in rows if column < len(row)), default=0))
        for column in range(width)
    ]
    lines: list[Toned] = []
    for place, row in enumerate(rows):
        cells = [fit_text(cell, widths[column]) for column, cell in enumerate(row)]
        lines.append((" │ ".join(cells).rstrip(), "subject" if place == 0 else ""))
    return lines


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
