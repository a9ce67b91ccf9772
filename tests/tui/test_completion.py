"""Recipients completed from the mailbox's mail: whom a piece means, and where it ends."""

from __future__ import annotations

import pytest

from shinbox.jmap.objects import Email, EmailAddress
from shinbox.tui.completion import by_use, completed, last_piece

BO, BOB = EmailAddress("bo@x.example"), EmailAddress("bob@x.example", "Bob Roy")
COMMA = EmailAddress("ann@x.example", "Li, Ann")


@pytest.mark.parametrize(
    ("line", "cut"),
    [
        ("ann@x.example, bo", ("ann@x.example, ", "bo")),
        ("bo", ("", "bo")),
        ('"Li, Ann" <ann@x.example>; bo', ('"Li, Ann" <ann@x.example>; ', "bo")),
        ('"Li, An', ("", '"Li, An')),
        ("", ("", "")),
    ],
)
def test_completion_is_for_the_recipient_that_is_being_typed(line: str, cut: tuple[str, str]) -> None:
    assert last_piece(line) == cut


def test_the_most_frequent_comes_first_each_address_once() -> None:
    found = by_use([Email(from_=[BO], to=[BOB]), Email(from_=[EmailAddress("BOB@x.example")])], "bo")
    assert found == [BOB, BO]


def test_somebody_is_found_by_any_word_of_the_name() -> None:
    assert by_use([Email(from_=[BOB, BO])], "roy") == [BOB]


def test_the_piece_gives_way_to_the_whole_recipient() -> None:
    assert completed("ann@x.example, ro", BOB) == "ann@x.example, Bob Roy <bob@x.example>"
    assert completed("li", COMMA) == '"Li, Ann" <ann@x.example>'
