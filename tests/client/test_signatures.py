"""A signature goes with its identity, stands above what is forwarded, and is never doubled."""

from __future__ import annotations

import pytest

from shinbox.client.answering import continued_draft, new_draft
from shinbox.client.signatures import signature_block, with_signature
from shinbox.jmap.objects import Email, EmailAddress, Identity
from shinbox.tui.forwarding import forward_draft

SUPPORT = Identity(id="i1", email="support@acme.example", text_signature="Kind regards\nAcme")
SALES = Identity(id="i2", email="sales@acme.example", text_signature="Your sales team")
BARE = Identity(id="i3", email="info@acme.example")
QUOTED = "> Hi\n> -- \n> Kind regards\n> Acme\n"
MAIL = Email(
    subject="Lamps", from_=[EmailAddress("ann@x.example")], to=[EmailAddress("support@acme.example")]
)

BODIES = {
    "new": new_draft("a", SUPPORT).body,
    "written": "Hello" + new_draft("a", SUPPORT).body,
    "answer": "Yes.\n\nOn Monday, Ann wrote:\n> Hi\n> -- \n> Kind regards\n> Acme\n"
    + signature_block(SUPPORT),
    "forward": forward_draft("a", MAIL, "Dark.\n-- \nKind regards\nAcme\n", SUPPORT).body,
    "with a postscript": "Hello\n" + signature_block(SUPPORT) + "PS: Bye\n",
}
BODY = pytest.mark.parametrize("body", list(BODIES.values()), ids=list(BODIES))


@BODY
def test_another_identity_brings_its_signature_and_takes_it_away_again(body: str) -> None:
    changed = with_signature(body, SUPPORT, SALES)
    assert changed.count("-- \nYour sales team") == 1
    assert changed.count("\n-- \nKind regards") == body.count("\n-- \nKind regards") - 1
    assert with_signature(changed, SALES, SUPPORT) == body


@pytest.mark.parametrize("name", ["new", "written", "answer", "forward"])
def test_an_identity_without_a_signature_between_two_others_changes_nothing_in_the_end(name: str) -> None:
    body = BODIES[name]
    bare = with_signature(body, SUPPORT, BARE)
    assert bare.count("\n-- \n") == body.count("\n-- \n") - 1
    assert with_signature(bare, BARE, SUPPORT) == body
    assert with_signature(bare, BARE, SALES) == with_signature(body, SUPPORT, SALES)


def test_in_a_forward_the_signature_stands_above_what_is_forwarded() -> None:
    body = with_signature(BODIES["forward"], SUPPORT, SALES)
    assert body.index("Your sales team") < body.index("---------- Forwarded message")


@pytest.mark.parametrize("body", ["Hello\n\n-- \nKind regards, Bob\n", "Hello\n", "Hello\n-- \nBob\n"])
def test_a_signature_that_was_edited_or_taken_out_stays_so(body: str) -> None:
    assert with_signature(body, SUPPORT, SALES) == body
    assert with_signature(with_signature(body, SUPPORT, SALES), SALES, SUPPORT) == body


def test_one_that_an_editor_took_the_spaces_from_is_known_again() -> None:
    body = "Hello\n\n--\nKind regards  \nAcme\n"
    assert with_signature(body, SUPPORT, SALES) == "Hello\n\n-- \nYour sales team\n"


def test_who_signs_by_hand_gets_no_second_signature() -> None:
    assert with_signature("Hello\n\n-- \nBob\n", BARE, SALES) == "Hello\n\n-- \nBob\n"


def test_a_draft_that_is_gone_on_with_has_its_signature_once_also_after_a_change() -> None:
    email = Email(from_=[EmailAddress("support@acme.example")])
    text = "Hello\r\n\r\n-- \r\nKind regards\r\nAcme"
    draft = continued_draft("a", email, text, [SUPPORT, SALES])
    assert draft.body.count("-- \n") == 1
    assert with_signature(draft.body, SUPPORT, SALES) == "Hello\n\n-- \nYour sales team"


def test_a_text_without_a_last_line_break_gets_its_signature_on_a_line_of_its_own() -> None:
    assert with_signature("Hello", BARE, SALES) == "Hello\n\n-- \nYour sales team\n"
