"""HTTP: the routes of the desk, who may come in, and how much at once.

Owns limits, timeouts, problem documents and the log line of each request. What a request means is
dispatch.py's, blobs.py's and events.py's. Nothing of a failure goes outward but a request id.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from shinbox.desk.front import blobs, events, login, session
from shinbox.desk.front.context import Desk
from shinbox.desk.front.dispatch import dispatch
from shinbox.desk.front.login import Actor, Proof, SignIn, TokenProof
from shinbox.desk.front.peer import PEER_KEY, UnixProofs
from shinbox.desk.front.reading import (
    GivenSignIn,
    body_of,
    decode_json,
    media_type_in,
    media_type_of,
    token_of,
    wish_of,
)
from shinbox.desk.front.replies import PROBLEM, disposition, json_reply, plain_problem, problem_of
from shinbox.desk.front.turns import Turns
from shinbox.errors import LimitExceeded, NotFound, NotJson, NotSignedIn, ShinboxError, SignInFailed
from shinbox.terms import ID_PATTERN

T = TypeVar("T")
Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]

THREADS: Final = 32
"""Requests that work at the same time; some of them wait for a mail server."""
STREAM_THREADS: Final = 4
SIGN_IN_THREADS: Final = 2
MOST_SIGN_INS: Final = 100
"""Sign-ins that wait for their turn; one more is refused."""
BODY_SECONDS: Final = 60.0
UPLOAD_SECONDS: Final = 900.0
MAX_LOGIN: Final = 16_384

_log = logging.getLogger(__name__)


class Front:
    """The endpoints. Each finds out who calls before it reads what they sent."""

    def __init__(
        self,
        desk: Desk,
        hub: events.Hub,
        sign_in: SignIn,
        proofs: UnixProofs,
        *,
        public_url: str = "",
        demo_users: Sequence[str] = (),
    ) -> None:
        self._desk = desk
        self._hub = hub
        self._sign_in = sign_in
        self._proofs = proofs
        self._public_url = public_url.rstrip("/")
        self._demo_users = demo_users
        self._threads = anyio.CapacityLimiter(THREADS)
        # Threads of their own: strangers who try passwords must not keep others waiting.
        self._sign_in_threads = anyio.CapacityLimiter(SIGN_IN_THREADS)
        self._stream_threads = anyio.CapacityLimiter(STREAM_THREADS)
        self._requests = Turns(desk.limits.requests_at_once, "maxConcurrentRequests")
        self._uploads = Turns(desk.limits.uploads_at_once, "maxConcurrentUpload", waits=False)
        self._streams = Turns(desk.limits.streams_at_once, "streams", waits=False)

    def routes(self) -> list[Route]:
        """Every path of the desk: who may use it is decided in its endpoint, by `_actor`."""
        table: list[tuple[str, Endpoint, str]] = [
            ("/.well-known/jmap", self.session, "GET"),
            ("/jmap", self.api, "POST"),
            ("/upload/{account}", self.upload, "POST"),
            ("/download/{account}/{blob}/{name:path}", self.download, "GET"),
            ("/events", self.events, "GET"),
            ("/login", self.login, "POST"),
            ("/logout", self.logout, "POST"),
        ]
        return [
            Route(path, self._guarded(path, endpoint), methods=[method]) for path, endpoint, method in table
        ]

    # --- endpoints ------------------------------------------------------------------------------

    async def session(self, request: Request) -> Response:
        """The session object (RFC 8620 §2)."""
        proof = await self._proof(request)
        over_tcp = request.scope["state"].get(PEER_KEY) is None
        base = self._public_url if over_tcp else ""
        value = await self._in_thread(lambda: self._session(proof))
        return json_reply({**value, **session.urls(base)}, headers={"Cache-Control": "no-cache, no-store"})

    async def api(self, request: Request) -> Response:
        """Method calls (RFC 8620 §3)."""
        proof = await self._proof(request)
        actor = await self._in_thread(lambda: self._actor(proof))
        if media_type_of(request) != "application/json":
            raise NotJson("Send the request as application/json.")
        async with self._requests.one(actor.user_id):
            body = await body_of(request, self._desk.limits.request_bytes, BODY_SECONDS, "maxSizeRequest")
            # Known anew: the body may have taken its time to come.
            answer = await self._in_thread(lambda: dispatch(body, self._actor(proof), self._desk))
        return Response(answer, media_type="application/json")

    async def upload(self, request: Request) -> Response:
        """A blob comes in (RFC 8620 §6.1)."""
        proof = await self._proof(request)
        account = request.path_params["account"]
        actor = await self._in_thread(lambda: self._actor(proof))
        await self._in_thread(lambda: blobs.check_upload(self._desk, actor, account))
        async with self._uploads.one(actor.user_id):
            body = await body_of(request, self._desk.limits.upload_bytes, UPLOAD_SECONDS, "maxSizeUpload")
            kind = media_type_of(request) or "application/octet-stream"
            value = await self._in_thread(
                lambda: blobs.upload(self._desk, self._actor(proof), account, kind, body)
            )
        return json_reply(value, status=201)

    async def download(self, request: Request) -> Response:
        """A blob goes out (RFC 8620 §6.2)."""
        proof = await self._proof(request)
        asked = request.path_params
        kind = media_type_in(request.query_params.get("type", ""))
        if not ID_PATTERN.fullmatch(asked["blob"]):
            raise NotFound()
        actor = await self._in_thread(lambda: self._actor(proof))
        # A turn as for a request: one person's downloads from a slow mail server must not take every thread.
        async with self._requests.one(actor.user_id):
            content = await self._in_thread(
                lambda: blobs.download(self._desk, self._actor(proof), asked["account"], asked["blob"])
            )
        headers = {
            "Content-Disposition": disposition(asked["name"]),
            "Cache-Control": "private, immutable, max-age=31536000",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type=kind, headers=headers)

    async def events(self, request: Request) -> Response:
        """The event stream (RFC 8620 §7.3)."""
        proof = await self._proof(request)
        actor = await self._in_thread(lambda: self._actor(proof))
        wish = wish_of(request)
        # Taken before the first look: streams that are opened at the same time are counted, too.
        give_back = self._streams.take(actor.user_id)
        try:
            watch = events.Watch(self._desk, proof, wish.types)
            stream = await events.open_stream(self._hub, watch, wish, self._desk.clock, self._stream_threads)
        except BaseException:
            give_back()
            raise
        return _EventStream(stream, give_back)

    async def login(self, request: Request) -> Response:
        """A name and a password for a token."""
        if media_type_of(request) != "application/json":
            raise NotJson("Send the name and the password as application/json.")
        body = await body_of(request, MAX_LOGIN, BODY_SECONDS, "maxSizeRequest")
        given = decode_json(body, GivenSignIn)
        if self._sign_in_threads.statistics().tasks_waiting >= MOST_SIGN_INS:
            raise LimitExceeded("Too many people sign in at once: try again.", limit="signIns")
        signed_in = await anyio.to_thread.run_sync(
            lambda: self._sign_in(given.name, given.password, self._desk.clock()),
            limiter=self._sign_in_threads,
        )
        return json_reply(login.answer_of(signed_in), headers={"Cache-Control": "no-store"})

    async def logout(self, request: Request) -> Response:
        """A token back."""
        proof = await self._proof(request)
        await self._in_thread(lambda: self._sign_in.sign_out(proof, self._desk.clock()))
        self._hub.publish(())
        return Response(status_code=204)

    # --- inside ---------------------------------------------------------------------------------

    async def _proof(self, request: Request) -> Proof:
        """What the caller proves who they are with; a token counts before the socket's peer.

        :raises NotSignedIn: nothing.
        """
        token = token_of(request)
        if token is not None:
            return TokenProof.of(token)
        peer = request.scope["state"].get(PEER_KEY)
        proof = await self._proofs.of(peer) if peer is not None else None
        if proof is None:
            raise NotSignedIn()
        return proof

    def _actor(self, proof: Proof) -> Actor:
        with self._desk.database.read() as tx:
            return login.who_is(tx, proof, self._desk.clock()).actor

    def _session(self, proof: Proof) -> Json:
        now = self._desk.clock()
        with self._desk.database.read() as tx:
            actor = login.who_is(tx, proof, now).actor
            return session.session_of(tx, actor, self._desk.limits, now, self._demo_users)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self._threads)

    def _guarded(self, path: str, endpoint: Endpoint) -> Endpoint:
        """`endpoint` with its failures as problem documents and a line in the log.

        The log tells the route, not the path that was asked for: that holds file names, and what else
        somebody writes into it.
        """

        async def guarded(request: Request) -> Response:
            request_id, began = self._desk.random(6).hex(), time.monotonic()
            try:
                response = await endpoint(request)
            except ShinboxError as failure:
                response = self._problem(failure)
            except ClientDisconnect:
                response = Response(status_code=400)
            except Exception:  # noqa: BLE001  # logged; nothing of it goes outward
                _log.exception("request %s: %s %s failed", request_id, request.method, path)
                told = plain_problem(500, f"The desk failed; its log says why ({request_id}).")
                response = json_reply(told, 500, kind=PROBLEM)
            milliseconds = (time.monotonic() - began) * 1000
            _log.info(
                "request %s: %s %s %d %.1f ms",
                request_id,
                request.method,
                path,
                response.status_code,
                milliseconds,
            )
            response.headers["X-Request-Id"] = request_id
            return response

        return guarded

    def _problem(self, failure: ShinboxError) -> Response:
        value = problem_of(failure)
        headers = {}
        if value["status"] == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="desk"'
            if self._demo_users and not isinstance(failure, SignInFailed):
                value["demoUsers"] = list(self._demo_users)
        return json_reply(value, value["status"], headers=headers, kind=PROBLEM)


class _EventStream(StreamingResponse):
    """An event stream; `ended` is called at its end, also if nobody waited for its beginning."""

    def __init__(self, stream: AsyncGenerator[bytes, None], ended: Callable[[], None]) -> None:
        async def body() -> AsyncIterator[bytes]:
            async with aclosing(stream):
                async for piece in stream:
                    yield piece

        headers = {"Cache-Control": "no-cache, no-store", "X-Accel-Buffering": "no"}
        super().__init__(body(), media_type="text/event-stream", headers=headers)
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See Response."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()


def app(front: Front) -> Starlette:
    """The ASGI application."""

    async def refused(_: Request, failure: Exception) -> Response:
        assert isinstance(failure, HTTPException)
        value = plain_problem(failure.status_code, failure.detail)
        return json_reply(value, failure.status_code, kind=PROBLEM)

    return Starlette(routes=front.routes(), exception_handlers={HTTPException: refused})
