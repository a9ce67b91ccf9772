"""Signs that a message is not from whom it seems to be from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.text.phishing import domain_of, readable_domain, signs


def kinds(**said: object) -> list[str]:
    given_ = {"name": "Bank", "email": "info@bank.example"} | said
    return [sign.kind for sign in signs(**given_)]  # type: ignore[arg-type]  # any of the keywords


def test_an_ordinary_message_has_no_signs() -> None:
    links = [
        ("here", "https://other.example/"),
        ("https://www.bank.example/x", "https://login.bank.example/"),
    ]
    passed = ["mx.us.example; spf=pass; dkim=pass; dmarc=pass"]
    assert kinds(links=links, reply_to=["help@mail.bank.example"], authentication_results=passed) == []


@pytest.mark.parametrize("name", ["ceo@corp.example", "CEO <ceo@corp.example>", "ceo@corp.example via x"])
def test_an_address_in_the_name_is_a_sign_unless_it_is_the_senders_own(name: str) -> None:
    assert kinds(name=name) == ["address-in-name"]
    assert kinds(name=name, email="CEO@corp.example") == []


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Pаypal", "a@b.example"),
        ("Pay", "a@pаypal.example"),
        ("Pay", "a@xn--pypal-4ve.example"),
        ("Ωpen Goοgle", "a@b.c"),
    ],
)
def test_letters_that_look_alike_in_one_word_are_a_sign(name: str, email: str) -> None:
    assert kinds(name=name, email=email) == ["mixed-scripts"]


@pytest.mark.parametrize("name", ["Иван Petrov", "東京 Tokyo支店", "Γιώργος", "Jürgen", "ΔT"])
def test_scripts_side_by_side_are_no_sign_unless_in_one_word(name: str) -> None:
    assert kinds(name=name) == (["mixed-scripts"] if name == "ΔT" else [])


@pytest.mark.parametrize(
    ("text", "target", "is_sign"),
    [
        ("https://bank.example/login", "https://evil.example/", True),
        ("bank.example", "http://bank.example.evil.example/", True),
        ("www.bank.co.uk", "https://bank.co.uk/", False),
        ("bank.co.uk", "https://evil.co.uk/", True),
        ("Click here", "https://evil.example/", False),
        ("bank.example", "mailto:x@evil.example", False),
        ("bank.example", "http://[nonsense", False),
    ],
)
def test_a_link_that_leads_to_another_host_is_a_sign(text: str, target: str, is_sign: bool) -> None:
    assert kinds(links=[(text, target)]) == (["other-host"] if is_sign else [])


def test_answers_that_go_to_another_domain_are_a_sign() -> None:
    assert kinds(reply_to=["info@evil.example"]) == ["reply-elsewhere"]


def test_only_the_own_servers_checks_are_believed() -> None:
    own = "mx.us.example; spf=fail (bad) smtp.mailfrom=bank.example; dkim=none; dmarc=fail"
    forged = "mx.us.example; dmarc=pass"
    assert kinds(authentication_results=[own, forged]) == ["failed-check"]
    assert kinds(authentication_results=[forged, own]) == []
    assert kinds(authentication_results=["mx.us.example 1; spf=fail; dmarc=pass"]) == []


def test_a_domain_is_told_by_its_last_labels_and_in_readable_letters() -> None:
    assert domain_of("a@mail.bank.co.uk") == "bank.co.uk"
    assert domain_of("a@x.bank.example") == "bank.example"
    assert readable_domain("xn--bcher-kva.example") == "bücher.example"
    assert readable_domain("xn--\ud800.xn--999999999999.example").endswith("example")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_said_can_be_judged(name: str, email: str, target: str) -> None:
    found = signs(
        name=name, email=email, reply_to=[target], links=[(name, target)], authentication_results=[target]
    )
    assert all(sign.text for sign in found)
