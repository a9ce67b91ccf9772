"""Presence: seen by those who see the message, told to nobody else, never of oneself."""

from __future__ import annotations

from shinbox.desk.front.housekeeping import tell_who_is_gone
from shinbox.desk.front.login import Actor
from shinbox.desk.front.present import GONE_SECONDS
from shinbox.terms import Level, Role, Send
from tests.desk.front.methods.world import World


def at(world: World, who: Actor, email: str | None, doing: str = "views", window: str = "w") -> None:
    world.call(who, "Presence/refresh", emailId=email, doing=doing, window=window)


def there(world: World, who: Actor) -> list[tuple[str, str, str]]:
    """Whom somebody sees: name, email, what they do."""
    found = world.call(who, "Presence/get", ids=None)["list"]
    return [(one["who"]["name"], one["emailId"], one["doing"]) for one in found]


def test_colleagues_see_who_reads_and_who_answers_and_not_themselves(world: World) -> None:
    bob = world.person("bob", Level.WRITE, Send.SEND_AS)
    alice = world.person("alice", Level.READ)
    email = world.receive()
    at(world, bob, email)
    assert there(world, alice) == [("bob", email, "views")]
    assert there(world, bob) == []
    at(world, bob, email, "writes")
    assert there(world, alice) == [("bob", email, "writes")]
    got = world.call(alice, "Presence/get", ids=None)["list"][0]
    assert got["threadId"] == world.get(alice, "Email", email, "threadId")["threadId"]


def test_who_sees_only_another_folder_hears_of_nobody(world: World) -> None:
    bob = world.person("bob", Level.WRITE, Send.SEND_AS)
    eve = world.person("eve", Level.READ, mailbox=world.folders[Role.ARCHIVE])
    email, filed = world.receive(), world.receive(role=Role.ARCHIVE)
    before = world.call(eve, "Presence/get", ids=None)
    at(world, bob, email)
    assert world.call(eve, "Presence/get", ids=None) == before
    at(world, bob, filed)
    assert there(world, eve) == [("bob", filed, "views")]


def test_nobody_is_at_a_message_that_they_do_not_see_or_answers_where_they_may_not(world: World) -> None:
    alice = world.person("alice", Level.READ)
    email = world.receive()
    assert world.fail(alice, "Presence/refresh", emailId="e999", window="w") == "invalidArguments"
    assert world.fail(alice, "Presence/refresh", emailId=email, doing="writes", window="w") == "forbidden"
    assert world.fail(alice, "Presence/refresh", emailId=email, doing="sleeps", window="w") == (
        "invalidArguments"
    )
    assert world.fail(alice, "Presence/refresh", emailId=email, window="") == "invalidArguments"


def test_a_change_is_pushed_once_and_a_sign_of_life_never(world: World) -> None:
    bob = world.person("bob", Level.WRITE)
    email = world.receive()
    world.mail.pushed.clear()
    at(world, bob, email)
    at(world, bob, email)
    assert world.mail.pushed == [frozenset({(world.account, "Presence")})]
    at(world, bob, None)
    assert len(world.mail.pushed) == 2
    assert world.audit() == []


def test_who_falls_silent_is_gone_after_25_seconds_and_that_is_told(world: World) -> None:
    bob, alice = world.person("bob"), world.person("alice", Level.READ)
    at(world, bob, world.receive())
    world.clock.now += GONE_SECONDS - 1
    assert not tell_who_is_gone(world.desk)
    assert len(there(world, alice)) == 1
    world.mail.pushed.clear()
    world.clock.now += 1
    assert there(world, alice) == []
    assert tell_who_is_gone(world.desk)
    assert world.mail.pushed == [frozenset({(world.account, "Presence")})]


def test_presence_takes_no_lock_of_the_database(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    with world.database.write():
        at(world, bob, email)
