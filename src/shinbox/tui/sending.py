"""From a draft to a submission at the desk, and back while it is held.

Owns the one request that creates the email and submits it, so that neither exists without the other being
asked for. Draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shinbox.client.answering import check_recipients, once_sent, outgoing, recipients_so_far, submission
from shinbox.client.drafts import Draft
from shinbox.client.outgoing_checks import what_came_in
from shinbox.errors import AccountNotFound, ConfigError, DraftEnded, ShinboxError, ThreadMoved
from shinbox.jmap.client import Batch
from shinbox.jmap.objects import Email, EmailSubmission, Identity, Mailbox
from shinbox.terms import Right, Role, UndoStatus
from shinbox.tui.draft_keeping import ending
from shinbox.tui.mail_desk import AccountView, MailDesk
from shinbox.tui.permission import rights_of

TOLD: Final = ("id", "threadId", "from", "receivedAt", "preview")
"""What is told of a message that came in while one answered."""


@dataclass(frozen=True)
class Sent:
    """A submission that the desk has taken."""

    account: str
    submission: str
    email: str
    draft: Draft
    send_at: str
    """When it leaves, as a JMAP date; until then it can be taken back."""


async def send(desk: MailDesk, draft: Draft) -> Sent:
    """Create the email and submit it, in one request, which also ends the draft at the desk.

    :raises DraftChanged: a colleague has gone on with it; DraftLocked, DraftEnded likewise.
    :raises ThreadMoved: something arrived in the conversation since the answer was begun.
    :raises SetError: the desk refuses; nothing was sent, the draft is unchanged.
    """
    account = _account(desk, draft)
    check_recipients(draft)
    drafts, sent = drafts_folder(account), account.by_role(Role.SENT)
    batch = Batch()
    created = batch.set_(
        Email, account.id, create={"email": outgoing(draft, identity_of(account, draft), drafts.id)}
    )
    submitted = batch.set_(
        EmailSubmission,
        account.id,
        create={"sent": submission(draft)},
        onSuccessUpdateEmail={"#sent": once_sent(drafts.id, sent.id if sent else None)},
        **ending(draft),
    )
    # Also when a person sends it again, because the answer was lost with the connection.
    answers = await desk.client.run(batch, client_id=draft.sending_id())
    email = answers[created].checked().created["email"]
    result = answers[submitted]
    if result.errors:
        await desk.client.set_(Email, account.id, destroy=[email.id])
    made = result.checked().created["sent"]
    draft.part()
    return Sent(account.id, made.id, email.id, draft, made.send_at)


async def why_not_sent(desk: MailDesk, draft: Draft, refused: ShinboxError, now: datetime) -> str:
    """Why a draft was not sent, in words, with what came in meanwhile. The next attempt is another one."""
    draft.begin_anew()
    if isinstance(refused, DraftEnded):
        draft.part()
    if not isinstance(refused, ThreadMoved):
        return str(refused)
    try:
        return await _caught_up(desk, draft, refused, now) or str(refused)
    except ShinboxError:
        return str(refused)  # Nobody has seen what came in: the next attempt is stopped as well.


async def _caught_up(desk: MailDesk, draft: Draft, moved: ThreadMoved, now: datetime) -> str:
    """What came in; whoever has been told it answers that as well. Empty if it is gone again."""
    found = await desk.client.get(Email, draft.account, list(moved.extra.get("emailIds") or ()), TOLD)
    if not found.objects:
        return ""
    state = await desk.thread_state(draft.account, found.objects[0].thread_id)
    ours = {identity.email.lower() for identity in _account(desk, draft).identities}
    draft.thread_state = state
    return what_came_in(found.objects, ours, now)


async def take_back(desk: MailDesk, sent: Sent) -> None:
    """Cancel a submission that is still held.

    :raises CannotUnsend: it has left.
    """
    update = {sent.submission: {"undoStatus": UndoStatus.CANCELED.value}}
    (await desk.client.set_(EmailSubmission, sent.account, update=update)).checked()
    await desk.client.set_(Email, sent.account, destroy=[sent.email])


async def keep_at_desk(desk: MailDesk, draft: Draft) -> None:
    """Put the draft into the mailbox's Drafts, where colleagues see it, however far its recipients are.

    :raises SetError: the desk refuses; the draft stays on this machine.
    """
    account = _account(desk, draft)
    folder = drafts_folder(account).id
    email = outgoing(draft, identity_of(account, draft), folder, read=recipients_so_far)
    replaced = [draft.at_desk] if draft.at_desk else None
    result = await desk.client.set_(
        Email, account.id, create={"draft": email}, destroy=replaced, **ending(draft)
    )
    for failure in result.not_created.values():
        raise failure
    draft.part()


async def drop_at_desk(desk: MailDesk, draft: Draft) -> None:
    """Remove the draft at the desk that has become something else. One that is gone already is no failure.

    :raises MethodError: the desk refuses.
    """
    if draft.at_desk:
        await desk.client.set_(Email, draft.account, destroy=[draft.at_desk])


def _account(desk: MailDesk, draft: Draft) -> AccountView:
    account = desk.accounts.get(draft.account)
    if account is None:
        raise AccountNotFound(
            "This mailbox is no longer shared with you: your text is kept as an unfinished draft."
        )
    return account


def identity_of(account: AccountView, draft: Draft) -> Identity:
    """The identity that the draft goes out under.

    :raises ConfigError: the mailbox has none.
    """
    for identity in account.identities:
        if identity.id == draft.identity:
            return identity
    if not account.identities:
        raise ConfigError(f"{account.name} has no address to send from: ask whoever manages it.")
    return account.identities[0]


def drafts_folder(account: AccountView) -> Mailbox:
    """Where an email is put before it is sent: Drafts, else any folder that one may add to.

    :raises ConfigError: there is none.
    """
    drafts = account.by_role(Role.DRAFTS)
    candidates = [*([drafts] if drafts else []), *account.folders.values()]
    for folder in candidates:
        if Right.ADD in rights_of(folder):
            return folder
    raise ConfigError(
        f"You may not keep drafts in {account.name}, which sending needs: ask whoever manages it."
    )
