"""What an email tells beyond its text: reports, invitations, protection, files inside its parts (ours)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from shinbox.desk.demo import special
from shinbox.desk.front import blobs
from shinbox.errors import NotFound
from tests.desk.front.methods.world import Json, World

NOW = datetime(2026, 11, 21, tzinfo=UTC)
UUENCODED = (
    b"From: a@x.org\r\nSubject: files\r\n\r\nSee below.\r\n\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n"
)
SIGNED = (
    b"From: a@x.org\r\nContent-Type: multipart/signed; boundary=x\r\n\r\n"
    b"--x\r\n\r\nhello\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n--x--\r\n"
)


def told(world: World, raw: bytes, *names: str) -> Json:
    return world.get(world.person("bob"), "Email", world.receive(raw), *names)


def test_a_bounce_says_who_did_not_get_what_and_why(world: World) -> None:
    raw = special.bounce(NOW, "support@example.org", "lamp@example.org")
    report = told(world, raw, "report")["report"]
    assert report["kind"] == "failed"
    assert report["sentence"].startswith("not delivered to w.mayer@gone.example, because ")
    assert report["recipients"] == ["w.mayer@gone.example"]
    assert (report["aboutMessageId"], report["aboutSubject"]) == ("lamp@example.org", "Your lamp is ready")


def test_an_invitation_says_what_when_where_who_and_how_the_mailbox_stands_to_it(world: World) -> None:
    event = told(world, special.invitation(NOW, 1, "SUPPORT@example.org"), "invitation")["invitation"]
    assert (event["method"], event["summary"], event["location"]) == (
        *("REQUEST", "Distribution in Portugal"),
        "Video call",
    )
    assert event["starts"] == {"at": "2026-12-01T10:00:00", "timeZone": "UTC"}
    assert event["ends"] == {"at": "2026-12-01T10:30:00", "timeZone": "UTC"}
    assert event["organizer"]["name"] == "Rui Teixeira"
    assert [person["email"] for person in event["attendees"]] == ["SUPPORT@example.org"]
    assert event["state"] == "waiting for an answer"


def test_a_signature_is_named_and_not_believed(world: World) -> None:
    protection = told(world, SIGNED, "protection")["protection"]
    assert (protection["kind"], protection["method"]) == ("signed", "PGP")
    assert "not checked" in protection["sentence"]


def test_a_uuencoded_file_is_listed_and_downloadable(world: World) -> None:
    bob = world.person("bob")
    value = world.get(bob, "Email", world.receive(UUENCODED), "embeddedFiles", "attachments")
    (file,) = value["embeddedFiles"]
    assert (file["name"], file["size"], file["partId"]) == ("cat.txt", 3, None)
    assert value["attachments"] == []
    assert blobs.download(world.desk, bob, world.account_id, file["blobId"]) == b"Cat"
    with pytest.raises(NotFound):
        blobs.download(world.desk, bob, world.account_id, file["blobId"][:-1] + "2")
    with pytest.raises(NotFound):
        blobs.download(world.desk, bob, world.account_id, "p" + file["blobId"][1:])


def test_an_ordinary_message_tells_nothing_and_none_is_told_unasked(world: World) -> None:
    bob, email = world.person("bob"), world.receive()
    names = ("report", "invitation", "protection", "embeddedFiles")
    value = world.get(bob, "Email", email, *names)
    assert [value[name] for name in names] == [None, None, None, []]
    whole = world.call(bob, "Email/get", ids=[email])["list"][0]
    assert not whole.keys() & set(names)


def test_a_message_that_is_not_held_is_fetched_for_it(world: World) -> None:
    bob, email = world.person("bob"), world.receive(SIGNED, held=False)
    assert world.get(bob, "Email", email, "protection")["protection"]["kind"] == "signed"


def test_a_message_that_broke_a_limit_is_not_read_again(world: World) -> None:
    bob, email = world.person("bob"), world.receive(UUENCODED)
    with world.database.write() as tx:
        tx.run("UPDATE email SET defects = ?", (json.dumps(["too-large"]),))
    asked = ("embeddedFiles", "bodyValues", "defects", "subject", "report")
    value = world.get(bob, "Email", email, *asked, fetchAllBodyValues=True)
    assert (value["embeddedFiles"], value["bodyValues"], value["report"]) == ([], {}, None)
    assert value["subject"] == "files"
    assert value["defects"] == ["Too large to display: save the original."]
