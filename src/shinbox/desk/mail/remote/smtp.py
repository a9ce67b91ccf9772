"""The SMTP connector: hand one message to a submission server and say exactly what became of it.

Owns the dialogue (RFC 5321, 6409) over aiosmtplib, the rules of TLS and AUTH, and the line between "not sent"
and "uncertain": the final dot. Refuses to know identities, Sent copies and when to try again.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from typing import cast

import aiosmtplib

from shinbox.desk.mail.remote import esmtp
from shinbox.desk.mail.remote.dial import Step, dial_async, explain, tls_failed, unnamed
from shinbox.desk.mail.remote.outcome import (
    Accepted,
    Envelope,
    Message,
    NotAttempted,
    Outcome,
    Phase,
    Refusal,
    Refused,
    Uncertain,
)
from shinbox.desk.mail.remote.settings import Auth, Endpoint, Security
from shinbox.errors import RemoteAuthFailed, RemoteError, RemoteProtocolError, RemoteUnreachable, TlsFailed

Progress = Callable[[Phase, int, int], None]
"""Called with the phase, the octets sent and their total."""

FINAL_TIMEOUT = 600.0
"""Seconds to wait for the answer to the final dot (RFC 5321 §4.5.3.2.6)."""

_CHUNK = 64 * 1024
_DOT = re.compile(rb"^\.", re.MULTILINE)
_CLOSING = 421
_GOODBYE = 5.0
_POLL = 0.01
"""Seconds between two looks at a write buffer that the network is slow to empty."""


def _quiet(phase: Phase, sent: int, total: int) -> None:
    """The progress that nobody watches."""


async def submit(
    endpoint: Endpoint,
    envelope: Envelope,
    raw: bytes,
    progress: Progress = _quiet,
    *,
    final_timeout: float = FINAL_TIMEOUT,
) -> Outcome:
    """Send a message once.

    Args:
        raw: the message; lone CR and LF become CRLF.
        progress: see `Phase`; what it raises ends the attempt before the final dot, and is raised here.

    Raises:
        InvalidEmail: the message has a Bcc field.
    """
    message = Message.prepare(raw)

    def note(phase: Phase, sent: int, total: int) -> None:
        try:
            progress(phase, sent, total)
        except OSError as error:
            # A full disk is no lost connection.
            raise _NoteFailed from error

    try:
        async with opened(endpoint) as client:
            note(Phase.CONNECTED, 0, len(message.data))
            return await _transact(client, endpoint, envelope, message, note, final_timeout)
    except RemoteError as error:
        return NotAttempted(error)
    except _NoteFailed as failed:
        assert failed.__cause__ is not None, "raised from the cause"
        raise failed.__cause__ from None


class _NoteFailed(Exception):
    """`progress` raised."""


@contextlib.asynccontextmanager
async def opened(endpoint: Endpoint, step: Step = unnamed) -> AsyncIterator[aiosmtplib.SMTP]:
    """A connection that is inside TLS and logged in as the endpoint says, closed afterwards.

    Raises:
        RemoteUnreachable, TlsFailed, RemoteAuthFailed, RemoteProtocolError: also for what the body lets
        through of aiosmtplib's own.
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
    transports = []
    handed_over = False
    try:
        with step("tls" if endpoint.security is Security.TLS else "greet"), translated(endpoint):
            context = endpoint.tls_context() if endpoint.security is Security.TLS else None
            # From here on the socket is the transport's: closing it beneath one confuses the loop.
            handed_over = True
            await client.connect(timeout=endpoint.connect_timeout, tls_context=context)
            transports.append(client.transport)
            await client.ehlo()
        if endpoint.security is Security.STARTTLS:
            with step("tls"), translated(endpoint):
                transports.append(await _start_tls(client, endpoint))
                await client.ehlo()
        if endpoint.login.auth is not Auth.NONE:
            with step("login"), translated(endpoint):
                await _log_in(client, endpoint)
        with translated(endpoint):
            yield client
        if client.is_connected:
            # Whatever the server says now, the transaction is over.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_GOODBYE)
    finally:
        client.close()
        if not handed_over:
            sock.close()
        for transport in transports:
            # Closing would wait for the peer's part of the TLS goodbye.
            cast(asyncio.WriteTransport, transport).abort()
        await asyncio.sleep(0)


@contextlib.contextmanager
def translated(endpoint: Endpoint) -> Iterator[None]:
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


async def probe(client: aiosmtplib.SMTP, envelope: Envelope) -> Refusal | None:
    """Begin a transaction and give it up; what the server has against it, if anything."""
    steps = [(b"MAIL FROM:", envelope.sender), *((b"RCPT TO:", to) for to in envelope.recipients)]
    for verb, address in steps:
        response = await _command(client, verb, address, [])
        if not 250 <= response.code < 260:
            return Refusal(response.code, response.message)
    await client.rset()
    return None


# --- the transaction ----------------------------------------------------------------------------


async def _transact(
    client: aiosmtplib.SMTP,
    endpoint: Endpoint,
    envelope: Envelope,
    message: Message,
    progress: Progress,
    final_timeout: float,
) -> Outcome:
    offered = client.esmtp_extensions
    impossible = esmtp.impossible(offered, envelope, message)
    if impossible is not None:
        return impossible
    options = esmtp.mail_options(offered, envelope, message)
    response = await _command(client, b"MAIL FROM:", envelope.sender, options)
    if response.code != aiosmtplib.SMTPStatus.completed:
        return _refused(response)
    refused: dict[str, Refusal] = {}
    for recipient in envelope.recipients:
        options = esmtp.rcpt_options(offered, envelope.notify, recipient)
        response = await _command(client, b"RCPT TO:", recipient, options)
        if not 250 <= response.code < 260:
            refused[recipient] = Refusal(response.code, response.message)
    if len(refused) == len(set(envelope.recipients)):
        first = next(iter(refused.values()))
        return Refused(
            first.code, first.text, all(refusal.permanent for refusal in refused.values()), refused
        )
    response = _open(await client.execute_command(b"DATA"))
    if response.code != aiosmtplib.SMTPStatus.start_input:
        return _refused(response)
    return await _Data(client, endpoint.timeout, progress).send(message.data, refused, final_timeout)


async def _command(
    client: aiosmtplib.SMTP, verb: bytes, address: str, options: list[bytes]
) -> aiosmtplib.SMTPResponse:
    path = verb + b"<" + address.encode("utf-8") + b">"
    return _open(await client.execute_command(path, *options))


def _open(response: aiosmtplib.SMTPResponse) -> aiosmtplib.SMTPResponse:
    """The response. Raises SMTPServerDisconnected for 421, by which a server ends the connection."""
    if response.code == _CLOSING:
        raise aiosmtplib.SMTPServerDisconnected(f"{response.code} {response.message}")
    return response


def _refused(response: aiosmtplib.SMTPResponse) -> Refused:
    return Refused(response.code, response.message, permanent=response.code >= 500)


class _Data:
    """The message after the server's go-ahead: only here is known on which side of the final dot we are."""

    def __init__(self, client: aiosmtplib.SMTP, timeout: float, progress: Progress) -> None:
        if client.protocol is None or client.transport is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self._timeout, self._progress = timeout, progress
        self._transport = cast(asyncio.WriteTransport, client.transport)
        self._transport.set_write_buffer_limits(high=0)
        # A server may refuse before we are done, and then hang up: it is being listened to from here on.
        self._reply = asyncio.create_task(client.protocol.read_response())

    async def send(self, data: bytes, refused: dict[str, Refusal], final_timeout: float) -> Outcome:
        try:
            await self._send_body(data)
            if not self._reply.done():
                self._progress(Phase.COMMITTING, len(data), len(data))
                # One round of the loop: a connection that was lost meanwhile is noticed before the dot.
                await asyncio.sleep(0)
            if self._reply.done() or self._transport.is_closing():
                return self._early()
            self._transport.write(b".\r\n")
            return await self._answer(refused, final_timeout)
        finally:
            if not self._reply.done():
                self._reply.cancel()
            if not self._answered():
                # Without the dot, this is how the server learns that there will be none.
                self._transport.abort()

    async def _send_body(self, data: bytes) -> None:
        stuffed = _DOT.sub(b"..", data)
        for start in range(0, len(stuffed), _CHUNK):
            self._transport.write(stuffed[start : start + _CHUNK])
            await self._handed_over()
            if self._reply.done():
                return
            self._progress(Phase.SENDING, min(start + _CHUNK, len(data)), len(data))

    async def _handed_over(self) -> None:
        """Wait until the kernel took what was written or the server spoke; `timeout` seconds without progress
        are a lost connection."""
        loop = asyncio.get_running_loop()
        waiting, deadline = self._transport.get_write_buffer_size(), loop.time() + self._timeout
        await asyncio.sleep(0)
        while waiting and not self._reply.done() and not self._transport.is_closing():
            await asyncio.wait({self._reply}, timeout=_POLL)
            now = self._transport.get_write_buffer_size()
            if now < waiting:
                waiting, deadline = now, loop.time() + self._timeout
            elif loop.time() > deadline:
                raise aiosmtplib.SMTPTimeoutError("the server takes nothing more")

    def _answered(self) -> bool:
        return self._reply.done() and not self._reply.cancelled() and self._reply.exception() is None

    def _early(self) -> Outcome:
        """The server spoke, or was lost, before the final dot was sent."""
        if not self._reply.done():
            raise aiosmtplib.SMTPServerDisconnected("Connection lost while the message was being sent")
        response = _open(self._reply.result())
        self._transport.abort()
        if response.code >= 400:
            return _refused(response)
        raise aiosmtplib.SMTPResponseException(
            -1, f"an answer before the end: {response.code} {response.message}"
        )

    async def _answer(self, refused: dict[str, Refusal], final_timeout: float) -> Outcome:
        try:
            response = await asyncio.wait_for(asyncio.shield(self._reply), final_timeout)
        except (aiosmtplib.SMTPException, OSError) as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else str(error)
            return Uncertain(f"The message was sent, but its receipt was not confirmed: {reason}")
        if 200 <= response.code < 300:
            return Accepted(f"{response.code} {response.message}", refused)
        if 400 <= response.code < 600:
            return _refused(response)
        return Uncertain(f"The message was sent; the server answered {response.code} {response.message}")
