"""Rights as the screen says them."""

from __future__ import annotations

import pytest

from shinbox.jmap.objects import Mailbox
from shinbox.terms import LEVEL_RIGHTS, MAILBOX_RIGHTS, SEND_RIGHTS, Level, Right, Send
from shinbox.tui.permission import in_words, rights_of


def folder(rights: frozenset[Right]) -> Mailbox:
    return Mailbox(id="f", my_rights={right.value: right in rights for right in MAILBOX_RIGHTS})


@pytest.mark.parametrize("level", [Level.READ, Level.TRIAGE, Level.WRITE])
def test_a_level_is_named_as_it_was_granted(level: Level) -> None:
    assert in_words(rights_of(folder(LEVEL_RIGHTS[level]))) == level.value


def test_the_right_to_send_is_said_beside_the_level() -> None:
    rights = LEVEL_RIGHTS[Level.WRITE] | SEND_RIGHTS[Send.SEND_AS]
    assert in_words(rights_of(folder(rights))) == "write + send"
    assert in_words(LEVEL_RIGHTS[Level.READ] | SEND_RIGHTS[Send.ON_BEHALF]) == "read + send"


def test_a_level_with_something_left_out_is_said_so() -> None:
    assert in_words(frozenset({Right.READ, Right.SET_SEEN})) == "read and some more"
    assert in_words(LEVEL_RIGHTS[Level.WRITE] - {Right.REMOVE}) == "triage and some more"


def test_without_rights_it_says_nothing() -> None:
    assert in_words(frozenset()) == "nothing"


def test_at_a_server_without_our_rights_who_may_remove_may_move() -> None:
    rights = rights_of(Mailbox(my_rights={"mayReadItems": True, "mayRemoveItems": True}))
    assert Right.MOVE in rights
