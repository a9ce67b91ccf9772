"""What the review line points out before a message leaves; forwarding and completion, as pure functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.client.drafts import Attached, Draft
from shinbox.client.outgoing_checks import people_of, warnings
from shinbox.errors import ConfigError
from shinbox.jmap.objects import Email, EmailAddress, EmailBodyPart, Identity
from shinbox.tui.completion import by_use, last_piece
from shinbox.tui.forwarding import forward_draft
from shinbox.tui.screens.attaching import read_file
from shinbox.tui.screens.files import entries

US = Identity(id="i", email="support@halden.example", name="Support", text_signature="See attached terms")
FILE = Attached("b1", "a.pdf", "application/pdf", 10)


def test_a_message_without_a_subject_is_pointed_out() -> None:
    assert warnings(Draft(to="a@b.example"), US) == ["There is no subject."]


@pytest.mark.parametrize(
    "text",
    ["see the attached list", "im Anhang finden Sie", "veuillez trouver ci-joint", "te lo envío adjunto",
     "in allegato", "zie de bijlage", "ligger vedlagt", "w załączniku", "во вложении", "添付します",
     "请看附件"],
)  # fmt: skip
def test_a_file_that_is_spoken_of_but_not_there_is_pointed_out(text: str) -> None:
    assert warnings(Draft(subject="x", body=text), US) == [
        "The text speaks of an attachment, but there is none."
    ]
    assert warnings(Draft(subject="x", body=text, attachments=[FILE]), US) == []


def test_what_others_wrote_and_the_signature_do_not_count() -> None:
    body = "Thanks!\n\nOn Monday, Ann wrote:\n> I attached it\n\n-- \nSee attached terms\n"
    assert warnings(Draft(subject="x", body=body), US) == []


def test_who_was_not_in_the_conversation_is_named_and_a_new_domain_too() -> None:
    draft = Draft(subject="x", to="Ann <ann@x.example>, Eve@evil.example", people=["ann@x.example"])
    assert warnings(draft, US) == [
        "New in this conversation: eve@evil.example.",
        "Outside halden.example and this conversation: evil.example.",
    ]
    draft.to = "bo@halden.example"
    assert warnings(draft, US) == ["New in this conversation: bo@halden.example."]


def test_the_people_of_a_message_are_all_who_took_part() -> None:
    email = Email(from_=[EmailAddress("A@x.example")], to=[EmailAddress("b@x.example")], reply_to=None)
    assert people_of(email) == ["a@x.example", "b@x.example"]


def test_a_forward_holds_the_message_and_carries_its_files() -> None:
    email = Email(
        subject="Fwd: Lamps",
        from_=[EmailAddress("ann@x.example", "Ann")],
        to=[EmailAddress("support@halden.example")],
        attachments=[EmailBodyPart(blob_id="b1", name="a.pdf", type="application/pdf", size=10)],
    )
    draft = forward_draft("acc", email, "The lamps are dark.", US)
    assert draft.subject == "Fwd: Lamps"
    assert draft.to == ""
    assert "From: Ann <ann@x.example>" in draft.body
    assert "The lamps are dark." in draft.body
    assert draft.attachments == [FILE]


def test_completion_is_for_the_recipient_that_is_being_typed() -> None:
    assert last_piece("ann@x.example, bo") == ("ann@x.example, ", "bo")
    assert last_piece("bo") == ("", "bo")


def test_the_most_frequent_comes_first_each_address_once() -> None:
    bo, bob = EmailAddress("bo@x.example"), EmailAddress("bob@x.example", "Bob")
    found = by_use([Email(from_=[bo], to=[bob]), Email(from_=[EmailAddress("BOB@x.example")])], "bo")
    assert found == [bob, bo]


def test_a_file_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_file(tmp_path / "none")


def test_a_folder_lists_folders_first_and_hidden_files_last(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "b.txt").write_text("x" * 10)
    (tmp_path / "z").mkdir()
    assert [choice.name for choice in entries(tmp_path, files=True)] == ["z/", "b.txt", ".hidden"]
    assert [choice.name for choice in entries(tmp_path, files=False)] == ["z/"]
