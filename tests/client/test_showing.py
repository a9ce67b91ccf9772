"""What a message says of itself stands above its text: bounces, invitations, signatures, signs of forgery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shinbox.cli.reading import page
from shinbox.client.showing import event_time, files, notices
from shinbox.jmap.objects import (
    Email,
    EmailAddress,
    EmailBodyPart,
    EmailBodyValue,
    EmailInvitation,
    EmailProtection,
    EmailReport,
    EventMoment,
    EventPerson,
)
from shinbox.tui.message_text import message_lines

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=1)))
CALL = EmailInvitation(
    method="REQUEST",
    summary="Distribution in Portugal",
    state="waiting for an answer",
    starts=EventMoment(at="2026-12-01T10:00:00", time_zone="UTC"),
    ends=EventMoment(at="2026-12-01T10:30:00", time_zone="UTC"),
    location="Video call",
    organizer=EventPerson(email="rui@porto.example", name="Rui Teixeira"),
    attendees=[EventPerson(email="support@halden.example", answer="accepted")],
)


def said(email: Email) -> list[str]:
    return [text for text, _ in notices(email, (), NOW)]


def text_email(value: str, type_: str = "text/plain", **more: object) -> Email:
    part = EmailBodyPart(part_id="1", type=type_, headers=[{"name": "Content-Type", "value": f" {type_}"}])
    return Email(text_body=[part], body_values={"1": EmailBodyValue(value=value)}, **more)  # type: ignore[arg-type]  # properties by name


def test_a_bounce_is_a_sentence() -> None:
    report = EmailReport(
        kind="failed",
        sentence="not delivered to w@gone.example, because the address does not exist",
        about_subject="Your lamp is ready",
    )
    assert notices(Email(report=report), (), NOW) == [
        (
            "Not delivered to w@gone.example, because the address does not exist."
            " It was about “Your lamp is ready”.",
            "warning",
        )
    ]


def test_what_came_back_is_said_above_the_message_that_was_sent() -> None:
    why = "Not delivered to ann@x.example, because the mailbox is full."
    assert notices(Email(undelivered=why), (), NOW) == [(why, "warning")]


def test_an_invitation_says_when_in_the_readers_zone_where_who_and_its_state() -> None:
    assert said(Email(invitation=CALL)) == [
        "Invited  Distribution in Portugal",
        "When     Tue 1 Dec 2026, 11:00–11:30",
        "Where    Video call",
        "Who      Rui Teixeira <rui@porto.example> (organizer), support@halden.example (accepted)",
        "State    waiting for an answer",
    ]


def test_days_named_zones_and_nonsense_are_said_as_they_are() -> None:
    day, after = EventMoment(at="2026-12-01"), EventMoment(at="2026-12-02")
    assert event_time(day, after, NOW) == "Tue 1 Dec 2026"
    assert event_time(day, EventMoment(at="2026-12-04"), NOW) == "Tue 1 Dec 2026 – Thu 3 Dec 2026"
    lisbon = EventMoment(at="2026-12-01T09:00:00", time_zone="Europe/Lisbon")
    assert event_time(lisbon, None, NOW) == "Tue 1 Dec 2026, 09:00 (Europe/Lisbon)"
    assert event_time(day, EventMoment(at="2026-12-02T18:00:00"), NOW) == "Tue 1 Dec 2026 – Wed 2 Dec 2026"
    assert event_time(day, EventMoment(at="2026-12-02T00:00:00"), NOW) == "Tue 1 Dec 2026"
    assert event_time(day, EventMoment(at="2026-12-03T00:00:00"), NOW) == "Tue 1 Dec 2026 – Wed 2 Dec 2026"
    assert event_time(day, EventMoment(at="0001-01-01T00:00:00"), NOW) == "Tue 1 Dec 2026"
    assert event_time(day, EventMoment(at="9999-12-31T18:00:00"), NOW).startswith("Tue 1 Dec 2026 – ")
    assert event_time(lisbon, after, NOW) == "Tue 1 Dec 2026, 09:00 (Europe/Lisbon)"
    assert event_time(EventMoment(at="soon"), None, NOW) == ""
    assert event_time(EventMoment(at="9999-12-31T23:30:00", time_zone="UTC"), None, NOW) == ""


def test_a_signature_is_named() -> None:
    signed = EmailProtection(kind="signed", method="PGP", sentence="signed with PGP; it was not checked")
    assert said(Email(protection=signed)) == ["Signed with PGP; it was not checked."]


def test_signs_of_forgery_are_warnings() -> None:
    email = text_email(
        "<p>Pay at <a href='https://evil.example/login'>https://bank.example/login</a></p>",
        "text/html",
        from_=[EmailAddress(name="support@halden.example", email="mallory@evil.example")],
        reply_to=[EmailAddress(email="pay@other.example")],
        headers=[{"name": "Authentication-Results", "value": " mx.halden.example; spf=fail; dmarc=fail"}],
    )
    warnings = [text for text, tone in message_lines(email, NOW) if tone == "warning"]
    assert warnings == [
        "The name says support@halden.example, the address is mallory@evil.example.",
        "Answers go to pay@other.example.",
        "A link says bank.example and leads to evil.example.",
        "SPF and DMARC failed: the sender may be forged.",
    ]


def test_flowed_lines_are_joined_and_uuencoded_files_named() -> None:
    flowed = text_email("one \ntwo\nthree\n", "text/plain; format=flowed")
    assert ("one two", "") in message_lines(flowed, NOW)
    packed = text_email("See:\nbegin 644 cat.txt\n#0V%T\n`\nend\n")
    packed.embedded_files = [EmailBodyPart(blob_id="e1-1-1", name="cat.txt", size=3)]
    shown = [text for text, _ in message_lines(packed, NOW)]
    assert "[cat.txt]" in shown
    assert shown[-1].startswith(" 1 cat.txt")
    assert [part.blob_id for part in files(packed)] == ["e1-1-1"]


@pytest.mark.parametrize(
    "email",
    [
        text_email("<b>" * 1100 + "words", "text/html"),
        Email(
            text_body=[EmailBodyPart(part_id="1", type="text/plain")],
            body_values={"1": EmailBodyValue(value="words", is_truncated=True)},
        ),
    ],
    ids=["by us, because its HTML would take for ever", "by the desk"],
)
def test_a_text_of_which_some_is_left_out_says_so(email: Email) -> None:
    assert "[The message is longer than this.]" in [text for text, _ in message_lines(email, NOW)]
    assert "[The rest is not shown: see shinbox read --raw.]" in page(email)


def test_an_ordinary_message_has_no_notices() -> None:
    assert said(text_email("hi", from_=[EmailAddress(email="a@b.example")])) == []
    assert event_time(CALL.starts, None, datetime(2026, 1, 1, tzinfo=UTC)) == "Tue 1 Dec 2026, 10:00"
