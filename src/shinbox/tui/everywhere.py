"""A search through every mailbox: the newest finds of each, merged by date.

Owns addresses: `mailbox/message`, since ids of different mailboxes may be equal (`/` is in no id, RFC 8620
§1.2). Elsewhere an address may stand where an id of a message stands. Draws nothing.
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Callable, Mapping
from typing import Final

from shinbox.errors import DeskUnreachable
from shinbox.jmap.calls import Found, Got
from shinbox.jmap.client import Batch, Client, Pending
from shinbox.jmap.objects import Email
from shinbox.tui.folder_view import Filter, FolderView
from shinbox.tui.mail_rows import LIST_PROPERTIES, NEWEST_FIRST
from shinbox.tui.rows import Row

MOST: Final = 200
"""Finds that are shown of each mailbox: whoever needs more searches that mailbox alone."""


class Everywhere(FolderView):
    """What a search found in several mailboxes; `filters` by mailbox, since folders differ."""

    def __init__(self, filters: Mapping[str, Filter], make_row: Callable[[Email], Row]) -> None:
        super().__init__("", "", make_row, {})
        self.filters = filters
        self.all_found = 0
        """How many there are, also beyond those that are shown."""
        self.missing: list[str] = []
        """Mailboxes whose desk did not answer."""

    def fresh(self) -> Everywhere:
        return Everywhere(self.filters, self._make_row)

    def shows(self, account: str, folder: str) -> bool:
        return account in self.filters and not folder


async def load_everywhere(client: Client, view: Everywhere) -> None:
    """Ask every mailbox, those of each desk some in a request, and put the finds in order.

    :raises DeskUnreachable: no desk answered; if one of several did not, `missing` names its mailboxes.
    """
    desks: dict[Client, list[str]] = {}
    for account in view.filters:
        desks.setdefault(client.of(account), []).append(account)
    asked = [_ask_desk(desk, view, accounts) for desk, accounts in desks.items()]
    found: list[Email] = []
    view.missing, view.all_found, failures = [], 0, []
    for accounts, answer in zip(desks.values(), await gather(*asked, return_exceptions=True), strict=True):
        if isinstance(answer, DeskUnreachable):
            view.missing += accounts
            failures.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found += answer
    if failures and len(failures) == len(desks):
        raise failures[0]
    found.sort(key=lambda email: email.received_at, reverse=True)
    view.put(found)
    view.place(0, [email.id for email in found], len(found))


async def _ask_desk(client: Client, view: Everywhere, accounts: list[str]) -> list[Email]:
    found: list[Email] = []
    at_once = max(1, (await client.session()).limits().max_calls_in_request // 2)
    for start in range(0, len(accounts), at_once):
        found += await _ask(client, view, accounts[start : start + at_once])
    return found


async def _ask(client: Client, view: Everywhere, accounts: list[str]) -> list[Email]:
    batch = Batch()
    asked: list[tuple[str, Pending[Found], Pending[Got[Email]]]] = []
    for account in accounts:
        ids = batch.query(
            Email,
            account,
            filter=view.filters[account],
            sort=list(NEWEST_FIRST),
            limit=MOST,
            calculateTotal=True,
        )
        asked.append((account, ids, batch.get(Email, account, ids.ref("/ids"), LIST_PROPERTIES)))
    answers = await client.run(batch)
    emails = []
    for account, ids, got in asked:
        view.all_found += answers[ids].total or 0
        for email in answers[got].objects:
            email.id = f"{account}/{email.id}"
            emails.append(email)
    return emails


def split_address(account: str, email_id: str) -> tuple[str, str]:
    """The mailbox and the id that an address, or an id in `account`, means."""
    there, slash, id_ = email_id.partition("/")
    return (there, id_) if slash else (account, email_id)
