"""Who may what, cell by cell: every method of every declared type, through every side door.

Each cell has its negative control (nothing happens, nothing changes) and each door a positive one. Taking any
right out of any declaration makes a cell fail; a method without a door fails too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from shinbox.jmap.objects import TYPES, Change, Demand
from shinbox.terms import Right
from tests.desk.front.methods.matrix import COMMON, STRONG, Cast, Probe, Variant, seqs
from tests.desk.front.methods.probes import PROBES
from tests.desk.front.methods.test_emails_set import make_imap
from tests.desk.front.methods.world import World, in_memory

EVERYTHING = Variant("every right and an administrator", STRONG, admin=True)


@pytest.fixture(scope="module")
def cast() -> Iterator[Cast]:
    with in_memory() as folder:
        yield _cast(World(folder))


def _cast(world: World) -> Cast:
    world.people.user("the first administrator", administrator=True)
    make_imap(world)
    # The first email: what intents are about.
    world.receive()
    return Cast(world)


def opens(cast: Cast, probe: Probe, variant: Variant) -> bool:
    """Whether the door opens; a door that stays shut changes nothing."""
    actor, it = cast.actor(variant), probe.prepare(cast.world)
    before = seqs(cast.world)
    opened = probe.act(cast.world, actor, it)
    # A send may succeed where what was to follow from it is refused.
    if not opened and "through it" not in probe.what:
        assert seqs(cast.world) == before, (
            f"{probe.id}: refused for {variant.name}, and yet changed something"
        )
    return opened


def test_every_declared_method_has_a_door() -> None:
    declared = {(name, method) for name, type_ in TYPES.items() for method in type_.methods}
    assert {(probe.type, probe.method) for probe in PROBES} == declared


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_door_opens_for_those_who_may_and_for_nobody_else(cast: Cast, probe: Probe) -> None:
    answers: dict[bool, int] = {True: 0, False: 0}
    for variant in dict.fromkeys([*probe.variants(), EVERYTHING]):
        expected = probe.expected(variant)
        assert opens(cast, probe, variant) is expected, f"{probe.id} for {variant.name}"
        answers[expected] += 1
    assert answers[True], "no positive control"
    assert answers[False] or not any(need.rights or need.admin for need in probe.needs), "no negative control"


# --- the matrix itself is tested: every declared right counts ---------------------------------------

Rule = Callable[..., frozenset[Demand]]


def _order(demand: Demand) -> tuple[list[Right], str]:
    """The same in every process: the repr of a set is not."""
    return sorted(demand.rights), demand.who or ""


def declared_demands() -> Iterator[tuple[str, str, Demand]]:
    """(type, rule, demand without its folder) of everything that the doors ask of the declarations."""
    for name in sorted(TYPES):
        for rule in ("demands", "visible"):
            yield from ((name, rule, demand) for demand in sorted(ASKED.get((name, rule), ()), key=_order))


ASKED: Mapping[tuple[str, str], frozenset[Demand]] = {
    ("Mailbox", "visible"): frozenset({Demand(frozenset({Right.READ}))}),
    ("Mailbox", "demands"): frozenset(
        Demand(frozenset({right})) for right in (Right.CREATE_CHILD, Right.RENAME, Right.DELETE)
    ),
    ("Email", "visible"): frozenset({Demand(frozenset({Right.READ}))}),
    ("Email", "demands"): frozenset(
        {
            *(Demand(frozenset({r})) for r in (Right.ADD, Right.REMOVE, Right.SET_SEEN, Right.SET_KEYWORDS)),
            Demand(frozenset({Right.MOVE, Right.REMOVE})),
            Demand(frozenset({Right.MOVE, Right.ADD})),
        }
    ),
    ("Thread", "visible"): frozenset({Demand(frozenset({Right.READ}))}),
    ("Identity", "visible"): frozenset(
        {
            Demand(who="administrator"),
            *(Demand(frozenset({r})) for r in (Right.READ, Right.READ_SETTINGS, Right.ADMIN)),
        }
    ),
    ("Identity", "demands"): frozenset({Demand(frozenset({Right.WRITE_SETTINGS}), None, "administrator")}),
    ("EmailSubmission", "visible"): frozenset({Demand(frozenset({Right.READ}))}),
    ("EmailSubmission", "demands"): frozenset({Demand(frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF}))}),
    ("Draft", "visible"): frozenset({Demand(frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF}))}),
    ("Draft", "demands"): frozenset(
        {Demand(frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF})), Demand(frozenset({Right.READ}))}
    ),
    ("Presence", "visible"): frozenset({Demand(frozenset({Right.READ}))}),
    ("Presence", "demands"): frozenset({Demand(frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF}))}),
    ("Intent", "visible"): frozenset({Demand(frozenset({Right.READ}))}),
    ("Job", "visible"): frozenset(
        {
            Demand(who="administrator"),
            Demand(frozenset({Right.READ})),
            Demand(frozenset({Right.READ_SETTINGS})),
        }
    ),
    ("Job", "demands"): frozenset({Demand(who="administrator"), Demand(frozenset({Right.READ}))}),
    ("Connection", "visible"): frozenset(
        {Demand(who="administrator"), Demand(frozenset({Right.READ_SETTINGS}))}
    ),
    ("Connection", "demands"): frozenset({Demand(who="administrator")}),
    ("Grant", "visible"): frozenset({Demand(who="administrator"), Demand(frozenset({Right.ADMIN}))}),
    ("Grant", "demands"): frozenset({Demand(frozenset({Right.ADMIN}), None, "administrator")}),
    ("AuditEntry", "visible"): frozenset({Demand(who="administrator"), Demand(frozenset({Right.ADMIN}))}),
    ("User", "visible"): frozenset({Demand()}),
    ("User", "demands"): frozenset({Demand(who="administrator"), Demand(who="self")}),
    ("Team", "visible"): frozenset({Demand()}),
    ("Team", "demands"): frozenset({Demand(who="administrator")}),
    ("Account", "visible"): frozenset({Demand(who="administrator")}),
    ("Account", "demands"): frozenset({Demand(who="administrator")}),
}
"""What the declarations ask, folders left out: held against what they really ask when the doors open."""


def test_the_doors_ask_everything_that_is_declared(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[tuple[str, str], set[Demand]] = {}
    for name, type_ in TYPES.items():
        for rule in ("demands", "visible"):
            monkeypatch.setattr(type_.cls, rule, _noting(getattr(type_.cls, rule), asked, (name, rule)))
    for probe in PROBES:
        opens(cast, probe, EVERYTHING)
        opens(cast, probe, COMMON[1])
    assert {key: frozenset(demands) for key, demands in asked.items()} == ASKED


def _noting(rule: Rule, asked: dict[tuple[str, str], set[Demand]], key: tuple[str, str]) -> Rule:
    def noting(subject: Change | Mapping[str, Any]) -> frozenset[Demand]:
        demands = rule(subject)
        asked.setdefault(key, set()).update(replace(demand, mailbox=None) for demand in demands)
        return demands

    return noting


def mutants() -> list[Any]:
    """(type, rule, demand, what is taken out of it) for every right and every "who" that is declared."""
    found = []
    for name, rule, demand in declared_demands():
        taken: list[Right | str] = [*sorted(demand.rights), *([demand.who] if demand.who else [])]
        for one in taken:
            label = f"{name}.{rule} without {one} of {'/'.join(sorted(demand.rights)) or demand.who}"
            found.append(pytest.param(name, rule, demand, one, id=label))
    return found


@pytest.mark.parametrize(("name", "rule", "demand", "taken"), mutants())
def test_taking_any_declared_right_away_is_noticed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str, rule: str, demand: Demand, taken: Right | str
) -> None:
    cls = TYPES[name].cls
    monkeypatch.setattr(cls, rule, _without(getattr(cls, rule), demand, taken))
    changing = ("set", "import", "refresh") if rule == "demands" else tuple(TYPES[name].methods)
    doors = [probe for probe in PROBES if _asks(probe, name) and probe.method in changing]
    noticed = (
        opens(cast, probe, variant) is not probe.expected(variant)
        for probe in doors
        for variant in dict.fromkeys([*probe.variants(), EVERYTHING])
    )
    assert any(noticed)


def _asks(probe: Probe, name: str) -> bool:
    """Doors of a type, and those of others that lead through it."""
    return probe.type == name or (name == "Email" and probe.type in ("Mailbox", "EmailSubmission"))


def _without(rule: Rule, demand: Demand, taken: Right | str) -> Rule:
    def weakened(subject: Change | Mapping[str, Any]) -> frozenset[Demand]:
        kept = set()
        for one in rule(subject):
            if replace(one, mailbox=None) != demand:
                kept.add(one)
                continue
            rights = one.rights - {taken} if isinstance(taken, Right) else one.rights
            left = Demand(rights, one.mailbox, one.who if taken != one.who else None)
            if left.rights or left.who:
                kept.add(left)
        return frozenset(kept)

    return weakened


def test_a_person_changes_their_own_name_and_password_and_no_more(cast: Cast) -> None:
    world = cast.world
    ann = world.people.user("ann of the matrix")
    own = f"u{ann.user_id}"
    for patch, allowed in (
        ({"displayName": "Ann"}, True),
        ({"password": "a long enough one"}, True),
        ({"isAdministrator": True}, False),
        ({"displayName": "Anna", "isAdministrator": True}, False),
    ):
        answer = world.call(ann, "User/set", accountId="desk", update={own: patch})
        assert bool(answer["updated"]) is allowed
