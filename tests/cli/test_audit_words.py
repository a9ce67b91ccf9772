"""What the audit records, as people say it."""

from __future__ import annotations

import pytest

from shinbox.cli.audit_words import DEEDS, action_of, deed, details
from shinbox.errors import InvalidArguments


@pytest.mark.parametrize(
    ("action", "object_id", "said"),
    [
        ("Email/open", "e1", "read message e1"),
        ("Email/update", "e1", "changed message e1"),
        ("Grant/destroy", "r1", "ended share r1"),
        ("Connection/update", "singleton", "changed connection"),
        ("signIn", None, "signed in"),
        ("Something/new", "x", "Something/new x"),
    ],
)
def test_an_action_is_said_in_words(action: str, object_id: str | None, said: str) -> None:
    assert deed(action, object_id) == said


def test_every_deed_leads_back_to_its_action_and_no_two_are_called_alike() -> None:
    assert [action_of(said) for said in DEEDS.values()] == list(DEEDS)
    assert action_of("Email/open") == "Email/open"
    assert action_of("Newer/action") == "Newer/action", "of a newer desk"
    with pytest.raises(InvalidArguments, match=r"“foo” is no action: say one of .*, signed in, "):
        action_of("foo")


def test_details_name_people_and_say_what_came_and_went() -> None:
    people = {"u2": "bob"}
    assert details({"principal": "u2", "level": "write"}, people) == "to bob; level write"
    moved = {"mailboxIds": {"added": ["m2"], "removed": ["m1"]}}
    assert details(moved, people) == "folders +m2 -m1"
    assert details({"changed": ["name", "password"]}, {}) == "changed name, password"
    assert details({}, {}) == ""
