"""What the terminal client asks of the desk: mailboxes and folders, pages of messages, bodies, changes.

Owns the client's picture of its mailboxes. Everything here awaits; nothing here draws. Knows no rule: what
one may do is read from each folder's myRights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shinbox.client.showing import PART_PROPERTIES, TELLING
from shinbox.jmap.calls import Found, Got
from shinbox.jmap.client import Batch, Client, Pending
from shinbox.jmap.objects import Email, EmailSubmission, Identity, Mailbox, Thread
from shinbox.jmap.session import Session, SessionAccount
from shinbox.terms import DESK, MAIL, Role, UndoStatus
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.everywhere import Everywhere, addressed, load_everywhere, split_address
from shinbox.tui.folder_view import FolderView
from shinbox.tui.found_view import FINDS_AT_ONCE, FoundConversations
from shinbox.tui.mail_rows import LIST_PROPERTIES, NEWEST_FIRST
from shinbox.tui.many_messages import ManyMessages

PAGE: Final = 100
"""Messages asked for at once at least."""

READ_PROPERTIES: Final = (
    *LIST_PROPERTIES,
    "cc",
    "bcc",
    "replyTo",
    "messageId",
    "inReplyTo",
    "references",
    "sentAt",
    "blobId",
    "textBody",
    "attachments",
    "bodyValues",
    *TELLING,
)
MAX_BODY: Final = 5_000_000
"""Bytes of a text that are fetched for reading."""
READ_ARGUMENTS: Final[Mapping[str, Any]] = {
    "bodyProperties": list(PART_PROPERTIES),
    "fetchTextBodyValues": True,
    "maxBodyValueBytes": MAX_BODY,
}


@dataclass
class AccountView:
    """One mailbox with its folders and sending identities."""

    id: str
    name: str
    is_read_only: bool
    folders: dict[str, Mailbox] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    """By type: which state of the desk this is."""

    def by_role(self, role: Role) -> Mailbox | None:
        """The folder with a role."""
        return next((folder for folder in self.folders.values() if folder.role == role), None)


class MailDesk(ManyMessages):
    """The mailboxes of a signed-in client, at one desk or at several (`places`)."""

    def __init__(self, client: Client, places: Sequence[DeskPlace] = ()) -> None:
        self.client = client
        self.places = places or [DeskPlace(0, "", client)]
        self.accounts: dict[str, AccountView] = {}

    def place_of(self, account: str) -> DeskPlace:
        """The desk of a mailbox; the first one where none is open."""
        if len(self.places) == 1 or not account:
            return self.places[0]
        client = self.client.of(account)
        return next(place for place in self.places if place.client is client)

    def called(self, account: AccountView) -> str:
        """What to call a mailbox where those of several desks stand together."""
        place = self.place_of(account.id)
        return f"{place.name}: {account.name}" if len(self.places) > 1 else account.name

    async def load(self, place: DeskPlace | None = None) -> Session:
        """Fetch the mailboxes of one desk (the first, if none is named), with folders and identities.

        :raises NotSignedIn: the desk does not know you.
        """
        place = place or self.places[0]
        session = await place.client.session(refresh=True)
        mail = [id_ for id_, account in session.accounts.items() if _holds_mail(id_, account)]
        fresh = {
            id_: AccountView(id_, session.accounts[id_].name, session.accounts[id_].is_read_only)
            for id_ in mail
        }
        at_once = max(1, session.limits().max_calls_in_request // 2)
        for start in range(0, len(mail), at_once):
            await self._fill(fresh, mail[start : start + at_once])
        place.accounts, place.who = fresh, session.username
        place.is_administrator = session.is_administrator
        self.accounts = {id_: account for each in self.places for id_, account in each.accounts.items()}
        return session

    async def _fill(self, accounts: Mapping[str, AccountView], ids: Sequence[str]) -> None:
        batch = Batch()
        asked: list[tuple[str, Pending[Got[Mailbox]], Pending[Got[Identity]]]] = [
            (id_, batch.get(Mailbox, id_), batch.get(Identity, id_)) for id_ in ids
        ]
        answers = await self.client.run(batch)
        for id_, folders, identities in asked:
            accounts[id_].folders = {folder.id: folder for folder in answers[folders].objects}
            accounts[id_].identities = answers[identities].objects
            states = {"Mailbox": answers[folders].state, "Identity": answers[identities].state}
            accounts[id_].states = states

    async def reload_folders(self, account: str) -> None:
        """Fetch one mailbox's folders again: counts, names and rights may have changed."""
        if account not in self.accounts:
            return
        got = await self.client.get(Mailbox, account)
        known = self.accounts.get(account)
        if known is not None:
            known.folders = {folder.id: folder for folder in got.objects}
            known.states["Mailbox"] = got.state

    # --- messages ---------------------------------------------------------------------------------

    async def load_rows(self, view: FolderView, first: int, last: int) -> bool:
        """Fetch the messages from line `first` to `last`, both included.

        False if the list has another length by now: places shifted, so the view was left as it was.
        """
        if isinstance(view, Everywhere):
            await load_everywhere(self.client, view)
            return True
        first, last = view.positions(first, last)
        batch = Batch()
        found = _ask_for(batch, view, first, max(PAGE, last - first + 1), by_thread=view.collapsed)
        emails = batch.get(Email, view.account, found.ref("/ids"), LIST_PROPERTIES)
        threads = batch.get(Thread, view.account, emails.ref("/list/*/threadId")) if view.collapsed else None
        is_new = isinstance(view, FoundConversations) and not view.known
        finds = _ask_for(batch, view, 0, FINDS_AT_ONCE, by_thread=False) if is_new else None
        answers = await self.client.run(batch)
        page, got = answers[found], answers[emails]
        total = page.total if page.total is not None else len(page.ids)
        if view.known and total != view.length:
            return False
        if finds is not None and isinstance(view, FoundConversations):
            view.know_finds(answers[finds].ids, answers[finds].total or 0)
        if threads is not None and isinstance(view, ConversationView):
            await self._learn(view, answers[threads].objects, got.objects)
        view.put(got.objects)
        view.place(page.position, page.ids, total)
        view.email_state = view.email_state or got.state
        return True

    async def _learn(self, view: ConversationView, threads: Sequence[Thread], tops: Sequence[Email]) -> None:
        """Tell a view what its folded lines stand for."""
        view.put(tops)
        view.learn({thread.id: thread.email_ids for thread in threads})
        others = view.looked_at([top.id for top in tops])
        if others:
            view.put(await self.some(view.account, others, LIST_PROPERTIES))

    async def read(self, account: str, email_id: str) -> Email | None:
        """A message with its text; None if it is gone. It keeps the id, or address, that it was asked by."""
        found = await self.some(account, [email_id], READ_PROPERTIES, **READ_ARGUMENTS)
        return found[0] if found else None

    async def some(
        self, account: str, ids: Sequence[str], properties: Sequence[str], **arguments: Any
    ) -> Sequence[Email]:
        """Messages of one mailbox that are still there, by the ids, or addresses, that they are asked by."""
        there = [split_address(account, id_) for id_ in ids]
        if not there:
            return []
        account = there[0][0]
        got = await self.client.get(Email, account, [id_ for _, id_ in there], properties, **arguments)
        return addressed(account, got.objects) if "/" in ids[0] else got.objects

    async def thread_state(self, account: str, thread_id: str) -> str | None:
        """What the send gate compares; None at a server that has no such gate."""
        session = await self.client.of(account).session()
        if not thread_id or not session.is_desk:
            return None
        got = await self.client.get(Thread, account, [thread_id])
        return got.objects[0].thread_state or None if got.objects else None

    async def uncertain(self, account: str) -> list[EmailSubmission]:
        """The messages of which nobody knows whether they have left."""
        batch = Batch()
        found = batch.query(EmailSubmission, account, filter={"undoStatus": UndoStatus.UNCERTAIN.value})
        submissions = batch.get(EmailSubmission, account, found.ref("/ids"))
        return (await self.client.run(batch))[submissions].objects

    async def decide(self, account: str, submission: EmailSubmission, has_left: bool) -> None:
        """Say what became of an uncertain one; what has not left the desk makes a draft again.

        :raises SetError: the desk refuses.
        """
        status = UndoStatus.FINAL if has_left else UndoStatus.CANCELED
        update = {submission.id: {"undoStatus": status.value}}
        (await self.client.set_(EmailSubmission, account, update=update)).checked()


def _ask_for(batch: Batch, view: FolderView, place: int, most: int, *, by_thread: bool) -> Pending[Found]:
    """Some of what a view holds, newest first; `by_thread`: of each conversation the newest alone."""
    return batch.query(
        Email,
        view.account,
        filter=view.filter,
        sort=list(NEWEST_FIRST),
        position=place,
        limit=most,
        calculateTotal=True,
        **({"collapseThreads": True} if by_thread else {}),
    )


def _holds_mail(account_id: str, account: SessionAccount) -> bool:
    return account_id != DESK and (MAIL in account.account_capabilities or not account.account_capabilities)
