"""Somebody in the demo's story: signed in, with the mailboxes they have by name, and what they do with mail.

Owns the requests behind a step. Knows no story and expects nothing of an answer but that it is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shinbox.client.answering import new_draft, once_sent, outgoing, submission
from shinbox.client.signatures import signature_block
from shinbox.errors import ServerFail
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email, EmailSubmission, Identity, Mailbox


@dataclass
class Person:
    """Somebody who is signed in, and the mailboxes they have by name."""

    name: str
    client: Client
    accounts: dict[str, str] = field(default_factory=dict)

    async def folder(self, mailbox: str, role: str) -> str:
        """The id of a folder by its role."""
        found = await self.client.get(Mailbox, self.accounts[mailbox], None, ["id", "role"])
        return next(box.id for box in found.objects if box.role == role)

    async def emails(self, mailbox: str, role: str, **filter: Any) -> list[str]:
        """The newest emails of a folder."""
        where = {"inMailbox": await self.folder(mailbox, role), **filter}
        sort = [{"property": "receivedAt", "isAscending": False}]
        return (await self.client.query(Email, self.accounts[mailbox], filter=where, sort=sort, limit=20)).ids

    async def change(self, mailbox: str, email: str, **patch: Any) -> None:
        """Change one email.

        :raises SetError: the desk refused.
        """
        update = {email: {key.replace("__", "/"): value for key, value in patch.items()}}
        (await self.client.set_(Email, self.accounts[mailbox], update=update)).checked()

    async def move(self, mailbox: str, email: str, role: str) -> None:
        """Move one email to the folder with that role."""
        target = await self.folder(mailbox, role)
        await self.change(mailbox, email, mailboxIds={target: True})

    async def send(self, mailbox: str, to: str, subject: str, text: str, *, retried: bool = False) -> str:
        """Write and send a message as the mailbox; the submission's id.

        `retried` sends the request twice with one client id, as after a lost answer.

        :raises SetError: the desk refused.
        :raises ServerFail: the retry made a second submission.
        """
        account = self.accounts[mailbox]
        identity = (await self.client.get(Identity, account)).objects[0]
        drafts, sent = await self.folder(mailbox, "drafts"), await self.folder(mailbox, "sent")
        draft = new_draft(account, identity)
        draft.to, draft.subject, draft.body = to, subject, f"{text}\n{signature_block(identity)}"
        email = outgoing(draft, identity, drafts)
        made = (await self.client.set_(Email, account, create={"d": email})).checked().created["d"]
        create = {"s": {**submission(draft), "emailId": made.id}}
        after = {"#s": once_sent(drafts, sent)}
        answers = [
            await self.client.set_(
                EmailSubmission,
                account,
                create=create,
                onSuccessUpdateEmail=after,
                client_id=f"demo-{made.id}",
            )
            for _ in range(2 if retried else 1)
        ]
        submissions = {answer.checked().created["s"].id for answer in answers}
        if len(submissions) != 1:
            raise ServerFail("A retried request was carried out twice.")
        return submissions.pop()

    async def status(self, mailbox: str, submission: str) -> str:
        """Where a submission stands."""
        got = await self.client.get(EmailSubmission, self.accounts[mailbox], [submission], ["undoStatus"])
        return got.objects[0].undo_status


async def sign_in(endpoint: Endpoint, name: str, password: str) -> Person:
    """Sign in as one of the demo's people."""
    client = Client(endpoint)
    await client.sign_in(name, password)
    session = await client.session()
    accounts = {about.name.partition("@")[0]: account for account, about in session.accounts.items()}
    return Person(name, client, accounts)
