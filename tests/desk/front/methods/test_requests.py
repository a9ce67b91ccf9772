"""A request as a whole: capabilities, accounts, references between calls, retries, work outside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shinbox.desk.front.dispatch import dispatch
from shinbox.desk.front.methods import email_sort
from shinbox.desk.front.methods.registry import HANDLERS
from shinbox.desk.front.session import SORTABLE, session_of
from shinbox.desk.store import grants
from shinbox.errors import RequestError
from shinbox.jmap.objects import TYPES
from shinbox.terms import CORE, DESK, MAIL, Level, Role
from tests.desk.front.methods.world import USING, World


def test_every_handler_belongs_to_a_declared_type() -> None:
    assert HANDLERS.keys() <= TYPES.keys()
    for name, handler in HANDLERS.items():
        assert handler.type is TYPES[name]


@pytest.mark.parametrize(
    "name",
    [
        "SearchSnippet/get",
        "Email/copy",
        "Email/parse",
        "Email/queryChanges",
        "Thread/set",
        "Mailbox/import",
        "VacationResponse/get",
        "Nothing/get",
        "Core/nothing",
        "Email",
        "Email/",
        "/get",
    ],
)
def test_a_method_that_is_not_declared_is_unknown(world: World, name: str) -> None:
    bob = world.person("bob")
    assert world.fail(bob, name) == "unknownMethod"


def test_without_its_capability_a_method_is_unknown(world: World) -> None:
    bob = world.person("bob")
    for using, known in (([], False), ([CORE], False), ([MAIL], True)):
        answer = world.request(
            bob, {"using": using, "methodCalls": [["Mailbox/get", {"accountId": world.account_id}, "0"]]}
        )
        assert (answer["methodResponses"][0][0] == "Mailbox/get") is known


def test_echo_answers_what_it_was_given(world: World) -> None:
    bob = world.person("bob")
    assert world.calls(bob, ("Core/echo", {"a": [1]}, "x")) == [["Core/echo", {"a": [1]}, "x"]]


def test_an_echo_of_echoes_does_not_grow_without_end(world: World) -> None:
    bob = world.person("bob")
    calls: list[Any] = [["Core/echo", {"x": "A" * 100_000}, "0"]]
    for n in range(1, 12):
        before = {"resultOf": str(n - 1), "name": "Core/echo", "path": ""}
        calls.append(["Core/echo", {"#x": before, "#y": before}, str(n)])
    responses = world.calls(bob, *calls)
    assert responses[3][0] == "Core/echo"
    assert responses[-1][1]["type"] == "invalidResultReference"
    assert "requestTooLarge" in [answer.get("type") for _, answer, _ in responses]


@pytest.mark.parametrize(
    ("account", "error"),
    [
        (None, "invalidArguments"),
        (7, "invalidArguments"),
        ("a999", "accountNotFound"),
        ("bob@example.org", "accountNotFound"),
        (DESK, "accountNotSupportedByMethod"),
    ],
)
def test_a_wrong_account_is_told_by_its_own_error(world: World, account: object, error: str) -> None:
    bob = world.person("bob")
    arguments = {} if account is None else {"accountId": account}
    assert world.calls(bob, ("Mailbox/get", arguments, "0"))[0][1]["type"] == error


def test_an_account_that_is_not_shared_is_as_unknown_as_none_and_the_attempt_is_noted(world: World) -> None:
    eve = world.person("eve", None)
    assert world.failure(eve, "Mailbox/get") == world.failure(eve, "Mailbox/get", accountId="a999")
    assert ("eve", "Mailbox/get", None, "refused") in world.audit()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Mailbox/get", {"ids": "f1"}),
        ("Mailbox/get", {"ids": [1]}),
        ("Mailbox/get", {"properties": ["name", "nothing"]}),
        ("Mailbox/get", {"nothing": 1}),
        ("Mailbox/changes", {}),
        ("Mailbox/changes", {"sinceState": 1}),
        ("Mailbox/changes", {"sinceState": "0.x", "maxChanges": 0}),
        ("Mailbox/set", {"create": []}),
        ("Mailbox/set", {"onDestroyRemoveEmails": 1}),
        ("Mailbox/query", {"position": "0"}),
        ("Mailbox/query", {"limit": -1}),
        ("Mailbox/query", {"sort": [{}]}),
        ("Mailbox/query", {"sortAsTree": 1}),
        ("Mailbox/query", {"filter": {"operator": "XOR", "conditions": []}}),
        ("Mailbox/query", {"filter": {"operator": "AND", "conditions": [1]}}),
        ("Email/get", {"ids": [], "properties": ["header:"]}),
        ("Email/get", {"ids": [], "properties": ["header:Subject:asAddresses"]}),
        ("Email/get", {"ids": [], "properties": ["header:From:asnothing"]}),
        ("Email/get", {"ids": [], "bodyProperties": ["nothing"]}),
        ("Email/get", {"ids": [], "maxBodyValueBytes": -1}),
        ("Email/get", {"ids": [], "fetchAllBodyValues": 1}),
        ("Email/query", {"collapseThreads": 1}),
        ("Email/query", {"filter": {"operator": "OR", "conditions": [{"text": "x"}] * 301}}),
        ("Email/query", {"filter": {"before": "yesterday"}}),
        ("Email/query", {"filter": {"minSize": "1"}}),
        ("Email/query", {"filter": {"minSize": 2**63}}),
        ("Email/query", {"filter": {"operator": "NOT", "conditions": [{"maxSize": 10**400}]}}),
        ("Email/query", {"position": -(2**63)}),
        ("Email/query", {"limit": 2**70}),
        ("Email/query", {"anchor": "e1", "anchorOffset": 2**64}),
        ("Email/query", {"filter": {"minSize": True}}),
        ("Email/query", {"filter": {"header": []}}),
        ("Email/query", {"sort": [{"property": "hasKeyword"}]}),
        ("Email/import", {}),
        ("Email/import", {"emails": {"k": 1}}),
        ("EmailSubmission/set", {"onSuccessUpdateEmail": []}),
        ("EmailSubmission/set", {"onSuccessDestroyEmail": {}}),
    ],
)
def test_a_wrong_argument_is_invalid_and_said_so(
    world: World, name: str, arguments: dict[str, object]
) -> None:
    bob = world.person("bob", Level.MANAGE)
    failure = world.failure(bob, name, arguments)
    assert failure["type"] == "invalidArguments"
    assert failure["description"]


def test_ids_of_a_query_flow_into_the_next_calls(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    responses = world.calls(
        bob,
        ["Email/query", {"accountId": world.account_id}, "q"],
        [
            "Email/get",
            {
                "accountId": world.account_id,
                "#ids": {"resultOf": "q", "name": "Email/query", "path": "/ids"},
                "properties": ["threadId"],
            },
            "g",
        ],
        [
            "Thread/get",
            {
                "accountId": world.account_id,
                "#ids": {"resultOf": "g", "name": "Email/get", "path": "/list/*/threadId"},
            },
            "t",
        ],
    )
    assert responses[2][1]["list"][0]["emailIds"] == [email]


def test_a_broken_reference_costs_its_own_call_alone(world: World) -> None:
    bob = world.person("bob")
    broken = {"resultOf": "q", "name": "Email/get", "path": "/ids"}
    responses = world.calls(
        bob,
        ["Email/query", {"accountId": world.account_id}, "q"],
        ["Email/get", {"accountId": world.account_id, "#ids": broken}, "g"],
        ["Email/get", {"accountId": world.account_id, "ids": [], "#ids": broken}, "b"],
        ["Core/echo", {}, "e"],
    )
    assert [response[0] for response in responses] == ["Email/query", "error", "error", "Core/echo"]
    assert [responses[1][1]["type"], responses[2][1]["type"]] == [
        "invalidResultReference",
        "invalidArguments",
    ]


def test_a_creation_id_is_good_in_later_calls_and_in_later_requests(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    made = world.request(
        bob,
        {
            "using": USING,
            "createdIds": {},
            "methodCalls": [
                ["Mailbox/set", {"accountId": world.account_id, "create": {"new": {"name": "Case"}}}, "0"],
                [
                    "Email/set",
                    {"accountId": world.account_id, "update": {email: {"mailboxIds": {"#new": True}}}},
                    "1",
                ],
                ["Email/query", {"accountId": world.account_id, "filter": {"inMailbox": "#new"}}, "2"],
                ["Mailbox/get", {"accountId": world.account_id, "ids": ["#new", "#nothing"]}, "3"],
            ],
        },
    )
    folder = made["createdIds"]["new"]
    assert made["methodResponses"][2][1]["ids"] == [email]
    assert made["methodResponses"][3][1]["list"][0]["id"] == folder
    assert made["methodResponses"][3][1]["notFound"] == ["#nothing"]
    later = world.request(
        bob,
        {
            "using": USING,
            "createdIds": made["createdIds"],
            "methodCalls": [["Mailbox/get", {"accountId": world.account_id, "ids": ["#new"]}, "0"]],
        },
    )
    assert later["methodResponses"][0][1]["list"][0]["id"] == folder


def test_a_failed_call_leaves_no_creation_ids_behind(world: World) -> None:
    bob = world.person("bob", Level.READ)
    responses = world.calls(
        bob,
        ["Mailbox/set", {"accountId": world.account_id, "create": {"new": {"name": "Case"}}}, "0"],
        ["Mailbox/get", {"accountId": world.account_id, "ids": ["#new"]}, "1"],
    )
    assert responses[0][1]["notCreated"]["new"]["type"] == "forbidden"
    assert responses[1][1]["notFound"] == ["#new"]


def test_the_answer_carries_the_state_of_the_session(world: World) -> None:
    bob = world.person("bob")
    with world.database.read() as tx:
        session = session_of(tx, bob, world.desk.limits, world.clock())
    assert world.request(bob, {"using": [CORE], "methodCalls": []})["sessionState"] == session["state"]


def test_the_session_tells_the_orders_that_a_query_has() -> None:
    assert SORTABLE == email_sort.OPTIONS


def test_a_request_that_is_too_large_in_one_way_is_refused_as_a_whole(world: World) -> None:
    bob = world.person("bob")
    many = [["Core/echo", {}, "0"]] * (world.desk.limits.calls_in_request + 1)
    with pytest.raises(RequestError) as refused:
        dispatch(json.dumps({"using": [CORE], "methodCalls": many}).encode(), bob, world.desk)
    assert refused.value.extra["limit"] == "maxCallsInRequest"


def test_a_call_for_too_many_objects_is_refused(world: World) -> None:
    bob = world.person("bob")
    ids = [f"e{n}" for n in range(world.desk.limits.objects_in_get + 1)]
    assert world.fail(bob, "Email/get", ids=ids) == "requestTooLarge"
    assert world.fail(bob, "Email/set", destroy=ids) == "requestTooLarge"
    emails = {id_: {"blobId": "b1", "mailboxIds": {}} for id_ in ids}
    assert world.fail(bob, "Email/import", emails=emails) == "requestTooLarge"


# --- retries --------------------------------------------------------------------------------------


def folders_named(world: World, name: str) -> int:
    with world.database.read() as tx:
        return int(tx.value("SELECT COUNT(*) FROM mailbox WHERE name = ?", (name,)))


def making(world: World, client_id: str, name: str = "Case") -> dict[str, object]:
    call = ["Mailbox/set", {"accountId": world.account_id, "create": {"new": {"name": name}}}, "0"]
    return {"using": USING, "methodCalls": [call], "clientId": client_id}


def test_a_retry_gets_the_first_answer_and_has_no_second_effect(world: World) -> None:
    bob = world.person("bob")
    first = dispatch(json.dumps(making(world, "once")).encode(), bob, world.desk)
    again = dispatch(json.dumps(making(world, "once")).encode(), bob, world.desk)
    assert again == first
    assert folders_named(world, "Case") == 1
    assert b'"created":{"new"' in again


def test_the_same_client_id_of_another_person_is_another_request(world: World) -> None:
    bob, carol = world.person("bob"), world.person("carol")
    world.request(bob, making(world, "once"))
    world.request(carol, making(world, "once", "Other"))
    assert folders_named(world, "Other") == 1


def test_other_calls_under_a_client_id_are_another_request_and_are_not_lost(world: World) -> None:
    bob = world.person("bob")
    world.request(bob, making(world, "once"))
    world.request(bob, making(world, "once", "Other"))
    assert (folders_named(world, "Case"), folders_named(world, "Other")) == (1, 1)


@pytest.mark.parametrize(("level", "error"), [(None, "accountNotFound"), (Level.READ, "serverPartialFail")])
def test_a_retry_after_rights_were_taken_gives_nothing_back_and_does_nothing_twice(
    world: World, level: Level | None, error: str
) -> None:
    bob = world.person("bob")
    email = world.receive(text="confidential")
    asked = making(world, "once")
    body = {"accountId": world.account_id, "ids": [email], "fetchAllBodyValues": True}
    asked["methodCalls"] = [*asked["methodCalls"], ["Email/get", body, "1"]]  # type: ignore[misc]  # a list
    assert "confidential" in json.dumps(world.request(bob, asked))
    with world.database.write() as tx:
        grants.destroy(tx, [line["id"] for line in grants.of_account(tx, world.account)])
    if level is not None:
        world.people.grant(world.account, bob, level=level)
    again = world.request(bob, asked)
    assert [(name, answer["type"]) for name, answer, _ in again["methodResponses"]] == [("error", error)] * 2
    assert "confidential" not in json.dumps(again)
    assert folders_named(world, "Case") == 1


def test_after_a_day_a_client_id_is_forgotten(world: World) -> None:
    bob = world.person("bob")
    world.request(bob, making(world, "once"))
    world.clock.now += 24 * 3600 + 1
    second = world.request(bob, making(world, "once"))
    assert second["methodResponses"][0][1]["notCreated"]["new"]["type"] == "alreadyExists"


# --- work outside the transaction -----------------------------------------------------------------


def test_a_body_that_is_not_held_is_fetched_while_nobody_waits_for_the_database(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(text="Far away", held=False)
    value = world.get(bob, "Email", email, "bodyValues", fetchAllBodyValues=True)
    assert value["bodyValues"]["1"]["value"] == "Far away\n"
    assert len(world.mail.asked) == 1


def test_a_body_that_cannot_be_had_is_an_error_that_says_why(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(held=False)
    world.mail.bodies.clear()
    failure = world.failure(bob, "Email/get", ids=[email], properties=["bodyValues"], fetchAllBodyValues=True)
    assert failure["type"] == "serverUnavailable"
    assert (failure["description"], failure["emailIds"]) == ("imap.example.org does not answer", [email])


def test_a_change_that_waits_for_a_body_happens_once(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(text="Far away", held=False)
    responses = world.calls(
        bob,
        ["Mailbox/set", {"accountId": world.account_id, "create": {"new": {"name": "Case"}}}, "0"],
        [
            "Email/get",
            {
                "accountId": world.account_id,
                "ids": [email],
                "properties": ["bodyValues"],
                "fetchAllBodyValues": True,
            },
            "1",
        ],
    )
    assert responses[0][1]["created"]["new"]["id"]
    assert responses[1][1]["list"][0]["bodyValues"]["1"]["value"] == "Far away\n"
    assert folders_named(world, "Case") == 1
    assert [action for _, action, _, _ in world.audit()] == ["Mailbox/create", "Email/open"]


def test_a_list_of_headers_needs_no_body(world: World) -> None:
    bob = world.person("bob")
    email = world.receive(held=False, role=Role.INBOX)
    assert world.get(bob, "Email", email, "subject", "bodyStructure", "textBody")["subject"] == "Hello"
    assert world.mail.asked == []
