"""What the terminal client asks of the desk: mailboxes and folders, pages of messages, bodies, changes.

Owns the client's picture of its mailboxes. Everything here awaits; nothing here draws. Knows no rule: what
one may do is read from each folder's myRights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shinbox.client.showing import PART_PROPERTIES, TELLING
from shinbox.errors import AnchorNotFound, SetError
from shinbox.jmap.calls import Got
from shinbox.jmap.client import Batch, Client, Pending
from shinbox.jmap.objects import Email, EmailSubmission, Identity, Mailbox, Thread
from shinbox.jmap.session import Session, SessionAccount
from shinbox.terms import DESK, MAIL, Role, UndoStatus
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.everywhere import Everywhere, load_everywhere, split_address
from shinbox.tui.folder_view import Filter, FolderView
from shinbox.tui.mail_rows import LIST_PROPERTIES, NEWEST_FIRST

PAGE: Final = 100
"""Messages asked for at once at least."""
OVERLAP: Final = 200
"""Messages that two pages of ids have in common."""
LOOKED_THROUGH: Final = 500
"""Newest messages that are looked through for what is in use."""
STATE_PROPERTIES: Final = ("id", "threadId", "mailboxIds", "keywords")

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

Patches = Mapping[str, Mapping[str, Any]]


@dataclass
class AccountView:
    """One mailbox with its folders and sending identities."""

    id: str
    name: str
    is_read_only: bool
    folders: dict[str, Mailbox] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)

    def by_role(self, role: Role) -> Mailbox | None:
        """The folder with a role."""
        return next((folder for folder in self.folders.values() if folder.role == role), None)


class MailDesk:
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

    async def reload_folders(self, account: str) -> None:
        """Fetch one mailbox's folders again: counts, names and rights may have changed."""
        if account in self.accounts:
            got = await self.client.get(Mailbox, account)
            self.accounts[account].folders = {folder.id: folder for folder in got.objects}

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
        found = batch.query(
            Email,
            view.account,
            filter=view.filter,
            sort=list(NEWEST_FIRST),
            position=first,
            limit=max(PAGE, last - first + 1),
            calculateTotal=True,
            **({"collapseThreads": True} if view.collapsed else {}),
        )
        emails = batch.get(Email, view.account, found.ref("/ids"), LIST_PROPERTIES)
        threads = batch.get(Thread, view.account, emails.ref("/list/*/threadId")) if view.collapsed else None
        answers = await self.client.run(batch)
        page, got = answers[found], answers[emails]
        total = page.total if page.total is not None else len(page.ids)
        if view.known and total != view.length:
            return False
        if threads is not None and isinstance(view, ConversationView):
            await self._learn(view, answers[threads].objects, got.objects)
        view.put(got.objects)
        view.place(page.position, page.ids, total)
        view.email_state = got.state
        return True

    async def _learn(self, view: ConversationView, threads: Sequence[Thread], tops: Sequence[Email]) -> None:
        """Tell a view what its folded lines stand for."""
        view.put(tops)
        view.learn({thread.id: thread.email_ids for thread in threads})
        others = view.looked_at([top.id for top in tops])
        if others:
            view.put((await self.client.get(Email, view.account, others, LIST_PROPERTIES)).objects)

    async def all_ids(self, view: FolderView) -> list[str]:
        """Every message of a view, newest first, loaded or not; addresses where it spans mailboxes."""
        if isinstance(view, Everywhere):
            each = [(account, await self._found(account, asked)) for account, asked in view.filters.items()]
            return [f"{account}/{id_}" for account, ids in each for id_ in ids]
        return await self._found(view.account, view.filter)

    async def _found(self, account: str, asked: Filter) -> list[str]:
        """All ids; pages overlap, since what is moved away meanwhile shifts those behind it."""
        ids: dict[str, None] = {}
        position = 0
        while True:
            found = await self.client.query(
                Email, account, filter=asked, sort=list(NEWEST_FIRST), position=position
            )
            before = len(ids)
            ids.update(dict.fromkeys(found.ids))
            if len(ids) == before:
                return list(ids)
            position = max(position + 1, len(ids) - OVERLAP)

    async def any_without(self, view: FolderView, keyword: str) -> bool:
        """Whether a view holds a message without a keyword."""
        filters = view.filters if isinstance(view, Everywhere) else {view.account: view.filter}
        for account, asked in filters.items():
            lacking: Filter = {"notKeyword": keyword}
            both: Filter = {"operator": "AND", "conditions": [asked, lacking]} if asked else lacking
            if (await self.client.query(Email, account, filter=both, limit=1)).ids:
                return True
        return False

    async def newest(self, account: str) -> list[Email]:
        """Keywords and folders of a mailbox's newest messages."""
        batch = Batch()
        found = batch.query(Email, account, sort=list(NEWEST_FIRST), limit=LOOKED_THROUGH)
        emails = batch.get(Email, account, found.ref("/ids"), STATE_PROPERTIES)
        return (await self.client.run(batch))[emails].objects

    async def counts(self, account: str, keywords: Sequence[str]) -> dict[str, int]:
        """How many messages of a mailbox have which keyword."""
        limits = (await self.client.of(account).session()).limits()
        counted: dict[str, int] = {}
        for start in range(0, len(keywords), limits.max_calls_in_request):
            batch = Batch()
            asked = {
                keyword: batch.query(
                    Email, account, filter={"hasKeyword": keyword}, limit=0, calculateTotal=True
                )
                for keyword in keywords[start : start + limits.max_calls_in_request]
            }
            answers = await self.client.run(batch)
            counted |= {keyword: answers[found].total or 0 for keyword, found in asked.items()}
        return counted

    async def states(self, account: str, ids: Sequence[str]) -> dict[str, Email]:
        """Keywords and folders of messages as they are now, by id or address; without those that are gone."""
        asked = {split_address(account, id_)[1]: id_ for id_ in ids}
        got = await self.client.get(Email, account, list(asked), STATE_PROPERTIES)
        return {asked[email.id]: email for email in got.objects}

    async def position(self, view: FolderView, email_id: str) -> int | None:
        """Where a message lies in a folder or search now; None if it is not a line of it."""
        if isinstance(view, Everywhere):
            return view.index_of(email_id)
        try:
            found = await self.client.query(
                Email,
                view.account,
                filter=view.filter,
                sort=list(NEWEST_FIRST),
                anchor=email_id,
                limit=1,
                **({"collapseThreads": True} if view.collapsed else {}),
            )
        except AnchorNotFound:
            return None
        return found.position

    async def read(self, account: str, email_id: str) -> Email | None:
        """A message with its text; None if it is gone. It keeps the id, or address, that it was asked by."""
        account, asked = split_address(account, email_id)
        got = await self.client.get(
            Email,
            account,
            [asked],
            READ_PROPERTIES,
            **READ_ARGUMENTS,
        )
        for email in got.objects:
            email.id = email_id
            return email
        return None

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

    async def change(self, account: str, patches: Patches) -> None:
        """Change messages, in portions of what the desk takes at once.

        :raises SetError: the first message that could not be changed; the others are.
        """
        for failure in (await self.change_some(account, patches)).values():
            raise failure

    async def change_some(self, account: str, patches: Patches) -> dict[str, SetError]:
        """Change messages; why those that could not be changed were not."""
        limit = max(1, (await self.client.of(account).session()).limits().max_objects_in_set)
        items = [(split_address(account, id_)[1], patch) for id_, patch in patches.items()]
        failures: dict[str, SetError] = {}
        for start in range(0, len(items), limit):
            update = {id_: dict(patch) for id_, patch in items[start : start + limit]}
            result = await self.client.set_(Email, account, update=update)
            failures |= result.errors
        return failures


def _holds_mail(account_id: str, account: SessionAccount) -> bool:
    return account_id != DESK and (MAIL in account.account_capabilities or not account.account_capabilities)
