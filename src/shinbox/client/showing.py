"""What of a message is shown beside its header: its texts, its notices, its files.

Pure, for the reader and the command line alike. Owns the words of the notices; what they are about was found
by the desk (reports, invitations, protection) and by text/ (signs of forgery). Texts stay as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from shinbox.client.formats import full_address
from shinbox.jmap.objects import (
    Email,
    EmailBodyPart,
    EmailInvitation,
    EventMoment,
)
from shinbox.text.dates import full_date

if TYPE_CHECKING:
    from shinbox.client.formats import Toned
    from shinbox.text.parts import ShownPart

TELLING: Final = (
    *("headers", "report", "invitation", "protection", "embeddedFiles", "defects"),
    "undelivered",
)
"""Properties of an Email that notices and files come from."""
PART_PROPERTIES: Final = (
    *("partId", "blobId", "size", "name", "type"),
    *("charset", "disposition", "cid", "headers"),
)
"""bodyProperties: a part's Content-Type says whether its lines are to be joined (RFC 3676)."""
PEOPLE_SHOWN: Final = 8


def shown_parts(email: Email) -> list[ShownPart]:
    """The texts of a message in order; `is_cut` where the desk, or we, left some of one out.

    HTML takes some 0.2 s a megabyte: call it off the loop.
    """
    from shinbox.text.parts import show_part

    found = []
    for part in email.text_body:
        value = email.body_values.get(part.part_id or "")
        if value is not None:
            is_html = part.type == "text/html"
            shown = show_part(value.value, _content_type(part), is_html=is_html)
            found.append(replace(shown, is_cut=shown.is_cut or value.is_truncated))
    return found


def files(email: Email) -> list[EmailBodyPart]:
    """What is attached, and what is packed in its parts."""
    return [*email.attachments, *email.embedded_files]


def notices(email: Email, parts: Sequence[ShownPart], now: datetime) -> list[Toned]:
    """What a reader has to know before the text: (sentence or line, tone). `now` gives the zone."""
    return [*_warnings(email, parts), *_told(email), *_event(email.invitation, now)]


def _warnings(email: Email, parts: Sequence[ShownPart]) -> Iterator[Toned]:
    from shinbox.text.phishing import signs

    links = [(link.text, link.target) for part in parts for link in part.links]
    for sender in (email.from_ or [])[:1]:
        found = signs(
            name=sender.name,
            email=sender.email,
            reply_to=[person.email for person in email.reply_to or []],
            links=links,
            authentication_results=_values(email.headers, "authentication-results"),
        )
        yield from ((_sentence(sign.text), "warning") for sign in found)
    yield from ((defect, "warning") for defect in email.defects)


def _told(email: Email) -> Iterator[Toned]:
    if email.undelivered:
        yield email.undelivered, "warning"
    if email.report:
        good = email.report.kind in {"delivered", "relayed", "expanded", "read"}
        subject = f" It was about “{email.report.about_subject}”." if email.report.about_subject else ""
        yield f"{_sentence(email.report.sentence)}{subject}", "header" if good else "warning"
    if email.protection:
        yield _sentence(email.protection.sentence), "header"


def _event(event: EmailInvitation | None, now: datetime) -> Iterator[Toned]:
    if event is None:
        return
    what = {"CANCEL": "Cancelled", "REPLY": "Answer", "REQUEST": "Invited"}.get(event.method, "Event")
    yield f"{what:<9}{event.summary or '(no title)'}", "header"
    if when := event_time(event.starts, event.ends, now):
        yield f"{'When':<9}{when}{f', {event.repeats}' if event.repeats else ''}", "header"
    if event.location:
        yield f"{'Where':<9}{event.location}", "header"
    if people := _people(event):
        yield f"{'Who':<9}{people}", "header"
    yield f"{'State':<9}{event.state}", "header"


def _people(event: EmailInvitation) -> str:
    """The organizer first; answers where there are some."""
    organizer = event.organizer
    shown = [f"{full_address(organizer)} (organizer)"] if organizer else []
    others = [each for each in event.attendees if not organizer or each.email != organizer.email]
    for person in others[:PEOPLE_SHOWN]:
        answer = "" if person.answer == "needs-action" else f" ({person.answer})"
        shown.append(f"{full_address(person)}{answer}")
    more = len(others) - PEOPLE_SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def event_time(starts: EventMoment | None, ends: EventMoment | None, now: datetime) -> str:
    """`Tue 1 Dec 2026, 11:00–11:30` in the reader's zone; a zone that is only named is named behind it."""
    begin, end = _moment(starts, now), _moment(ends, now)
    if starts is None or begin is None:
        return ""
    if isinstance(begin, datetime):
        last = end if isinstance(end, datetime) else begin
        until = f"{last:%H:%M}" if last.date() == begin.date() else full_date(last).strip()
        zone = f" ({starts.time_zone})" if starts.time_zone not in {None, "UTC"} else ""
        return f"{full_date(begin).strip()}{f'–{until}' if last > begin else ''}{zone}"
    # Whole days end before DTEND (RFC 5545 §3.6.1), which some senders write as a time of the last one
    # or as the midnight that ends it.
    if isinstance(end, datetime):
        last_day = (end - timedelta.resolution).date() if end.date() > begin else begin
    else:
        last_day = end - timedelta(days=1) if end and end > begin else begin
    return f"{_day(begin)}{f' – {_day(last_day)}' if last_day > begin else ''}"


def _moment(moment: EventMoment | None, now: datetime) -> datetime | date | None:
    """A day, or a time without zone: the reader's where the event's is UTC."""
    if moment is None:
        return None
    try:
        if "T" not in moment.at:
            return date.fromisoformat(moment.at)
        at = datetime.fromisoformat(moment.at)
        if moment.time_zone != "UTC":
            return at.replace(tzinfo=None)
        return at.replace(tzinfo=UTC).astimezone(now.tzinfo).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _day(day: date) -> str:
    return full_date(datetime.combine(day, time())).partition(",")[0]


def _content_type(part: EmailBodyPart) -> str:
    return next(iter(_values(part.headers, "content-type")), "")


def _values(headers: Sequence[dict[str, str]], name: str) -> list[str]:
    return [header["value"] for header in headers if header["name"].lower() == name]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
