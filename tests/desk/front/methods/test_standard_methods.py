"""get, set and changes as RFC 8620 §5 wants them, shown on folders."""

from __future__ import annotations

import pytest

from shinbox.terms import Level, Role
from tests.desk.front.methods.world import Json, World

# --- get ------------------------------------------------------------------------------------------


def test_get_answers_all_none_or_each_once(world: World) -> None:
    bob = world.person("bob")
    inbox = world.box(Role.INBOX)
    assert len(world.call(bob, "Mailbox/get")["list"]) == 6
    assert world.call(bob, "Mailbox/get", ids=[])["list"] == []
    twice = world.call(bob, "Mailbox/get", ids=[inbox, inbox, "f999", "nonsense"], properties=["name"])
    assert twice["list"] == [{"id": inbox, "name": "Inbox"}]
    assert twice["notFound"] == ["f999", "nonsense"]


def test_an_id_of_another_type_or_account_is_not_found(world: World) -> None:
    bob = world.person("bob")
    other, _ = world.people.account("sales")
    world.people.grant(other, bob, level=Level.MANAGE)
    email = world.receive()
    assert world.call(bob, "Mailbox/get", ids=[email])["notFound"] == [email]
    assert world.call(bob, "Email/get", accountId=f"a{other}", ids=[email])["notFound"] == [email]
    moved = world.call(bob, "Email/set", accountId=f"a{other}", update={email: {"keywords/$seen": True}})
    assert moved["notUpdated"][email]["type"] == "notFound"


# --- set ------------------------------------------------------------------------------------------


def test_if_in_state_is_checked_before_anything(world: World) -> None:
    bob = world.person("bob")
    state = world.call(bob, "Mailbox/get", ids=[])["state"]
    world.create(bob, "Mailbox", {"name": "One"})
    assert world.fail(bob, "Mailbox/set", ifInState=state, create={"k": {"name": "Two"}}) == "stateMismatch"
    now = world.call(bob, "Mailbox/get", ids=[])["state"]
    answer = world.call(bob, "Mailbox/set", ifInState=now, create={"k": {"name": "Two"}})
    assert answer["oldState"] == now
    assert answer["newState"] == world.call(bob, "Mailbox/get", ids=[])["state"]


def test_creations_are_made_in_the_order_of_their_dependence(world: World) -> None:
    bob = world.person("bob")
    answer = world.call(
        bob,
        "Mailbox/set",
        create={
            "leaf": {"name": "Leaf", "parentId": "#twig"},
            "twig": {"name": "Twig", "parentId": "#branch"},
            "branch": {"name": "Branch"},
        },
    )
    made = answer["created"]
    assert world.get(bob, "Mailbox", made["leaf"]["id"])["parentId"] == made["twig"]["id"]
    assert world.get(bob, "Mailbox", made["twig"]["id"])["parentId"] == made["branch"]["id"]


def test_creations_that_wait_for_each_other_fail_and_no_more(world: World) -> None:
    bob = world.person("bob")
    answer = world.call(
        bob,
        "Mailbox/set",
        create={
            "a": {"name": "A", "parentId": "#b"},
            "b": {"name": "B", "parentId": "#a"},
            "c": {"name": "C"},
        },
    )
    assert answer["created"].keys() == {"c"}
    assert {failure["type"] for failure in answer["notCreated"].values()} == {"invalidProperties"}


def test_created_answers_everything_that_the_server_set(world: World) -> None:
    bob = world.person("bob")
    made = world.create(bob, "Mailbox", {"name": "Case"})
    whole = world.get(bob, "Mailbox", made["id"])
    assert made == {name: value for name, value in whole.items() if name != "name"}


def test_create_update_and_destroy_happen_in_this_order_with_partial_success(world: World) -> None:
    bob = world.person("bob")
    old = world.create(bob, "Mailbox", {"name": "Case"})["id"]
    answer = world.call(
        bob,
        "Mailbox/set",
        create={"taken": {"name": "Case"}, "new": {"name": "Other"}},
        update={"f999": {"name": "x"}, "#new": {"name": "Renamed"}},
        destroy=[old, "f998", "nonsense"],
    )
    assert answer["notCreated"]["taken"]["type"] == "alreadyExists"
    assert answer["notCreated"]["taken"]["existingId"] == old
    assert answer["notUpdated"]["f999"]["type"] == "notFound"
    assert answer["updated"] == {"#new": None}
    assert answer["destroyed"] == [old]
    assert {id_: e["type"] for id_, e in answer["notDestroyed"].items()} == {
        "f998": "notFound",
        "nonsense": "notFound",
    }


def test_what_the_same_call_destroys_is_not_updated(world: World) -> None:
    bob = world.person("bob")
    folder = world.create(bob, "Mailbox", {"name": "Case"})["id"]
    answer = world.call(bob, "Mailbox/set", update={folder: {"name": "x"}}, destroy=[folder, folder])
    assert answer["notUpdated"][folder]["type"] == "willDestroy"
    assert answer["destroyed"] == [folder]


@pytest.mark.parametrize(
    ("patch", "error"),
    [
        ({"name": 1}, "invalidProperties"),
        ({"name": ""}, "invalidProperties"),
        ({"name": "a\nb"}, "invalidProperties"),
        ({"name": "x" * 201}, "invalidProperties"),
        ({"nothing": 1}, "invalidProperties"),
        ({"totalEmails": 7}, "invalidProperties"),
        ({"id": "f999"}, "invalidProperties"),
        ({"role": "king"}, "invalidProperties"),
        ({"role": "trash"}, "invalidProperties"),
        ({"sortOrder": -1}, "invalidProperties"),
        ({"parentId": "f999"}, "invalidProperties"),
        ({"parentId": "#nothing"}, "invalidProperties"),
        ({"myRights/mayReadItems": False}, "invalidProperties"),
        ({"name/x": "y"}, "invalidPatch"),
        ({"nothing/x": "y"}, "invalidPatch"),
        ({"name": "Inbox"}, "alreadyExists"),
    ],
)
def test_a_wrong_patch_is_refused_and_says_why(world: World, patch: Json, error: str) -> None:
    bob = world.person("bob")
    folder = world.create(bob, "Mailbox", {"name": "Case"})["id"]
    before = world.get(bob, "Mailbox", folder)
    failure = world.update(bob, "Mailbox", folder, patch)
    assert failure is not None
    assert failure["type"] == error
    assert world.get(bob, "Mailbox", folder) == before


def test_an_object_may_be_sent_back_whole_with_its_server_set_values(world: World) -> None:
    bob = world.person("bob")
    folder = world.create(bob, "Mailbox", {"name": "Case"})["id"]
    whole = world.get(bob, "Mailbox", folder)
    assert world.update(bob, "Mailbox", folder, {**whole, "name": "Renamed"}) is None
    assert world.get(bob, "Mailbox", folder) == {**whole, "name": "Renamed"}


def test_null_resets_a_property_to_its_default(world: World) -> None:
    bob = world.person("bob")
    made = world.create(bob, "Mailbox", {"name": "Case", "isSubscribed": False, "sortOrder": 7})
    assert world.update(bob, "Mailbox", made["id"], {"isSubscribed": None, "sortOrder": None}) is None
    value = world.get(bob, "Mailbox", made["id"], "isSubscribed", "sortOrder")
    assert (value["isSubscribed"], value["sortOrder"]) == (True, 0)


# --- changes --------------------------------------------------------------------------------------


def test_each_changed_object_stands_in_exactly_one_list(world: World) -> None:
    bob = world.person("bob")
    updated = world.create(bob, "Mailbox", {"name": "Updated"})["id"]
    destroyed = world.create(bob, "Mailbox", {"name": "Destroyed"})["id"]
    since = world.call(bob, "Mailbox/get", ids=[])["state"]
    created = world.create(bob, "Mailbox", {"name": "Created"})["id"]
    world.update(bob, "Mailbox", created, {"name": "Created and updated"})
    passing = world.create(bob, "Mailbox", {"name": "Passing"})["id"]
    world.update(bob, "Mailbox", updated, {"name": "Again"})
    world.call(bob, "Mailbox/set", destroy=[passing, destroyed])

    answer = world.call(bob, "Mailbox/changes", sinceState=since)

    assert (answer["created"], answer["updated"], answer["destroyed"]) == ([created], [updated], [destroyed])
    assert answer["oldState"] == since
    assert answer["newState"] == world.call(bob, "Mailbox/get", ids=[])["state"]
    assert answer["hasMoreChanges"] is False


def test_changes_come_in_pieces_that_add_up(world: World) -> None:
    bob = world.person("bob")
    since = world.call(bob, "Mailbox/get", ids=[])["state"]
    made = [world.create(bob, "Mailbox", {"name": f"F{n}"})["id"] for n in range(5)]
    found: list[str] = []
    more = True
    while more:
        answer = world.call(bob, "Mailbox/changes", sinceState=since, maxChanges=2)
        found += answer["created"]
        assert len(answer["created"]) <= 2
        since, more = answer["newState"], answer["hasMoreChanges"]
    assert found == made


def test_nothing_changed_is_an_empty_answer_with_the_same_state(world: World) -> None:
    bob = world.person("bob")
    since = world.call(bob, "Mailbox/get", ids=[])["state"]
    answer = world.call(bob, "Mailbox/changes", sinceState=since)
    assert answer["newState"] == since
    assert [answer[name] for name in ("created", "updated", "destroyed")] == [[], [], []]


@pytest.mark.parametrize("state", ["", "x", "1", "-1.{}", "999999.{}", "1.0000000000", "1.5.{}", "٣.{}"])
def test_a_state_that_is_none_of_ours_cannot_be_calculated_from(world: World, state: str) -> None:
    bob = world.person("bob")
    epoch = str(world.call(bob, "Mailbox/get", ids=[])["state"]).partition(".")[2]
    assert world.fail(bob, "Mailbox/changes", sinceState=state.format(epoch)) == "cannotCalculateChanges"


def test_a_state_from_before_other_rights_cannot_be_calculated_from(world: World) -> None:
    bob = world.person("bob", Level.READ)
    since = world.call(bob, "Email/get", ids=[])["state"]
    world.people.grant(world.account, bob, level=Level.WRITE)
    assert world.fail(bob, "Email/changes", sinceState=since) == "cannotCalculateChanges"


def test_states_below_the_floor_are_too_old(world: World) -> None:
    bob = world.person("bob")
    since = world.call(bob, "Mailbox/get", ids=[])["state"]
    with world.database.write() as tx:
        tx.run("UPDATE account SET floor_seq = seq + 1, seq = seq + 2 WHERE id = ?", (world.account,))
    assert world.fail(bob, "Mailbox/changes", sinceState=since) == "cannotCalculateChanges"


def test_counts_alone_are_told_as_counts(world: World) -> None:
    bob = world.person("bob")
    since = world.call(bob, "Mailbox/get", ids=[])["state"]
    email = world.receive()
    answer = world.call(bob, "Mailbox/changes", sinceState=since)
    assert answer["updated"] == [world.box(Role.INBOX)]
    assert answer["updatedProperties"] == ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"]
    world.update(bob, "Mailbox", world.box(Role.INBOX), {"sortOrder": 3})
    assert world.call(bob, "Mailbox/changes", sinceState=since)["updatedProperties"] is None
    assert world.call(bob, "Email/changes", sinceState=since)["created"] == [email]


def test_a_change_of_an_email_changes_its_folder_and_its_thread(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    thread = world.get(bob, "Email", email, "threadId")["threadId"]
    since = {name: world.call(bob, f"{name}/get", ids=[])["state"] for name in ("Mailbox", "Thread", "Email")}
    world.call(bob, "Email/set", destroy=[email])
    told = {name: world.call(bob, f"{name}/changes", sinceState=state) for name, state in since.items()}
    assert told["Mailbox"]["updated"] == [world.box(Role.INBOX)]
    assert told["Thread"]["destroyed"] == [thread]
    assert told["Email"]["destroyed"] == [email]
