"""Somebody at the desk, by the protocol: the few requests that system tests make over and over.

Knows JMAP and no desk. Waits for outcomes by asking again until a deadline.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from shinbox.jmap.calls import Batch
from shinbox.jmap.client import Client
from shinbox.jmap.objects import Email, EmailSubmission, Identity, Job, Mailbox

Json = dict[str, Any]
T = TypeVar("T")
NEWEST_FIRST = [{"property": "receivedAt", "isAscending": False}]


async def eventually(look: Callable[[], Awaitable[T | None]], what: str, seconds: float = 60.0) -> T:
    """What `look` returns, once that is something."""
    end = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)
    return found


class Caller:
    """One signed-in person; `accounts` are their mailboxes by address."""

    def __init__(self, client: Client, accounts: dict[str, str]) -> None:
        self.client = client
        self.accounts = accounts

    @classmethod
    async def at(cls, client: Client) -> Caller:
        """Whoever the client is signed in as."""
        session = await client.session(refresh=True)
        return cls(client, {about.address: id_ for id_, about in session.accounts.items()})

    async def folders(self, address: str) -> list[Mailbox]:
        """Every folder of a mailbox."""
        return (await self.client.get(Mailbox, self.accounts[address])).objects

    async def folder(self, address: str, role_or_name: str, seconds: float = 60.0) -> Mailbox:
        """A folder, once it is there."""

        async def look() -> Mailbox | None:
            found = await self.folders(address)
            return next((one for one in found if role_or_name in (one.role, one.name)), None)

        return await eventually(look, f"a folder {role_or_name} in {address}", seconds)

    async def find(self, address: str, folder: str, subject: str) -> list[Email]:
        """The emails of a folder whose subject has these words."""
        box = await self.folder(address, folder)
        batch = Batch()
        where = {"inMailbox": box.id, "subject": subject}
        asked = batch.query(Email, self.accounts[address], filter=where, sort=NEWEST_FIRST)
        got = batch.get(Email, self.accounts[address], asked.ref("/ids"), PROPERTIES)
        return (await self.client.run(batch))[got].objects

    async def wait_for(self, address: str, folder: str, subject: str, seconds: float = 60.0) -> Email:
        """An email, once it is there."""

        async def look() -> Email | None:
            return next(iter(await self.find(address, folder, subject)), None)

        return await eventually(look, f"“{subject}” in {folder} of {address}", seconds)

    async def change(self, address: str, email: str, patch: Json) -> None:
        """Change one email. Raises SetError: the desk refused."""
        (await self.client.set_(Email, self.accounts[address], update={email: patch})).checked()

    async def prepare(self, address: str, to: str, subject: str, text: str = "Hello.") -> Json:
        """The arguments that write and send a message in one request: for `send`, or by hand."""
        drafts, sent = await self.folder(address, "drafts"), await self.folder(address, "sent")
        identity = (await self.client.get(Identity, self.accounts[address])).objects[0]
        draft = {
            "mailboxIds": {drafts.id: True},
            "keywords": {"$draft": True, "$seen": True},
            "from": [{"name": identity.name, "email": identity.email}],
            "to": [{"email": to}],
            "subject": subject,
            "textBody": [{"partId": "t", "type": "text/plain"}],
            "bodyValues": {"t": {"value": f"{text}\n"}},
        }
        after = {"keywords/$draft": None, f"mailboxIds/{drafts.id}": None, f"mailboxIds/{sent.id}": True}
        return {"draft": draft, "identity": identity.id, "after": after}

    async def send(
        self, address: str, prepared: Json, *, client_id: str | None = None, client: Client | None = None
    ) -> str:
        """Write and submit in one request; the submission's id. Raises SetError: the desk refused."""
        account, batch = self.accounts[address], Batch()
        made = batch.set_(Email, account, create={"d": prepared["draft"]})
        submitted = batch.set_(
            EmailSubmission,
            account,
            create={"s": {"emailId": "#d", "identityId": prepared["identity"]}},
            onSuccessUpdateEmail={"#s": prepared["after"]},
        )
        answers = await (client or self.client).run(batch, client_id=client_id)
        answers[made].checked()
        return answers[submitted].checked().created["s"].id

    async def fetch_now(self, address: str) -> None:
        """Have the desk look into every folder, and wait until it has."""
        account = self.accounts[address]
        made = await self.client.set_(Job, account, create={"j": {"kind": "fetchNow"}})
        id_ = made.checked().created["j"].id

        async def look() -> bool:
            return (await self.client.get(Job, account, [id_])).objects[0].status in ("done", "failed")

        await eventually(look, f"the end of a fetch in {address}")

    async def submission(self, address: str, id_: str) -> EmailSubmission:
        """Where a submission stands."""
        return (await self.client.get(EmailSubmission, self.accounts[address], [id_])).objects[0]

    async def wait_for_status(
        self, address: str, id_: str, *wanted: str, seconds: float = 60.0
    ) -> EmailSubmission:
        """The submission, once it has one of these statuses."""

        async def look() -> EmailSubmission | None:
            found = await self.submission(address, id_)
            return found if found.undo_status in wanted else None

        return await eventually(look, f"a submission that is {' or '.join(wanted)}", seconds)


PROPERTIES = ("id", "subject", "mailboxIds", "keywords", "receivedAt", "blobId", "messageId", "threadId")
