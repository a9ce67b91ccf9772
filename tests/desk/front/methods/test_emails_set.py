"""Email/set (RFC 8621 §4.6) on emails that are there: flags, folders, the end."""

from __future__ import annotations

import pytest

from shinbox.desk.store import intents
from shinbox.terms import Level, Role
from tests.desk.front.methods.world import Json, World


def make_imap(world: World) -> None:
    with world.database.write() as tx:
        tx.run("UPDATE account SET kind = 'imap' WHERE id = ?", (world.account,))


def test_keywords_are_flipped_one_by_one_or_all_at_once(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(keywords={"$seen"})
    assert world.update(bob, "Email", email, {"keywords/$flagged": True, "keywords/a~1b": True}) is None
    assert world.get(bob, "Email", email, "keywords")["keywords"].keys() == {"$seen", "$flagged", "a/b"}
    assert world.update(bob, "Email", email, {"keywords": {"Waiting": True}}) is None
    assert world.get(bob, "Email", email, "keywords")["keywords"] == {"waiting": True}


@pytest.mark.parametrize(
    ("patch", "error"),
    [
        ({"keywords/two words": True}, "invalidProperties"),
        ({"keywords/(": True}, "invalidProperties"),
        ({"keywords/ü": True}, "invalidProperties"),
        ({"keywords/$seen": False}, "invalidProperties"),
        ({"keywords": None, "keywords/x": True}, "invalidPatch"),
        ({"keywords": []}, "invalidProperties"),
        ({"mailboxIds": {}}, "invalidProperties"),
        ({"mailboxIds": {"f999": True}}, "invalidProperties"),
        ({"mailboxIds/f999": True}, "invalidProperties"),
        ({"mailboxIds/f1": None}, "invalidProperties"),
        ({"mailboxIds/f1": False}, "invalidProperties"),
        ({"subject": "Other"}, "invalidProperties"),
        ({"size": 1}, "invalidProperties"),
        ({"nothing": 1}, "invalidProperties"),
        ({"header:X": "1"}, "invalidProperties"),
    ],
)
def test_a_wrong_patch_changes_nothing(world: World, patch: Json, error: str) -> None:
    bob = world.person("bob")
    email = world.receive()
    before = world.get(bob, "Email", email, "keywords", "mailboxIds")
    failure = world.update(bob, "Email", email, patch)
    assert failure is not None
    assert failure["type"] == error
    assert world.get(bob, "Email", email, "keywords", "mailboxIds") == before


def test_an_email_may_be_sent_back_as_it_was_read(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    whole = world.get(
        bob, "Email", email, "id", "size", "subject", "receivedAt", "from", "keywords", "preview"
    )
    assert world.update(bob, "Email", email, {**whole, "keywords": {"$seen": True}}) is None
    assert world.get(bob, "Email", email, "keywords")["keywords"] == {"$seen": True}


def test_a_move_keeps_the_id_and_tells_which_intents_carry_it_outward(world: World) -> None:
    make_imap(world)
    bob = world.person("bob")
    email = world.receive()
    answer = world.call(
        bob,
        "Email/set",
        update={email: {"mailboxIds": {world.box(Role.ARCHIVE): True}, "keywords/$seen": True}},
    )
    assert world.query(bob, {"inMailbox": world.box(Role.ARCHIVE)}) == [email]
    with world.database.read() as tx:
        queued = intents.pending(tx, world.account)
    assert [row["kind"] for row in queued] == ["keywords", "move"]
    assert answer["intents"] == {email: [f"n{row['id']}" for row in queued]}
    assert (world.account, "intents") in world.mail.wakes


def test_without_a_mail_server_there_is_nothing_to_tell_it(world: World) -> None:
    bob = world.person("bob")
    answer = world.call(bob, "Email/set", update={world.receive(): {"keywords/$seen": True}})
    assert answer["intents"] == {}
    assert world.mail.wakes == []


def test_a_change_of_nothing_is_a_success_that_leaves_no_trace(world: World) -> None:
    bob = world.person("bob", Level.READ)
    email = world.receive(keywords={"$seen"})
    state = world.call(bob, "Email/get", ids=[])["state"]
    assert world.update(bob, "Email", email, {"keywords/$seen": True}) is None
    assert world.call(bob, "Email/get", ids=[])["state"] == state
    assert world.audit() == []


def test_destroying_takes_an_email_from_everywhere(world: World) -> None:
    make_imap(world)
    bob = world.person("bob")
    email = world.receive(boxes={world.folders[Role.INBOX], world.folders[Role.ARCHIVE]})
    assert world.call(bob, "Email/set", destroy=[email])["destroyed"] == [email]
    assert world.call(bob, "Email/get", ids=[email])["notFound"] == [email]
    with world.database.read() as tx:
        assert [row["kind"] for row in intents.pending(tx, world.account)] == ["remove"]


def test_a_folder_that_the_caller_cannot_see_keeps_the_email_when_they_move_it(world: World) -> None:
    inbox, archive = world.folders[Role.INBOX], world.folders[Role.ARCHIVE]
    bob = world.person("bob")
    carl = world.person("carl", Level.WRITE, mailbox=inbox)
    sub = world.create(bob, "Mailbox", {"name": "Case", "parentId": world.box(Role.INBOX)})["id"]
    email = world.receive(boxes={inbox, archive})
    assert world.update(carl, "Email", email, {"mailboxIds": {sub: True}}) is None
    assert world.get(bob, "Email", email, "mailboxIds")["mailboxIds"].keys() == {sub, world.box(Role.ARCHIVE)}


def test_flags_ask_the_right_in_every_folder_the_email_lies_in(world: World) -> None:
    inbox, archive = world.folders[Role.INBOX], world.folders[Role.ARCHIVE]
    carl = world.person("carl", Level.WRITE, mailbox=inbox)
    email = world.receive(boxes={inbox, archive})
    failure = world.update(carl, "Email", email, {"keywords/$seen": True})
    assert failure is not None
    assert failure["type"] == "forbidden"
    assert "Archive" not in failure["description"]


def test_what_the_mail_server_forbids_is_said_to_be_the_mail_servers(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    with world.database.write() as tx:
        tx.run("UPDATE mailbox SET server_rights = 'lrs' WHERE id = ?", (world.folders[Role.INBOX],))
    assert world.update(bob, "Email", email, {"keywords/$seen": True}) is None
    failure = world.update(bob, "Email", email, {"keywords/$flagged": True})
    assert failure is not None
    assert failure["type"] == "urn:shinbox:serverForbids"
    assert failure["rights"] == ["maySetKeywords"]
    assert "mail server" in failure["description"]
    forbids = world.get(bob, "Mailbox", world.box(Role.INBOX), "serverForbids")["serverForbids"]
    assert "maySetKeywords" in forbids
    assert ("bob", "Email/update", email, "refused") in world.audit()


def test_a_server_that_keeps_no_labels_is_not_given_any(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    with world.database.write() as tx:
        tx.run("UPDATE mailbox SET server_keywords = 0 WHERE id = ?", (world.folders[Role.INBOX],))
    assert world.update(bob, "Email", email, {"keywords/$flagged": True}) is None
    failure = world.update(bob, "Email", email, {"keywords/waiting": True})
    assert failure is not None
    assert failure["type"] == "urn:shinbox:serverForbids"


def test_one_refused_change_costs_the_others_nothing(world: World) -> None:
    triage = world.person("tina", Level.TRIAGE)
    moved, thrown = world.receive(), world.receive()
    answer = world.call(
        triage,
        "Email/set",
        update={
            moved: {"mailboxIds": {world.box(Role.ARCHIVE): True}},
            thrown: {"mailboxIds": {world.box(Role.TRASH): True}},
        },
    )
    assert answer["updated"] == {moved: None}
    assert answer["notUpdated"][thrown]["type"] == "forbidden"
    assert world.audit() == [
        ("tina", "Email/update", moved, "ok"),
        ("tina", "Email/update", thrown, "refused"),
    ]
