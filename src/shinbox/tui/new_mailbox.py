"""Connecting a first mailbox to a desk of one's own: made, shared with oneself, tried step by step.

Owns the order of the requests, and that a second attempt goes on with what the first one made. Draws nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shinbox.client.new_mailbox import NewMailbox
from shinbox.errors import NotFound, RemoteError
from shinbox.jmap.client import Backoff, Client
from shinbox.jmap.objects import Account, Connection, Grant, Identity, Job, User
from shinbox.terms import DESK, Level, Send

PATIENCE: Final = 90.0
"""Seconds for the whole test."""


@dataclass(frozen=True)
class Step:
    """One step of the test: what was done, whether it worked, and why not."""

    name: str
    ok: bool
    reason: str = ""


@dataclass
class FirstMailbox:
    """A mailbox in the making."""

    client: Client
    account: str = ""
    address: str = ""
    _pauses: Callable[[], Backoff] = field(default=lambda: Backoff(first=0.05, most=0.5))

    async def make(self, wanted: NewMailbox) -> None:
        """Make the mailbox, or change the one of an attempt before; then say how its mail is reached.

        :raises SetError: the desk refuses.
        """
        if self.account and self.address != wanted.address:
            (await self.client.set_(Account, DESK, destroy=[self.account])).checked()
            self.account = ""
        if not self.account:
            value = {"name": wanted.address, "address": wanted.address, "kind": "imap"}
            made = (await self.client.set_(Account, DESK, create={"new": value})).checked()
            self.account, self.address = made.created["new"].id, wanted.address
            await self._share()
        patch = wanted.connection()
        (await self.client.set_(Connection, self.account, update={"singleton": patch})).checked()

    async def _share(self) -> None:
        """With oneself, who administers this desk, and with the address to send from."""
        name = (await self.client.session()).username
        users = (await self.client.get(User, DESK)).objects
        me = next((user.id for user in users if user.name == name), None)
        if me is None:
            raise NotFound(f"The desk knows no user “{name}”.")
        share = {"principal": me, "level": Level.MANAGE.value, "send": Send.SEND_AS.value}
        (await self.client.set_(Grant, self.account, create={"new": share})).checked()
        identity = {"email": self.address, "name": ""}
        (await self.client.set_(Identity, self.account, create={"new": identity})).checked()

    async def test(self, told: Callable[[Sequence[Step]], None]) -> list[Step]:
        """Try it; `told` is shown the steps as they come. All of them in the end.

        :raises RemoteError: there is no result in time, or the test could not be run.
        """
        create = {"test": {"kind": "connectionTest"}}
        made = (await self.client.set_(Job, self.account, create=create)).checked().created["test"]
        pauses = self._pauses()
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    [job] = (await self.client.get(Job, self.account, [made.id])).objects
                    steps = [_step(step) for step in job.steps]
                    told(steps)
                    if job.status in ("done", "failed"):
                        break
                    await asyncio.sleep(pauses.next())
        except TimeoutError:
            raise RemoteError(f"The mail server gave no answer in {PATIENCE:.0f} seconds.") from None
        if job.status == "failed" and all(step.ok for step in steps):
            raise RemoteError(job.error or "The test could not be run: try again.")
        return steps


_WORDS: Final = {
    "imap": "Reading mail",
    "smtp": "Sending",
    "resolve": "finding the server",
    "connect": "connecting",
    "tls": "encrypting",
    "greet": "greeting",
    "login": "logging in",
    "folders": "listing the folders",
    "send-as": "sending as this address",
}


def _step(told: dict[str, Any]) -> Step:
    words = [_WORDS.get(word, word) for word in str(told.get("name", "")).split()]
    return Step(", ".join(words), bool(told.get("ok")), str(told.get("reason") or ""))
