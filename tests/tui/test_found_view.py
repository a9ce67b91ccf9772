"""Finds by conversation: a line means what was found of it, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shinbox.jmap.objects import Email
from shinbox.tui.everywhere import Everywhere, addressed
from shinbox.tui.found_view import FoundConversations
from shinbox.tui.rows import Row


def email(id_: str, thread: str, when: str = "") -> Email:
    return Email(id=id_, thread_id=thread, mailbox_ids={"inbox": True}, received_at=when)


def row_of(email: Email) -> Row:
    return Row(email.id, {"subject": email.id}, tone="unread")


def told(row: Row, emails: Sequence[Email], meant: Sequence[Email]) -> Row:
    cells = {"all": " ".join(email.id for email in emails), "meant": " ".join(email.id for email in meant)}
    return Row(row.id, {**row.cells, **cells})


def tones(view: FoundConversations) -> list[tuple[str, str]]:
    rows = [view.row(line) for line in range(view.total)]
    return [(row.id, row.tone) for row in rows if row]


@pytest.fixture
def view() -> FoundConversations:
    """Of the conversation b1 b2 b3 the first and the last were found; c alone."""
    made = FoundConversations("acc", "", row_of, told, {"text": "lamp"})
    made.put([email("b3", "B"), email("c", "C")])
    made.learn({"B": ["b1", "b2", "b3"], "C": ["c"]})
    made.put([email("b1", "B"), email("b2", "B")])
    made.know_finds(["b3", "c", "b1"], 3)
    made.place(0, ["b3", "c"], 2)
    return made


def test_a_line_stands_for_the_finds_of_its_conversation(view: FoundConversations) -> None:
    assert view.stands_for("b3") == ["b3", "b1"]
    assert view.stands_for("c") == ["c"]


def test_a_line_is_told_of_the_whole_conversation_and_of_the_finds(view: FoundConversations) -> None:
    row = view.row(0)
    assert row is not None
    assert (row.cells["all"], row.cells["meant"]) == ("b1 b2 b3", "b1 b3")


def test_unfolded_what_was_not_found_is_grey(view: FoundConversations) -> None:
    view.unfold("b3")
    assert tones(view) == [("b3", "unread"), ("b2", "muted"), ("b1", "unread"), ("c", "unread")]
    assert view.stands_for("b2") == ["b2"]


def test_only_of_few_finds_all_are_known(view: FoundConversations) -> None:
    assert view.knows_all_finds
    view.know_finds(["b3"], 3)
    assert not view.knows_all_finds


def test_fresh_keeps_what_is_open_and_asks_for_the_finds_again(view: FoundConversations) -> None:
    view.unfold("b3")
    fresh = view.fresh()
    fresh.place(0, ["b3", "c"], 2)
    assert fresh.total == 4
    assert (fresh.found, fresh.known, fresh.finds) == (view.found, True, frozenset(("b3", "c")))


def everywhere(*, collapsed: bool) -> Everywhere:
    """Two mailboxes whose ids are equal; in both, conversation T has two finds."""
    made = Everywhere({"one": {}, "two": {}}, row_of, told, collapsed=collapsed)
    finds = [
        *addressed("one", [email("m2", "T", "4"), email("m1", "T", "1")]),
        *addressed("two", [email("m2", "T", "3"), email("m1", "T", "2")]),
    ]
    for account in ("one", "two") if collapsed else ():
        made.learn({f"{account}/T": [f"{account}/m1", f"{account}/m2"]})
    made.take(sorted(finds, key=lambda find: find.received_at, reverse=True), 4)
    return made


def test_conversations_of_two_mailboxes_are_two_lines() -> None:
    view = everywhere(collapsed=True)
    assert view.ids() == ["one/m2", "two/m2"]
    assert view.stands_for("two/m2") == ["two/m2", "two/m1"]


def test_message_by_message_every_find_of_every_mailbox_is_a_line() -> None:
    view = everywhere(collapsed=False)
    assert view.ids() == ["one/m2", "two/m2", "two/m1", "one/m1"]
    assert view.stands_for("one/m2") == ["one/m2"]
