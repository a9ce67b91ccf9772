"""What a message tells beyond its text, in the wire form of Email's own properties.

Owns `report`, `invitation`, `protection` and `embeddedFiles`, and the blob ids of embedded files. Finds
nothing by itself: mime/ does. What is told is what the sender claims; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import msgspec

from shinbox.desk.front.context import Json
from shinbox.jmap.objects.email import (
    EmailBodyPart,
    EmailInvitation,
    EmailProtection,
    EmailReport,
    EventMoment,
    EventPerson,
)
from shinbox.mime.calendar import Attendee, Moment, read_invitation
from shinbox.mime.embedded import EmbeddedFile, embedded_files
from shinbox.mime.parse import ParsedMessage
from shinbox.mime.protection import protection_of
from shinbox.mime.report import read_report

MAX_TOLD: Final = 50
"""Recipients and people that are named; nobody reads more of them."""


def told(message: ParsedMessage, email: int, own: Collection[str], names: Collection[str]) -> Json:
    """The properties among `names`. `own`: the mailbox's addresses; an invitation's state is theirs."""
    ways: dict[str, Callable[[], object]] = {
        "report": lambda: _report(message),
        "invitation": lambda: _invitation(message, own),
        "protection": lambda: _protection(message),
        "embeddedFiles": lambda: _embedded(message, email),
    }
    return {name: msgspec.to_builtins(way()) for name, way in ways.items() if name in names}


def untold(names: Collection[str]) -> Json:
    """The same of a message that is not read: it broke a limit."""
    return {name: [] if name == "embeddedFiles" else None for name in TOLD & set(names)}


TOLD: Final = frozenset({"report", "invitation", "protection", "embeddedFiles"})


def embedded_blob_id(email: int, file: EmbeddedFile) -> str:
    """The blob id of a file inside a part."""
    return f"e{email}-{file.part_id.replace('.', '_')}-{file.number}"


def find_embedded(message: ParsedMessage, part_id: str, number: int) -> EmbeddedFile | None:
    """The file that a blob id means, or None."""
    return next(
        (file for file in embedded_files(message) if (file.part_id, file.number) == (part_id, number)), None
    )


def _report(message: ParsedMessage) -> EmailReport | None:
    report = read_report(message)
    if report is None:
        return None
    return EmailReport(
        kind=report.kind,
        sentence=report.sentence(),
        recipients=[failure.address for failure in report.failures if failure.address][:MAX_TOLD],
        about_message_id=report.about_message_id,
        about_subject=report.about_subject,
    )


def _invitation(message: ParsedMessage, own: Collection[str]) -> EmailInvitation | None:
    parts = (part for part in message.body_structure.walk() if part.type == "text/calendar")
    event = next((found for part in parts if (found := read_invitation(message.text(part).value))), None)
    if event is None:
        return None
    asked = {person.email.lower() for person in event.attendees}
    return EmailInvitation(
        method=event.method,
        summary=event.summary,
        state=event.state(next((address for address in own if address.lower() in asked), "")),
        starts=_moment(event.starts),
        ends=_moment(event.ends),
        location=event.location,
        repeats=event.repeats,
        organizer=_person(event.organizer) if event.organizer else None,
        attendees=[_person(person) for person in event.attendees[:MAX_TOLD]],
    )


def _moment(moment: Moment | None) -> EventMoment | None:
    if moment is None:
        return None
    in_utc = not moment.is_whole_day and getattr(moment.at, "tzinfo", None) is not None
    at = moment.at.isoformat().removesuffix("+00:00")
    return EventMoment(at=at, time_zone="UTC" if in_utc else moment.zone)


def _person(person: Attendee) -> EventPerson:
    return EventPerson(
        email=person.email, name=person.name, answer=person.answer, is_optional=person.is_optional
    )


def _protection(message: ParsedMessage) -> EmailProtection | None:
    found = protection_of(message)
    if found is None:
        return None
    return EmailProtection(kind=found.kind, method=found.method, sentence=found.sentence())


def _embedded(message: ParsedMessage, email: int) -> list[EmailBodyPart]:
    return [
        EmailBodyPart(
            blob_id=embedded_blob_id(email, file),
            size=len(file.content),
            name=file.name or None,
            type=file.type,
            disposition="attachment",
        )
        for file in embedded_files(message)
    ]
