"""Mailboxes, their connections, jobs and intents: made by administrators, secrets sealed, ends at once."""

from __future__ import annotations

import asyncio
import json
import os

import pytest
from nacl.public import PrivateKey, SealedBox

from shinbox.desk.front import housekeeping
from shinbox.desk.front.login import Actor
from shinbox.desk.store import connections, ids, intents, jobs, sealing
from shinbox.desk.store.times import utc_now
from shinbox.terms import Level, Role
from tests.desk.front.methods.world import Json, World

DESK = "desk"
KEY = bytes(range(32))
IMAP = {"host": "imap.example.org", "port": 993, "tls": "tls", "user": "support"}


@pytest.fixture
def chief(world: World) -> Actor:
    with world.database.write() as tx:
        sealing.keep_public_key(tx, sealing.public_of(KEY))
    return world.people.user("chief", administrator=True)


@pytest.fixture
def remote(world: World, chief: Actor) -> str:
    """An account with a mail server to be."""
    made = world.create(chief, "Account", {"address": "sales@example.org", "kind": "imap"}, accountId=DESK)
    return str(made["id"])


def connect(world: World, actor: Actor, account: str, patch: Json) -> Json | None:
    answer = world.call(actor, "Connection/set", {"update": {"singleton": patch}}, accountId=account)
    return (answer["notUpdated"] or {}).get("singleton")


def test_a_local_mailbox_is_born_with_folders_and_an_identity(world: World, chief: Actor) -> None:
    made = world.create(chief, "Account", {"name": "Help", "address": "help@example.org"}, accountId=DESK)
    assert (made["kind"], made["syncState"], made["undoSeconds"]) == ("local", "idle", 10)
    world.create(chief, "Grant", {"principal": f"u{chief.user_id}"}, accountId=made["id"])
    folders = world.call(chief, "Mailbox/get", accountId=made["id"])["list"]
    assert {folder["role"] for folder in folders} == set(Role)
    [identity] = world.call(chief, "Identity/get", accountId=made["id"])["list"]
    assert (identity["name"], identity["email"]) == ("Help", "help@example.org")


def test_a_mailbox_with_a_server_waits_for_its_first_sync(world: World, chief: Actor, remote: str) -> None:
    assert world.get(chief, "Account", remote, accountId=DESK)["syncState"] == "never"
    row = ids.to_row("Account", remote)
    assert (row, "connection") in world.mail.wakes
    with world.database.read() as tx:
        assert tx.value("SELECT COUNT(*) FROM mailbox WHERE account_id = ?", (row,)) == 0


@pytest.mark.parametrize(
    ("value", "property"),
    [
        ({"address": "sales"}, "address"),
        ({"address": "a@b.example\r\nBcc: x@y.example"}, "address"),
        ({"address": "a@b.example", "kind": "desk"}, "kind"),
        ({"address": "a@b.example", "undoSeconds": -1}, "undoSeconds"),
        ({"address": "a@b.example", "syncState": "idle"}, "syncState"),
    ],
)
def test_what_a_mailbox_cannot_be_is_named(world: World, chief: Actor, value: Json, property: str) -> None:
    assert world.refuse(chief, "Account", value, accountId=DESK)["properties"] == [property]


def test_an_address_belongs_to_one_mailbox(world: World, chief: Actor) -> None:
    refused = world.refuse(chief, "Account", {"address": "Support@Example.org"}, accountId=DESK)
    assert (refused["type"], refused["existingId"]) == ("alreadyExists", world.account_id)


def test_only_administrators_see_and_make_mailboxes(world: World) -> None:
    manager = world.person("mona", Level.MANAGE)
    assert world.call(manager, "Account/get", accountId=DESK)["list"] == []
    refused = world.refuse(manager, "Account", {"address": "mine@example.org"}, accountId=DESK)
    assert refused["type"] == "forbidden"
    answer = world.call(manager, "Account/set", {"destroy": [world.account_id]}, accountId=DESK)
    assert answer["notDestroyed"][world.account_id]["type"] == "notFound"


def test_a_removed_mailbox_is_gone_at_once_for_everybody(world: World, chief: Actor, remote: str) -> None:
    bob = world.person("bob", Level.WRITE)
    world.create(chief, "Grant", {"principal": f"u{bob.user_id}"}, accountId=remote)
    connect(world, chief, remote, {"imap": IMAP, "imapSecret": "hunter2"})
    answer = world.call(chief, "Account/set", {"destroy": [remote]}, accountId=DESK)
    assert answer["destroyed"] == [remote]
    assert world.fail(bob, "Email/query", accountId=remote) == "accountNotFound"
    assert world.fail(chief, "Connection/get", accountId=remote) == "accountNotFound"
    row = ids.to_row("Account", remote)
    assert row is not None and (row, "connection") in world.mail.wakes
    with world.database.read() as tx:
        assert connections.get(tx, row) is None


def test_the_mail_of_a_removed_mailbox_is_purged_after_an_hour(world: World, chief: Actor) -> None:
    emails = [world.receive(subject=f"number {number}") for number in range(3)]
    with world.database.read() as tx:
        hashes = tx.column("SELECT blob_hash FROM email")
    world.call(chief, "Account/set", {"destroy": [world.account_id]}, accountId=DESK)
    assert not housekeeping.purge_some(world.desk)
    world.clock.now += housekeeping.GRACE_SECONDS + 1
    for hash_ in hashes[1:]:
        os.utime(world.desk.blobs.path(hash_), (0, 0))
    os.utime(world.desk.blobs.path(hashes[0]), (world.clock.now, world.clock.now))
    while housekeeping.purge_some(world.desk):
        continue
    with world.database.read() as tx:
        for table in (
            "email",
            "mailbox",
            "thread",
            "placement",
            "thread_reference",
            "email_text",
            "identity",
        ):
            assert tx.value(f"SELECT COUNT(*) FROM {table}") == 0, table
    assert len(emails) == 3
    assert [world.desk.blobs.has(hash_) for hash_ in hashes] == [True, False, False]


class TestConnections:
    def test_a_secret_goes_in_and_never_comes_out(self, world: World, chief: Actor, remote: str) -> None:
        assert connect(world, chief, remote, {"imap": IMAP, "imapSecret": "hunter2"}) is None
        seen = world.get(chief, "Connection", "singleton", accountId=remote)
        assert seen["imapSecret"] is None and seen["hasImapSecret"] and not seen["hasSmtpSecret"]
        assert seen["imap"] == {**IMAP, "caFile": None}
        row = ids.to_row("Account", remote) or 0
        with world.database.read() as tx:
            kept = connections.get(tx, row)
            told = json.dumps([tuple(r) for r in tx.all("SELECT * FROM audit")])
        assert kept is not None and b"hunter2" not in kept["imap_secret"]
        assert SealedBox(PrivateKey(KEY)).decrypt(kept["imap_secret"]) == b"hunter2"
        assert "hunter2" not in told
        assert "support@imap.example.org:993 (tls)" in told and "imapSecret" in told
        assert (row, "connection") in world.mail.wakes

    def test_every_change_makes_the_worker_reconnect(self, world: World, chief: Actor, remote: str) -> None:
        row = ids.to_row("Account", remote) or 0
        revisions = []
        for patch in ({"imap": IMAP}, {"root": "Public/support"}, {"imapSecret": "x"}, {"imapSecret": None}):
            assert connect(world, chief, remote, patch) is None
            with world.database.read() as tx:
                kept = connections.get(tx, row)
            assert kept is not None
            revisions.append(kept["revision"])
        assert revisions == sorted(set(revisions))
        assert kept is not None and kept["imap_secret"] is None

    def test_a_secret_is_not_sent_to_another_host(self, world: World, chief: Actor, remote: str) -> None:
        connect(world, chief, remote, {"imap": IMAP, "imapSecret": "hunter2"})
        failed = connect(world, chief, remote, {"imap/host": "evil.example"})
        assert failed and failed["properties"] == ["imapSecret"]
        assert connect(world, chief, remote, {"imap/user": "support2"}) is None
        moved = {"imap/host": "imap2.example.org", "imapSecret": "hunter3"}
        assert connect(world, chief, remote, moved) is None
        assert connect(world, chief, remote, {"imap": None, "imapSecret": None}) is None

    @pytest.mark.parametrize(
        ("patch", "property"),
        [
            ({"imap": {**IMAP, "host": ""}}, "imap"),
            ({"imap": {**IMAP, "host": "a b"}}, "imap"),
            ({"imap": {**IMAP, "port": 0}}, "imap.port"),
            ({"imap": {**IMAP, "tls": "maybe"}}, "imap"),
            ({"imap": {**IMAP, "tls": "none"}}, "imap"),
            ({"imap": {**IMAP, "user": "a\r\nb"}}, "imap.user"),
            ({"imap": {**IMAP, "caFile": "ca.pem"}}, "imap"),
            ({"imap": {"host": "x"}}, "imap"),
            ({"imapSecret": "a\nb"}, "imapSecret"),
            ({"imapSecret": ""}, "imapSecret"),
            ({"sentPolicy": "never"}, "sentPolicy"),
            ({"hasImapSecret": True}, "hasImapSecret"),
        ],
    )
    def test_what_a_connection_cannot_be_is_named(
        self, world: World, chief: Actor, remote: str, patch: Json, property: str
    ) -> None:
        failed = connect(world, chief, remote, patch)
        assert failed and failed["properties"] == [property]

    def test_without_tls_only_to_this_machine(self, world: World, chief: Actor, remote: str) -> None:
        for host in ("localhost", "127.0.0.1", "::1"):
            assert connect(world, chief, remote, {"imap": {**IMAP, "tls": "none", "host": host}}) is None

    def test_a_local_mailbox_has_no_imap_server(self, world: World, chief: Actor) -> None:
        failed = connect(world, chief, world.account_id, {"imap": IMAP})
        assert failed and failed["properties"] == ["imap"]
        smtp = {**IMAP, "host": "localhost", "tls": "none", "port": 25}
        assert connect(world, chief, world.account_id, {"smtp": smtp}) is None

    def test_managers_see_the_servers_and_change_nothing(self, world: World, chief: Actor) -> None:
        writer, reader = world.person("will", Level.WRITE), world.person("rita", Level.READ)
        manager = world.person("mona", Level.MANAGE)
        assert len(world.call(writer, "Connection/get")["list"]) == 1
        assert world.call(reader, "Connection/get")["list"] == []
        failed = connect(world, manager, world.account_id, {"sentPolicy": "server"})
        assert failed and failed["type"] == "forbidden"

    def test_there_is_exactly_one(self, world: World, chief: Actor, remote: str) -> None:
        assert world.refuse(chief, "Connection", {}, accountId=remote)["type"] == "singleton"
        answer = world.call(chief, "Connection/set", {"destroy": ["singleton"]}, accountId=remote)
        assert answer["notDestroyed"]["singleton"]["type"] == "singleton"


class TestJobs:
    def test_a_test_of_the_connection_is_queued_and_followed(
        self, world: World, chief: Actor, remote: str
    ) -> None:
        made = world.create(chief, "Job", {"kind": "connectionTest"}, accountId=remote)
        row, job = ids.to_row("Account", remote) or 0, int(made["id"][1:])
        assert (row, "job") in world.mail.wakes
        steps = [{"name": "connect", "ok": False, "seconds": 0.1, "reason": "refused"}]
        with world.database.write() as tx:
            jobs.advance(tx, job, steps=steps)
            jobs.finish(tx, job, utc_now(world.clock()), "The server refused.")
        changed = world.call(
            chief, "Job/changes", accountId=remote, sinceState=made_state(world, chief, remote)
        )
        assert changed["hasMoreChanges"] is False
        seen = world.get(chief, "Job", made["id"], accountId=remote)
        assert (seen["status"], seen["steps"], seen["error"]) == ("failed", steps, "The server refused.")

    def test_readers_ask_to_fetch_and_only_administrators_test(
        self, world: World, chief: Actor, remote: str
    ) -> None:
        rita = world.people.user("rita")
        world.create(chief, "Grant", {"principal": f"u{rita.user_id}"}, accountId=remote)
        made = world.create(rita, "Job", {"kind": "fetchNow"}, accountId=remote)
        assert world.get(rita, "Job", made["id"], accountId=remote)["createdBy"] == f"u{rita.user_id}"
        assert world.refuse(rita, "Job", {"kind": "connectionTest"}, accountId=remote)["type"] == "forbidden"
        again = world.refuse(rita, "Job", {"kind": "fetchNow"}, accountId=remote)
        assert (again["type"], again["existingId"]) == ("alreadyExists", made["id"])
        world.create(chief, "Job", {"kind": "connectionTest"}, accountId=remote)
        assert [j["kind"] for j in world.call(rita, "Job/get", accountId=remote)["list"]] == ["fetchNow"]

    def test_there_is_nothing_to_fetch_without_a_server(self, world: World) -> None:
        assert world.refuse(world.person("rita"), "Job", {"kind": "fetchNow"})["properties"] == ["kind"]


def made_state(world: World, actor: Actor, account: str) -> str:
    return str(world.call(actor, "Job/get", {"ids": []}, accountId=account)["state"])


class TestIntents:
    @pytest.fixture
    def served(self, world: World) -> World:
        with world.database.write() as tx:
            tx.run("UPDATE account SET kind = 'imap' WHERE id = ?", (world.account,))
        return world

    def test_a_refusal_by_the_mail_server_reaches_whoever_sees_the_folder(self, served: World) -> None:
        bob = served.person("bob", Level.WRITE)
        outsider = served.person("olga", Level.READ, mailbox=served.folders[Role.SENT])
        email = served.receive()
        assert served.update(bob, "Email", email, {"keywords/$flagged": True}) is None
        [intent] = served.call(bob, "Intent/get")["list"]
        assert (intent["kind"], intent["status"], intent["emailId"]) == ("keywords", "queued", email)
        assert intent["createdBy"] == f"u{bob.user_id}"
        with served.database.write() as tx:
            intents.finish(tx, int(intent["id"][1:]), "refused", "No permission.", utc_now(served.clock()))
        found = served.call(bob, "Intent/query", filter={"status": "refused"})["ids"]
        assert found == [intent["id"]]
        assert served.get(bob, "Intent", intent["id"])["reason"] == "No permission."
        assert served.call(outsider, "Intent/get")["list"] == []
        assert served.call(outsider, "Intent/query")["ids"] == []

    def test_nobody_sets_an_intent(self, served: World) -> None:
        assert served.fail(served.person("bob"), "Intent/set", {"create": {}}) == "unknownMethod"


async def test_housekeeping_goes_on_after_a_failure_of_any_kind() -> None:
    tried: list[int] = []
    again = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> bool:
        tried.append(1)
        if len(tried) == 1:
            raise ValueError("nobody thought of this")
        loop.call_soon_threadsafe(again.set)
        return False

    keeping = asyncio.create_task(housekeeping._repeat(work, 0.0, 0.0))
    try:
        await asyncio.wait_for(again.wait(), 60)
    finally:
        keeping.cancel()
    assert len(tried) >= 2
