"""From a written message to a submission, and what became of it (RFC 8621 §7).

Owns the choice of the From address, the upload of attachments, the one request that creates and submits,
and the waiting. Knows no options.
"""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shinbox.cli.asking import get_in_each
from shinbox.cli.names import find_account, match
from shinbox.cli.waiting import until
from shinbox.errors import (
    AccountNotFound,
    ConfigError,
    ForbiddenFrom,
    InvalidArguments,
    MethodError,
    RemoteRefused,
    ShinboxError,
)
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import Email, EmailSubmission, Identity, Mailbox
from shinbox.terms import SUBMISSION, Role, UndoStatus

if TYPE_CHECKING:
    from shinbox.client.drafts import Draft

CHUNK = 256 * 1024


@dataclass(frozen=True)
class SendingFrom:
    """A mailbox and the identity that is sent under; `ours` are all its addresses."""

    account: str
    identity: Identity
    ours: list[str]


async def find_sender(client: Client, name: str | None, account: str | None = None) -> SendingFrom:
    """The mailbox and identity that `name` means: a From address, or a mailbox (its first identity).

    :raises ForbiddenFrom: there is no such address that you may use.
    """
    session = await client.session()
    sends = [id_ for id_, one in session.accounts.items() if SUBMISSION in one.account_capabilities]
    answers = await get_in_each(client, Identity, [id_ for id_ in sends if account in (None, id_)])
    # A mailbox that was just taken away from us has no address to offer.
    every = {id_: own for id_, own in answers.items() if not isinstance(own, MethodError)}
    by_id = {f"{id_}/{one.id}": (id_, one) for id_, own in every.items() for one in own}
    if name is not None:
        found = match(name, {key: [one.email] for key, (_, one) in by_id.items()}, "From address")
        if found:
            id_, identity = by_id[found]
            return SendingFrom(id_, identity, [one.email for one in every[id_]])
    meant = account if name is None else await _mailbox_named(client, name)
    if meant is None or not every.get(meant):
        have = ", ".join(sorted({one.email for _, one in by_id.values()}))
        rest = f"You may send as: {have}." if have else "Whoever manages the mailbox can allow it."
        shown = name or session.accounts[account or ""].address
        raise ForbiddenFrom(f"You may not send as {shown}. {rest}")
    own, address = every[meant], session.accounts[meant].address.casefold()
    identity = next((one for one in own if one.email.casefold() == address), own[0])
    return SendingFrom(meant, identity, [one.email for one in own])


async def _mailbox_named(client: Client, name: str) -> str | None:
    try:
        return (await find_account(client, name))[0]
    except AccountNotFound:
        return None


async def attach(client: Client, account: str, path: Path) -> dict[str, Any]:
    """Upload a file as an attachment.

    :raises InvalidArguments: it cannot be read.
    """

    async def pieces() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece

    type_ = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    try:
        blob_id = await client.upload(account, pieces(), type_)
    except OSError as unreadable:
        raise InvalidArguments(f"{path} cannot be attached: {unreadable.strerror}.") from None
    return {"blobId": blob_id, "type": type_, "name": path.name, "disposition": "attachment"}


async def submit(
    client: Client, sender: SendingFrom, draft: Draft, files: Sequence[dict[str, Any]]
) -> EmailSubmission:
    """Create the email and submit it in one request; on success it moves from Drafts to Sent.

    :raises ThreadMoved: something arrived in the conversation meanwhile. The text is kept in Drafts.
    :raises SetError: the desk refused; a draft that was created is kept, and the error says so.
    """
    from shinbox.client.answering import check_recipients, once_sent, outgoing, submission

    check_recipients(draft)
    drafts, sent = await _folders(client, sender.account)
    email = outgoing(draft, sender.identity, drafts)
    email["attachments"] += files
    batch = Batch()
    created = batch.set_(Email, sender.account, create={"email": email})
    submitted = batch.set_(
        EmailSubmission,
        sender.account,
        create={"sent": submission(draft)},
        onSuccessUpdateEmail={"#sent": once_sent(drafts, sent)},
    )
    answers = await client.run(batch)
    kept = answers[created].checked().created["email"]
    try:
        made = answers[submitted].checked().created["sent"]
    except ShinboxError as refused:
        refused.detail = f"{refused} The text is kept as a draft: {kept.id}."
        raise
    made.email_id = kept.id
    return made


async def _folders(client: Client, account: str) -> tuple[str, str | None]:
    """Where the email is put first, and where it goes once it is sent.

    :raises ConfigError: there is no folder for drafts.
    """
    folders = (await client.get(Mailbox, account, None, ["id", "role"])).objects
    by_role = {folder.role: folder.id for folder in folders}
    if Role.DRAFTS not in by_role:
        raise ConfigError("The mailbox has no folder for drafts that you may use: ask whoever manages it.")
    return by_role[Role.DRAFTS], by_role.get(Role.SENT)


async def wait_until_sent(
    client: Client, account: str, submission: str, seconds: float
) -> tuple[EmailSubmission, dict[str, str]]:
    """The submission once it has left, and the recipients that were refused, with the reason.

    :raises RemoteRefused: it did not leave, or nobody knows whether it did.
    :raises StillWaiting: `seconds` have passed.
    """

    async def look() -> EmailSubmission | None:
        found = (await client.get(EmailSubmission, account, [submission])).objects
        return found[0] if found and found[0].undo_status != UndoStatus.PENDING else None

    still = f"It has not left after {seconds:g} seconds. The desk will go on trying."
    settled = await until(look, seconds, still)
    if settled.undo_status == UndoStatus.CANCELED:
        raise RemoteRefused(f"It was not sent: {settled.error or 'it was taken back'}.")
    if settled.undo_status == UndoStatus.UNCERTAIN:
        raise RemoteRefused(
            f"Nobody knows whether it left: {settled.error or 'the connection broke while it was sent'}. "
            "It is not sent again by itself: ask the recipient, or look in Sent."
        )
    statuses = settled.delivery_status or {}
    problems = {who: status.smtp_reply for who, status in statuses.items() if status.delivered == "no"}
    if settled.error and not problems:
        raise RemoteRefused(f"It was not sent: {settled.error}")
    return settled, problems
