"""A conversation written down as text."""

from __future__ import annotations

from datetime import UTC, datetime

from shinbox.jmap.objects import Email, EmailAddress, EmailBodyPart
from shinbox.jmap.objects.email import EmailBodyValue
from shinbox.tui.printing import RULE, as_text

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def mail(subject: str, text: str) -> Email:
    return Email(
        subject=subject,
        from_=[EmailAddress("ann@x.example", "Ann")],
        text_body=[EmailBodyPart(part_id="1", type="text/plain")],
        body_values={"1": EmailBodyValue(value=text)},
    )


def test_messages_stand_one_below_the_other_with_their_headers() -> None:
    text = as_text([mail("One", "first\n"), mail("Two", "second\n")], NOW).decode()
    assert text.count(RULE) == 1
    assert text.index("One") < text.index("first") < text.index(RULE) < text.index("Two")
    assert "Ann <ann@x.example>" in text


def test_no_control_character_gets_into_the_file() -> None:
    assert b"\x1b" not in as_text([mail("\x1b]0;x\x07", "a\x1b[2Jb")], NOW)
