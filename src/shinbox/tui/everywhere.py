"""A search through every mailbox: the newest finds of each, merged by date.

Owns addresses: `mailbox/message`, since ids of different mailboxes may be equal (`/` is in no id, RFC 8620
§1.2). Elsewhere an address may stand where an id of a message stands. Draws nothing.
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping, Sequence
from typing import Final

from shinbox.errors import DeskUnreachable
from shinbox.jmap.calls import Found, Got
from shinbox.jmap.client import Batch, Client, Pending
from shinbox.jmap.objects import Email, Thread
from shinbox.tui.conversation_view import MakeLine, MakeRow
from shinbox.tui.folder_view import Filter
from shinbox.tui.found_view import FoundConversations
from shinbox.tui.mail_rows import LIST_PROPERTIES, NEWEST_FIRST

MOST: Final = 200
"""Finds that are shown of each mailbox: whoever needs more searches that mailbox alone."""


class Everywhere(FoundConversations):
    """What a search found in several mailboxes; `filters` by mailbox, since folders differ.

    `collapsed`: by conversation; else message by message.
    """

    def __init__(
        self, filters: Mapping[str, Filter], make_row: MakeRow, make_line: MakeLine, *, collapsed: bool
    ) -> None:
        super().__init__("", "", make_row, make_line, {})
        self.filters = filters
        self.collapsed = collapsed
        self.missing: list[str] = []
        """Mailboxes whose desk did not answer."""

    def fresh(self) -> Everywhere:
        again = Everywhere(self.filters, self._make_row, self._make_line, collapsed=self.collapsed)
        return self._kept_in(again)

    @property
    def searched(self) -> dict[str, Filter]:
        """The filters of the mailboxes whose desk answered."""
        return {account: asked for account, asked in self.filters.items() if account not in self.missing}

    def _thread(self, email_id: str) -> str:
        account, _ = split_address("", email_id)
        return f"{account}/{super()._thread(email_id)}"

    def take(self, found: Sequence[Email], total: int) -> None:
        """The newest finds of every mailbox, in order, and how many there are in all."""
        self.put(found)
        self.know_finds([email.id for email in found], total)
        first: dict[str, str] = {}
        for email in found:
            first.setdefault(self._thread(email.id) if self.collapsed else email.id, email.id)
        self.place(0, list(first.values()), len(first))

    def shows(self, account: str, folder: str) -> bool:
        return account in self.filters and not folder

    def looks_in(self, account: str) -> bool:
        return account in self.filters


async def load_everywhere(client: Client, view: Everywhere) -> None:
    """Ask every mailbox, those of each desk some in a request, and put the finds in order.

    :raises DeskUnreachable: no desk answered; if one of several did not, `missing` names its mailboxes.
    """
    desks: dict[Client, list[str]] = {}
    for account in view.filters:
        desks.setdefault(client.of(account), []).append(account)
    asked = [_ask_desk(desk, view, accounts) for desk, accounts in desks.items()]
    found, total = list[Email](), 0
    view.missing, failures = [], []
    for accounts, answer in zip(desks.values(), await gather(*asked, return_exceptions=True), strict=True):
        if isinstance(answer, DeskUnreachable):
            view.missing += accounts
            failures.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found += answer[0]
            total += answer[1]
    if failures and len(failures) == len(desks):
        raise failures[0]
    found.sort(key=lambda email: email.received_at, reverse=True)
    view.take(found, total)


async def _ask_desk(client: Client, view: Everywhere, accounts: list[str]) -> tuple[list[Email], int]:
    """The newest finds of a desk's mailboxes, and how many there are."""
    found, total = list[Email](), 0
    at_once = max(1, (await client.session()).limits().max_calls_in_request // 3)
    for start in range(0, len(accounts), at_once):
        emails, number = await _ask(client, view, accounts[start : start + at_once])
        found, total = found + emails, total + number
    return found, total


async def _ask(client: Client, view: Everywhere, accounts: list[str]) -> tuple[list[Email], int]:
    batch = Batch()
    asked: list[tuple[str, Pending[Found], Pending[Got[Email]], Pending[Got[Thread]] | None]] = []
    for account in accounts:
        ids = batch.query(
            Email,
            account,
            filter=view.filters[account],
            sort=list(NEWEST_FIRST),
            limit=MOST,
            calculateTotal=True,
        )
        emails = batch.get(Email, account, ids.ref("/ids"), LIST_PROPERTIES)
        threads = batch.get(Thread, account, emails.ref("/list/*/threadId")) if view.collapsed else None
        asked.append((account, ids, emails, threads))
    answers = await client.run(batch)
    found, total = list[Email](), 0
    for account, ids, emails, threads in asked:
        total += answers[ids].total or 0
        found += addressed(account, answers[emails].objects)
        for thread in answers[threads].objects if threads is not None else ():
            view.learn({f"{account}/{thread.id}": [f"{account}/{id_}" for id_ in thread.email_ids]})
    return found, total


def addressed(account: str, emails: Sequence[Email]) -> Sequence[Email]:
    """Messages of a mailbox with addresses in the place of ids."""
    for email in emails:
        email.id = f"{account}/{email.id}"
    return emails


def split_address(account: str, email_id: str) -> tuple[str, str]:
    """The mailbox and the id that an address, or an id in `account`, means."""
    there, slash, id_ = email_id.partition("/")
    return (there, id_) if slash else (account, email_id)
