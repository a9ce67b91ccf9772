"""The desk over its socket: session, requests, blobs, limits, and what a stranger gets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import socket
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.config import TcpConfig
from shinbox.desk.front.login import Actor
from shinbox.desk.store import users
from shinbox.errors import LimitExceeded, NotFound, NotJson, NotSignedIn, RequestError, SignInFailed
from shinbox.jmap.calls import Invocation
from shinbox.jmap.client import Client, Timeouts
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.transport import HttpAnswer
from shinbox.terms import DESK_CAPABILITY, MAIL, SUBMISSION, Level, Send
from tests.desk.conftest import PASSWORD, RunningDesk, account_id, started
from tests.servers.keeper import free_ports

Json = dict[str, Any]


ROUTES = [
    ("GET", "/.well-known/jmap"),
    ("POST", "/jmap"),
    ("POST", "/upload/a1"),
    ("GET", "/download/a1/m1/x"),
    ("GET", "/events"),
    ("POST", "/logout"),
]


async def ask(
    client: Client, method: str, path: str, body: bytes = b"", kind: str = "application/json", **headers: str
) -> HttpAnswer:
    given = {**client.headers(), "Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return await client.transport.request(
        method, client.endpoint.resolve(path), given, body, limit=10_000_000
    )


@pytest.fixture(scope="module")
def alice(desk: RunningDesk) -> Actor:
    return desk.people.user("alice")


@pytest.fixture(scope="module")
def shared(desk: RunningDesk, alice: Actor) -> int:
    account, _ = desk.people.account("support")
    desk.people.grant(account, alice, level=Level.WRITE, send=Send.SEND_AS)
    return account


class TestSession:
    async def test_it_lists_each_shared_mailbox_and_the_desk(
        self, desk: RunningDesk, alice: Actor, shared: int
    ) -> None:
        reader = desk.people.user("rita")
        desk.people.grant(shared, reader, level=Level.READ)
        async with desk.as_(alice) as client, desk.as_(reader) as other:
            hers, theirs = await client.session(), await other.session()
        mine = hers.accounts[account_id(shared)]
        assert list(hers.accounts) == [account_id(shared), "desk"] and hers.username == "alice"
        assert not mine.is_personal and not mine.is_read_only
        assert theirs.accounts[account_id(shared)].is_read_only
        assert mine.account_capabilities[MAIL]["maxSizeMailboxName"] >= 100
        assert mine.account_capabilities[MAIL]["mayCreateTopLevelMailbox"] is True
        assert SUBMISSION in mine.account_capabilities
        assert SUBMISSION not in theirs.accounts[account_id(shared)].account_capabilities
        assert hers.capabilities[MAIL] == {} and hers.primary_accounts[MAIL] == account_id(shared)
        told = hers.capabilities[DESK_CAPABILITY]
        assert told["user"]["id"] == f"u{alice.user_id}" and told["administrator"] is False
        assert "demoUsers" not in told

    async def test_its_state_is_that_of_every_response_and_moves_with_rights(self, desk: RunningDesk) -> None:
        bob = desk.people.user("bob")
        account, _ = desk.people.account("moving")
        states = []
        async with desk.as_(bob) as client:
            for level in (None, Level.READ, Level.TRIAGE):
                if level:
                    desk.people.grant(account, bob, level=level)
                session = await client.session(refresh=True)
                answer = await ask(client, "POST", "/jmap", b'{"using":[],"methodCalls":[]}')
                assert json.loads(answer.body)["sessionState"] == session.state
                states.append(session.state)
        assert len(set(states)) == 3

    async def test_a_stranger_gets_nothing_and_is_told_to_sign_in(self, desk: RunningDesk) -> None:
        async with Client(desk.endpoint, "0" * 64) as client:
            for method, path in ROUTES:
                answer = await ask(client, method, path, b"{}" if method == "POST" else b"")
                assert answer.status == 401, path
                assert "application/problem+json" in answer.headers["content-type"]
                assert "demoUsers" not in json.loads(answer.body)
        for header in ("Basic Y2hpZWY6eA==", "Bearer", "Bearer a b", ""):
            async with Client(desk.endpoint) as client:
                answer = await ask(client, "GET", "/.well-known/jmap", Authorization=header)
                assert answer.status == 401, header


class TestSigningIn:
    async def test_a_password_gives_a_token_and_signing_out_takes_it(self, desk: RunningDesk) -> None:
        async with Client(desk.endpoint) as client:
            token, until = await client.sign_in_until("chief", PASSWORD)
            assert until and (await client.session()).username == "chief"
            await client.sign_out()
        async with Client(desk.endpoint, token) as client:
            with pytest.raises(NotSignedIn):
                await client.session()

    async def test_what_is_wrong_is_not_said(self, desk: RunningDesk) -> None:
        async with Client(desk.endpoint) as client:
            answers = set()
            for name, password in [("chief", "wrong password"), ("nobody", "wrong password")]:
                body = json.dumps({"name": name, "password": password}).encode()
                answer = await ask(client, "POST", "/login", body)
                answers.add((answer.status, answer.body))
        assert len(answers) == 1 and next(iter(answers))[0] == 401

    async def test_the_sixth_try_in_a_minute_is_refused(self, desk: RunningDesk) -> None:
        async with Client(desk.endpoint) as client:
            for _ in range(5):
                with pytest.raises(SignInFailed):
                    await client.sign_in("mallory", "guess guess")
            with pytest.raises(SignInFailed):
                await client.sign_in("mallory", "guess guess")
        with desk.people.database.read() as tx:
            assert tx.value("SELECT COUNT(*) FROM audit WHERE actor = 'mallory'") == 5

    async def test_what_is_no_sign_in_is_refused(self, desk: RunningDesk) -> None:
        async with Client(desk.endpoint) as client:
            for body in (b"", b"{", b"\xff"):
                answer = await ask(client, "POST", "/login", body)
                assert (answer.status, json.loads(answer.body)["type"]) == (400, NotJson.jmap_type)
            for body in (b"[]", b'{"name":"chief"}', b'{"name":1,"password":2}'):
                answer = await ask(client, "POST", "/login", body)
                assert (answer.status, json.loads(answer.body)["type"]) == (400, "about:blank")
            assert (await ask(client, "POST", "/login", b"{}", kind="text/plain")).status == 400

    async def test_the_unix_login_is_enough_once_it_is_bound(self, desk: RunningDesk) -> None:
        """Nobody is known by their uid alone: not even root."""
        me = pwd.getpwuid(os.getuid()).pw_name
        async with Client(desk.endpoint) as client:
            with pytest.raises(NotSignedIn):
                await client.session()
            made = await desk.call(
                desk.chief, "User/set", accountId="desk", create={"k": {"name": "me", "unixName": me}}
            )
            assert made["created"]["k"]["unixUid"] == os.getuid()
            assert (await client.session(refresh=True)).username == "me"
            patch = {made["created"]["k"]["id"]: {"unixName": None}}
            await desk.call(desk.chief, "User/set", accountId="desk", update=patch)
            with pytest.raises(NotSignedIn):
                await client.session(refresh=True)

    async def test_many_who_guess_keep_nobody_waiting(self, desk: RunningDesk, alice: Actor) -> None:
        patience = Timeouts(read=200, total=200)  # Forty passwords are a lot of work.
        async with Client(desk.endpoint, timeouts=patience) as stranger, desk.as_(alice) as client:
            await client.session()
            body = json.dumps({"name": "guesser", "password": "guess guess"}).encode()
            guesses = [asyncio.create_task(ask(stranger, "POST", "/login", body)) for _ in range(40)]
            # Several, as one answer may be read late.
            asked = [asyncio.create_task(client.call([Invocation("Core/echo", {}, "0")])) for _ in range(5)]
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            assert not all(guess.done() for guess in guesses)
            await asyncio.gather(*asked)
            assert {(await guess).status for guess in guesses} == {401}


class TestDoors:
    """The other ways in."""

    async def test_a_demo_names_its_people_to_strangers(self, tmp_path: Path) -> None:
        with started(tmp_path, demo_users=["alice", "bob"]) as desk:
            async with Client(desk.endpoint) as client, desk.as_(desk.chief) as known:
                answer = await ask(client, "GET", "/.well-known/jmap")
                session = await known.session()
            assert answer.status == 401 and json.loads(answer.body)["demoUsers"] == ["alice", "bob"]
            assert session.capabilities[DESK_CAPABILITY]["demoUsers"] == ["alice", "bob"]

    async def test_over_tcp_only_a_token_counts(self, tmp_path: Path) -> None:
        with contextlib.ExitStack() as life:
            with free_ports(("desk",)) as ports:
                listen = f"127.0.0.1:{ports['desk']}"
                tcp = TcpConfig(listen=listen, public_url="https://mail.example.org")
                desk = life.enter_context(started(tmp_path, tcp=tcp))
            me = pwd.getpwuid(os.getuid())
            with desk.people.database.write() as tx:
                users.update(tx, desk.chief.user_id, unix_name=me.pw_name, unix_uid=me.pw_uid)
            async with Client(Endpoint(url=f"http://{listen}/")) as client:
                with pytest.raises(NotSignedIn):
                    await client.session()
                await client.sign_in("chief", PASSWORD)
                session = await client.session()
            assert session.api_url == "https://mail.example.org/jmap"
            async with Client(desk.endpoint) as local:
                near = await local.session()
            assert near.api_url == "/jmap" and near.state == session.state


class TestRequests:
    async def test_somebody_works_through_the_socket(
        self, desk: RunningDesk, alice: Actor, shared: int
    ) -> None:
        made = await desk.call(
            alice, "Mailbox/set", accountId=account_id(shared), create={"k": {"name": "Projects"}}
        )
        assert made["created"]["k"]["id"]
        listed = await desk.call(alice, "Mailbox/get", accountId=account_id(shared), properties=["name"])
        assert "Projects" in [box["name"] for box in listed["list"]]

    @pytest.mark.parametrize(
        ("body", "kind", "type"),
        [
            (b"{", "application/json", "notJSON"),
            (b"{}", "text/plain", "notJSON"),
            (b"{}", "application/json", "notRequest"),
            (b'{"using":["urn:x"],"methodCalls":[]}', "application/json", "unknownCapability"),
        ],
    )
    async def test_what_is_no_request_is_a_problem(
        self, desk: RunningDesk, alice: Actor, body: bytes, kind: str, type: str
    ) -> None:
        async with desk.as_(alice) as client:
            answer = await ask(client, "POST", "/jmap", body, kind)
        assert answer.status == 400
        assert json.loads(answer.body)["type"] == f"urn:ietf:params:jmap:error:{type}"

    async def test_unknown_paths_and_methods_are_problems_too(self, desk: RunningDesk, alice: Actor) -> None:
        async with desk.as_(alice) as client:
            assert (await ask(client, "GET", "/../etc/passwd")).status == 404
            answer = await ask(client, "GET", "/jmap")
        assert answer.status == 405 and "problem+json" in answer.headers["content-type"]

    async def test_who_is_no_longer_active_is_refused_at_the_next_request(self, desk: RunningDesk) -> None:
        leaver = desk.people.user("leaver")
        async with desk.as_(leaver) as client:
            await client.session()
            with desk.people.database.write() as tx:
                users.update(tx, leaver.user_id, is_active=0)
            with pytest.raises(NotSignedIn):
                await client.session(refresh=True)


class TestBlobs:
    async def test_a_blob_goes_in_and_comes_out_under_a_harmless_name(
        self, desk: RunningDesk, alice: Actor, shared: int
    ) -> None:
        async with desk.as_(alice) as client:
            answer = await ask(client, "POST", f"/upload/{account_id(shared)}", b"hello", "image/png")
            assert answer.status == 201
            kept = json.loads(answer.body)
            assert (kept["size"], kept["type"], kept["accountId"]) == (5, "image/png", account_id(shared))
            path = f"/download/{account_id(shared)}/{kept['blobId']}/"
            got = await ask(client, "GET", path + "a%22%1b%3bb.png?type=image/png")
            assert (got.status, got.body, got.headers["content-type"]) == (200, b"hello", "image/png")
            assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22%1B%3Bb.png"
            broken = await ask(client, "GET", path + "a%0d%0aSet-Cookie%3a%20x.png")
            assert broken.status == 404 and "set-cookie" not in broken.headers
            odd = await ask(client, "GET", path + "x?type=text/html%0d%0aX-Evil:1")
            assert odd.headers["content-type"] == "application/octet-stream" and "x-evil" not in odd.headers

    async def test_the_log_names_no_file_and_takes_no_line_from_outside(
        self, desk: RunningDesk, alice: Actor, shared: int
    ) -> None:
        async with desk.as_(alice) as client:
            path = f"/download/{account_id(shared)}/b999/"
            asked = await ask(client, "GET", path + "salaries.pdf%0aINFO%20forged")
            again = await ask(client, "GET", path + "salaries.pdf")
        assert {asked.status, again.status} == {404}
        log = Path(desk.running.config.data).with_name("log").read_text()
        assert "salaries" not in log and "forged" not in log and again.headers["x-request-id"] in log

    async def test_unknown_and_hidden_blobs_read_alike(
        self, desk: RunningDesk, alice: Actor, shared: int
    ) -> None:
        eve = desk.people.user("eve")
        async with desk.as_(alice) as hers, desk.as_(eve) as other:
            kept = json.loads((await ask(hers, "POST", f"/upload/{account_id(shared)}", b"secret")).body)
            here = f"/download/{account_id(shared)}"
            paths = [
                f"{here}/{kept['blobId']}/x",
                "/download/a999/b999/x",
                f"{here}/m1/x",
                "/download/desk/b1/x",
            ]
            answers = [await ask(other, "GET", path) for path in paths]
            assert {answer.status for answer in answers} == {404}
            assert len({answer.body for answer in answers}) == 1
            refused = await ask(other, "POST", f"/upload/{account_id(shared)}", b"x")
            unknown = await ask(other, "POST", "/upload/a999", b"x")
            assert (refused.status, refused.body) == (unknown.status, unknown.body)
            with pytest.raises(NotFound):
                await other.download(account_id(shared), kept["blobId"])


class TestLimits:
    async def test_what_is_too_large_is_refused(self, tmp_path: Path) -> None:
        with started(tmp_path, request_bytes=10_000, upload_bytes=20_000, calls_in_request=2) as desk:
            account, _ = desk.people.account("support")
            desk.people.grant(account, desk.chief, level=Level.WRITE)
            async with desk.as_(desk.chief) as client:
                limits = (await client.session()).limits()
                assert (limits.max_size_request, limits.max_size_upload) == (10_000, 20_000)
                with pytest.raises(LimitExceeded):
                    await client.call([Invocation("Core/echo", {"x": "y" * 20_000}, "0")])
                with pytest.raises(LimitExceeded):
                    await client.call([Invocation("Core/echo", {}, str(n)) for n in range(3)])
                answer = await ask(
                    client, "POST", f"/upload/{account_id(account)}", b"x" * 20_001, "text/plain"
                )
                assert answer.status == 400 and json.loads(answer.body)["limit"] == "maxSizeUpload"

    async def test_many_requests_at_once_wait_for_their_turn(self, desk: RunningDesk, alice: Actor) -> None:
        async with desk.as_(alice) as client:
            calls = [client.call([Invocation("Core/echo", {"n": n}, "0")]) for n in range(30)]
            answers = await asyncio.gather(*calls)
        assert [answer[0].arguments["n"] for answer in answers] == list(range(30))

    async def test_event_streams_are_counted(self, tmp_path: Path) -> None:
        with started(tmp_path, streams_at_once=1) as desk:
            async with desk.as_(desk.chief) as client:
                url = client.endpoint.resolve("/events?types=*&closeafter=no&ping=0")
                async with client.transport.stream("GET", url, client.headers()) as first:
                    assert first.status == 200
                    assert await anext(aiter(first.body))
                    refused = await ask(client, "GET", "/events?types=*&closeafter=no&ping=0")
                    assert refused.status == 400

    async def test_streams_that_are_opened_at_the_same_time_are_counted_before_they_begin(
        self, tmp_path: Path
    ) -> None:
        with started(tmp_path, streams_at_once=2) as desk:
            everybody = asyncio.Event()
            statuses: list[int] = []

            async def one() -> None:
                async with desk.as_(desk.chief) as client:
                    url = client.endpoint.resolve("/events?types=*&closeafter=no&ping=0")
                    async with client.transport.stream("GET", url, client.headers()) as stream:
                        statuses.append(stream.status)
                        if len(statuses) == 8:
                            everybody.set()
                        await everybody.wait()

            async with asyncio.timeout(120):
                await asyncio.gather(*(one() for _ in range(8)))
            assert sorted(statuses) == [200] * 2 + [400] * 6

    async def test_a_stream_that_nobody_waited_for_gives_its_turn_back(self, tmp_path: Path) -> None:
        with started(tmp_path, streams_at_once=1) as desk:
            bearer = f"Authorization: Bearer {desk.token_of(desk.chief)}\r\n\r\n".encode()
            head = b"GET /events?types=*&closeafter=no&ping=0 HTTP/1.1\r\nHost: desk\r\n" + bearer
            for _ in range(20):
                with socket.socket(socket.AF_UNIX) as impatient:
                    impatient.connect(str(desk.socket))
                    impatient.sendall(head)
            async with asyncio.timeout(120), desk.as_(desk.chief) as client:
                url = client.endpoint.resolve("/events?types=*&closeafter=no&ping=0")
                while True:
                    async with client.transport.stream("GET", url, client.headers()) as stream:
                        if stream.status == 200:
                            break
                        assert stream.status == 400

    async def test_wrong_wishes_are_refused(self, desk: RunningDesk, alice: Actor) -> None:
        async with desk.as_(alice) as client:
            for query in ("closeafter=never", "ping=-1", "ping=soon"):
                answer = await ask(client, "GET", f"/events?types=*&{query}")
                assert answer.status == 400, query
                assert json.loads(answer.body)["type"] == "about:blank"

    def test_request_errors_carry_their_status(self) -> None:
        assert RequestError.status == 400
