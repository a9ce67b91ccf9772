"""Moments as seconds and as UTC dates (RFC 8620 §1.4)."""

from __future__ import annotations

import pytest

from shinbox.desk.store.times import utc_now, utc_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:10Z", 10),
        ("1970-01-01T00:00:10.5Z", 10.5),
        ("1970-01-01T00:00:10.50Z", 10.5),
        ("1970-01-01T00:00:10.050Z", 10.05),
    ],
)
def test_a_utc_date_may_have_a_fraction_that_ends_with_zeros(text: str, seconds: float) -> None:
    assert utc_seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1970-01-01",
        "1970-01-01T00:00:10",
        "1970-01-01T00:00:10+00:00",
        "1970-01-01t00:00:10z",
        "1970-01-01T00:00:10.Z",
        "1970-01-01T00:00:10.0Z",
        "1970-01-01T00:00:10.000Z",
        "1970-02-30T00:00:10Z",
        "1970-01-01T00:00:10Z\n",
        "\u0661970-01-01T00:00:10Z",
    ],
)
def test_what_is_no_utc_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"UTC date|out of range"):
        utc_seconds(text)


def test_dates_sort_as_the_moments_do() -> None:
    moments = [utc_seconds("0001-01-01T00:00:00Z"), -0.5, 0, 0.5, 1, utc_seconds("9999-12-31T23:59:59Z")]
    dates = [utc_now(moment) for moment in moments]
    assert dates == sorted(dates) and {len(date) for date in dates} == {20}
    assert dates[1:5] == [
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "1970-01-01T00:00:01Z",
    ]


def test_a_year_of_five_digits_is_no_date() -> None:
    with pytest.raises(ValueError, match="out of range"):
        utc_now(utc_seconds("9999-12-31T23:59:59Z") + 1)
