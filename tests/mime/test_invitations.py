"""Invitations: what, when, where, who, and what became of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.mime.calendar import Attendee, Moment, read_invitation

REQUEST = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Zurich
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
SUMMARY:Budget\\, second
  round
DTSTART;TZID=Europe/Zurich:20261124T140000
DTEND;TZID=Europe/Zurich:20261124T150000
LOCATION:Room 5\\; first floor
DESCRIPTION:Line one\\nline two
ORGANIZER;CN="Meier; Anna":mailto:anna@example.org
ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Support:mailto:support@us.example
ATTENDEE;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:MAILTO:bob@us.example
SEQUENCE:2
RRULE:FREQ=WEEKLY;INTERVAL=2
BEGIN:VALARM
DESCRIPTION:Alarm
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_an_invitation_is_read_whole() -> None:
    event = read_invitation(REQUEST)
    assert event is not None
    assert (event.method, event.summary, event.location) == (
        "REQUEST",
        "Budget, second round",
        "Room 5; first floor",
    )
    assert event.description == "Line one\nline two"
    assert event.starts == Moment(datetime(2026, 11, 24, 14), "Europe/Zurich")
    assert event.ends == Moment(datetime(2026, 11, 24, 15), "Europe/Zurich")
    assert event.organizer == Attendee("anna@example.org", "Meier; Anna")
    assert event.attendees[1] == Attendee("bob@us.example", None, "accepted", True)
    assert (event.sequence, event.repeats) == (2, "every 2 weeks")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('CN="Support: billing; Oslo":mailto:ann@example.org', "Support: billing; Oslo"),
        ("CN=\"Ann ^'the boss^' Lee^n^^\":mailto:ann@example.org", 'Ann "the boss" Lee ^'),
        ('CN=Ann "the boss" Lee;PARTSTAT=ACCEPTED:mailto:ann@example.org', 'Ann "the boss" Lee'),
        ("CN=Support: billing:MAILTO:ann@example.org", "Support: billing"),
        ("CN=:mailto:ann@example.org", None),
        ('CN="":mailto:ann@example.org', None),
    ],
)
def test_a_name_may_hold_what_the_format_uses_itself(line: str, name: str | None) -> None:
    event = read_invitation(f"BEGIN:VEVENT\nORGANIZER;{line}\nEND:VEVENT")
    assert event is not None and event.organizer is not None
    assert (event.organizer.email, event.organizer.name) == ("ann@example.org", name)


def test_its_state_depends_on_who_looks() -> None:
    event = read_invitation(REQUEST)
    assert event is not None
    assert event.state("Support@us.example") == "waiting for an answer"
    assert event.state("bob@us.example") == "accepted"
    assert event.state("eve@us.example") == "for information"
    cancelled = read_invitation(REQUEST.replace("METHOD:REQUEST", "METHOD:CANCEL"))
    assert cancelled is not None
    assert cancelled.state("bob@us.example") == "cancelled"


def test_an_answer_says_whose_it_is() -> None:
    text = "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n"
    text += "ATTENDEE;CN=Bob;PARTSTAT=DECLINED:mailto:b@x\nEND:VEVENT\n"
    event = read_invitation(text)
    assert event is not None
    assert event.state("b@x") == "Bob: declined"


def test_days_utc_and_durations() -> None:
    day = read_invitation("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261124\nDURATION:P2D\nEND:VEVENT")
    assert day is not None
    assert day.starts == Moment(date(2026, 11, 24))
    assert day.starts.is_whole_day
    assert day.ends == Moment(date(2026, 11, 26))
    utc = read_invitation("BEGIN:VEVENT\nDTSTART:20261124T140000Z\nDURATION:PT1H30M\nEND:VEVENT")
    assert utc is not None
    assert utc.ends == Moment(datetime(2026, 11, 24, 15, 30, tzinfo=UTC))


def test_a_calendar_without_events_is_no_invitation() -> None:
    assert read_invitation("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:x\nEND:VTODO\nEND:VCALENDAR") is None
    assert read_invitation("") is None


@given(st.text(st.sampled_from('BEGINVTDU:;="\\,\n 0129TZP-'), max_size=80))
def test_whatever_arrives_is_read_without_exception(text: str) -> None:
    event = read_invitation(
        f"BEGIN:VEVENT\nDTSTART:{text}\nDURATION:{text}\nATTENDEE{text}\nRRULE:{text}\nSEQUENCE:{text}\n"
    )
    assert event is None or event.method == ""
