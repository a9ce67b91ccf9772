"""The SMTP connection: dialled, inside TLS and logged in as an endpoint says; then a command and its reply.

Owns aiosmtplib, the rules of TLS and AUTH, and how their failures are told. Refuses to know what a mail
transaction is made of (submitting.py).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import cast

import aiosmtplib

from shinbox.desk.mail.remote.dial import Step, dial_async, explain, tls_failed, unnamed
from shinbox.desk.mail.remote.settings import Auth, Endpoint, Security
from shinbox.errors import RemoteAuthFailed, RemoteProtocolError, RemoteUnreachable, TlsFailed

Reply = aiosmtplib.SMTPResponse
"""What the server answers: `code` and `message`."""

_CLOSING = 421
_GOODBYE = 5.0


class Session:
    """A connection that is logged in. Every method raises RemoteUnreachable or RemoteProtocolError; its owner
    closes it (`opened`)."""

    def __init__(self, client: aiosmtplib.SMTP, endpoint: Endpoint) -> None:
        self._client, self._endpoint = client, endpoint

    @property
    def offered(self) -> Mapping[str, str]:
        """The extensions as EHLO announced them, names in lower case."""
        return self._client.esmtp_extensions

    @property
    def timeout(self) -> float:
        """Seconds without progress that are a lost connection."""
        return self._endpoint.timeout

    @property
    def transport(self) -> asyncio.WriteTransport:
        """For what is no command: the octets of a message."""
        if self._client.transport is None:
            raise self.lost("Connection lost")
        return cast(asyncio.WriteTransport, self._client.transport)

    async def command(self, *words: bytes) -> Reply:
        """The reply to one command."""
        with _translated(self._endpoint):
            return self.still_open(await self._client.execute_command(*words))

    async def reply(self) -> Reply:
        """The next reply, whenever it comes; also the one by which the server ends the connection."""
        if self._client.protocol is None:
            raise self.lost("Connection lost")
        with _translated(self._endpoint):
            return await self._client.protocol.read_response()

    async def reset(self) -> None:
        """Give a transaction up."""
        with _translated(self._endpoint):
            await self._client.rset()

    def still_open(self, reply: Reply) -> Reply:
        """The reply. Raises for 421, by which a server ends the connection."""
        if reply.code == _CLOSING:
            raise self.lost(f"{reply.code} {reply.message}")
        return reply

    def lost(self, reason: str) -> RemoteUnreachable:
        """The error for a connection that ended before its time."""
        return RemoteUnreachable(f"The connection to {self._endpoint.host} was lost: {reason}")

    def not_smtp(self, what: str) -> RemoteProtocolError:
        """The error for a reply that no SMTP server gives."""
        return RemoteProtocolError(f"{self._endpoint.host} does not speak SMTP: {what}")


@contextlib.asynccontextmanager
async def opened(endpoint: Endpoint, step: Step = unnamed) -> AsyncIterator[Session]:
    """A connection that is inside TLS and logged in as the endpoint says, closed afterwards.

    Raises:
        RemoteUnreachable, TlsFailed, RemoteAuthFailed, RemoteProtocolError.
    """
    sock = await dial_async(endpoint, step)
    client = aiosmtplib.SMTP(
        hostname=endpoint.host,
        sock=sock,
        use_tls=endpoint.security is Security.TLS,
        start_tls=False,
        local_hostname=_address_literal(sock),
        timeout=endpoint.timeout,
    )
    transports: list[asyncio.BaseTransport | None] = []
    try:
        await _begin(client, endpoint, sock, step, transports)
        yield Session(client, endpoint)
        if client.is_connected:
            # Whatever the server says now, the transaction is over.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_GOODBYE)
    finally:
        client.close()
        for transport in transports:
            # Closing would wait for the peer's part of the TLS goodbye.
            cast(asyncio.WriteTransport, transport).abort()
        await asyncio.sleep(0)


async def _begin(
    client: aiosmtplib.SMTP,
    endpoint: Endpoint,
    sock: socket.socket,
    step: Step,
    transports: list[asyncio.BaseTransport | None],
) -> None:
    """Greeting, TLS and login; each transport is noted as it comes to be."""
    at_once = endpoint.security is Security.TLS
    with step("tls" if at_once else "greet"), _translated(endpoint):
        try:
            context = endpoint.tls_context() if at_once else None
        except BaseException:
            sock.close()
            raise
        # From here on the socket is the transport's: closing it beneath one confuses the loop.
        await client.connect(timeout=endpoint.connect_timeout, tls_context=context)
        transports.append(client.transport)
        await client.ehlo()
    if endpoint.security is Security.STARTTLS:
        with step("tls"), _translated(endpoint):
            transports.append(await _start_tls(client, endpoint))
            await client.ehlo()
    if endpoint.login.auth is not Auth.NONE:
        with step("login"), _translated(endpoint):
            await _log_in(client, endpoint)


@contextlib.contextmanager
def _translated(endpoint: Endpoint) -> Iterator[None]:
    """Raise what aiosmtplib and the network raise as a `RemoteError`."""
    host = endpoint.host
    try:
        yield
    except (aiosmtplib.SMTPException, OSError) as error:
        cause = error if isinstance(error, ssl.SSLError) else error.__cause__
        if isinstance(cause, ssl.SSLError):
            raise tls_failed(endpoint, cause) from error
        if isinstance(error, aiosmtplib.SMTPResponseException):
            if error.code < 0:
                raise RemoteProtocolError(f"{host} does not speak SMTP: {error.message}") from error
            raise RemoteUnreachable(
                f"{host} takes no mail at present: {error.code} {error.message}"
            ) from error
        reason = error.message if isinstance(error, aiosmtplib.SMTPException) else explain(error)
        raise RemoteUnreachable(f"The connection to {host} was lost: {reason}") from error


def _address_literal(sock: socket.socket) -> str:
    """What we call ourselves (RFC 5321 §4.1.3): the host's name is nobody's business and may not resolve."""
    address = str(sock.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


async def _start_tls(client: aiosmtplib.SMTP, endpoint: Endpoint) -> asyncio.Transport:
    """As `aiosmtplib.SMTP.starttls`, which discards what came before the handshake: here that is fatal, since
    whoever put it there sits between us and the server (RFC 3207 §6)."""
    if not client.supports_extension("starttls"):
        raise TlsFailed(f"{endpoint.host} does not offer STARTTLS on port {endpoint.port}.")
    response = await client.execute_command(b"STARTTLS")
    if response.code != aiosmtplib.SMTPStatus.ready:
        raise TlsFailed(f"{endpoint.host} refused STARTTLS: {response.code} {response.message}")
    protocol = client.protocol
    if protocol is None or client.transport is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    if protocol._buffer:
        raise TlsFailed(f"{endpoint.host} sent something before the TLS handshake.")
    transport = await asyncio.get_running_loop().start_tls(
        cast(asyncio.WriteTransport, client.transport),
        protocol,
        endpoint.tls_context(),
        server_hostname=endpoint.host,
        ssl_handshake_timeout=endpoint.timeout,
    )
    if transport is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    protocol.transport = client.transport = transport
    return transport


async def _log_in(client: aiosmtplib.SMTP, endpoint: Endpoint) -> None:
    """One attempt with one mechanism: trying several would count as several wrong passwords."""
    login = endpoint.login
    offered = client.server_auth_methods
    user, secret = login.user.encode("utf-8"), login.secret.encode("utf-8")
    try:
        if login.auth is Auth.XOAUTH2:
            await client.auth_xoauth2(user, secret)
        elif login.auth is Auth.OAUTHBEARER:
            await _oauthbearer(client, endpoint)
        elif "plain" in offered:
            await client.auth_plain(user, secret)
        elif "login" in offered:
            await client.auth_login(user, secret)
        elif "cram-md5" in offered:
            await client.auth_crammd5(user, secret)
        else:
            raise RemoteAuthFailed(f"{endpoint.host} offers no way to log in that shinbox knows.")
    except aiosmtplib.SMTPAuthenticationError as error:
        if 400 <= error.code < 500:
            raise RemoteUnreachable(
                f"{endpoint.host} cannot log anybody in at present: {error.code} {error.message}"
            ) from error
        raise RemoteAuthFailed(
            f"{endpoint.host} did not accept the login of {login.user}: {error.code} {error.message}"
        ) from error


async def _oauthbearer(client: aiosmtplib.SMTP, endpoint: Endpoint) -> None:
    """RFC 7628 §3.1; the dummy answer to an error told as a challenge is §3.2.3's."""
    login = endpoint.login
    user = login.user.replace("=", "=3D").replace(",", "=2C")
    secret = f"n,a={user},\1host={endpoint.host}\1port={endpoint.port}\1auth=Bearer {login.secret}\1\1"
    coded = base64.b64encode(secret.encode("utf-8"))
    response = await client.execute_command(b"AUTH", b"OAUTHBEARER", coded)
    if response.code == aiosmtplib.SMTPStatus.auth_continue:
        response = await client.execute_command(base64.b64encode(b"\1"))
    if response.code != aiosmtplib.SMTPStatus.auth_successful:
        raise aiosmtplib.SMTPAuthenticationError(response.code, response.message)
