"""Invitations (RFC 5545, 5546) as a reader needs them: what, when, where, who, and what became of it.

Owns reading the first event of a calendar part. Refuses to answer it and to know the tables of time
zones: a time in a named zone stays a local time with that name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

MAX_LINES = 20_000
MAX_ATTENDEES = 500
Answer = Literal["accepted", "declined", "tentative", "delegated", "needs-action"]
_ANSWERS: dict[str, Answer] = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "DELEGATED": "delegated",
}
_LINE = re.compile(
    r"([A-Za-z0-9-]{1,60})((?:;[A-Za-z0-9-]{1,60}=(?:\"[^\"]*\"|(?!\")[^;:]*))*):(.*)", re.DOTALL
)
"""Quotation marks inside of a value stand for themselves: senders write `CN=Ann "the boss" Lee`."""
_PARAM = re.compile(r";([A-Za-z0-9-]+)=(?:\"([^\"]*)\"|([^;:]*))")
_CARET = re.compile(r"\^([n^'])")
"""RFC 6868: what else no value of a parameter could hold."""
_MAILTO = re.compile(r"(?:(.*):)?\s*mailto:(.*)", re.DOTALL | re.IGNORECASE)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?"
)
_ESCAPE = re.compile(r"\\([nN,;\\:\"])")


@dataclass(frozen=True)
class Attendee:
    """One person of an event; `answer` is their PARTSTAT."""

    email: str
    name: str | None = None
    answer: Answer = "needs-action"
    is_optional: bool = False


@dataclass(frozen=True)
class Moment:
    """A point in an event: a whole day, or a time in UTC or in the zone named by `zone` (None: floating)."""

    at: datetime | date
    zone: str | None = None

    @property
    def is_whole_day(self) -> bool:
        return not isinstance(self.at, datetime)


@dataclass(frozen=True)
class Invitation:
    """The first event of a calendar. `method` is what the sender wants: REQUEST, REPLY, CANCEL, PUBLISH …"""

    method: str
    uid: str
    summary: str
    starts: Moment | None
    ends: Moment | None
    location: str = ""
    description: str = ""
    status: str = ""
    organizer: Attendee | None = None
    attendees: list[Attendee] = field(default_factory=list)
    sequence: int = 0
    repeats: str = ""

    def state(self, email: str) -> str:
        """In words, for the person with that address: cancelled, accepted, waiting for an answer …"""
        if self.method == "CANCEL" or self.status == "CANCELLED":
            return "cancelled"
        if self.method == "REPLY":
            who = self.attendees[0] if self.attendees else None
            return f"{who.name or who.email}: {_said(who.answer)}" if who else "answered"
        own = next((person for person in self.attendees if person.email.lower() == email.lower()), None)
        return _said(own.answer) if own else "for information"


def _said(answer: Answer) -> str:
    return {"needs-action": "waiting for an answer", "tentative": "tentatively accepted"}.get(answer, answer)


@dataclass(frozen=True)
class _Property:
    params: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], self.value).strip()


def read_invitation(text: str) -> Invitation | None:
    """The invitation in a text/calendar part, or None if there is no event in it. Total."""
    method, event = "", dict[str, list[_Property]]()
    inside: list[str] = []
    for name, found in _properties(text):
        if name == "BEGIN":
            inside.append(found.value.strip().upper())
        elif name == "END":
            if inside[-1:] == ["VEVENT"] and event:
                break
            inside = inside[:-1]
        elif name == "METHOD" and inside == ["VCALENDAR"]:
            method = found.text.upper()
        elif inside[-1:] == ["VEVENT"]:
            event.setdefault(name, []).append(found)
    return _invitation(method, event) if event else None


def _properties(text: str) -> list[tuple[str, _Property]]:
    """Content lines, unfolded (RFC 5545 §3.1); lines that are none are skipped."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    found = []
    for line in unfolded.splitlines()[:MAX_LINES]:
        match = _LINE.fullmatch(line.rstrip())
        if match:
            params = {name.upper(): quoted or plain for name, quoted, plain in _PARAM.findall(match[2])}
            found.append((match[1].upper(), _Property(params, match[3])))
    return found


def _invitation(method: str, event: dict[str, list[_Property]]) -> Invitation:
    def text(name: str) -> str:
        return event[name][0].text if name in event else ""

    starts = _moment(event.get("DTSTART"))
    ends = _moment(event.get("DTEND"))
    if ends is None and starts is not None and "DURATION" in event:
        ends = _after(starts, text("DURATION"))
    organizer = event.get("ORGANIZER")
    sequence = text("SEQUENCE")
    return Invitation(
        method,
        text("UID"),
        text("SUMMARY"),
        starts,
        ends,
        text("LOCATION"),
        text("DESCRIPTION"),
        text("STATUS").upper(),
        _person(organizer[0]) if organizer else None,
        [_person(found) for found in event.get("ATTENDEE", [])[:MAX_ATTENDEES]],
        int(sequence) if re.fullmatch(r"\d{1,9}", sequence) else 0,
        _repetition(text("RRULE")),
    )


def _moment(found: list[_Property] | None) -> Moment | None:
    if not found:
        return None
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?", found[0].value.strip())
    if not match:
        return None
    numbers = [int(number) for number in match.groups()[:6] if number]
    year, month, day, *clock = numbers
    try:
        if not clock:
            return Moment(date(year, month, day))
        at = datetime(year, month, day, clock[0], clock[1], min(clock[2], 59))
    except ValueError:
        return None
    return Moment(at.replace(tzinfo=UTC)) if match[7] else Moment(at, found[0].params.get("TZID"))


def _after(starts: Moment, duration: str) -> Moment | None:
    match = _DURATION.fullmatch(duration)
    if not match:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        return Moment(starts.at + (-length if match[1] == "-" else length), starts.zone)
    except OverflowError:
        return None


def _person(found: _Property) -> Attendee:
    name, email = found.params.get("CN", ""), found.value.rstrip()
    if mailto := _MAILTO.fullmatch(email):
        email = mailto[2]
        # The colon of a name that should have stood between quotation marks.
        name = f"{name}:{mailto[1]}" if name and mailto[1] else name
    name = _CARET.sub(lambda caret: {"n": " ", "'": '"'}.get(caret[1], "^"), name)
    answer = _ANSWERS.get(found.params.get("PARTSTAT", "").upper(), "needs-action")
    optional = found.params.get("ROLE", "").upper() in {"OPT-PARTICIPANT", "NON-PARTICIPANT"}
    return Attendee(email.strip(), name or None, answer, optional)


def _repetition(rule: str) -> str:
    """A recurrence rule in words, roughly: every 2 weeks."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    unit = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}.get(
        parts.get("FREQ", ""), ""
    )
    every = parts.get("INTERVAL", "1")
    if not unit:
        return ""
    return (
        f"every {unit}" if every == "1" or not re.fullmatch(r"\d{1,4}", every) else f"every {every} {unit}s"
    )
