"""Hand one message to a submission server and say exactly what became of it.

Owns the mail transaction (RFC 5321 §3.3, RFC 6409) over a `smtp.Session`, and the line between "not sent" and
"uncertain": the final dot. Refuses to know the library below, identities, Sent copies and when to try again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from shinbox.desk.mail.remote import esmtp, smtp
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
from shinbox.desk.mail.remote.settings import Endpoint
from shinbox.errors import RemoteError

Progress = Callable[[Phase, int, int], None]
"""Called with the phase, the octets sent and their total."""

FINAL_TIMEOUT = 600.0
"""Seconds to wait for the answer to the final dot (RFC 5321 §4.5.3.2.6)."""

_COMPLETED, _START_INPUT = 250, 354
_CHUNK = 64 * 1024
_DOT = re.compile(rb"^\.", re.MULTILINE)
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
    try:
        async with smtp.opened(endpoint) as session:
            progress(Phase.CONNECTED, 0, len(message.data))
            impossible = esmtp.impossible(session.offered, envelope, message)
            if impossible is not None:
                return impossible
            refused = await _announce(session, envelope, message)
            if isinstance(refused, Refused):
                return refused
            return await _Data(session, progress).send(message.data, refused, final_timeout)
    except RemoteError as error:
        return NotAttempted(error)


async def probe(session: smtp.Session, envelope: Envelope) -> Refusal | None:
    """Begin a transaction and give it up; what the server has against it, if anything."""
    steps = [(b"MAIL FROM:", envelope.sender), *((b"RCPT TO:", to) for to in envelope.recipients)]
    for verb, address in steps:
        reply = await session.command(_path(verb, address))
        if not _is_taken(reply):
            return Refusal(reply.code, reply.message)
    await session.reset()
    return None


async def _announce(
    session: smtp.Session, envelope: Envelope, message: Message
) -> Refused | dict[str, Refusal]:
    """MAIL, RCPT and DATA: whom the server refused, when it waits for the message now."""
    options = esmtp.mail_options(session.offered, envelope, message)
    reply = await session.command(_path(b"MAIL FROM:", envelope.sender), *options)
    if reply.code != _COMPLETED:
        return _refused(reply)
    refused: dict[str, Refusal] = {}
    for recipient in envelope.recipients:
        options = esmtp.rcpt_options(session.offered, envelope.notify, recipient)
        reply = await session.command(_path(b"RCPT TO:", recipient), *options)
        if not _is_taken(reply):
            refused[recipient] = Refusal(reply.code, reply.message)
    if len(refused) == len(set(envelope.recipients)):
        first, for_good = next(iter(refused.values())), all(each.permanent for each in refused.values())
        return Refused(first.code, first.text, for_good, refused)
    reply = await session.command(b"DATA")
    return refused if reply.code == _START_INPUT else _refused(reply)


def _path(verb: bytes, address: str) -> bytes:
    return verb + b"<" + address.encode("utf-8") + b">"


def _is_taken(reply: smtp.Reply) -> bool:
    return 250 <= reply.code < 260


def _refused(reply: smtp.Reply) -> Refused:
    return Refused(reply.code, reply.message, permanent=reply.code >= 500)


class _Data:
    """The message after the server's go-ahead: only here is known on which side of the final dot we are."""

    def __init__(self, session: smtp.Session, progress: Progress) -> None:
        self._session, self._progress = session, progress
        self._transport = session.transport
        self._transport.set_write_buffer_limits(high=0)
        # A server may refuse before we are done, and then hang up: it is being listened to from here on.
        self._reply = asyncio.create_task(session.reply())

    async def send(self, data: bytes, refused: dict[str, Refusal], final_timeout: float) -> Outcome:
        """All of it and the dot; `refused` are the recipients whom it does not go to."""
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
        loop, timeout = asyncio.get_running_loop(), self._session.timeout
        waiting, deadline = self._transport.get_write_buffer_size(), loop.time() + timeout
        await asyncio.sleep(0)
        while waiting and not self._reply.done() and not self._transport.is_closing():
            await asyncio.wait({self._reply}, timeout=_POLL)
            now = self._transport.get_write_buffer_size()
            if now < waiting:
                waiting, deadline = now, loop.time() + timeout
            elif loop.time() > deadline:
                raise self._session.lost("the server takes nothing more")

    def _answered(self) -> bool:
        return self._reply.done() and not self._reply.cancelled() and self._reply.exception() is None

    def _early(self) -> Outcome:
        """The server spoke, or was lost, before the final dot was sent."""
        if not self._reply.done():
            raise self._session.lost("Connection lost while the message was being sent")
        reply = self._session.still_open(self._reply.result())
        self._transport.abort()
        if reply.code >= 400:
            return _refused(reply)
        raise self._session.not_smtp(f"an answer before the end: {reply.code} {reply.message}")

    async def _answer(self, refused: dict[str, Refusal], final_timeout: float) -> Outcome:
        try:
            reply = await asyncio.wait_for(asyncio.shield(self._reply), final_timeout)
        except (RemoteError, TimeoutError) as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else str(error)
            return Uncertain(f"The message was sent, but its receipt was not confirmed: {reason}")
        if 200 <= reply.code < 300:
            return Accepted(f"{reply.code} {reply.message}", refused)
        if 400 <= reply.code < 600:
            return _refused(reply)
        return Uncertain(f"The message was sent; the server answered {reply.code} {reply.message}")
