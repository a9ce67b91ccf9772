"""Email/get (RFC 8621 §4.1, §4.2): properties, header forms, parts, texts."""

from __future__ import annotations

from typing import Any

import pytest

from shinbox.terms import Level, Role
from tests.desk.front.methods.world import World

MIXED = b"""\
From: =?utf-8?q?J=C3=BCrgen?= <j@customer.example>
To: Team: a@example.org, "B" <b@example.org>;, support@example.org
Subject: =?utf-8?b?R3LDvMOfZQ==?=
Message-ID: <mixed@customer.example>
References: <one@x>
 <two@x>
List-Post: <mailto:list@x>, <https://x/post>
Received: by one
Received: by two
X-Note:  first
x-note: second
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable
X-Part: yes

Gr=FC=DFe
--inner
Content-Type: text/html; charset=utf-8

<p>Gr\xc3\xbc\xc3\x9fe <b>J</b></p>
--inner--
--outer
Content-Type: text/plain; charset=no-such
Content-Disposition: inline

plain \xff tail
--outer
Content-Type: application/pdf; name="=?utf-8?q?r=C3=A9sum=C3=A9.pdf?="
Content-Disposition: attachment
Content-Transfer-Encoding: base64

JVBERi0=
--outer--
""".replace(b"\n", b"\r\n")


@pytest.fixture
def mixed(world: World) -> str:
    return world.receive(MIXED)


HEADERS: list[tuple[str, Any]] = [
    ("header:Subject", " =?utf-8?b?R3LDvMOfZQ==?="),
    ("header:Subject:asText", "Grüße"),
    ("header:SUBJECT:asText", "Grüße"),
    ("header:From:asAddresses", [{"name": "Jürgen", "email": "j@customer.example"}]),
    (
        "header:To:asGroupedAddresses",
        [
            {
                "name": "Team",
                "addresses": [
                    {"name": None, "email": "a@example.org"},
                    {"name": "B", "email": "b@example.org"},
                ],
            },
            {"name": None, "addresses": [{"name": None, "email": "support@example.org"}]},
        ],
    ),
    ("header:References:asMessageIds", ["one@x", "two@x"]),
    ("header:List-Post:asURLs", ["mailto:list@x", "https://x/post"]),
    ("header:Received", " by two"),
    ("header:Received:all", [" by one", " by two"]),
    ("header:X-Note", " second"),
    ("header:X-Note:asText:all", ["first", "second"]),
    ("header:Nothing", None),
    ("header:Nothing:all", []),
    ("header:Nothing:asAddresses", None),
    ("header:Date:asDate", None),
]


@pytest.mark.parametrize(("name", "value"), HEADERS)
def test_a_header_is_read_in_the_form_asked_and_named_as_asked(
    world: World, mixed: str, name: str, value: Any
) -> None:
    bob = world.person("bob")
    assert world.get(bob, "Email", mixed, name) == {"id": mixed, name: value}


@pytest.mark.parametrize(
    "name",
    [
        "header:Subject:asDate",
        "header:Subject:asAddresses",
        "header:From:asText",
        "header:Received:asText",
        "header:Date:asText",
        "header:List-Post:asText",
        "header:Message-ID:asURLs",
        "header:X:asNothing",
        "header:X:all:asText",
        "header:X Y",
    ],
)
def test_a_form_that_a_header_does_not_have_is_refused(world: World, mixed: str, name: str) -> None:
    bob = world.person("bob")
    assert world.fail(bob, "Email/get", ids=[mixed], properties=[name]) == "invalidArguments"


def test_headers_are_all_of_them_in_order(world: World, mixed: str) -> None:
    bob = world.person("bob")
    headers = world.get(bob, "Email", mixed, "headers")["headers"]
    assert [h["name"] for h in headers][-3:] == ["X-Note", "x-note", "Content-Type"]
    assert {"name": "X-Note", "value": "  first"} in headers


def test_without_a_header_its_property_is_null(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(b"To: \r\n\r\nNothing else\r\n")
    value = world.get(bob, "Email", email, "from", "to", "subject", "messageId", "sentAt")
    assert value == {
        "id": email,
        "from": None,
        "to": [],
        "subject": None,
        "messageId": None,
        "sentAt": None,
    }


def test_the_default_properties_are_the_standard_ones(world: World, mixed: str) -> None:
    bob = world.person("bob")
    value = world.get(bob, "Email", mixed)
    assert {"headers", "bodyStructure"}.isdisjoint(value)
    assert {"id", "blobId", "keywords", "textBody", "htmlBody", "attachments", "preview"} <= value.keys()
    assert value["bodyValues"] == {}
    assert value["subject"] == "Grüße"
    assert value["hasAttachment"] is True


def test_parts_are_described_and_sorted_into_text_html_and_attachments(world: World, mixed: str) -> None:
    bob = world.person("bob")
    value = world.get(bob, "Email", mixed, "bodyStructure", "textBody", "htmlBody", "attachments")
    root = value["bodyStructure"]
    assert (root["type"], root["partId"], root["blobId"]) == ("multipart/mixed", None, None)
    assert [part["type"] for part in root["subParts"]] == [
        "multipart/alternative",
        "text/plain",
        "application/pdf",
    ]
    assert [part["partId"] for part in value["textBody"]] == ["1.1", "2"]
    assert [part["partId"] for part in value["htmlBody"]] == ["1.2", "2"]
    (pdf,) = value["attachments"]
    assert (pdf["name"], pdf["size"], pdf["charset"]) == ("résumé.pdf", 5, None)
    assert "subParts" not in pdf


def test_body_properties_apply_to_every_part(world: World, mixed: str) -> None:
    bob = world.person("bob")
    value = world.get(
        bob,
        "Email",
        mixed,
        "bodyStructure",
        "textBody",
        bodyProperties=["partId", "header:X-Part:asText", "headers"],
    )
    assert value["textBody"][0]["header:X-Part:asText"] == "yes"
    assert value["textBody"][1].keys() == {"partId", "header:X-Part:asText", "headers"}
    inner = value["bodyStructure"]["subParts"][0]["subParts"][0]
    assert inner.keys() == {"partId", "header:X-Part:asText", "headers"}
    assert {"name": "X-Part", "value": " yes"} in inner["headers"]


@pytest.mark.parametrize(
    ("flags", "parts"),
    [
        ({}, set()),
        ({"fetchTextBodyValues": True}, {"1.1", "2"}),
        ({"fetchHTMLBodyValues": True}, {"1.2", "2"}),
        ({"fetchAllBodyValues": True}, {"1.1", "1.2", "2"}),
        ({"fetchTextBodyValues": True, "fetchHTMLBodyValues": True}, {"1.1", "1.2", "2"}),
    ],
)
def test_the_texts_asked_for_come_under_their_part_ids(
    world: World, mixed: str, flags: dict[str, bool], parts: set[str]
) -> None:
    bob = world.person("bob")
    assert world.get(bob, "Email", mixed, "bodyValues", **flags)["bodyValues"].keys() == parts


def test_texts_are_decoded_and_their_troubles_told(world: World, mixed: str) -> None:
    bob = world.person("bob")
    values = world.get(bob, "Email", mixed, "bodyValues", fetchAllBodyValues=True)["bodyValues"]
    assert values["1.1"] == {"value": "Grüße", "isEncodingProblem": False, "isTruncated": False}
    assert values["2"]["isEncodingProblem"] is True


@pytest.mark.parametrize(
    ("most", "part", "value", "cut"),
    [
        (0, "1.1", "Grüße", False),
        (7, "1.1", "Grüße", False),
        (6, "1.1", "Grüß", True),
        (5, "1.1", "Grü", True),
        (3, "1.1", "Gr", True),
        (1, "1.1", "G", True),
        (2, "1.2", "", True),
        (13, "1.2", "<p>Grüße ", True),
    ],
)
def test_a_long_text_is_cut_between_characters_and_tags(
    world: World, mixed: str, most: int, part: str, value: str, cut: bool
) -> None:
    bob = world.person("bob")
    asked = {"fetchAllBodyValues": True, "maxBodyValueBytes": most}
    values = world.get(bob, "Email", mixed, "bodyValues", **asked)["bodyValues"]
    assert (values[part]["value"], values[part]["isTruncated"]) == (value, cut)


def test_opening_a_text_is_written_down_and_looking_at_a_list_is_not(world: World, mixed: str) -> None:
    bob = world.person("bob")
    other = world.receive()
    world.call(bob, "Email/get", ids=[mixed, other], properties=["subject", "preview", "bodyValues"])
    assert world.audit() == []
    world.call(bob, "Email/get", ids=[mixed, other], properties=["bodyValues"], fetchTextBodyValues=True)
    assert world.audit() == [("bob", "Email/open", None, "ok")]


def test_somebody_with_one_folder_is_not_told_of_the_others(world: World) -> None:
    inbox = world.folders[Role.INBOX]
    carl = world.person("carl", Level.TRIAGE, mailbox=inbox)
    both = world.receive(boxes={inbox, world.folders[Role.ARCHIVE]})
    hidden = world.receive(role=Role.ARCHIVE)
    assert world.get(carl, "Email", both, "mailboxIds")["mailboxIds"] == {world.box(Role.INBOX): True}
    assert world.call(carl, "Email/get", ids=[hidden])["notFound"] == [hidden]
    assert ("carl", "Email/get", hidden, "refused") in world.audit()
