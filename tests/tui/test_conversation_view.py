"""A folder by conversations: lines, positions and folding agree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shinbox.jmap.objects import Email
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.everywhere import split_address
from shinbox.tui.rows import Row


def email(id_: str, thread: str, folder: str = "inbox") -> Email:
    return Email(id=id_, thread_id=thread, mailbox_ids={folder: True})


def row_of(email: Email) -> Row:
    return Row(email.id, {"subject": email.id})


@pytest.fixture
def view() -> ConversationView:
    """Three conversations; b has two messages more, the oldest of them lies in another folder."""
    made = ConversationView("acc", "inbox", row_of)
    made.put([email("a", "A"), email("b", "B"), email("c", "C")])
    made.learn({"A": ["a"], "B": ["b1", "b2", "b"], "C": ["c0", "c"]})
    made.put([email("b1", "B", "sent"), email("b2", "B"), email("c0", "C")])
    made.place(0, ["a", "b", "c"], 3)
    return made


def lines(view: ConversationView) -> list[str]:
    rows = [view.row(line) for line in range(view.total)]
    return [row.id if row else "" for row in rows]


def test_a_conversation_is_one_line_with_its_size(view: ConversationView) -> None:
    assert lines(view) == ["a", "b", "c"]
    row = view.row(1)
    assert row is not None
    assert (row.cells["count"], row.fold) == ("▸3", "shut")
    alone = view.row(0)
    assert alone is not None
    assert alone.fold is None


def test_unfolded_its_other_messages_stand_below_newest_first(view: ConversationView) -> None:
    view.unfold("b")
    view.unfold("c")
    assert lines(view) == ["a", "b", "b2", "b1", "c", "c0"]
    assert [view.index_of(id_) for id_ in lines(view)] == [0, 1, 2, 3, 4, 5]
    assert view.ids() == lines(view)


def test_lines_below_an_open_conversation_are_the_desks_positions(view: ConversationView) -> None:
    view.unfold("b")
    assert view.positions(0, 4) == (0, 2)
    assert view.positions(2, 3) == (1, 1)


def test_folding_from_a_message_inside_goes_back_to_its_conversation(view: ConversationView) -> None:
    view.unfold("b")
    assert view.fold("b1") == "b"
    assert lines(view) == ["a", "b", "c"]
    assert view.fold("a") is None


def test_a_shut_line_stands_for_messages_that_are_not_shown(view: ConversationView) -> None:
    assert view.is_shut("b")
    assert not view.is_shut("a")
    view.unfold("b")
    assert not view.is_shut("b")


def test_a_folded_line_whose_place_is_not_known_any_more_stands_for_the_same_messages(
    view: ConversationView,
) -> None:
    again = view.fresh()
    again.place(0, ["a"], 3)
    assert again.index_of("b") is None
    assert again.is_shut("b")
    assert again.stands_for("b") == ["b", "b2"]


def test_a_message_that_was_folded_away_does_not_stand_for_its_conversation(view: ConversationView) -> None:
    assert not view.is_shut("b2")
    again = view.fresh()
    again.place(0, ["a"], 3)
    assert not again.is_shut("b2")
    assert not again.is_shut("b1")


def test_fresh_keeps_what_is_open(view: ConversationView) -> None:
    view.unfold("b")
    again = view.fresh()
    again.put([email("n", "N"), email("a", "A"), email("b", "B")])
    again.place(0, ["n", "a", "b", "c"], 4)
    assert lines(again) == ["n", "a", "b", "b2", "b1", "c"]


def test_a_folded_line_is_told_of_the_known_messages_oldest_first() -> None:
    told: list[list[str]] = []

    def line(row: Row, emails: Sequence[Email], meant: Sequence[Email]) -> Row:
        assert meant == emails
        told.append([email.id for email in emails])
        return row

    made = ConversationView("acc", "inbox", row_of, line)
    made.put([email("b", "B")])
    made.learn({"B": ["b0", "b1", "b"]})
    made.put([email("b1", "B")])
    made.place(0, ["b"], 1)
    assert made.looked_at(["b"]) == ["b1", "b0"]
    assert made.row(0) is made.row(0)
    assert told == [["b1", "b"]]
    made.put([email("b0", "B")])
    made.row(0)
    assert told[-1] == ["b0", "b1", "b"]


def test_a_folded_conversation_means_its_messages_in_this_folder(view: ConversationView) -> None:
    assert view.stands_for("b") == ["b", "b2"]
    view.unfold("b")
    assert view.stands_for("b") == ["b"]


def test_the_line_of_a_folded_away_message_is_its_conversations(view: ConversationView) -> None:
    assert view.index_of("b1") == 1
    view.unfold("b")
    assert view.index_of("b1") == 3


def test_new_mail_in_a_conversation_keeps_it_open_and_old_ids_find_its_line(view: ConversationView) -> None:
    view.unfold("b")
    again = view.fresh()
    again.put([email("b9", "B"), email("a", "A"), email("c", "C")])
    again.learn({"A": ["a"], "B": ["b1", "b2", "b", "b9"], "C": ["c0", "c"]})
    again.place(0, ["b9", "a", "c"], 3)
    assert lines(again) == ["b9", "b", "b2", "b1", "a", "c"]
    again.fold("b9")
    assert again.index_of("b") == 0


def test_a_conversation_of_which_something_stays_keeps_its_line_and_restore_brings_the_top_back(
    view: ConversationView,
) -> None:
    gone = view.remove({"b"})
    assert lines(view) == ["a", "b2", "c"]
    view.restore(gone)
    assert lines(view) == ["a", "b", "c"]
    gone = view.remove({"b", "b2"})
    assert lines(view) == ["a", "c"]
    view.restore(gone)
    assert lines(view) == ["a", "b", "c"]


def test_restore_does_not_put_an_older_message_over_a_newer_one(view: ConversationView) -> None:
    view.restore([(1, "b2")])
    assert lines(view) == ["a", "b", "c"]


def test_an_address_names_a_message_of_another_mailbox() -> None:
    assert split_address("acc", "m1") == ("acc", "m1")
    assert split_address("acc", "other/m1") == ("other", "m1")
