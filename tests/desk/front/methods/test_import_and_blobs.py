"""Upload, download, Email/import (RFC 8620 §6, RFC 8621 §4.8)."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from starlette.requests import Request

from shinbox.desk.config import Limits
from shinbox.desk.front import blobs
from shinbox.desk.front.events import Hub
from shinbox.desk.front.http import Front
from shinbox.desk.front.login import SignIn, TokenProof
from shinbox.desk.front.passwords import Passwords
from shinbox.desk.front.peer import UnixProofs
from shinbox.desk.store import tokens, uploads
from shinbox.desk.store.blobs import Blobs
from shinbox.errors import AccountNotFound, Forbidden, LimitExceeded, NotFound, ServerUnavailable
from shinbox.terms import DESK, Level, Role
from tests.desk.front.methods.test_drafts import NotedDisk
from tests.desk.front.methods.test_emails_get import MIXED
from tests.desk.front.methods.world import Json, World

RAW = b"From: a@x.org\r\nSubject: Old mail\r\nMessage-ID: <old@x>\r\n\r\nFrom elsewhere\r\n"


def bring(world: World, actor: object, blob: str, **more: object) -> Json:
    value = {"blobId": blob, "mailboxIds": {world.box(Role.ARCHIVE): True}, **more}
    return world.call(actor, "Email/import", emails={"k": value})  # type: ignore[arg-type]


def test_an_upload_becomes_an_email(world: World) -> None:
    bob = world.person("bob")
    state = world.call(bob, "Email/get", ids=[])["state"]
    answer = bring(
        world, bob, world.upload(bob, RAW), keywords={"$seen": True}, receivedAt="2020-01-02T03:04:05Z"
    )
    made = answer["created"]["k"]
    assert made.keys() == {"id", "blobId", "threadId", "size"}
    assert answer["oldState"] == state
    assert answer["newState"] == world.call(bob, "Email/get", ids=[])["state"]
    value = world.get(bob, "Email", made["id"])
    assert (value["subject"], value["size"]) == ("Old mail", len(RAW))
    assert (value["receivedAt"], value["keywords"]) == ("2020-01-02T03:04:05Z", {"$seen": True})
    assert blobs.download(world.desk, bob, world.account_id, made["blobId"]) == RAW
    assert ("bob", "Email/import", made["id"], "ok") in world.audit()


def test_without_a_date_an_import_is_received_now(world: World) -> None:
    bob = world.person("bob")
    made = bring(world, bob, world.upload(bob, RAW))["created"]["k"]
    assert world.get(bob, "Email", made["id"], "receivedAt")["receivedAt"] == "2027-01-15T08:00:00Z"


def test_a_date_with_a_fraction_is_cut_so_that_filters_find_it(world: World) -> None:
    bob = world.person("bob")
    email = bring(world, bob, world.upload(bob, RAW), receivedAt="2026-03-01T10:00:00.950Z")["created"]["k"][
        "id"
    ]
    assert world.get(bob, "Email", email, "receivedAt")["receivedAt"] == "2026-03-01T10:00:00Z"
    assert world.query(bob, {"before": "2026-03-01T10:00:00.950Z"}) == [email]
    assert world.query(bob, {"after": "2026-03-01T10:00:00.10Z"}) == []


def test_an_upload_is_on_the_disk_already_when_it_is_imported(world: World) -> None:
    bob = world.person("bob")
    upload, email = world.upload(bob, RAW), world.receive()
    disk = NotedDisk(world)
    object.__setattr__(world.desk, "blobs", Blobs(world.desk.blobs.folder, disk))
    assert bring(world, bob, upload)["created"]
    assert disk.order == []
    assert bring(world, bob, f"m{email[1:]}")["created"]
    assert disk.order[0] == "file, 2 emails"


def test_an_import_may_come_from_an_email_or_its_attachment(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    made = bring(world, bob, f"m{email[1:]}")["created"]["k"]
    assert world.get(bob, "Email", made["id"], "subject")["subject"] == "Hello"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"blobId": "b999"}, "invalidProperties"),
        ({"blobId": "m999"}, "invalidProperties"),
        ({"blobId": "nonsense"}, "invalidProperties"),
        ({"blobId": 1}, "invalidProperties"),
        ({"mailboxIds": {}}, "invalidProperties"),
        ({"mailboxIds": {"f999": True}}, "invalidProperties"),
        ({"mailboxIds": {"f1": False}}, "invalidProperties"),
        ({"keywords": {"a b": True}}, "invalidProperties"),
        ({"receivedAt": "yesterday"}, "invalidProperties"),
        ({"nothing": 1}, "invalidProperties"),
    ],
)
def test_an_import_that_cannot_be_is_refused(world: World, more: Json, error: str) -> None:
    bob = world.person("bob")
    answer = bring(world, bob, world.upload(bob, RAW), **more)
    assert answer["created"] is None
    assert answer["notCreated"]["k"]["type"] == error
    assert world.query(bob) == []


@pytest.mark.parametrize("missing", ["blobId", "mailboxIds"])
def test_an_import_names_the_property_that_is_missing(world: World, missing: str) -> None:
    value = {"blobId": "b1", "mailboxIds": {world.box(Role.ARCHIVE): True}}
    del value[missing]
    answer = world.call(world.person("bob"), "Email/import", emails={"k": value})
    assert answer["notCreated"]["k"]["properties"] == [missing]


def test_an_import_names_a_blob_that_is_not_there_as_the_wrong_property(world: World) -> None:
    """RFC 8621 §4.8; blobNotFound, with a list, is Email/set's answer (§4.6)."""
    answer = bring(world, world.person("bob"), "b999")
    assert answer["notCreated"]["k"]["properties"] == ["blobId"]
    assert "notFound" not in answer["notCreated"]["k"]


def test_what_is_no_message_is_not_imported(world: World) -> None:
    bob = world.person("bob")
    answer = bring(world, bob, world.upload(bob, b"\x00\x01\x02"))
    assert answer["notCreated"]["k"]["type"] == "invalidEmail"


def test_an_import_minds_the_state_it_is_told(world: World) -> None:
    bob = world.person("bob")
    state = world.call(bob, "Email/get", ids=[])["state"]
    world.receive()
    emails = {"k": {"blobId": world.upload(bob, RAW), "mailboxIds": {world.box(Role.INBOX): True}}}
    assert world.fail(bob, "Email/import", emails=emails, ifInState=state) == "stateMismatch"


def test_a_large_message_is_parsed_while_nobody_waits_for_the_database(world: World) -> None:
    bob = world.person("bob")
    large = RAW + b"x" * 70 + b"\r\n" + b"line\r\n" * 100_000
    made = bring(world, bob, world.upload(bob, large))["created"]["k"]
    assert made["size"] == len(large)
    assert len(world.query(bob)) == 1


# --- blobs ----------------------------------------------------------------------------------------


def test_an_upload_says_what_it_is(world: World) -> None:
    bob = world.person("bob")
    answer = blobs.upload(world.desk, bob, world.account_id, "image/png", b"\x89PNG")
    assert (answer["accountId"], answer["type"], answer["size"]) == (world.account_id, "image/png", 4)
    assert blobs.download(world.desk, bob, world.account_id, answer["blobId"]) == b"\x89PNG"


def test_an_upload_is_its_uploaders_in_that_account_until_it_expires(world: World) -> None:
    bob, carol = world.person("bob"), world.person("carol")
    other, _ = world.people.account("sales")
    world.people.grant(other, bob, level=Level.WRITE)
    blob = world.upload(bob, RAW)
    for actor, account in ((carol, world.account_id), (bob, f"a{other}"), (bob, "a999"), (bob, DESK)):
        with pytest.raises(NotFound):
            blobs.download(world.desk, actor, account, blob)
    world.clock.now += uploads.KEPT_SECONDS - 1
    assert blobs.download(world.desk, bob, world.account_id, blob) == RAW
    world.clock.now += 1
    with pytest.raises(NotFound):
        blobs.download(world.desk, bob, world.account_id, blob)


def test_a_part_is_downloaded_decoded(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(MIXED)
    (pdf,) = world.get(bob, "Email", email, "attachments")["attachments"]
    assert blobs.download(world.desk, bob, world.account_id, pdf["blobId"]) == b"%PDF-"
    text = world.get(bob, "Email", email, "textBody")["textBody"][0]
    assert blobs.download(world.desk, bob, world.account_id, text["blobId"]) == "Grüße".encode("latin-1")
    assert ("bob", "Email/download", email, "ok") in world.audit()


@pytest.mark.parametrize("blob", ["m999", "p1-9", "p999-1", "b999", "x1", "", "m1x", "p1-", "m" + "9" * 30])
def test_an_unknown_blob_is_not_found(world: World, blob: str) -> None:
    bob = world.person("bob")
    world.receive()
    with pytest.raises(NotFound):
        blobs.download(world.desk, bob, world.account_id, blob)


def test_a_blob_of_a_hidden_email_is_not_found_and_the_attempt_is_noted(world: World) -> None:
    carl = world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])
    email = world.receive(role=Role.ARCHIVE)
    for blob in (f"m{email[1:]}", f"p{email[1:]}-1"):
        with pytest.raises(NotFound):
            blobs.download(world.desk, carl, world.account_id, blob)
    assert ("carl", "Blob/download", email, "refused") in world.audit()


def test_a_message_that_is_not_held_is_fetched_for_its_download(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(text="Far away", held=False)
    assert b"Far away" in blobs.download(world.desk, bob, world.account_id, f"m{email[1:]}")
    gone = world.receive(held=False)
    world.mail.bodies.clear()
    with pytest.raises(ServerUnavailable, match="does not answer"):
        blobs.download(world.desk, bob, world.account_id, f"m{gone[1:]}")


def test_who_may_neither_add_nor_send_uploads_nothing(world: World) -> None:
    reader, stranger = world.person("rita", Level.READ), world.person("eve", None)
    with pytest.raises(Forbidden):
        blobs.upload(world.desk, reader, world.account_id, "text/plain", b"x")
    for account in (world.account_id, "a999", DESK):
        with pytest.raises(AccountNotFound):
            blobs.check_upload(world.desk, stranger, account)


def test_an_upload_has_a_limit(world: World) -> None:
    bob = world.person("bob")
    world.desk.limits.upload_bytes = 3
    with pytest.raises(LimitExceeded) as refused:
        blobs.upload(world.desk, bob, world.account_id, "text/plain", b"long")
    assert refused.value.extra["limit"] == "maxSizeUpload"


def test_an_upload_and_a_refused_one_are_in_the_audit(world: World) -> None:
    bob, alice, eve = world.person("bob"), world.person("alice", Level.READ), world.person("eve", None)
    blob = world.upload(bob, b"content")
    for actor, refusal in ((alice, Forbidden), (eve, AccountNotFound)):
        with pytest.raises(refusal):
            blobs.check_upload(world.desk, actor, world.account_id)
    told = [(actor, object_id, end) for actor, action, object_id, end in world.audit() if "upload" in action]
    assert told == [("bob", blob, "ok"), ("alice", None, "refused"), ("eve", None, "refused")]


def test_uploads_that_wait_to_be_used_are_bounded_a_person_until_they_expire(world: World) -> None:
    world.desk = replace(world.desk, limits=Limits(upload_bytes=10))
    bob, carol = world.person("bob"), world.person("carol")
    for _ in range(blobs.MOST_HELD):
        world.upload(bob, b"x" * 10)
    with pytest.raises(LimitExceeded):
        world.upload(bob, b"x")
    assert world.upload(carol, b"x")
    world.clock.now += uploads.KEPT_SECONDS
    assert world.upload(bob, b"x")


async def test_one_person_waits_for_a_slow_mail_server_only_as_often_as_requests_are_allowed(
    world: World,
) -> None:
    bob, token = world.person("bob"), "a" * 64
    with world.database.write() as tx:
        tokens.create(tx, TokenProof.of(token).token_hash, bob.user_id, world.clock(), world.clock() + 60)
    emails, together = [world.receive(held=False) for _ in range(3)], threading.Barrier(2)

    def slow(email: int, timeout: float) -> None:
        together.wait(0.1)

    desk = replace(world.desk, limits=Limits(requests_at_once=1), fetch_body=slow)
    sign_in = SignIn(
        world.database, Passwords(memory_kib=8), random=desk.random, token_seconds=1, failures_allowed=1
    )
    front = Front(desk, Hub(asyncio.get_running_loop()), sign_in, UnixProofs())

    def asked(email: str) -> Request:
        path = {"account": world.account_id, "blob": email.replace("e", "m"), "name": "x"}
        headers = [(b"authorization", b"Bearer " + token.encode())]
        scope = {"type": "http", "path_params": path, "query_string": b"", "headers": headers, "state": {}}
        return Request(scope)

    ends = await asyncio.gather(*(front.download(asked(email)) for email in emails), return_exceptions=True)
    assert [type(end) for end in ends] == [threading.BrokenBarrierError] * 3
