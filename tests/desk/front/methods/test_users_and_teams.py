"""Users and teams: administrators manage them, people their own name and password."""

from __future__ import annotations

import os
import pwd

import pytest

from shinbox.desk.front.login import Actor
from shinbox.desk.front.methods.users import UserHandler
from shinbox.desk.front.passwords import Passwords
from shinbox.desk.store import users
from shinbox.terms import Level, Role, Send
from tests.desk.front.methods.world import Json, World

DESK = "desk"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserHandler, "passwords", Passwords(memory_kib=64, iterations=1))


@pytest.fixture
def chief(world: World) -> Actor:
    return world.people.user("chief", administrator=True)


def update(world: World, actor: Actor, id_: str, patch: Json, type_name: str = "User") -> Json | None:
    answer = world.call(actor, f"{type_name}/set", {"update": {id_: patch}}, accountId=DESK)
    return (answer["notUpdated"] or {}).get(id_)


def destroy(world: World, actor: Actor, id_: str, type_name: str = "User") -> Json | None:
    answer = world.call(actor, f"{type_name}/set", {"destroy": [id_]}, accountId=DESK)
    return (answer["notDestroyed"] or {}).get(id_)


def kept_hash(world: World, name: str) -> str | None:
    with world.database.read() as tx:
        row = users.by_name(tx, name)
        assert row is not None
        kept: str | None = row["password_hash"]
        return kept


def test_an_administrator_adds_a_user_whose_password_is_never_read_back(world: World, chief: Actor) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    given = {"name": "Zoë", "password": "correct horse", "unixName": me, "email": "zoe@example.org"}
    made = world.create(chief, "User", given, accountId=DESK)
    assert made["hasPassword"] and made["unixUid"] == os.getuid() and made.get("password") is None
    seen = world.get(chief, "User", made["id"], accountId=DESK)
    assert seen["password"] is None and seen["hasPassword"] and seen["isActive"]
    kept = kept_hash(world, "zoë")
    assert kept and kept.startswith("$argon2id$")
    assert UserHandler.passwords.fits(kept, "correct horse")
    with world.database.read() as tx:
        told = tx.column("SELECT detail FROM audit")
    assert not any("correct horse" in line for line in told)


@pytest.mark.parametrize(
    ("value", "property"),
    [
        ({"name": ""}, "name"),
        ({"name": " alice"}, "name"),
        ({"name": "al\x1bice"}, "name"),
        ({"name": "al\u202eice"}, "name"),
        ({"name": "bob", "displayName": "a\nb"}, "displayName"),
        ({"name": "bob", "email": "nobody"}, "email"),
        ({"name": "bob", "password": "short"}, "password"),
        ({"name": "bob", "unixName": "no-such-login"}, "unixName"),
        ({"name": "bob", "unixUid": 5}, "unixUid"),
        ({"name": "bob", "colour": "red"}, "colour"),
    ],
)
def test_what_a_user_cannot_be_is_named(world: World, chief: Actor, value: Json, property: str) -> None:
    refused = world.refuse(chief, "User", value, accountId=DESK)
    assert refused["type"] == "invalidProperties" and refused["properties"] == [property]


def test_the_login_that_stands_for_everybody_unknown_is_refused(world: World, chief: Actor) -> None:
    try:
        nobody = pwd.getpwuid(65534).pw_name
    except KeyError:
        pytest.fail("this machine has no login for the uid 65534")
    refused = world.refuse(chief, "User", {"name": "ghost", "unixName": nobody}, accountId=DESK)
    assert refused["properties"] == ["unixName"]


def test_two_users_share_neither_name_nor_login(world: World, chief: Actor) -> None:
    world.people.user("alice")
    assert world.refuse(chief, "User", {"name": "ALICE"}, accountId=DESK)["type"] == "alreadyExists"


def test_people_change_their_own_name_and_password_and_nothing_else(world: World, chief: Actor) -> None:
    alice, bob = world.people.user("alice"), world.people.user("bob")
    mine, his = f"u{alice.user_id}", f"u{bob.user_id}"
    assert update(world, alice, mine, {"displayName": "Alice A."}) is None
    assert update(world, alice, mine, {"password": "a new password"}) is None
    assert kept_hash(world, "alice")
    refused: list[tuple[str, Json]] = [
        (mine, {"isAdministrator": True}),
        (mine, {"name": "chief2"}),
        (mine, {"displayName": "x", "isActive": True, "unixName": None}),
        (his, {"displayName": "Bobby"}),
        (his, {"password": "a new password"}),
        (his, {"password": None}),
    ]
    for id_, patch in refused:
        failed = update(world, alice, id_, patch)
        assert failed and failed["type"] == "forbidden", patch
    assert destroy(world, alice, his)
    assert world.refuse(alice, "User", {"name": "carol"}, accountId=DESK)["type"] == "forbidden"
    assert update(world, chief, his, {"password": "a new password"}) is None
    assert update(world, chief, his, {"password": None}) is None
    assert kept_hash(world, "bob") is None


def test_everyone_sees_who_works_here(world: World, chief: Actor) -> None:
    alice = world.people.user("alice")
    found = world.call(alice, "User/query", accountId=DESK, sort=[{"property": "name"}])["ids"]
    assert found == [f"u{alice.user_id}", f"u{chief.user_id}"]


@pytest.mark.parametrize("how", ["demote", "deactivate", "destroy"])
def test_an_administrator_always_remains(world: World, chief: Actor, how: str) -> None:
    id_ = f"u{chief.user_id}"
    patches: dict[str, Json] = {"demote": {"isAdministrator": False}, "deactivate": {"isActive": False}}

    def take_away() -> Json | None:
        return destroy(world, chief, id_) if how == "destroy" else update(world, chief, id_, patches[how])

    failed = take_away()
    assert failed and failed["type"] == "forbidden" and "last administrator" in failed["description"]
    world.people.user("deputy", administrator=True)
    assert take_away() is None


def test_a_user_who_goes_takes_their_shares_and_memberships_along(world: World, chief: Actor) -> None:
    bob = world.person("bob", Level.READ)
    team = world.people.team("Support", bob)
    before = world.call(chief, "Team/get", accountId=DESK)["state"]
    assert destroy(world, chief, f"u{bob.user_id}") is None
    assert world.call(chief, "Grant/get")["list"] == []
    changed = world.call(chief, "Team/changes", accountId=DESK, sinceState=before)
    assert changed["updated"] == [f"g{team}"]
    assert world.get(chief, "Team", f"g{team}", accountId=DESK)["memberIds"] == {}


class TestTeams:
    def test_a_team_gives_and_takes_with_its_members(self, world: World, chief: Actor) -> None:
        alice = world.people.user("alice")
        made = world.create(
            chief, "Team", {"name": "Support", "memberIds": {f"u{alice.user_id}": True}}, accountId=DESK
        )
        assert world.fail(alice, "Mailbox/get") == "accountNotFound"
        world.create(chief, "Grant", {"principal": made["id"], "level": "read"})
        assert world.call(alice, "Mailbox/get")["list"]
        assert update(world, chief, made["id"], {f"memberIds/u{alice.user_id}": None}, "Team") is None
        assert world.fail(alice, "Mailbox/get") == "accountNotFound"

    def test_only_administrators_make_teams(self, world: World) -> None:
        alice = world.people.user("alice")
        assert world.refuse(alice, "Team", {"name": "Mine"}, accountId=DESK)["type"] == "forbidden"

    def test_members_are_users(self, world: World, chief: Actor) -> None:
        for members in ({"u999": True}, {"g1": True}, {f"u{chief.user_id}": False}):
            refused = world.refuse(chief, "Team", {"name": "T", "memberIds": members}, accountId=DESK)
            assert refused["properties"] == ["memberIds"]


def test_who_leaves_gets_held_mail_back_as_drafts(world: World, chief: Actor) -> None:
    bob = world.person("bob", Level.WRITE, Send.SEND_AS)
    submission = held_submission(world, bob)
    assert update(world, chief, f"u{bob.user_id}", {"isActive": False}) is None
    assert status_of(world, submission) == "canceled"


def held_submission(world: World, actor: Actor) -> int:
    """Something the actor sends that is still held."""
    identity = world.identity()
    draft = world.create(
        actor,
        "Email",
        {
            "mailboxIds": {world.box(Role.DRAFTS): True},
            "keywords": {"$draft": True},
            "from": [{"email": "support@example.org"}],
            "to": [{"email": "ann@customer.example"}],
            "subject": "Hello",
            "bodyValues": {"text": {"value": "Hello."}},
            "textBody": [{"partId": "text", "type": "text/plain"}],
        },
    )
    sent = world.create(actor, "EmailSubmission", {"identityId": identity, "emailId": draft["id"]})
    return int(sent["id"][1:])


def status_of(world: World, submission: int) -> str:
    with world.database.read() as tx:
        return str(tx.value("SELECT undo_status FROM submission WHERE id = ?", (submission,)))
