"""Every string that can reach a screen says what a person would say: no word of the inside, no key by heart.

Read in the source, so that a sentence nobody has seen yet is checked too.
"""

from __future__ import annotations

import inspect
import re

import pytest

from shinbox import errors
from shinbox.errors import ShinboxError
from shinbox.tui.actions import ACTIONS
from shinbox.tui.settings import HELP
from tests.tui.screen_strings import Found, raised_in, strings_of

INSIDE = re.compile(
    r"\b(accounts?|keywords?|intents?|placements?|blobs?|jmap|submissions?|sessions?|tokens?|uids?|uidvalidity"
    r"|principals?|tracebacks?|exceptions?|null|boolean|json|ids?|emails?|payload|endpoint|widget|regex|parser?"
    r"|my ?rights|mailbox ?ids?)\b",
    re.IGNORECASE,
)
JUSTIFIED = (
    # Commands and options that the person types, and what they print for programs.
    "admin account",
    "print the token, for a script",
    "sign in with the token in this file",
    "print JSON for a program",
    "Made from the program by `python -m shinbox.cli.reference`",
    "only this, such as Email/set or signIn",
    # The table of shares shows an id, because one person may have several.
    "the share's id",
    "the identity's id",
    "give the id of one of",
    "whole address, name or id",
    # The demo without a terminal shows how a retry is told from a second message.
    "twice with one client id",
    # Protocol errors that only the author of another client meets; they are its words (RFC 8620 §3.6.1).
    "not valid I-JSON",
    "not a JMAP request",
    "as application/json",
    "a line break or a null",
)

KEYS = re.compile(
    # Names of keys; a letter in brackets; a letter, or g and a letter, before what it does.
    r"\b(Esc|Enter|Tab|Space|PgDn|PgUp|F[1-9][0-2]?)\b"
    r"|\^[A-Z]\b|\bCtrl\+|\(([A-Za-z]|g [a-z])\)|\bg [a-z]\b"
    r"|(?:^|[·:;(] ?)([b-zB-HJ-Z?/:]) (undo|undoes|opens|leaves|shows|goes|changes|takes|sends?|keeps|lets)\b"
)


def offences(found: list[Found], pattern: re.Pattern[str], justified: tuple[str, ...] = ()) -> list[str]:
    return [
        str(one)
        for one in found
        if pattern.search(one.text) and not any(words in one.text for words in justified)
    ]


def error_classes() -> list[type[ShinboxError]]:
    classes = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]
    return [cls for cls in classes if issubclass(cls, ShinboxError)]


@pytest.mark.parametrize("room", ["tui", "client", "cli"])
def test_no_sentence_of_a_room_that_a_person_sees_holds_a_word_of_the_inside(room: str) -> None:
    assert offences(strings_of(room), INSIDE, JUSTIFIED) == []


def test_no_error_that_the_client_raises_holds_a_word_of_the_inside() -> None:
    found = raised_in("jmap/client", "jmap/conversation", "jmap/tokens", "jmap/endpoint", "jmap/answers")
    assert offences([*found, *raised_in("jmap/session")], INSIDE, JUSTIFIED) == []


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_every_errors_own_sentence_says_what_is_the_matter_and_what_to_do(error: type[ShinboxError]) -> None:
    said = error.message()
    assert said.endswith((".", "?"))
    assert said[0].isupper()
    # Two halves: what is the matter, and after a colon, a semicolon or a full stop what to do about it.
    assert re.search(r"[:;,.] \S", said), f"{error.__name__} does not say what to do: {said}"
    assert offences([Found(error.__name__, said)], INSIDE, JUSTIFIED) == []


def test_no_sentence_names_a_key_by_heart() -> None:
    found = [
        one
        for one in strings_of("tui")
        if not one.place.startswith(("tui/actions/", "tui/key", "tui/reference"))
    ]
    assert offences(found, KEYS) == []


def test_the_help_of_no_action_names_a_key_by_heart() -> None:
    assert offences([Found(action.id, action.help) for action in ACTIONS], KEYS) == []


def test_the_check_finds_what_it_is_for() -> None:
    bad = ["z undo", "Moved · u undo", "It is kept (g u)", "Type, Esc leaves", "copy them (Y)", "^S sends"]
    assert len(offences([Found("", text) for text in bad], KEYS)) == len(bad)
    good = ["Say a word", "I may send it", "Enters the folder", "a b c", "Tablet", "This leaves the box"]
    assert offences([Found("", text) for text in good], KEYS) == []
    assert offences([Found("", "This account has no session")], INSIDE) != []


@pytest.mark.parametrize("name", list(HELP))
def test_every_setting_has_a_sentence(name: str) -> None:
    assert len(HELP[name]) > 8
