"""Shares: who may give what, what they open and close at once, and Grant/explain, which says why."""

from __future__ import annotations

import pytest

from shinbox.desk.front.held import hold_back_expired
from shinbox.desk.front.login import Actor
from shinbox.desk.store.times import utc_now
from shinbox.terms import Level, Role, Send
from tests.desk.front.methods.test_users_and_teams import held_submission, status_of
from tests.desk.front.methods.world import Json, World


@pytest.fixture
def chief(world: World) -> Actor:
    return world.people.user("chief", administrator=True)


def principal(actor: Actor) -> str:
    return f"u{actor.user_id}"


def destroy(world: World, actor: Actor, id_: str) -> Json | None:
    answer = world.call(actor, "Grant/set", {"destroy": [id_]})
    return (answer["notDestroyed"] or {}).get(id_)


def test_a_manager_shares_the_mailbox_and_takes_it_back(world: World) -> None:
    manager, alice = world.person("mona", Level.MANAGE), world.people.user("alice")
    assert world.fail(alice, "Email/query") == "accountNotFound"
    made = world.create(manager, "Grant", {"principal": principal(alice), "level": "triage"})
    assert made["createdBy"] == principal(manager)
    assert world.call(alice, "Email/query")["ids"] == []
    assert destroy(world, manager, made["id"]) is None
    assert world.fail(alice, "Email/query") == "accountNotFound"


def test_an_administrator_shares_without_seeing_mail(world: World, chief: Actor) -> None:
    alice = world.people.user("alice")
    world.receive()
    world.create(chief, "Grant", {"principal": principal(alice)})
    assert len(world.query(alice)) == 1 and world.query(chief) == []
    assert world.call(chief, "Mailbox/get")["list"] == []


@pytest.mark.parametrize("level", [Level.READ, Level.TRIAGE, Level.WRITE])
def test_who_does_not_manage_sees_no_shares_and_gives_none(world: World, level: Level) -> None:
    alice, bob = world.person("alice", level, Send.SEND_AS), world.people.user("bob")
    assert world.call(alice, "Grant/get")["list"] == []
    refused = world.refuse(alice, "Grant", {"principal": principal(bob)})
    assert refused["type"] == "forbidden" and "share the mailbox" in refused["description"]


@pytest.mark.parametrize(
    ("value", "property"),
    [
        ({}, "principal"),
        ({"principal": "u999"}, "principal"),
        ({"principal": "bob"}, "principal"),
        ({"level": "own"}, "level"),
        ({"send": "maybe"}, "send"),
        ({"withRights": ["mayFly"]}, "withRights"),
        ({"withoutRights": ["mayFly"]}, "withoutRights"),
        ({"mailboxId": "f999"}, "mailboxId"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, "expiresAt"),
    ],
)
def test_what_a_share_cannot_be_is_named(world: World, chief: Actor, value: Json, property: str) -> None:
    given = {"principal": "everyone", **value} if value else {}
    refused = world.refuse(chief, "Grant", given)
    assert refused["type"] == "invalidProperties" and refused["properties"] == [property]


@pytest.mark.parametrize(
    "value", [{"level": "manage"}, {"send": "send-as"}, {"withRights": ["maySubmit"]}], ids=str
)
def test_a_folder_is_not_shared_with_what_belongs_to_the_mailbox(
    world: World, chief: Actor, value: Json
) -> None:
    refused = world.refuse(
        chief, "Grant", {"principal": "everyone", "mailboxId": world.box(Role.ARCHIVE), **value}
    )
    assert refused["type"] == "invalidProperties"


def test_a_folder_share_opens_that_folder_alone(world: World, chief: Actor) -> None:
    alice = world.people.user("alice")
    inbox, archived = world.receive(), world.receive(role=Role.ARCHIVE)
    world.create(chief, "Grant", {"principal": principal(alice), "mailboxId": world.box(Role.ARCHIVE)})
    assert world.query(alice) == [archived]
    assert [box["id"] for box in world.call(alice, "Mailbox/get")["list"]] == [world.box(Role.ARCHIVE)]
    assert world.call(alice, "Email/get", {"ids": [inbox]})["notFound"] == [inbox]


def test_after_a_change_of_rights_an_old_state_no_longer_counts(world: World, chief: Actor) -> None:
    alice = world.people.user("alice")
    made = world.create(chief, "Grant", {"principal": principal(alice), "level": "read"})
    state = world.call(alice, "Email/get", {"ids": []})["state"]
    session = world.request(alice, {"using": [], "methodCalls": []})["sessionState"]
    assert world.call(alice, "Email/changes", sinceState=state)["created"] == []
    assert world.update(chief, "Grant", made["id"], {"level": "triage"}) is None
    assert world.fail(alice, "Email/changes", sinceState=state) == "cannotCalculateChanges"
    assert world.request(alice, {"using": [], "methodCalls": []})["sessionState"] != session


def test_who_may_no_longer_send_gets_held_mail_back_as_drafts(world: World, chief: Actor) -> None:
    bob, carol = (
        world.person("bob", Level.WRITE, Send.SEND_AS),
        world.person("carol", Level.WRITE, Send.SEND_AS),
    )
    his, hers = held_submission(world, bob), held_submission(world, carol)
    [grant] = [g["id"] for g in world.call(chief, "Grant/get")["list"] if g["principal"] == principal(bob)]
    assert world.update(chief, "Grant", grant, {"send": "none"}) is None
    assert (status_of(world, his), status_of(world, hers)) == ("canceled", "pending")
    assert (world.account, "submission") in world.mail.wakes


def test_held_mail_without_its_persons_name_does_not_leave_once_they_send_on_behalf(
    world: World, chief: Actor
) -> None:
    bob = world.person("bob", Level.WRITE, Send.SEND_AS)
    his = held_submission(world, bob)
    [grant] = [g["id"] for g in world.call(chief, "Grant/get")["list"] if g["principal"] == principal(bob)]
    assert world.update(chief, "Grant", grant, {"send": "on-behalf"}) is None
    told = world.get(bob, "EmailSubmission", f"s{his}", "undoStatus", "error")
    assert told["undoStatus"] == "canceled"
    assert "your name" in told["error"]


def test_held_mail_of_an_identity_that_is_removed_is_a_draft_again(world: World, chief: Actor) -> None:
    bob = world.person("bob", Level.WRITE, Send.SEND_AS)
    his = held_submission(world, bob)
    [identity] = [each["id"] for each in world.call(bob, "Identity/get")["list"]]
    world.call(chief, "Identity/set", {"destroy": [identity]})
    assert status_of(world, his) == "canceled"
    assert (world.account, "intents") in world.mail.wakes


def test_held_mail_is_a_draft_again_even_if_a_colleague_destroyed_its_email(
    world: World, chief: Actor
) -> None:
    bob, carol = world.person("bob", Level.WRITE, Send.SEND_AS), world.person("carol", Level.MANAGE)
    held = held_submission(world, bob)
    [email] = world.query(carol)
    world.call(carol, "Email/set", {"destroy": [email]})
    [grant] = [g["id"] for g in world.call(chief, "Grant/get")["list"] if g["principal"] == principal(bob)]
    assert world.update(chief, "Grant", grant, {"send": "none"}) is None
    assert status_of(world, held) == "canceled"
    [given_back] = world.query(carol)
    assert given_back != email
    assert world.get(carol, "Email", given_back, "keywords")["keywords"] == {"$draft": True, "$seen": True}


def test_a_share_that_ends_by_its_date_holds_mail_back_too(world: World) -> None:
    end = utc_now(world.clock() + 60)
    bob = world.person("bob", Level.WRITE, Send.SEND_AS, expires_at=end)
    carol = world.person("carol", Level.WRITE, Send.SEND_AS)
    his, hers = held_submission(world, bob), held_submission(world, carol)
    assert not hold_back_expired(world.desk)
    world.clock.now += 60
    assert hold_back_expired(world.desk)
    assert (status_of(world, his), status_of(world, hers)) == ("canceled", "pending")
    assert (world.account, "EmailSubmission") in world.mail.pushed[-1]
    assert not hold_back_expired(world.desk)


def test_a_manager_may_take_the_mailbox_from_themselves(world: World) -> None:
    manager = world.person("mona", Level.MANAGE)
    [grant] = world.call(manager, "Grant/get")["list"]
    assert destroy(world, manager, grant["id"]) is None
    assert world.fail(manager, "Grant/get") == "accountNotFound"


def test_the_audit_says_what_was_shared_and_what_was_refused(world: World, chief: Actor) -> None:
    alice = world.person("alice", Level.READ)
    world.create(chief, "Grant", {"principal": "everyone", "level": "read"})
    world.refuse(alice, "Grant", {"principal": "everyone", "level": "manage"})
    with world.database.read() as tx:
        rows = [tuple(r) for r in tx.all("SELECT actor, action, outcome, detail FROM audit ORDER BY id")]
    assert rows[0][:3] == ("chief", "Grant/create", "ok") and '"everyone"' in rows[0][3]
    assert rows[1][:3] == ("alice", "Grant/create", "refused")


class TestExplain:
    def explain(self, world: World, actor: Actor, **arguments: object) -> Json:
        return world.call(actor, "Grant/explain", dict(arguments))

    def test_it_names_the_share_that_gives(self, world: World) -> None:
        alice = world.people.user("alice")
        team = world.people.team("Support", alice)
        world.people.grant(world.account, team=team, level=Level.TRIAGE)
        told = self.explain(world, alice, action="move", mailboxId=world.box(Role.INBOX))
        assert told["allowed"] and told["missing"] == []
        assert told["because"][0].startswith("team Support")

    def test_it_says_what_is_missing(self, world: World) -> None:
        alice = world.person("alice", Level.READ)
        told = self.explain(world, alice, user="alice", action="mayMove", mailboxId=world.box(Role.INBOX))
        assert not told["allowed"]
        assert "move messages" in told["missing"][0] and "Inbox" in told["missing"][0]

    def test_it_says_when_the_mail_server_forbids(self, world: World) -> None:
        alice = world.person("alice", Level.WRITE)
        with world.database.write() as tx:
            tx.run("UPDATE mailbox SET server_rights = 'lr' WHERE id = ?", (world.folders[Role.INBOX],))
        told = self.explain(world, alice, action="flag", mailboxId=world.box(Role.INBOX))
        assert not told["allowed"] and "mail server" in told["missing"][0]

    def test_it_agrees_with_what_the_desk_then_does(self, world: World) -> None:
        email = world.receive()
        for level in (Level.READ, Level.TRIAGE):
            actor = world.person(f"p-{level}", level)
            told = self.explain(world, actor, action="flag", mailboxId=world.box(Role.INBOX))
            failed = world.update(actor, "Email", email, {"keywords/$flagged": level == Level.TRIAGE or None})
            done = world.update(actor, "Email", email, {"keywords/label": True})
            assert told["allowed"] == (done is None), (level, failed)

    def test_managers_and_administrators_ask_about_anybody_others_about_themselves(
        self, world: World, chief: Actor
    ) -> None:
        alice, manager = world.person("alice", Level.WRITE), world.person("mona", Level.MANAGE)
        assert self.explain(world, manager, user="alice", action="delete")["allowed"]
        assert not self.explain(world, chief, user="alice", action="share")["allowed"]
        for user in ("mona", "nobody-there"):
            assert world.fail(alice, "Grant/explain", user=user, action="read") == "forbidden"
        assert world.fail(manager, "Grant/explain", user="nobody-there", action="read") == "invalidArguments"

    def test_it_names_all_folders_to_whoever_shares_them_and_to_nobody_else(
        self, world: World, chief: Actor
    ) -> None:
        alice = world.people.user("alice")
        world.create(chief, "Grant", {"principal": principal(alice), "mailboxId": world.box(Role.ARCHIVE)})
        for reader in (alice, world.person("bob", Level.WRITE, Send.SEND_AS)):
            assert "folders" not in self.explain(world, reader, action="read")
        for manager in (chief, world.person("mona", Level.MANAGE)):
            told = self.explain(world, manager, user="alice", action="read")["folders"]
            assert {folder["id"] for folder in told} == {world.box(role) for role in world.folders}
            known = {"id", "name", "parentId", "role", "serverForbids"}
            assert all(folder.keys() == known for folder in told)

    def test_it_says_which_folders_the_mail_server_lets_nobody_read(self, world: World, chief: Actor) -> None:
        with world.database.write() as tx:
            tx.run("UPDATE mailbox SET server_rights = 'kl' WHERE id = ?", (world.folders[Role.ARCHIVE],))
            tx.run("UPDATE mailbox SET server_rights = 'lr' WHERE id = ?", (world.folders[Role.SENT],))
        told = self.explain(world, chief, action="read")["folders"]
        closed = {folder["id"]: folder["serverForbids"] for folder in told if folder["serverForbids"]}
        assert closed == {world.box(Role.ARCHIVE): ["mayReadItems"]}

    def test_it_knows_who_left_and_whose_share_ended(self, world: World, chief: Actor) -> None:
        bob = world.people.user("bob")
        world.people.grant(world.account, bob, expires_at=utc_now(world.clock() + 60))
        assert self.explain(world, chief, user="bob", action="read")["allowed"]
        world.clock.now += 60
        assert not self.explain(world, chief, user="bob", action="read")["allowed"]
        world.people.grant(world.account, bob)
        world.call(chief, "User/set", {"update": {principal(bob): {"isActive": False}}}, accountId="desk")
        assert "not active" in self.explain(world, chief, user="bob", action="read")["missing"][0]

    @pytest.mark.parametrize("arguments", [{}, {"action": "fly"}, {"action": "read", "mailboxId": "f999"},
                                           {"action": "read", "why": 1}], ids=str)  # fmt: skip
    def test_wrong_arguments_are_refused(self, world: World, arguments: Json) -> None:
        assert world.fail(world.person("alice"), "Grant/explain", arguments) == "invalidArguments"
