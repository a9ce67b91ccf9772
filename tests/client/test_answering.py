"""What stands in the composer at first, and what goes to the desk."""

from __future__ import annotations

import pytest

from shinbox.client.answering import (
    check_recipients,
    identity_for,
    outgoing,
    recipients,
    recipients_so_far,
    reply_draft,
    written,
)
from shinbox.client.drafts import Draft
from shinbox.errors import InvalidRecipients, NoRecipients
from shinbox.jmap.objects import Email, EmailAddress, Identity

SUPPORT = Identity(
    id="i1", name="Acme Support", email="support@acme.example", text_signature="Kind regards\nAcme"
)
SALES = Identity(id="i2", name="Acme Sales", email="sales@acme.example", text_signature="Your sales team")
ANN = EmailAddress("ann@x.example", "Ann Li")
CAROL = EmailAddress("carol@x.example", "Carol")
QUESTION = Email(
    id="e1",
    thread_id="t1",
    from_=[ANN],
    to=[EmailAddress("Support@acme.example"), EmailAddress("bob@y.example")],
    cc=[CAROL, ANN],
    subject="Invoice",
    message_id=["q1@x"],
    references=["q0@x"],
    sent_at="2026-11-21T14:02:00Z",
)


def reply(email: Email = QUESTION, *, everyone: bool = False) -> Draft:
    return reply_draft(
        "a", email, "How much?\n-- \nAnn", SUPPORT, ["support@acme.example"], everyone=everyone
    )


def test_an_answer_goes_to_the_sender_with_one_re_and_the_conversations_ids() -> None:
    draft = reply()
    assert (draft.to, draft.cc, draft.subject) == ("Ann Li <ann@x.example>", "", "Re: Invoice")
    assert (draft.in_reply_to, draft.references) == (["q1@x"], ["q0@x", "q1@x"])
    assert (draft.replies_to, draft.thread, draft.identity) == ("e1", "t1", "i1")


def test_an_answer_to_everyone_leaves_out_ourselves_and_nobody_twice() -> None:
    draft = reply(everyone=True)
    assert draft.cc == "bob@y.example, Carol <carol@x.example>"


def test_reply_to_is_followed() -> None:
    email = Email(from_=[ANN], reply_to=[CAROL], subject="x")
    assert reply(email).to == "Carol <carol@x.example>"


def test_an_answer_to_our_own_message_goes_to_whom_that_went() -> None:
    email = Email(from_=[EmailAddress("support@acme.example")], to=[ANN], subject="Re: Invoice")
    draft = reply(email)
    assert (draft.to, draft.subject) == ("Ann Li <ann@x.example>", "Re: Invoice")


def test_the_text_is_quoted_without_its_signature_and_ours_stands_at_the_end() -> None:
    body = reply().body
    assert body.startswith("\n\nOn Sat 21 Nov 2026, 14:02")
    assert "> How much?" in body
    assert "> Ann" not in body
    assert body.endswith("\n-- \nKind regards\nAcme\n")
    assert body.count("-- \n") == 1


def test_an_answer_goes_out_as_the_address_that_was_written_to() -> None:
    to_sales = Email(from_=[ANN], to=[CAROL], cc=[EmailAddress("Sales@Acme.example")])
    assert identity_for(to_sales, [SUPPORT, SALES]) == SALES
    assert identity_for(Email(from_=[ANN], to=[CAROL]), [SUPPORT, SALES]) == SUPPORT
    assert identity_for(Email(from_=[EmailAddress("sales@acme.example")]), [SUPPORT, SALES]) == SALES


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ann@x.example", [EmailAddress("ann@x.example")]),
        ("Ann Li <ann@x.example>, bob@y.example", [ANN, EmailAddress("bob@y.example")]),
        ("ann@x.example; bob@y.example", [EmailAddress("ann@x.example"), EmailAddress("bob@y.example")]),
        ('"Li, Ann" <ann@x.example>', [EmailAddress("ann@x.example", "Li, Ann")]),
        ("Søren Kjær <s@x.example>", [EmailAddress("s@x.example", "Søren Kjær")]),
        ("", []),
        (" , ", []),
    ],
)
def test_recipients_are_read_as_people_type_them(typed: str, meant: list[EmailAddress]) -> None:
    assert recipients(typed) == meant


@pytest.mark.parametrize(
    "typed", ["ann", "ann@", "@x.example", "Ann Li", "ann@x.example, bob", "a\nb@x.example"]
)
def test_what_is_no_address_is_named(typed: str) -> None:
    with pytest.raises(InvalidRecipients):
        recipients(typed)


@pytest.mark.parametrize(
    "name", ["Li, Ann", 'Ann "the boss" Li', "Ann (sales)", "a@b", "back\\slash", "田中 太郎"]
)
def test_a_recipient_that_was_written_is_read_again_as_the_same(name: str) -> None:
    person = EmailAddress("ann@x.example", name)
    assert recipients(written([person, CAROL])) == [person, CAROL]


@pytest.mark.parametrize("typed", ["nobody", "ann@", "half an address", "Ann <ann@", 'an "odd', "@"])
def test_what_is_no_address_yet_is_kept_as_it_was_typed(typed: str) -> None:
    line = f"bob@y.example, {typed}"
    assert recipients_so_far(line) == [EmailAddress("bob@y.example"), EmailAddress("", typed)]
    assert written(recipients_so_far(line)) == line
    with pytest.raises(InvalidRecipients):
        recipients(written(recipients_so_far(line)))


def test_a_draft_becomes_an_email_under_the_identity() -> None:
    draft = Draft(to="Ann Li <ann@x.example>", subject="Hello\nBcc: x", body="Hi", in_reply_to=["q1@x"])
    email = outgoing(draft, SUPPORT, "drafts")
    assert email["from"] == [{"name": "Acme Support", "email": "support@acme.example"}]
    assert email["to"] == [{"name": "Ann Li", "email": "ann@x.example"}]
    assert email["subject"] == "Hello Bcc: x"
    assert email["mailboxIds"] == {"drafts": True}
    assert email["bodyValues"]["text"]["value"] == "Hi"


def test_without_a_recipient_nothing_is_sent() -> None:
    assert check_recipients(Draft(to="ann@x.example", bcc="bob@y.example")) == 2
    with pytest.raises(NoRecipients):
        check_recipients(Draft(subject="x"))
