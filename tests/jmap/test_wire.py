"""Requests, references and creation ids as they travel (RFC 8620 §3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.errors import (
    Forbidden,
    InvalidArguments,
    InvalidProperties,
    InvalidResultReference,
    LimitExceeded,
    NotJson,
    NotRequest,
    RequestError,
    UnknownCapability,
)
from shinbox.jmap.calls import Invocation
from shinbox.jmap.wire import (
    Request,
    creation_ids_in,
    decode_request,
    encode_response,
    error_value,
    escape,
    evaluate_pointer,
    map_creation_ids,
    problem,
    resolve_references,
    unescape,
)

CORE = "urn:ietf:params:jmap:core"


def decode(value: Any, *, max_bytes: int = 10_000, max_calls: int = 2) -> Request:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return decode_request(body, max_bytes=max_bytes, max_calls=max_calls, capabilities={CORE})


GOOD = {"using": [CORE], "methodCalls": [["Core/echo", {}, "0"]]}


def test_a_name_that_stands_twice_is_named() -> None:
    with pytest.raises(NotJson, match=r"^“limit” stands twice in one object of the request\.$"):
        decode(b'{"using": [], "methodCalls": [["Email/query", {"limit": 1, "sort": [], "limit": 2}, "0"]]}')


def test_a_request_is_read_whole() -> None:
    request = decode({**GOOD, "createdIds": {"k": "e1"}, "clientId": "once"})
    assert request.using == [CORE]
    assert request.method_calls == [Invocation("Core/echo", {}, "0")]
    assert (request.created_ids, request.client_id) == ({"k": "e1"}, "once")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", NotJson),
        (b"{", NotJson),
        (b'{"using": ["\xff"]}', NotJson),
        (b'{"using": ["\\ud800"], "methodCalls": []}', NotJson),
        (b"[" * 9_000, NotJson),
        (b'{"using": [], "methodCalls": [], "using": []}', NotJson),
        (b'{"using": [], "methodCalls": [["Core/echo", {"a": [{"b": 1, "\\u0062": 2}]}, "0"]]}', NotJson),
        (b"[]", NotRequest),
        ({"using": [CORE]}, NotRequest),
        ({"methodCalls": []}, NotRequest),
        ({"using": CORE, "methodCalls": []}, NotRequest),
        ({"using": [CORE], "methodCalls": [["Core/echo", {}]]}, NotRequest),
        ({"using": [CORE], "methodCalls": [["Core/echo", [], "0"]]}, NotRequest),
        ({"using": [CORE], "methodCalls": [["Core/echo", {}, 0]]}, NotRequest),
        ({**GOOD, "createdIds": {"k": 1}}, NotRequest),
        ({**GOOD, "clientId": ""}, NotRequest),
        ({**GOOD, "clientId": "x" * 256}, NotRequest),
        ({"using": [CORE, "urn:unheard"], "methodCalls": []}, UnknownCapability),
        ({"using": [CORE], "methodCalls": [["Core/echo", {}, "0"]] * 3}, LimitExceeded),
        (b" " * 10_001, LimitExceeded),
    ],
)
def test_what_is_no_request_is_refused_by_its_own_name(body: Any, error: type[RequestError]) -> None:
    with pytest.raises(error) as refused:
        decode(body)
    assert type(refused.value) is error


def test_using_nothing_is_a_request_like_any_other() -> None:
    assert decode({"using": [], "methodCalls": []}).using == []


def test_a_refused_request_becomes_a_problem_document_that_names_the_limit() -> None:
    with pytest.raises(LimitExceeded) as refused:
        decode(b" " * 10_001)
    document = problem(refused.value)
    assert document["type"] == "urn:ietf:params:jmap:error:limit"
    assert (document["status"], document["limit"]) == (400, "maxSizeRequest")


def test_an_error_tells_its_type_a_sentence_and_what_belongs_to_it() -> None:
    assert error_value(Forbidden("Ask a manager.")) == {"type": "forbidden", "description": "Ask a manager."}
    assert error_value(InvalidProperties("No.", properties=["to"]))["properties"] == ["to"]
    assert error_value(Forbidden())["description"] == Forbidden.message()


def test_created_ids_are_answered_only_to_a_request_that_had_them() -> None:
    assert "createdIds" not in json.loads(encode_response([], None, "s"))
    assert json.loads(encode_response([], {}, "s"))["createdIds"] == {}


# --- back-references ------------------------------------------------------------------------------

BEFORE = [
    Invocation("Email/query", {"ids": ["e1", "e2"]}, "0"),
    Invocation(
        "Email/get",
        {"list": [{"threadId": "t1", "emailIds": ["e1", "e2"]}, {"threadId": "t2", "emailIds": ["e3"]}]},
        "1",
    ),
    Invocation("error", {"type": "forbidden"}, "2"),
    Invocation("EmailSubmission/set", {"created": None}, "3"),
    Invocation("Email/set", {"updated": {"a/b": 1, "~": 2}}, "3"),
]


def refer(call_id: str, name: str, path: str) -> Any:
    reference = {"resultOf": call_id, "name": name, "path": path}
    return resolve_references({"accountId": "a1", "#ids": reference}, BEFORE)["ids"]


@pytest.mark.parametrize(
    ("call_id", "name", "path", "found"),
    [
        ("0", "Email/query", "/ids", ["e1", "e2"]),
        ("0", "Email/query", "/ids/1", "e2"),
        ("1", "Email/get", "/list/*/threadId", ["t1", "t2"]),
        ("1", "Email/get", "/list/*/emailIds", ["e1", "e2", "e3"]),
        ("1", "Email/get", "/list/0/emailIds/*", ["e1", "e2"]),
        ("0", "Email/query", "", {"ids": ["e1", "e2"]}),
    ],
)
def test_a_reference_is_replaced_by_what_it_points_at(call_id: str, name: str, path: str, found: Any) -> None:
    assert refer(call_id, name, path) == found


@pytest.mark.parametrize(
    ("call_id", "name", "path"),
    [
        ("9", "Email/query", "/ids"),
        ("0", "Email/get", "/ids"),
        ("2", "Email/get", "/list"),
        ("2", "error", "/list"),
        ("3", "Email/set", "/updated"),
        ("0", "Email/query", "ids"),
        ("0", "Email/query", "/ids/2"),
        ("0", "Email/query", "/ids/01"),
        ("0", "Email/query", "/ids/-1"),
        ("0", "Email/query", "/ids/-"),
        ("0", "Email/query", "/nothing"),
        ("0", "Email/query", "/ids/0/0"),
        ("1", "Email/get", "/list/*/nothing"),
        ("1", "Email/get", "/list/*/~2"),
    ],
)
def test_a_reference_that_leads_nowhere_fails_its_own_call(call_id: str, name: str, path: str) -> None:
    with pytest.raises(InvalidResultReference):
        refer(call_id, name, path)


@pytest.mark.parametrize("reference", [None, "0", {}, {"resultOf": "0", "name": "Email/query"}, {"path": 1}])
def test_what_is_no_reference_fails_as_one(reference: Any) -> None:
    with pytest.raises(InvalidResultReference):
        resolve_references({"#ids": reference}, BEFORE)


def test_an_argument_cannot_be_given_plain_and_as_a_reference() -> None:
    reference = {"resultOf": "0", "name": "Email/query", "path": "/ids"}
    with pytest.raises(InvalidArguments):
        resolve_references({"ids": [], "#ids": reference}, BEFORE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


def paths_of(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every place in a JSON value with its pointer."""
    found = [(path, value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths_of(inner, f"{path}/{escape(key)}")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += paths_of(inner, f"{path}/{index}")
    return found


@given(json_values)
def test_every_place_in_a_result_can_be_referred_to(value: Any) -> None:
    for path, found in paths_of(value):
        assert evaluate_pointer(value, path) == found


@given(st.lists(st.lists(st.integers(), max_size=4), max_size=4))
def test_a_star_flattens_one_level_and_no_more(lists: list[list[int]]) -> None:
    nested = {"list": [{"ids": ids, "pairs": [[i] for i in ids]} for ids in lists]}
    assert evaluate_pointer(nested, "/list/*/ids") == [i for ids in lists for i in ids]
    assert evaluate_pointer(nested, "/list/*/pairs") == [[i] for ids in lists for i in ids]


@given(json_values, st.text(max_size=20))
def test_a_pointer_finds_something_or_says_that_there_is_nothing(value: Any, path: str) -> None:
    try:
        evaluate_pointer(value, path)
    except InvalidResultReference as nothing:
        assert path in str(nothing)


@given(st.text())
def test_escaping_is_undone_by_unescaping(text: str) -> None:
    assert unescape(escape(text)) == text
    assert "/" not in escape(text)


# --- creation ids ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "mapped"),
    [
        ({"parentId": "#k"}, {"parentId": "K"}),
        ({"parentId": "f1"}, {"parentId": "f1"}),
        ({"mailboxIds": {"#k": True, "f1": True}}, {"mailboxIds": {"K": True, "f1": True}}),
        ({"mailboxIds/#k": True}, {"mailboxIds/K": True}),
        ({"emailIds": ["#k", "e1"]}, {"emailIds": ["K", "e1"]}),
        ({"principal": "#k"}, {"principal": "K"}),
        ({"name": "#k"}, {"name": "#k"}),
        ({"keywords": {"#k": True}}, {"keywords": {"#k": True}}),
        ({"keywords/#k": True}, {"keywords/#k": True}),
        ({"textBody": [{"partId": "#k"}]}, {"textBody": [{"partId": "#k"}]}),
        ({"attachments": [{"blobId": "#k"}]}, {"attachments": [{"blobId": "K"}]}),
        ({"messageId": ["#k"]}, {"messageId": ["#k"]}),
        ({"header:X-Id": "#k"}, {"header:X-Id": "#k"}),
    ],
)
def test_a_creation_id_stands_wherever_an_id_may_and_nowhere_else(value: Any, mapped: Any) -> None:
    assert map_creation_ids(value, lambda id_: id_[1:].upper(), {"principal"}) == mapped
    assert creation_ids_in(value, {"principal"}) == ({"k"} if value != mapped else set())
