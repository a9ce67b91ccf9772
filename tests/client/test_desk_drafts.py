"""A draft of this machine becomes one at the desk and comes back the same; and whose it is, in words."""

from __future__ import annotations

from pathlib import Path

import msgspec

from shinbox.client.answering import outgoing
from shinbox.client.desk_drafts import beginning_of, hand_over_note, only_at_desk, said_of, taken_up, text_of
from shinbox.client.drafts import Attached, Draft, DraftJournal
from shinbox.jmap.objects import Draft as DeskDraft
from shinbox.jmap.objects import Identity, Person

BOB, CAROL = Person("u1", "bob"), Person("u2", "carol")
WRITTEN = Draft(
    account="a1",
    identity="i1",
    to="Ann <ann@x.example>",
    cc="c@x.example",
    bcc="d@x.example",
    subject="Re: Parcel",
    body="On its way.",
    in_reply_to=["1@x"],
    references=["0@x", "1@x"],
    replies_to="e1",
    thread="t1",
    thread_state="y7",
    at_desk="e9",
    attachments=[Attached("b1", "n.csv", "text/csv", 7)],
    people=["ann@x.example"],
)


def there(draft: Draft, **more: object) -> DeskDraft:
    """What the desk makes of it."""
    value = {**beginning_of(draft), "id": "d1", "revision": 3, "threadId": draft.thread, **more}
    return msgspec.convert(value, DeskDraft)


def test_what_goes_to_the_desk_comes_back_whole() -> None:
    again = taken_up("a1", there(WRITTEN))
    same = {"id", "lease", "attempt", "desk_id", "revision"}
    before, after = msgspec.to_builtins(WRITTEN), msgspec.to_builtins(again)
    assert {name for name in before if before[name] != after[name]} == same
    assert (again.desk_id, again.revision) == ("d1", 3)
    identity = Identity(id="i1", name="Support", email="s@x.example")
    assert outgoing(again, identity, "f1") == outgoing(WRITTEN, identity, "f1")


def test_every_field_that_is_typed_is_kept() -> None:
    before = text_of(WRITTEN)
    for name in ("identity", "to", "cc", "bcc", "subject", "body"):
        assert text_of(msgspec.structs.replace(WRITTEN, **{name: "other"})) != before
    assert text_of(msgspec.structs.replace(WRITTEN, attachments=[])) != before


def test_the_journal_knows_which_draft_it_is_at_the_desk(tmp_path: Path) -> None:
    journal = DraftJournal(tmp_path)
    kept = msgspec.structs.replace(WRITTEN, desk="x", user="bob", desk_id="d1", revision=3, parted=True)
    journal.save(kept)
    journal.release(kept.id)
    assert journal.lost("x", "bob") == [kept]


def test_a_journal_of_before_there_were_drafts_at_the_desk_is_read(tmp_path: Path) -> None:
    old = msgspec.to_builtins(msgspec.structs.replace(WRITTEN, desk="x", user="bob"))
    for name in ("desk_id", "revision", "lease", "parted"):
        del old[name]
    tmp_path.joinpath(f"{WRITTEN.id}.json").write_bytes(msgspec.json.encode(old))
    [found] = DraftJournal(tmp_path).lost("x", "bob")
    assert (found.body, found.desk_id, found.parted) == ("On its way.", "", False)


def test_a_draft_is_offered_once_with_its_newest_text() -> None:
    at_desk = there(WRITTEN)
    here = msgspec.structs.replace(WRITTEN, desk_id="d1", revision=3)
    assert only_at_desk([here], [at_desk]) == []
    older = msgspec.structs.replace(here, revision=2, body="On its")
    assert only_at_desk([older], [at_desk]) == [at_desk]
    killed_before_the_answer = msgspec.structs.replace(here, revision=2)
    assert only_at_desk([killed_before_the_answer], [at_desk]) == []
    assert only_at_desk([msgspec.structs.replace(here, parted=True)], [at_desk]) == [at_desk]
    assert only_at_desk([], [at_desk]) == [at_desk]


def test_whose_draft_it_is() -> None:
    assert said_of(there(WRITTEN, startedBy=BOB, editedBy=BOB, writer=BOB), "mia") == "bob is writing it now"
    assert said_of(there(WRITTEN, startedBy=BOB, editedBy=BOB), "mia") == "bob started it"
    both = there(WRITTEN, startedBy=BOB, editedBy=CAROL)
    assert said_of(both, "mia") == "bob started it, carol wrote last"
    assert said_of(both, "carol") == "bob started it, you wrote last"
    assert said_of(there(WRITTEN), "mia") == "somebody started it"
    assert hand_over_note(both, "mia") == "bob started this; you go on."
    assert hand_over_note(there(WRITTEN, startedBy=BOB, editedBy=BOB), "bob") == "Found again at the desk."


def test_who_parts_from_a_draft_begins_another_with_the_same_text() -> None:
    draft = msgspec.structs.replace(WRITTEN, desk_id="d1", revision=3, lease="mine", parted=True)
    draft.part()
    assert (draft.desk_id, draft.revision, draft.parted, draft.body) == ("", 0, False, "On its way.")
    assert draft.lease != "mine"
