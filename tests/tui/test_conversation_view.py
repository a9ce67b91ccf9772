"""A folder by conversations: lines, positions and folding agree."""

from __future__ import annotations

import pytest

from shinbox.jmap.objects import Email
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.everywhere import split_address
from shinbox.tui.rows import Row


def email(id_: str, thread: str) -> Email:
    return Email(id=id_, thread_id=thread)


@pytest.fixture
def view() -> ConversationView:
    """Three conversations; b has two messages more, one of them not in this folder."""
    made = ConversationView("acc", "inbox", lambda email: Row(email.id, {"subject": email.id}))
    made.threads = {"A": ["a"], "B": ["b1", "b2", "b"], "C": ["c0", "c"]}
    made.put([email("a", "A"), email("b", "B"), email("c", "C")])
    made.place(0, ["a", "b", "c"], 3)
    return made


def lines(view: ConversationView) -> list[str]:
    rows = [view.row(line) for line in range(view.total)]
    return [row.id if row else "" for row in rows]


def test_a_conversation_is_one_line_with_its_size(view: ConversationView) -> None:
    assert lines(view) == ["a", "b", "c"]
    row = view.row(1)
    assert row is not None
    assert (row.cells["count"], row.fold) == ("3", "shut")
    alone = view.row(0)
    assert alone is not None
    assert alone.fold is None


def test_unfolded_its_other_messages_stand_below_newest_first(view: ConversationView) -> None:
    view.unfold("b", [email("b1", "B"), email("b2", "B")])
    view.unfold("c", [email("c0", "C")])
    assert lines(view) == ["a", "b", "b2", "b1", "c", "c0"]
    assert [view.index_of(id_) for id_ in lines(view)] == [0, 1, 2, 3, 4, 5]
    assert view.ids() == lines(view)


def test_lines_below_an_open_conversation_are_the_desks_positions(view: ConversationView) -> None:
    view.unfold("b", [email("b1", "B"), email("b2", "B")])
    assert view.positions(0, 4) == (0, 2)
    assert view.positions(2, 3) == (1, 1)


def test_folding_from_a_message_inside_goes_back_to_its_conversation(view: ConversationView) -> None:
    view.unfold("b", [email("b1", "B"), email("b2", "B")])
    assert view.fold("b1") == "b"
    assert lines(view) == ["a", "b", "c"]
    assert view.fold("a") is None


def test_a_shut_line_stands_for_messages_that_are_not_shown(view: ConversationView) -> None:
    assert view.is_shut("b")
    assert not view.is_shut("a")
    view.unfold("b", [])
    assert not view.is_shut("b")


def test_fresh_keeps_what_is_open(view: ConversationView) -> None:
    view.unfold("b", [email("b1", "B"), email("b2", "B")])
    again = view.fresh()
    again.put([email("n", "N"), email("a", "A"), email("b", "B")])
    again.place(0, ["n", "a", "b", "c"], 4)
    assert lines(again) == ["n", "a", "b", "b2", "b1", "c"]


def test_an_address_names_a_message_of_another_mailbox() -> None:
    assert split_address("acc", "m1") == ("acc", "m1")
    assert split_address("acc", "other/m1") == ("other", "m1")
