"""Quotes, subjects, dates, widths and addresses in plain text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.text.dates import full_date, list_date, parse_rfc3339
from shinbox.text.quote import (
    attribution,
    forward_subject,
    forwarded,
    quote,
    reply_subject,
    sections,
)
from shinbox.text.urls import find_urls
from shinbox.text.width import cut, pad, width

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=1)))


def test_a_quote_leaves_the_signature_out_and_keeps_depth() -> None:
    assert quote("Hi\n\n> older\n>> oldest\nBye\n\n-- \nJane") == "> Hi\n>\n>> older\n>>> oldest\n> Bye"


@pytest.mark.parametrize(
    "subject", ["x", "Re: x", "RE: x", "AW: Re: x", "Re[2]: x", "SV:x", "回复：x", "Antw: x"]
)
def test_an_answer_has_one_prefix(subject: str) -> None:
    assert reply_subject(subject) == "Re: x"


def test_a_forward_has_one_prefix_and_keeps_that_of_an_answer() -> None:
    assert forward_subject("Fw: x") == "Fwd: x"
    assert forward_subject("Re: x") == "Fwd: Re: x"
    assert reply_subject(None) == "Re:"
    assert reply_subject("Regarding: x") == "Re: Regarding: x"


def test_an_attribution_and_an_inline_forward() -> None:
    assert attribution("Jane", "Mon 1 Jan 2024, 10:11") == "On Mon 1 Jan 2024, 10:11, Jane wrote:"
    text = forwarded([("From", "a@b"), ("Cc", "")], "Hi\n")
    assert text == "---------- Forwarded message ----------\nFrom: a@b\n\nHi\n"


def test_quotes_and_signature_are_found_for_folding() -> None:
    text = "Yes.\n\nOn Monday, Bob wrote:\n> question\n\n> more\n\nBest\n-- \nJane"
    assert [(s.kind, len(s.lines)) for s in sections(text)] == [
        ("text", 2),
        ("quote", 4),
        ("text", 2),
        ("signature", 2),
    ]


@given(st.text(st.sampled_from("> \na-")))
def test_sections_are_the_whole_text(text: str) -> None:
    assert "\n".join(line for section in sections(text) for line in section.lines) == text


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOW, "14:00"),
        (NOW - timedelta(hours=14), "00:00"),
        (NOW - timedelta(days=1), "Fri 14:00"),
        (NOW - timedelta(days=7), "14 Nov"),
        (NOW - timedelta(days=400), "17 Oct 2025"),
        (NOW + timedelta(days=2), "23 Nov"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "00:30"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=5))), "1 Jan 1"),
    ],
)
def test_dates_in_a_list(moment: datetime, shown: str) -> None:
    assert list_date(moment, NOW) == shown


def test_a_date_is_written_whole_in_a_zone_or_in_its_own() -> None:
    assert full_date(NOW) == "Sat 21 Nov 2026, 14:00 +0100"
    assert full_date(NOW, UTC) == "Sat 21 Nov 2026, 13:00"
    assert parse_rfc3339("2026-11-21T13:00:00Z") == NOW
    assert parse_rfc3339("2026-11-21T13:00:00") is parse_rfc3339("nonsense") is parse_rfc3339(None) is None


def test_text_is_cut_and_padded_by_the_columns_of_its_script() -> None:
    assert [width(text) for text in ("abc", "日本", "é", "e\u0301", "👩💻", "שלום")] == [3, 4, 1, 1, 4, 4]
    assert cut("日本語", 5) == "日本…"
    assert cut("hello", 5) == "hello"
    assert cut("hello", 4) == "hel…"
    assert cut("hello", 0) == ""
    assert pad("日", 4) == "日  "


@given(st.text(), st.integers(4, 40))
def test_no_cut_line_is_too_wide(text: str, columns: int) -> None:
    from shinbox.text.safe import safe

    assert width(cut(safe(text), columns)) <= columns
    assert width(pad(safe(text), columns)) == columns


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        (
            "See https://a.example/x_(y), or www.b.example.",
            ["https://a.example/x_(y)", "http://www.b.example"],
        ),
        ("(https://a.example/x)", ["https://a.example/x"]),
        ("<https://a.example/?a=b&c=d>", ["https://a.example/?a=b&c=d"]),
        ("Write to jane@example.org!", ["mailto:jane@example.org"]),
        ("https://user@a.example/", ["https://user@a.example/"]),
        ("no link.here", []),
    ],
)
def test_addresses_are_found_without_the_sentences_punctuation(text: str, targets: list[str]) -> None:
    assert [found.target for found in find_urls(text)] == targets
