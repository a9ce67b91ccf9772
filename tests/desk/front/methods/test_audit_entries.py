"""The audit as people see it: administrators everything, managers their mailbox, others nothing."""

from __future__ import annotations

import pytest

from shinbox.desk.front.login import Actor
from shinbox.terms import Level
from tests.desk.front.methods.world import Json, World

DESK = "desk"


@pytest.fixture
def chief(world: World) -> Actor:
    return world.people.user("chief", administrator=True)


@pytest.fixture
def busy(world: World, chief: Actor) -> World:
    """Three shares in support, one user at the desk, one refusal."""
    for level in ("read", "triage", "write"):
        world.create(chief, "Grant", {"principal": "everyone", "level": level})
        world.clock.now += 60
    world.create(chief, "User", {"name": "zoe"}, accountId=DESK)
    world.refuse(world.people.user("eve"), "Grant", {"principal": "everyone"})
    return world


def found(world: World, actor: Actor, account: str = DESK, **arguments: object) -> list[str]:
    ids: list[str] = world.call(actor, "AuditEntry/query", dict(arguments), accountId=account)["ids"]
    return ids


def test_newest_first_and_a_page_at_a_time(busy: World, chief: Actor) -> None:
    everything = found(busy, chief)
    assert everything == ["l5", "l4", "l3", "l2", "l1"]
    assert found(busy, chief, sort=[{"property": "at", "isAscending": True}]) == everything[::-1]
    assert found(busy, chief, position=1, limit=2) == ["l4", "l3"]
    assert found(busy, chief, position=-2) == ["l2", "l1"]
    assert found(busy, chief, anchor="l3", anchorOffset=-1, limit=2) == ["l4", "l3"]
    assert busy.fail(chief, "AuditEntry/query", {"anchor": "l99"}, accountId=DESK) == "anchorNotFound"
    assert busy.call(chief, "AuditEntry/query", {"calculateTotal": True}, accountId=DESK)["total"] == 5


def test_the_audit_is_filtered_by_actor_action_and_time(busy: World, chief: Actor) -> None:
    assert found(busy, chief, filter={"actor": "EVE"}) == ["l5"]
    assert found(busy, chief, filter={"action": "User/create"}) == ["l4"]
    assert found(busy, chief, filter={"account": busy.account_id, "outcome": "ok"}) == ["l3", "l2", "l1"]
    second = busy.get(chief, "AuditEntry", "l2", accountId=DESK)["at"]
    assert found(busy, chief, filter={"after": second, "action": "Grant/create"}) == ["l5", "l3", "l2"]
    assert found(busy, chief, filter={"before": second}) == ["l1"]
    both: Json = {"operator": "AND", "conditions": [{"actor": "chief"}, {"action": "User/create"}]}
    assert found(busy, chief, filter=both) == ["l4"]
    for wrong in ({"colour": "red"}, {"operator": "NOT", "conditions": [{"actor": "eve"}]}):
        assert busy.fail(chief, "AuditEntry/query", {"filter": wrong}, accountId=DESK) == "unsupportedFilter"


def test_managers_see_what_is_about_their_mailbox_others_nothing(busy: World) -> None:
    manager, writer = busy.person("mona", Level.MANAGE), busy.person("will", Level.WRITE)
    assert found(busy, manager, busy.account_id) == ["l5", "l3", "l2", "l1"]
    assert found(busy, manager, DESK) == [] and found(busy, writer, busy.account_id) == []
    assert busy.call(writer, "AuditEntry/get", {"ids": ["l1"]})["notFound"] == ["l1"]
    assert busy.call(manager, "AuditEntry/get", {"ids": ["l4"]})["notFound"] == ["l4"]


def test_nobody_writes_the_audit(busy: World, chief: Actor) -> None:
    assert busy.fail(chief, "AuditEntry/set", {"destroy": ["l1"]}, accountId=DESK) == "unknownMethod"


class TestVerify:
    def test_an_untouched_audit_is_whole(self, busy: World, chief: Actor) -> None:
        told = busy.call(chief, "AuditEntry/verify", accountId=DESK)
        assert (told["ok"], told["entries"], told["brokenAt"]) == (True, 5, None)
        assert busy.call(chief, "AuditEntry/verify", accountId=DESK, head=told["head"])["ok"]
        assert not busy.call(chief, "AuditEntry/verify", accountId=DESK, head="0" * 64)["ok"]

    def test_a_changed_line_is_named(self, busy: World, chief: Actor) -> None:
        with busy.database.write() as tx:
            tx.run("DROP TRIGGER audit_no_update")
            tx.run("UPDATE audit SET actor = 'mallory' WHERE id = 2")
        told = busy.call(chief, "AuditEntry/verify", accountId=DESK)
        assert (told["ok"], told["brokenAt"]) == (False, "l2")

    def test_it_is_the_administrators(self, busy: World, chief: Actor) -> None:
        manager = busy.person("mona", Level.MANAGE)
        assert busy.fail(manager, "AuditEntry/verify") == "forbidden"
        assert busy.fail(manager, "AuditEntry/verify", accountId=DESK) == "forbidden"
        assert busy.fail(chief, "AuditEntry/verify") == "forbidden"
