"""Changes and what takes them back."""

from __future__ import annotations

from shinbox.jmap.objects import Email
from shinbox.terms import Keyword
from shinbox.tui.changes import move, patched, set_keyword

READ = Email(id="m1", keywords={"$seen": True}, mailbox_ids={"inbox": True, "other": True})
NEW = Email(id="m2", keywords={}, mailbox_ids={"inbox": True})
KNOWN = {"m1": READ, "m2": NEW}


def test_a_move_and_its_undo_leave_other_folders_alone() -> None:
    change = move("a", ["m1"], "inbox", "archive", "Archive")
    moved = patched(READ, change.patches["m1"])
    assert moved.mailbox_ids == {"archive": True, "other": True}
    assert patched(moved, change.reversed().patches["m1"]).mailbox_ids == READ.mailbox_ids
    assert (change.said, change.leaves) == ("Moved 1 message to Archive", True)


def test_undo_of_a_keyword_touches_only_what_was_otherwise_before() -> None:
    change = set_keyword("a", "inbox", ["m1", "m2"], KNOWN, Keyword.SEEN, True)
    assert set(change.patches) == {"m1", "m2"}
    assert set(change.reversed().patches) == {"m2"}
    assert change.said == "Marked 2 messages as read"


def test_a_patched_message_is_a_copy() -> None:
    assert patched(NEW, {"keywords/$flagged": True}).keywords == {"$flagged": True}
    assert NEW.keywords == {}
