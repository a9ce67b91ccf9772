"""Dates, sizes and people as the screen says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shinbox.client.formats import age, full_address, poses_as_another, short_name, size, when
from shinbox.jmap.objects import EmailAddress
from shinbox.text.phishing import signs

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


def jmap(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_date_is_as_short_as_it_stays_clear() -> None:
    today = NOW.replace(hour=14, minute=2)
    assert when(jmap(today), NOW) == "14:02"
    assert when(jmap(today - timedelta(days=2)), NOW) == "Thu 14:02"
    assert when(jmap(today - timedelta(days=30)), NOW) == "22 Oct"
    assert when(jmap(today - timedelta(days=400)), NOW) == "17 Oct 2025"


@pytest.mark.parametrize("nonsense", [None, "", "yesterday", "0000-00-00T00:00:00Z", "9999-99-99"])
def test_a_senseless_date_is_shown_as_none(nonsense: str | None) -> None:
    assert when(nonsense, NOW) == ""
    assert age(nonsense, NOW) == ""


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=20), "0m"),
        (timedelta(minutes=5), "5m"),
        (timedelta(hours=3), "3h"),
        (timedelta(days=2), "2d"),
        (timedelta(weeks=6), "6w"),
        (timedelta(days=800), "2y"),
        (timedelta(days=-3), "0m"),
    ],
)
def test_an_age_has_at_most_three_cells(ago: timedelta, said: str) -> None:
    assert age(jmap(NOW - ago), NOW) == said


def test_sizes_are_said_in_the_unit_that_people_use() -> None:
    assert [size(n) for n in (12, 2048, 1_400_000, 25_000_000)] == ["12 B", "2 K", "1.4 M", "25 M"]


def test_a_name_that_looks_like_another_address_is_not_shown_in_its_place() -> None:
    liar = EmailAddress("mallory@evil.example", "boss@acme.example")
    assert poses_as_another(liar)
    assert short_name(liar) == "mallory@evil.example"
    assert full_address(liar) == "boss@acme.example <mallory@evil.example>"
    assert not poses_as_another(EmailAddress("ann@x.example", "ann@x.example"))
    assert short_name(EmailAddress("ann@x.example", "Ann Li")) == "Ann Li"


@pytest.mark.parametrize("name", ["boss@acme.example", "boss@acme", "Ann ann@x.example, boss@acme.example"])
def test_a_list_and_the_readers_warnings_call_the_same_names_a_lie(name: str) -> None:
    assert poses_as_another(EmailAddress("ann@x.example", name))
    assert [sign.kind for sign in signs(name=name, email="ann@x.example")] == ["address-in-name"]


@pytest.mark.parametrize("name", ["Ann @ work", "@ann", "Ann <ANN@x.example>"])
def test_an_at_sign_alone_is_no_lie(name: str) -> None:
    assert not poses_as_another(EmailAddress("ann@x.example", name))
    assert signs(name=name, email="ann@x.example") == []
