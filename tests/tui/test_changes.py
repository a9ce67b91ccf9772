"""Changes and what takes them back."""

from __future__ import annotations

from functools import partial

from shinbox.jmap.objects import Email
from shinbox.terms import Keyword
from shinbox.tui.changes import copy_into, move, patched, set_keyword
from shinbox.tui.undo import Undos

READ = Email(id="m1", keywords={"$seen": True}, mailbox_ids={"inbox": True, "other": True})
NEW = Email(id="m2", keywords={}, mailbox_ids={"inbox": True})
KNOWN = {"m1": READ, "m2": NEW}


def test_a_move_and_its_undo_leave_other_folders_alone() -> None:
    change = move("a", {"m1": READ}, "inbox", "archive", "Archive")
    moved = patched(READ, change.patches["m1"])
    assert moved.mailbox_ids == {"archive": True, "other": True}
    assert patched(moved, change.reversed().patches["m1"]).mailbox_ids == READ.mailbox_ids
    assert (change.said, change.leaves) == ("Moved 1 message to Archive", True)


def test_a_message_that_somebody_else_has_moved_meanwhile_is_left_where_it_is() -> None:
    change = move("a", {"m2": patched(NEW, {"mailboxIds/inbox": None})}, "inbox", "archive", "Archive")
    assert (dict(change.patches), change.number) == ({}, 0)


def test_finds_are_moved_from_wherever_they_lie_and_go_back_there() -> None:
    change = move("a", KNOWN, "", "other", "Other")
    assert [patched(email, change.patches[id_]).mailbox_ids for id_, email in KNOWN.items()] == [
        {"other": True}
    ] * 2
    for id_, email in KNOWN.items():
        moved = patched(email, change.patches[id_])
        assert patched(moved, change.undo[id_]).mailbox_ids == email.mailbox_ids


def test_undo_of_a_keyword_touches_only_what_was_otherwise_before() -> None:
    change = set_keyword("a", "inbox", KNOWN, Keyword.SEEN, True)
    assert set(change.patches) == set(change.reversed().patches) == {"m2"}
    assert change.said == "Marked 2 messages as read"
    assert set_keyword("a", "inbox", {"m2": NEW}, "urgent", True).said == "Labelled 1 message: urgent"


def test_a_copy_is_taken_back_only_where_it_was_made() -> None:
    change = copy_into("a", KNOWN, "inbox", "other", "Other")
    assert (set(change.undo), change.said) == ({"m2"}, "Copied 1 message to Other")


def test_messages_that_are_changed_alike_share_one_patch() -> None:
    many = {str(number): Email(id=str(number), mailbox_ids={"inbox": True}) for number in range(100)}
    for change in (move("a", many, "inbox", "t", "T"), set_keyword("a", "inbox", many, "x", True)):
        assert len({id(patch) for patch in (*change.patches.values(), *change.undo.values())}) == 2


def test_the_oldest_steps_are_forgotten_when_they_know_of_too_many_messages() -> None:
    taken: list[str] = []
    undos = Undos(lambda: 0.0)
    for name, messages in (("old", 10), ("mid", 150_000), ("new", 190_000)):
        undos.push(partial(taken.append, name), messages=messages)
    while step := undos.take():
        step.run()
    assert taken == ["new"]


def test_what_came_too_late_is_not_mistaken_for_the_act_before() -> None:
    now, taken = [0.0], list[str]()
    undos = Undos(lambda: now[0])
    undos.push(lambda: taken.append("archived"))
    undos.push(lambda: taken.append("sent"), seconds=5)
    undos.push(lambda: taken.append("sent, too"), seconds=5)
    now[0] = 5.0
    assert undos and undos.take() is None and taken == []
    step = undos.take()
    assert step is not None
    step.run()
    assert taken == ["archived"] and not undos and undos.take() is None


def test_nothing_can_be_undone_once_all_of_it_has_left() -> None:
    now = [0.0]
    undos = Undos(lambda: now[0])
    undos.push(lambda: None, seconds=5)
    assert undos
    now[0] = 5.0
    assert not undos


def test_a_patched_message_is_a_copy() -> None:
    assert patched(NEW, {"keywords/$flagged": True}).keywords == {"$flagged": True}
    assert NEW.keywords == {}
