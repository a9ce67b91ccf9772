"""The client's calls: what is sent, what comes back typed, which exception an error becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from shinbox import errors
from shinbox.jmap.client import Batch, Client, Endpoint, Invocation
from shinbox.jmap.objects import TYPES, Email, EmailSubmission, JmapObject, Mailbox, Thread
from shinbox.terms import CORE, MAIL, SUBMISSION
from tests.jmap.tiny_server import SESSION, Reply, Request, TinyServer, answer, reply, tiny_server


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[TinyServer]:
    async with tiny_server(tmp_path / "s") as server:
        yield server


@pytest.fixture
async def client(desk: TinyServer) -> AsyncIterator[Client]:
    async with Client(Endpoint(socket=desk.path), "tok") as client:
        yield client


def answering(desk: TinyServer, *answers: Any) -> None:
    """Let the API give these answers to the calls of one request, under the callers' ids."""

    async def api(request: Request) -> Reply:
        ids = [call[2] for call in request.json()["methodCalls"]]
        return answer(*([name, value, id_] for (name, value), id_ in zip(answers, ids, strict=True)))

    desk.on("/jmap/", api)


async def test_the_session_names_the_mailboxes_and_is_fetched_once(desk: TinyServer, client: Client) -> None:
    session = await client.session()
    await client.session()
    assert session.username == "bob"
    assert session.accounts["A1"].name == "support@example.org"
    assert not session.accounts["A1"].is_personal
    assert [request.path for request in desk.requests] == ["/.well-known/jmap"]
    assert desk.requests[0].headers["authorization"] == "Bearer tok"


async def test_a_changed_session_state_makes_the_next_session_new(desk: TinyServer, client: Client) -> None:
    async def api(request: Request) -> Reply:
        return answer(["Core/echo", {}, "c0"], state="s2")

    desk.on("/jmap/", api)
    await client.invoke("Core/echo")
    desk.session = {**SESSION, "state": "s2", "username": "robert"}
    assert (await client.session()).username == "robert"


async def test_an_unknown_caller_is_told_to_sign_in(desk: TinyServer, client: Client) -> None:
    async def refuse(request: Request) -> Reply:
        return reply({"type": "about:blank", "status": 401}, 401)

    desk.on("/.well-known/jmap", refuse)
    with pytest.raises(errors.NotSignedIn):
        await client.session()


async def test_a_refusal_without_a_type_is_no_wish_for_a_sign_in(desk: TinyServer, client: Client) -> None:
    async def refuse(request: Request) -> Reply:
        return reply({"type": "about:blank", "status": 400, "detail": "No such wish."}, 400)

    desk.on("/.well-known/jmap", refuse)
    with pytest.raises(errors.RequestError, match="No such wish") as refused:
        await client.session()
    assert type(refused.value) is errors.RequestError


async def test_signing_in_sends_the_password_once_and_keeps_the_token(desk: TinyServer) -> None:
    async def login(request: Request) -> Reply:
        good = request.json() == {"name": "bob", "password": "correct horse"}
        return reply({"token": "t-1", "expiresAt": "2026-12-01T00:00:00Z"}) if good else reply({}, 401)

    desk.on("/login", login)
    async with Client(Endpoint(socket=desk.path)) as client:
        with pytest.raises(errors.SignInFailed):
            await client.sign_in("bob", "wrong")
        assert client.token is None
        assert await client.sign_in_until("bob", "correct horse") == ("t-1", "2026-12-01T00:00:00Z")
        await client.session()
    assert desk.requests[-1].headers["authorization"] == "Bearer t-1"


async def test_signing_out_tells_the_desk_and_forgets_the_token(desk: TinyServer, client: Client) -> None:
    async def logout(request: Request) -> Reply:
        return Reply(status=204)

    desk.on("/logout", logout)
    await client.sign_out()
    assert client.token is None
    assert (desk.requests[0].method, desk.requests[0].headers["authorization"]) == ("POST", "Bearer tok")


async def test_get_returns_typed_objects(desk: TinyServer, client: Client) -> None:
    row = {"id": "M1", "name": "Inbox", "role": "inbox", "unreadEmails": 3, "myRights": {"mayMove": True}}
    answering(desk, ("Mailbox/get", {"accountId": "A1", "state": "7", "list": [row], "notFound": ["M2"]}))
    mailboxes, state, missing = await client.get(Mailbox, "A1", ["M1", "M2"], ["name", "role"])
    assert (mailboxes[0].name, mailboxes[0].unread_emails, state, missing) == ("Inbox", 3, "7", ["M2"])
    sent = desk.requests[-1].json()
    arguments = {"accountId": "A1", "ids": ["M1", "M2"], "properties": ["name", "role"]}
    assert sent["methodCalls"] == [["Mailbox/get", arguments, "c0"]]
    assert "clientId" not in sent
    assert sent["using"] == list(SESSION["capabilities"])


async def test_get_splits_a_list_longer_than_the_server_takes(desk: TinyServer, client: Client) -> None:
    states = iter(["1", "2", "3"])

    async def api(request: Request) -> Reply:
        [[name, arguments, call_id]] = request.json()["methodCalls"]
        rows = [{"id": id_} for id_ in arguments["ids"]]
        return answer([name, {"state": next(states), "list": rows, "notFound": []}, call_id])

    desk.on("/jmap/", api)
    wanted = [f"E{number}" for number in range(8)]
    emails, state, _ = await client.get(Email, "A1", wanted)
    assert ([email.id for email in emails], state) == (wanted, "1")


async def test_a_batch_refers_to_earlier_results(desk: TinyServer, client: Client) -> None:
    answering(
        desk,
        ("Email/query", {"ids": ["E1"], "queryState": "q", "position": 0, "total": 1}),
        ("Email/get", {"list": [{"id": "E1", "from": [{"email": "a@b"}]}], "state": "1", "notFound": []}),
    )
    batch = Batch()
    found = batch.query(Email, "A1", filter={"inMailbox": "M1"}, limit=50, calculateTotal=True)
    emails = batch.get(Email, "A1", found.ref("/ids"), ["from"])
    answers = await client.run(batch)
    assert answers[found].total == 1
    assert answers[emails].objects[0].from_ is not None
    query, get = desk.requests[-1].json()["methodCalls"]
    assert query[1]["filter"] == {"inMailbox": "M1"} and query[1]["limit"] == 50
    assert get[1]["#ids"] == {"resultOf": "c0", "name": "Email/query", "path": "/ids"}
    assert "ids" not in get[1]


async def test_one_failed_call_does_not_hide_the_answers_of_the_others(
    desk: TinyServer, client: Client
) -> None:
    answering(
        desk,
        ("Mailbox/get", {"list": [], "state": "1", "notFound": []}),
        ("error", {"type": "accountNotFound", "description": "There is no such mailbox."}),
    )
    batch = Batch()
    good, bad = batch.get(Mailbox, "A1"), batch.get(Mailbox, "A9")
    answers = await client.run(batch)
    assert answers[good].objects == []
    with pytest.raises(errors.AccountNotFound, match="no such mailbox"):
        answers[bad]


async def test_set_returns_what_worked_and_holds_what_failed(desk: TinyServer, client: Client) -> None:
    answering(
        desk,
        (
            "Email/set",
            {
                "oldState": "1",
                "newState": "2",
                "updated": {"E1": None},
                "notUpdated": {"E2": {"type": "urn:shinbox:serverForbids", "description": "Read-only."}},
                "notCreated": {"k": {"type": "invalidProperties", "properties": ["to"]}},
                "intents": {"E1": ["I1"]},
            },
        ),
    )
    result = await client.set_(Email, "A1", update={"E1": {"keywords/$seen": True}}, if_in_state="1")
    assert (result.updated, result.new_state, result.intents) == ({"E1": None}, "2", {"E1": ["I1"]})
    assert isinstance(result.not_updated["E2"], errors.ServerForbids)
    assert result.not_created["k"].extra["properties"] == ["to"]
    with pytest.raises(errors.InvalidProperties):
        result.checked()
    assert desk.requests[-1].json()["methodCalls"][0][1]["ifInState"] == "1"
    assert desk.requests[-1].json()["clientId"]


async def test_an_error_type_that_nobody_knows_is_still_an_error_with_its_words(
    desk: TinyServer, client: Client
) -> None:
    answering(desk, ("error", {"type": "urn:other:odd", "description": "Odd."}))
    with pytest.raises(errors.MethodError, match="Odd"):
        await client.changes(Email, "A1", "1")


async def test_a_refused_request_becomes_its_exception(desk: TinyServer, client: Client) -> None:
    async def api(request: Request) -> Reply:
        problem = {
            "type": "urn:ietf:params:jmap:error:limit",
            "limit": "maxSizeRequest",
            "detail": "Too long.",
        }
        return reply(problem, 400, type="application/problem+json")

    desk.on("/jmap/", api)
    with pytest.raises(errors.LimitExceeded, match="Too long") as refused:
        await client.invoke("Core/echo")
    assert refused.value.extra["limit"] == "maxSizeRequest"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"methodResponses": [1]}', b"\xff"])
async def test_an_answer_that_is_not_jmap_is_said_to_be_none(
    desk: TinyServer, client: Client, body: bytes
) -> None:
    async def api(request: Request) -> Reply:
        return Reply(body)

    desk.on("/jmap/", api)
    with pytest.raises(errors.DeskProtocolError):
        await client.call([Invocation("Core/echo", {}, "c0")])


async def test_a_server_that_is_no_desk_gets_no_client_id(desk: TinyServer, client: Client) -> None:
    desk.session = {**SESSION, "capabilities": {"urn:ietf:params:jmap:core": {}}}
    answering(desk, ("Email/set", {"newState": "2"}))
    await client.set_(Email, "A1", destroy=["E1"])
    assert set(desk.requests[-1].json()) == {"using", "methodCalls"}


async def test_upload_and_download_carry_the_bytes(desk: TinyServer, client: Client) -> None:
    kept: dict[str, bytes] = {}

    async def upload(request: Request) -> Reply:
        kept["B1"] = request.body
        return reply({"accountId": "A1", "blobId": "B1", "type": request.headers["content-type"], "size": 1})

    async def download(request: Request) -> Reply:
        return Reply(kept["B1"], type="text/plain")

    desk.on("/upload/", upload)
    desk.on("/download/", download)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    assert await client.upload("A1", pieces(), "text/plain") == "B1"
    file = BytesIO()
    assert await client.download_to("A1", "B1", file, "a b/ü.txt", "text/plain") == 2_000_000
    assert file.getvalue() == b"x" * 2_000_000
    assert desk.requests[-1].path == "/download/A1/B1/a%20b%2F%C3%BC.txt?type=text%2Fplain"
    assert await client.upload("A1", b"small") == "B1"
    assert await client.download("A1", "B1") == b"small"


async def test_a_blob_that_is_missing_or_too_large_is_an_error(desk: TinyServer, client: Client) -> None:
    with pytest.raises(errors.NotFound):
        await client.download("A1", "B9")
    with pytest.raises(errors.NotFound):
        await client.download_to("A1", "B9", BytesIO())

    async def large(request: Request) -> Reply:
        return Reply(b"x" * 2_000_000)

    desk.on("/download/", large)
    with pytest.raises(errors.LimitBroken):
        await client.download("A1", "B1", limit=1_000_000)


async def test_many_calls_at_once_share_few_connections_afterwards(desk: TinyServer, client: Client) -> None:
    await client.session()
    answering(desk, ("Core/echo", {"hello": True}))
    answers = await asyncio.gather(*(client.invoke("Core/echo", n=number) for number in range(20)))
    assert answers == [{"hello": True}] * 20
    before = desk.connections
    await client.invoke("Core/echo")
    assert desk.connections == before


async def test_redirects_are_followed_and_the_token_stays_at_home(desk: TinyServer, client: Client) -> None:
    async def moved(request: Request) -> Reply:
        return Reply(status=307, headers={"Location": "/session"})

    async def session(request: Request) -> Reply:
        return reply(SESSION)

    desk.on("/.well-known/jmap", moved)
    desk.on("/session", session)
    assert (await client.session()).username == "bob"
    assert desk.requests[-1].headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize("is_desk", [True, False])
async def test_only_a_desk_is_asked_for_what_only_a_desk_knows(
    desk: TinyServer, client: Client, is_desk: bool
) -> None:
    capabilities = {
        name: value for name, value in SESSION["capabilities"].items() if is_desk or name in STANDARD
    }
    desk.session = {**SESSION, "capabilities": capabilities}
    answering(desk, ("Email/get", {"list": [], "state": "1", "notFound": []}))
    assert (await client.session()).is_desk is is_desk
    await client.get(Email, "A1", ["E1"], ["id", "subject", "report", "defects"])
    [asked] = [request.json()["methodCalls"][0][1] for request in desk.requests if request.path == "/jmap/"]
    ours = ["report", "defects"] if is_desk else []
    assert asked["properties"] == ["id", "subject", *ours]


STANDARD = {CORE, MAIL, SUBMISSION}


@pytest.mark.parametrize("type_", [Email, EmailSubmission, Mailbox, Thread], ids=lambda type_: type_.TYPE)
def test_what_is_ours_is_a_property_that_the_type_has(type_: type[JmapObject]) -> None:
    assert type_.OURS
    assert set(TYPES[type_.TYPE].properties) > type_.OURS
