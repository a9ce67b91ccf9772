"""/changes for somebody who sees one folder: exact about what they saw, silent about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinbox.desk.front.login import Actor
from shinbox.terms import Level, Role
from tests.desk.front.methods.world import World, in_memory

BOXES = [Role.INBOX, Role.ARCHIVE, Role.TRASH]


@pytest.fixture
def carl(world: World) -> Actor:
    return world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])


@pytest.fixture
def bob(world: World) -> Actor:
    return world.person("bob")


def told(world: World, actor: Actor, since: str, type_name: str = "Email") -> tuple[list[str], ...]:
    answer = world.call(actor, f"{type_name}/changes", sinceState=since)
    return answer["created"], answer["updated"], answer["destroyed"]


def state(world: World, actor: Actor, type_name: str = "Email") -> str:
    return str(world.call(actor, f"{type_name}/get", ids=[])["state"])


def move(world: World, actor: Actor, email: str, *roles: Role) -> None:
    boxes = {world.box(role): True for role in roles}
    assert world.update(actor, "Email", email, {"mailboxIds": boxes}) is None


def test_an_email_that_left_is_destroyed_one_that_came_is_created(
    world: World, carl: Actor, bob: Actor
) -> None:
    leaves, comes, stays = world.receive(), world.receive(role=Role.ARCHIVE), world.receive()
    since = state(world, carl)
    move(world, bob, leaves, Role.ARCHIVE)
    move(world, bob, comes, Role.INBOX)
    world.update(bob, "Email", stays, {"keywords/$seen": True})
    assert told(world, carl, since) == ([comes], [stays], [leaves])


def test_what_was_never_visible_is_not_mentioned(world: World, carl: Actor, bob: Actor) -> None:
    old = world.receive(role=Role.ARCHIVE)
    since = state(world, carl)
    new = world.receive(role=Role.ARCHIVE)
    world.update(bob, "Email", old, {"keywords/$flagged": True})
    move(world, bob, old, Role.TRASH)
    world.call(bob, "Email/set", destroy=[old, new])
    assert told(world, carl, since) == ([], [], [])


def test_an_email_that_was_visible_and_is_gone_for_good_is_destroyed(
    world: World, carl: Actor, bob: Actor
) -> None:
    email = world.receive()
    since = state(world, carl)
    move(world, bob, email, Role.TRASH)
    world.call(bob, "Email/set", destroy=[email])
    assert told(world, carl, since) == ([], [], [email])


def test_there_and_back_again_is_an_update(world: World, carl: Actor, bob: Actor) -> None:
    email, hidden = world.receive(), world.receive(role=Role.ARCHIVE)
    since = state(world, carl)
    move(world, bob, email, Role.ARCHIVE)
    move(world, bob, email, Role.INBOX)
    move(world, bob, hidden, Role.INBOX)
    move(world, bob, hidden, Role.ARCHIVE)
    assert told(world, carl, since) == ([], [email], [])


def test_more_changes_than_asked_for_cannot_be_cut_exactly(world: World, carl: Actor) -> None:
    since = state(world, carl)
    world.receive()
    world.receive()
    assert world.fail(carl, "Email/changes", sinceState=since, maxChanges=1) == "cannotCalculateChanges"
    assert len(world.call(carl, "Email/changes", sinceState=since, maxChanges=2)["created"]) == 2


def test_a_thread_changes_only_with_what_is_seen_of_it(world: World, carl: Actor, bob: Actor) -> None:
    reply = "In-Reply-To: <m1@customer.example>\n"
    email = world.receive()
    thread = world.get(bob, "Email", email, "threadId")["threadId"]
    since = state(world, carl, "Thread")
    hidden = world.receive(role=Role.ARCHIVE, headers=reply)
    assert told(world, carl, since, "Thread") == ([], [], [])
    seen = world.receive(headers=reply)
    assert told(world, carl, since, "Thread") == ([], [thread], [])
    since = state(world, carl, "Thread")
    world.call(bob, "Email/set", destroy=[hidden])
    assert told(world, carl, since, "Thread") == ([], [], [])
    move(world, bob, seen, Role.ARCHIVE)
    move(world, bob, email, Role.ARCHIVE)
    assert told(world, carl, since, "Thread") == ([], [], [thread])
    since = state(world, carl, "Thread")
    move(world, bob, seen, Role.INBOX)
    assert told(world, carl, since, "Thread") == ([thread], [], [])


def test_folders_beside_the_tree_are_not_mentioned(world: World, carl: Actor, bob: Actor) -> None:
    since = state(world, carl, "Mailbox")
    beside = world.create(bob, "Mailbox", {"name": "Beside"})["id"]
    world.update(bob, "Mailbox", beside, {"name": "Still"})
    world.receive(role=Role.ARCHIVE)
    world.call(bob, "Mailbox/set", destroy=[beside])
    assert told(world, carl, since, "Mailbox") == ([], [], [])
    world.receive()
    assert told(world, carl, since, "Mailbox") == ([], [world.box(Role.INBOX)], [])


def test_a_folder_that_joins_the_tree_ends_the_old_state(world: World, carl: Actor, bob: Actor) -> None:
    beside = world.create(bob, "Mailbox", {"name": "Beside"})["id"]
    since = state(world, carl)
    world.update(bob, "Mailbox", beside, {"parentId": world.box(Role.INBOX)})
    assert world.fail(carl, "Email/changes", sinceState=since) == "cannotCalculateChanges"


# --- any history ----------------------------------------------------------------------------------


@dataclass
class Cache:
    """What a client holds that follows /changes, as it must: ids, and the states it has them from."""

    seen: dict[str, set[str]] = field(default_factory=lambda: {"Email": set(), "Thread": set()})
    states: dict[str, str] = field(default_factory=dict)

    def follow(self, world: World, actor: Actor) -> None:
        for type_name, held in self.seen.items():
            answer = world.call(actor, f"{type_name}/changes", sinceState=self.states[type_name])
            created, updated, destroyed = (set(answer[k]) for k in ("created", "updated", "destroyed"))
            assert not created & held, "created is new to the client"
            assert updated <= held, "updated is known to the client"
            assert destroyed <= held, "destroyed was known to the client"
            held |= created
            held -= destroyed
            self.states[type_name] = answer["newState"]
            now = {value["id"] for value in world.call(actor, f"{type_name}/get", properties=["id"])["list"]}
            assert held == now


steps = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.sets(st.sampled_from(BOXES), min_size=1), st.integers(0, 2)),
        st.tuples(st.just("move"), st.sets(st.sampled_from(BOXES), min_size=1), st.integers(0, 9)),
        st.tuples(st.just("flag"), st.just(set()), st.integers(0, 9)),
        st.tuples(st.just("destroy"), st.just(set()), st.integers(0, 9)),
        st.tuples(st.just("look"), st.just(set()), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=60)
@given(steps)
def test_after_any_history_a_client_that_follows_holds_exactly_what_it_may_see(
    history: list[tuple[str, set[Role], int]],
) -> None:
    with in_memory() as place:
        world = World(place)
        bob = world.person("bob")
        carl = world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])
        caches = {
            actor: Cache(states={name: state(world, actor, name) for name in ("Email", "Thread")})
            for actor in (bob, carl)
        }
        emails: list[str] = []
        for verb, roles, number in [*history, ("look", set(), 0)]:
            boxes = {world.folders[role] for role in roles}
            if verb == "receive":
                emails.append(world.receive(boxes=boxes, headers=f"References: <t{number}@x>\n"))
            elif verb == "look":
                for actor, cache in caches.items():
                    cache.follow(world, actor)
            elif emails:
                email = emails[number % len(emails)]
                if verb == "move":
                    move(world, bob, email, *roles)
                elif verb == "flag":
                    world.update(bob, "Email", email, {"keywords": {f"k{number}": True}})
                else:
                    emails.remove(email)
                    world.call(bob, "Email/set", destroy=[email])
        world.database.close()
