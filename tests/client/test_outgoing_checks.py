"""What the review line points out before a message leaves; forwarding and completion, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shinbox.client.drafts import Attached, Draft
from shinbox.client.outgoing_checks import new_people, people_of, stranger_warning, warnings, what_came_in
from shinbox.jmap.objects import Email, EmailAddress, EmailBodyPart, Identity
from shinbox.tui.forwarding import forward_draft

US = Identity(id="i", email="support@halden.example", name="Support", text_signature="See attached terms")
FILE = Attached("b1", "a.pdf", "application/pdf", 10)


def test_a_message_without_a_subject_is_pointed_out() -> None:
    assert warnings(Draft(to="a@b.example", body="Hello"), US) == ["There is no subject."]


@pytest.mark.parametrize(
    "text",
    ["see the attached list", "I attach the invoice", "please find enclosed", "im Anhang finden Sie",
     "Ich hänge die Rechnung an", "anbei die Liste", "als Anlage die Rechnung", "veuillez trouver ci-joint",
     "en pièce jointe", "je joins la facture", "te lo envío adjunto", "adjuntamos la factura",
     "in allegato", "zie de bijlage", "bijgevoegd vindt u", "ligger vedlagt", "se vedlegget",
     "vedhæftede fil", "jeg vedhæfter listen", "bifogat finns", "se bilagan",
     "w załączniku", "во вложении", "添付します",
     "请看附件"],
)  # fmt: skip
def test_a_file_that_is_spoken_of_but_not_there_is_pointed_out(text: str) -> None:
    assert warnings(Draft(subject="x", body=text), US) == [
        "The text speaks of an attachment, but there is none."
    ]
    assert warnings(Draft(subject="x", body=text, attachments=[FILE]), US) == []


@pytest.mark.parametrize(
    "text",
    ["Die Anlagen im Werk", "a joint effort", "der Hang zum Detail"],
)
def test_words_that_only_look_like_it_do_not_count(text: str) -> None:
    assert warnings(Draft(subject="x", body=text), US) == []


def test_a_message_without_a_word_of_ones_own_is_pointed_out_unless_it_brings_something() -> None:
    body = "\n\nOn Monday, Ann wrote:\n> Hi\n\n-- \nSupport\n"
    assert warnings(Draft(subject="x", body=body), US) == ["You have written no text."]
    assert warnings(Draft(subject="x", body=body, attachments=[FILE]), US) == []
    assert warnings(Draft(subject="x", body="\n---------- Forwarded message ----------\nA\n"), US) == []


def test_who_gets_it_for_the_first_time_is_asked_about_with_the_domain_where_it_is_not_ours() -> None:
    draft = Draft(to="Ann@x.example, ann@x.example", cc="bo@halden.example", people=[])
    assert new_people(draft) == ["ann@x.example", "bo@halden.example"]
    assert stranger_warning(["ann@x.example"], US) == (
        "The first message to ann@x.example (outside halden.example): is the address right?"
    )
    assert stranger_warning(["bo@halden.example"], US).startswith("The first message to bo@halden.example:")


def test_what_others_wrote_and_the_signature_do_not_count() -> None:
    body = "Thanks!\n\nOn Monday, Ann wrote:\n> I attached it\n\n-- \nSee attached terms\n"
    assert warnings(Draft(subject="x", body=body), US) == []


def test_who_was_not_in_the_conversation_is_named_and_a_new_domain_too() -> None:
    draft = Draft(
        subject="x", body="Hi", to="Ann <ann@x.example>, Eve@evil.example", people=["ann@x.example"]
    )
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
    assert draft.people == ["ann@x.example", "support@halden.example"]


def test_what_came_in_while_one_answered_is_told_with_its_author_and_its_words() -> None:
    anna = Email(
        from_=[EmailAddress("anna@post.example", "Anna")],
        received_at="2026-11-20T10:05:00Z",
        preview="Found it!",
    )
    own = Email(
        from_=[EmailAddress("Support@halden.example", "Support")],
        received_at="2026-11-20T10:04:00Z",
        preview="Dear Anna",
    )
    told = what_came_in([anna, own], {"support@halden.example"}, datetime(2026, 11, 20, 11, tzinfo=UTC))
    assert told.startswith("Not sent: meanwhile a colleague has answered (10:04): “Dear Anna”")
    assert "; Anna wrote (10:05): “Found it!” Read it" in told
