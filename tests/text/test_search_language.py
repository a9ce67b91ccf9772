"""What a person types into the search line, and what the server is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.errors import InvalidArguments
from shinbox.text.search import parse_search

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FOLDERS = {"Inbox": "m1", "Old stuff": "m2"}


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("", {}),
        ("hello", {"text": "hello"}),
        ('"two words"', {"text": "two words"}),
        (
            "from:jane is:unread has:attachment",
            {"from": "jane", "notKeyword": "$seen", "hasAttachment": True},
        ),
        ('subject:"a b" in:inbox', {"subject": "a b", "inMailbox": "m1"}),
        ('in:"old stuff"', {"inMailbox": "m2"}),
        ("before:2026-01-02 after:7d", {"before": "2026-01-02T00:00:00Z", "after": "2026-11-14T00:00:00Z"}),
        ("on:2026-01-02", {"after": "2026-01-02T00:00:00Z", "before": "2026-01-03T00:00:00Z"}),
        ("larger:10M smaller:20m", {"minSize": 10_000_000, "maxSize": 20_000_000}),
        ("-is:unread", {"hasKeyword": "$seen"}),
        ("-has:attachment", {"hasAttachment": False}),
        ("-from:bob", {"operator": "NOT", "conditions": [{"from": "bob"}]}),
        ("not bob", {"operator": "NOT", "conditions": [{"text": "bob"}]}),
        ("a b", {"operator": "AND", "conditions": [{"text": "a"}, {"text": "b"}]}),
        ("a OR b", {"operator": "OR", "conditions": [{"text": "a"}, {"text": "b"}]}),
        ("label:Urgent", {"hasKeyword": "urgent"}),
        ("http://x", {"text": "http://x"}),
        ('"form:bob"', {"text": "form:bob"}),
        ("-label:vip", {"notKeyword": "vip"}),
        ('-"two words"', {"operator": "NOT", "conditions": [{"text": "two words"}]}),
        ("AND OR", {}),
    ],
)
def test_what_is_typed_becomes_the_filter_that_it_means(typed: str, asked: dict[str, Any]) -> None:
    assert parse_search(typed, NOW, FOLDERS) == asked


@pytest.mark.parametrize(
    "typed", ["is:purple", "has:fun", "in:nowhere", "before:soon", "larger:big", "on:2026-13-01"]
)
def test_what_cannot_be_meant_is_said(typed: str) -> None:
    with pytest.raises(InvalidArguments, match=typed.partition(":")[2]):
        parse_search(typed, NOW, FOLDERS)


def test_an_unknown_operator_is_told_what_there_is_and_what_may_be_meant() -> None:
    with pytest.raises(
        InvalidArguments, match=r"form: is not known: did you mean from:\? There are from, to"
    ):
        parse_search("form:bob", NOW, FOLDERS)
    with pytest.raises(InvalidArguments, match=r'For the words write "colour:red"'):
        parse_search("colour:red", NOW, FOLDERS)
    with pytest.raises(InvalidArguments, match=r"did you mean inbox\?"):
        parse_search("in:inbx", NOW, FOLDERS)


@pytest.mark.parametrize("pasted", ["x" * 501, '"' + "a " * 250 + '"', "subject:" + "東京" * 250, "a " * 101])
def test_of_a_text_that_was_pasted_a_few_words_are_asked_for(pasted: str) -> None:
    with pytest.raises(InvalidArguments, match=r"^That is too long to search for: keep a few words of it$"):
        parse_search(pasted, NOW)
    assert parse_search(pasted[:200], NOW)


@given(st.text(st.sampled_from('ab:-" isnotORfrom2026d')))
def test_any_input_is_a_filter_or_an_explained_error(typed: str) -> None:
    try:
        assert isinstance(parse_search(typed, NOW), dict)
    except InvalidArguments as error:
        assert str(error)
