"""Email/set create (RFC 8621 §4.6): a draft is built, kept durably and read back as it was said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.store import intents
from shinbox.desk.store.blobs import Blobs
from shinbox.terms import Level, Role
from tests.desk.front.methods.test_emails_set import make_imap
from tests.desk.front.methods.world import Json, World


def draft(world: World, **more: Any) -> Json:
    """A draft that can be created, with changes; a property that is None is left out."""
    value = {
        "mailboxIds": {world.box(Role.DRAFTS): True},
        "keywords": {"$draft": True, "$seen": True},
        "from": [{"name": "Support", "email": "support@example.org"}],
        "to": [{"name": "Jürgen, GmbH", "email": "j@customer.example"}],
        "subject": "Ihre Grüße",
        "bodyValues": {"t": {"value": "Danke.\nBis bald."}},
        "textBody": [{"partId": "t", "type": "text/plain"}],
        **more,
    }
    return {name: given for name, given in value.items() if given is not None}


def test_a_draft_reads_back_as_it_was_written(world: World) -> None:
    bob = world.person("bob")
    made = world.create(
        bob,
        "Email",
        draft(
            world,
            bcc=[{"email": "boss@example.org"}],
            inReplyTo=["q@x"],
            references=["p@x", "q@x"],
            sentAt="2026-11-20T10:00:00+01:00",
            receivedAt="2026-11-20T09:00:01Z",
        ),
    )
    value = world.get(bob, "Email", made["id"], fetchTextBodyValues=True)
    assert value["subject"] == "Ihre Grüße"
    assert value["to"] == [{"name": "Jürgen, GmbH", "email": "j@customer.example"}]
    assert value["bcc"] == [{"name": None, "email": "boss@example.org"}]
    assert (value["inReplyTo"], value["references"]) == (["q@x"], ["p@x", "q@x"])
    assert (value["sentAt"], value["receivedAt"]) == ("2026-11-20T10:00:00+01:00", "2026-11-20T09:00:01Z")
    assert value["keywords"] == {"$draft": True, "$seen": True}
    assert value["bodyValues"][value["textBody"][0]["partId"]]["value"] == "Danke.\nBis bald.\n"


def test_what_a_draft_took_otherwise_than_given_is_said(world: World) -> None:
    given = {"receivedAt": "2026-11-20T09:00:01.950Z", "keywords": {"$Draft": True, "Urgent": True}}
    made = world.create(world.person("bob"), "Email", draft(world, **given))
    assert made["receivedAt"] == "2026-11-20T09:00:01Z"
    assert made["keywords"] == {"$draft": True, "urgent": True}
    made = world.create(world.person("carol"), "Email", draft(world, receivedAt="2026-11-20T09:00:01Z"))
    assert not made.keys() & {"receivedAt", "keywords", "subject", "mailboxIds"}


def test_what_a_draft_needs_and_does_not_say_is_added(world: World) -> None:
    bob = world.person("bob")
    made = world.create(bob, "Email", draft(world, keywords=None))
    value = world.get(
        bob, "Email", made["id"], "header:MIME-Version:asText", "keywords", "messageId", "sentAt"
    )
    assert value["header:MIME-Version:asText"] == "1.0"
    assert value["keywords"] == {}
    assert value["sentAt"] == "2027-01-15T08:00:00Z"
    assert value["messageId"][0].endswith("@example.org")
    assert made["messageId"] == value["messageId"]
    assert {"id", "blobId", "threadId", "size"} <= made.keys()


def test_a_draft_with_html_and_files_is_sorted_as_it_was_given(world: World) -> None:
    bob = world.person("bob")
    file = world.upload(bob, b"%PDF-", "application/pdf")
    picture = world.upload(bob, b"GIF89a", "image/gif")
    made = world.create(
        bob,
        "Email",
        draft(
            world,
            bodyValues={"t": {"value": "Text"}, "h": {"value": '<p>HTML <img src="cid:logo@x"></p>'}},
            htmlBody=[{"partId": "h", "type": "text/html"}],
            attachments=[
                {"blobId": picture, "type": "image/gif", "disposition": "inline", "cid": "logo@x"},
                {"blobId": file, "type": "application/pdf", "name": "Größe.pdf"},
            ],
        ),
    )
    value = world.get(bob, "Email", made["id"], "textBody", "htmlBody", "attachments", "hasAttachment")
    assert [part["type"] for part in value["textBody"]] == ["text/plain"]
    assert [part["type"] for part in value["htmlBody"]] == ["text/html"]
    assert [part["name"] for part in value["attachments"]] == [None, "Größe.pdf"]
    assert value["attachments"][0]["cid"] == "logo@x"
    assert value["hasAttachment"] is True


STRUCTURES: list[Any] = [
    {"type": "text/plain", "partId": "t"},
    {
        "type": "multipart/alternative",
        "subParts": [{"type": "text/plain", "partId": "t"}, {"type": "text/html", "partId": "h"}],
    },
    {
        "type": "multipart/mixed",
        "subParts": [
            {
                "type": "multipart/alternative",
                "subParts": [{"type": "text/plain", "partId": "t"}, {"type": "text/html", "partId": "h"}],
            },
            {"type": "text/plain", "partId": "f", "disposition": "attachment", "name": "notes.txt"},
        ],
    },
]


def types_of(part: Json) -> Any:
    inner = part.get("subParts")
    return part["type"] if inner is None else (part["type"], [types_of(each) for each in inner])


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_structure_is_built_as_it_was_given(world: World, structure: Json) -> None:
    bob = world.person("bob")
    values = {"t": {"value": "Text"}, "h": {"value": "<p>HTML</p>"}, "f": {"value": "File"}}
    made = world.create(bob, "Email", draft(world, bodyStructure=structure, textBody=None, bodyValues=values))
    built = world.get(bob, "Email", made["id"], "bodyStructure")["bodyStructure"]
    assert types_of(built) == types_of(structure)


REFUSED: list[tuple[Json, str, str]] = [
    ({"mailboxIds": {}}, "invalidProperties", "mailboxIds"),
    ({"mailboxIds": None}, "invalidProperties", "mailboxIds"),
    ({"mailboxIds": {"f999": True}}, "invalidProperties", "mailboxIds"),
    ({"headers": [{"name": "X", "value": "y"}]}, "invalidProperties", "headers"),
    ({"from": [{"name": "x"}]}, "invalidProperties", "from"),
    ({"from": "x@y"}, "invalidProperties", "from"),
    ({"header:From:asAddresses": [{"email": "x@y.z"}]}, "invalidProperties", "from"),
    (
        {"header:Subject": " x", "header:subject:asText": "x", "subject": None},
        "invalidProperties",
        "header:Subject",
    ),
    ({"header:Content-Type": "text/plain"}, "invalidProperties", "header:Content-Type"),
    ({"header:From:asText": "x"}, "invalidProperties", "header:From:asText"),
    ({"header:X-Two:asText:all": "one"}, "invalidProperties", "header:X-Two:asText:all"),
    ({"subject": "a\r\nBcc: eve@x"}, "invalidProperties", "subject"),
    ({"header:X-Note:asText": "a\nb"}, "invalidProperties", "X-Note"),
    ({"to": [{"email": "a@b>\nBcc: eve@x"}]}, "invalidProperties", "to"),
    ({"messageId": ["a", "b"]}, "invalidProperties", "messageId"),
    ({"sentAt": "yesterday"}, "invalidProperties", "sentAt"),
    ({"receivedAt": "yesterday"}, "invalidProperties", "receivedAt"),
    ({"keywords": {"a b": True}}, "invalidProperties", "keywords"),
    ({"threadId": "t1"}, "invalidProperties", "threadId"),
    ({"nothing": 1}, "invalidProperties", "nothing"),
    ({"bodyStructure": {"type": "text/plain", "partId": "t"}}, "invalidProperties", "bodyStructure"),
    ({"textBody": [{"partId": "t", "type": "text/html"}]}, "invalidProperties", "textBody"),
    ({"textBody": [{"partId": "t"}, {"partId": "t"}]}, "invalidProperties", "textBody"),
    ({"textBody": [{"partId": "t", "blobId": "b1"}]}, "invalidProperties", "bodyStructure"),
    ({"textBody": [{"type": "text/plain"}]}, "invalidProperties", "bodyStructure"),
    ({"textBody": [{"partId": "nothing"}]}, "invalidProperties", "bodyValues"),
    ({"textBody": [{"partId": "t", "charset": "latin1"}]}, "invalidProperties", "bodyValues"),
    ({"textBody": [{"partId": "t", "size": 7}]}, "invalidProperties", "bodyStructure"),
    ({"bodyValues": {"t": {"value": "x", "isTruncated": True}}}, "invalidProperties", "bodyValues"),
    ({"bodyValues": {"t": {"value": "x", "isEncodingProblem": True}}}, "invalidProperties", "bodyValues"),
    ({"attachments": [{"blobId": "b999"}, {"blobId": "nonsense"}]}, "blobNotFound", ""),
]


@pytest.mark.parametrize(("more", "error", "named"), REFUSED)
def test_a_draft_that_cannot_be_is_refused_and_leaves_nothing(
    world: World, more: Json, error: str, named: str
) -> None:
    bob = world.person("bob")
    value = draft(world, **more)
    if "mailboxIds" in more and more["mailboxIds"] is None:
        value.pop("mailboxIds", None)
    failure = world.refuse(bob, "Email", value)
    assert failure["type"] == error, failure
    if named:
        assert named in failure["properties"]
    else:
        assert failure["notFound"] == ["b999", "nonsense"]
    assert world.query(bob) == []


def test_a_structure_of_another_shape_is_refused_rather_than_rearranged(world: World) -> None:
    bob = world.person("bob")
    upside_down = {
        "type": "multipart/alternative",
        "subParts": [{"type": "text/html", "partId": "h"}, {"type": "text/plain", "partId": "t"}],
    }
    values = {"t": {"value": "Text"}, "h": {"value": "<p>HTML</p>"}}
    failure = world.refuse(
        bob, "Email", draft(world, bodyStructure=upside_down, textBody=None, bodyValues=values)
    )
    assert failure["properties"] == ["bodyStructure"]


HEADERS: list[tuple[str, Any, str, Any]] = [
    ("header:X-Note:asText", "Größe", "header:X-Note:asText", "Größe"),
    ("header:X-Note", " plain", "header:X-Note:asText", "plain"),
    ("header:X-Note:asText:all", ["a", "b"], "header:X-Note:asText:all", ["a", "b"]),
    ("header:X-Ids:asMessageIds", ["a@x", "b@x"], "header:X-Ids:asMessageIds", ["a@x", "b@x"]),
    ("header:List-Post:asURLs", ["mailto:l@x"], "header:List-Post:asURLs", ["mailto:l@x"]),
    (
        "header:Resent-Date:asDate",
        "2026-11-20T10:00:00Z",
        "header:Resent-Date:asDate",
        "2026-11-20T10:00:00Z",
    ),
    (
        "header:Resent-To:asAddresses",
        [{"name": "A B", "email": "a@x.org"}],
        "header:Resent-To:asAddresses",
        [{"name": "A B", "email": "a@x.org"}],
    ),
    ("header:Cc:asAddresses", [{"email": "c@x.org"}], "cc", [{"name": None, "email": "c@x.org"}]),
    ("header:Cc", ' "C" <c@x.org>', "cc", [{"name": "C", "email": "c@x.org"}]),
    ("header:Sender:asAddresses", [{"email": "s@x.org"}], "sender", [{"name": None, "email": "s@x.org"}]),
]


@pytest.mark.parametrize(("given", "value", "asked", "found"), HEADERS)
def test_a_header_may_be_given_in_any_form_it_has(
    world: World, given: str, value: Any, asked: str, found: Any
) -> None:
    bob = world.person("bob")
    made = world.create(bob, "Email", draft(world, **{given: value}))
    assert world.get(bob, "Email", made["id"], asked)[asked] == found


def test_attachments_come_from_mail_that_the_caller_sees_and_no_other(world: World) -> None:
    inbox = world.folders[Role.INBOX]
    carl = world.person("carl", Level.WRITE, mailbox=inbox)
    seen, hidden = world.receive(), world.receive(role=Role.ARCHIVE)
    blobs = {id_: f"m{id_[1:]}" for id_ in (seen, hidden)}
    value = draft(world, mailboxIds={world.box(Role.INBOX): True})
    attached = [{"blobId": blobs[seen], "type": "message/rfc822", "name": "mail.eml"}]
    made = world.create(carl, "Email", {**value, "attachments": attached})
    assert world.get(carl, "Email", made["id"], "hasAttachment")["hasAttachment"] is True
    failure = world.refuse(carl, "Email", {**value, "attachments": [{"blobId": blobs[hidden]}]})
    assert (failure["type"], failure["notFound"]) == ("blobNotFound", [blobs[hidden]])


def test_a_draft_joins_the_conversation_that_it_answers(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    asked = world.get(bob, "Email", email, "messageId", "threadId")
    made = world.create(bob, "Email", draft(world, inReplyTo=asked["messageId"]))
    assert made["threadId"] == asked["threadId"]


def test_the_mail_server_is_told_of_a_new_draft(world: World) -> None:
    make_imap(world)
    bob = world.person("bob")
    made = world.call(bob, "Email/set", create={"k": draft(world)})
    with world.database.read() as tx:
        (queued,) = intents.pending(tx, world.account)
    assert (queued["kind"], queued["mailbox_id"]) == ("append", world.folders[Role.DRAFTS])
    assert made["intents"] == {made["created"]["k"]["id"]: [f"n{queued['id']}"]}


class NotedDisk:
    """The disk, and what was forced to it when there was no row yet."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.order: list[str] = []

    def _note(self, what: str) -> None:
        with self._world.database.read() as tx:
            rows = tx.value("SELECT COUNT(*) FROM email")
        self.order.append(f"{what}, {rows} emails")

    def sync_file(self, descriptor: int) -> None:
        self._note("file")

    def sync_folder(self, path: Path) -> None:
        self._note("folder")


def test_a_draft_is_on_the_disk_before_its_row(world: World, tmp_path: Path) -> None:
    bob = world.person("bob")
    disk = NotedDisk(world)
    object.__setattr__(world.desk, "blobs", Blobs(tmp_path / "blobs", disk))
    world.create(bob, "Email", draft(world))
    assert disk.order == ["file, 0 emails", "folder, 0 emails", "folder, 0 emails"]
    assert len(world.query(bob)) == 1


def test_a_large_draft_is_written_while_nobody_waits_for_the_database(world: World) -> None:
    bob = world.person("bob")
    large, other = (world.upload(bob, byte * 600_000, "application/zip") for byte in (b"x", b"y"))
    drafts = {
        key: draft(world, attachments=[{"blobId": blob, "type": "application/zip", "name": "a.zip"}])
        for key, blob in (("one", large), ("two", other), ("three", large))
    }
    made = world.call(bob, "Email/set", create=drafts)["created"]
    ids = [world.get(bob, "Email", made[key]["id"], "messageId")["messageId"][0] for key in drafts]
    assert len(set(ids)) == 3
    assert len(world.query(bob)) == 3


def test_a_large_draft_that_cannot_be_is_refused_too(world: World) -> None:
    bob = world.person("bob")
    blob = world.upload(bob, b"x" * 600_000, "application/zip")
    attached = [{"blobId": blob, "type": "application/zip", "name": "a.zip"}]
    failure = world.refuse(bob, "Email", draft(world, subject="a\nb", attachments=attached))
    assert (failure["type"], failure["properties"]) == ("invalidProperties", ["subject"])


def test_a_blob_named_a_thousand_times_is_not_read_a_thousand_times(world: World) -> None:
    bob = world.person("bob")
    blob = world.upload(bob, b"x" * 20_000_000, "application/zip")
    reads: list[str] = []

    class Counting(Blobs):
        def get(self, name: str) -> bytes:
            reads.append(name)
            return super().get(name)

    world.desk = replace(world.desk, blobs=Counting(world.desk.blobs.folder))
    attached = [{"blobId": blob, "type": "application/zip", "name": "a.zip"}] * 1_000
    assert world.refuse(bob, "Email", draft(world, attachments=attached))["type"] == "tooLarge"
    assert len(reads) == 3
