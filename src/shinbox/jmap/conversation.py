"""One signed-in conversation: session, signing in and out, requests that survive a broken connection.

Owns the token, the session and the transport. Refuses to know data types.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Self

import msgspec

from shinbox.errors import DeskProtocolError, SignInFailed
from shinbox.jmap.answers import checked, decode, responses
from shinbox.jmap.calls import Invocation, Response
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.events import Backoff
from shinbox.jmap.faults import Json
from shinbox.jmap.session import Session
from shinbox.jmap.transport import Connectivity, HttpAnswer, Timeouts, Transport

if TYPE_CHECKING:
    import ssl

MAX_ANSWER: Final = 64_000_000
"""Bytes of one API answer or one blob in memory; larger blobs go to a file."""
MAX_SMALL: Final = 1_000_000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHANGING: Final = ("/set", "/import", "/copy")
_ACCOUNT_ARGUMENTS: Final = ("accountId", "fromAccountId")


class SessionClient:
    """One person at one desk.

    `token` is None where the desk knows the caller by their Unix login. `on_connection` is called, in the
    event loop, whenever the desk becomes reachable or stops being so. `tls` replaces the usual verification
    by the system's certificate authorities.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        token: str | None = None,
        *,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        on_connection: Callable[[Connectivity], None] | None = None,
        backoff: Callable[[], Backoff] = Backoff,
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        self.endpoint = endpoint
        self.token = token
        self.transport = Transport(endpoint, timeouts=timeouts, tls=tls, on_connection=on_connection)
        self._backoff = backoff
        self._new_id = new_id
        self._session: Session | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Hang up."""
        await self.transport.aclose()

    @property
    def connectivity(self) -> Connectivity:
        """Whether the desk answered the last time."""
        return self.transport.connectivity

    # --- who you are ----------------------------------------------------------------------------

    async def session(self, *, refresh: bool = False) -> Session:
        """Who you are and what you have; fetched once, and again when the desk says that it changed.

        :raises NotSignedIn: the desk does not know you: sign in.
        """
        if self._session is None or refresh:
            self._session = self.named(Session.decode((await self._get(self.endpoint.session_url())).body))
        return self._session

    def named(self, session: Session) -> Session:
        """The session as this program names things: as it came, where there is one desk."""
        return session

    def bare(self, account: str) -> str:
        """An account's id as the desk knows it: the same, where there is one desk."""
        return account

    async def sign_in(self, name: str, password: str) -> str:
        """Sign in and keep the token; it is returned for whoever stores it.

        :raises SignInFailed: wrong, or too many attempts.
        """
        return (await self.sign_in_until(name, password))[0]

    async def sign_in_until(self, name: str, password: str) -> tuple[str, str | None]:
        """Like `sign_in`; also until when the token is good (a UTC date)."""
        body = msgspec.json.encode({"name": name, "password": password})
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        url = self.endpoint.resolve("/login")
        answer = await self.transport.request("POST", url, headers, body, limit=MAX_SMALL)
        if answer.status in (401, 403, 429):
            raise SignInFailed()
        value = decode(checked(answer))
        token, expires = value.get("token"), value.get("expiresAt")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise DeskProtocolError("The desk took the password but did not let you in: try again.")
        self.token, self._session = token, None
        return token, str(expires) if expires else None

    async def sign_out(self) -> None:
        """Make the token worthless, here and at the desk."""
        if self.token:
            url = self.endpoint.resolve("/logout")
            answer = await self.transport.request("POST", url, self.headers(), limit=MAX_SMALL)
            if answer.status != 401:
                checked(answer)
        self.token = self._session = None

    # --- calls ----------------------------------------------------------------------------------

    async def call(
        self,
        calls: Sequence[Invocation],
        *,
        using: Sequence[str] | None = None,
        client_id: str | None = None,
    ) -> list[Response]:
        """Send method calls in one request; the answers as they are, method errors among them.

        A request that changes something carries a client id (the given one, or a new one): the desk keeps
        its answer, so after a broken connection it is sent once more without a second effect. An empty
        `client_id` goes without: what is asked refuses a second time by itself, and nothing need be kept.

        :raises RequestError: the whole request was refused.
        :raises ConnectionLost: the connection broke twice, or the server is not a desk of ours.
        """
        session = await self.session()
        changing = any(call.name.endswith(_CHANGING) for call in calls)
        request: Json = {
            "using": list(using or session.using()),
            "methodCalls": [self._sent(call) for call in calls],
        }
        if changing and session.is_desk and client_id != "":
            request["clientId"] = client_id or self._new_id()
        body = msgspec.json.encode(request)
        headers = {**self.headers(), "Content-Type": "application/json", "Accept": "application/json"}
        again = session.is_desk or not changing
        answer = await self.transport.request(
            "POST", session.api_url, headers, body, limit=MAX_ANSWER, again=again
        )
        value = decode(checked(answer))
        if value.get("sessionState") not in (None, session.state) and self._session is session:
            self._session = None
        return responses(value)

    # --- inside ---------------------------------------------------------------------------------

    def headers(self) -> dict[str, str]:
        """What proves who is calling."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _sent(self, call: Invocation) -> Invocation:
        given = call.arguments
        named: Json = {name: self.bare(given[name]) for name in _ACCOUNT_ARGUMENTS if name in given}
        return Invocation(call.name, {**given, **named}, call.call_id)

    async def _get(self, url: str) -> HttpAnswer:
        """GET with redirects followed; the token stays with the server that it was given for."""
        headers = {**self.headers(), "Accept": "application/json"}
        home = self.endpoint.target(url).origin
        for _ in range(5):
            answer = await self.transport.request("GET", url, headers, limit=MAX_SMALL, again=True)
            if answer.status not in _REDIRECTS:
                return checked(answer)
            url = self.endpoint.resolve(answer.headers.get("location", ""))
            if self.endpoint.target(url).origin != home:
                headers.pop("Authorization", None)
        raise DeskProtocolError(
            "The server sends us from address to address, in circles: look at the desk's address."
        )
