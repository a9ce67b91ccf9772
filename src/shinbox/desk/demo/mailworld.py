"""The demo's mail world: a loopback SMTP server between the mailboxes, and customers who answer.

Owns what happens to mail outside the desk. Delivers as anybody would, through the protocol: it signs in
as the demo's postman and imports. Knows no table of the desk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from shinbox.errors import ShinboxError
from shinbox.jmap.client import Client
from shinbox.jmap.objects import Mailbox
from shinbox.mime.build import OutgoingMessage, build
from shinbox.mime.model import Address
from shinbox.mime.parse import ParsedMessage, parse
from shinbox.text.references import next_references

log = logging.getLogger(__name__)

UNREACHABLE: Final = "gone.example"
"""The domain whose server knows nobody."""

THANKS: Final = (
    "Thank you, that helps a lot!\n\nBest wishes\n{name}",
    "Perfect, thanks for the quick answer.\n\n{name}",
    "Understood. I will try it tonight and tell you.\n\nRegards\n{name}",
)


@dataclass
class Postman:
    """Puts messages into the mailboxes of a desk."""

    client: Client
    inboxes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Address → (account id, id of its inbox)."""

    async def learn(self) -> None:
        """Find the inbox of every mailbox."""
        session = await self.client.session()
        for account, about in session.accounts.items():
            if account == "desk":
                continue
            found = await self.client.get(Mailbox, account, None, ["id", "role"])
            inbox = next(box.id for box in found.objects if box.role == "inbox")
            self.inboxes[about.name.lower()] = (account, inbox)

    async def deliver(self, raw: bytes, address: str, at: datetime) -> bool:
        """Deliver to one of the desk's mailboxes; False if it has no such address."""
        place = self.inboxes.get(address.lower())
        if place is None:
            return False
        account, inbox = place
        blob = await self.client.upload(account, raw, "message/rfc822")
        email = {"blobId": blob, "mailboxIds": {inbox: True}, "receivedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        answer = await self.client.invoke("Email/import", accountId=account, emails={"m": email})
        if "m" not in (answer.get("created") or {}):
            raise ShinboxError(f"not delivered: {answer.get('notCreated')}")
        return True


class MailWorld:
    """The SMTP server and the people behind it.

    `pause` is how many seconds a customer takes to answer; `clock` tells the time.
    """

    def __init__(
        self,
        postman: Postman,
        *,
        pause: float = 6.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._postman = postman
        self._pause = pause
        self._clock = clock
        self._answering: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._answers = 0

    async def start(self, host: str = "127.0.0.1") -> int:
        """Listen on a free port; the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="mx.halden.example", loop=loop, enable_SMTPUTF8=True), host, 0
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close the door and forget answers that were not written yet."""
        for task in self._answering:
            task.cancel()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_RCPT(  # aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take every address but those of the unreachable domain."""
        if address.rpartition("@")[2].lower() == UNREACHABLE:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Deliver to the desk's own mailboxes; let the others answer after a while."""
        raw: Any = envelope.content
        try:
            for address in envelope.rcpt_tos:
                if not await self._postman.deliver(raw, address, self._clock()):
                    self._answer_later(parse(raw), address)
        except ShinboxError as problem:
            log.warning("demo delivery failed: %s", problem)
            return "451 4.3.0 try again later"
        return "250 2.0.0 delivered"

    def _answer_later(self, received: ParsedMessage, customer: str) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(received, customer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, received: ParsedMessage, customer: str) -> None:
        await asyncio.sleep(self._pause)
        if not received.from_ or received.header("auto-submitted") is not None:
            return
        self._answers += 1
        to = (received.reply_to or received.from_)[0]
        raw = answer_to(received, customer, self._answers, self._clock())
        try:
            await self._postman.deliver(raw, to.email, self._clock())
        except ShinboxError as problem:
            log.warning("a demo customer's answer was lost: %s", problem)


def answer_to(received: ParsedMessage, customer: str, number: int, at: datetime) -> bytes:
    """What a customer writes back."""
    name = next((a.name for a in [*received.to, *received.cc] if a.email.lower() == customer.lower()), None)
    subject = received.subject or ""
    parents = received.message_id or []
    return build(
        OutgoingMessage(
            from_=[Address(name, customer)],
            to=[(received.reply_to or received.from_)[0]],
            subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
            text=THANKS[number % len(THANKS)].format(name=name or customer.partition("@")[0]),
            message_id=f"demo-answer-{number}-{at:%Y%m%d%H%M%S%f}@{customer.partition('@')[2]}",
            date=at,
            in_reply_to=parents[:1],
            references=next_references(received.references or [], parents),
        )
    )
