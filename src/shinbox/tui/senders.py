"""Under which addresses a message may go out: the mailboxes' identities, and whether in one's own name.

Pure: reads what the desk said. Decides nothing: the desk refuses what is not allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shinbox.jmap.objects import Identity
from shinbox.terms import Right
from shinbox.tui.mail_desk import AccountView
from shinbox.tui.permission import rights_of


@dataclass(frozen=True)
class Sender:
    """One address to send from."""

    account: str
    mailbox: str
    """What the mailbox is called, where those of several desks stand together."""
    identity: Identity
    on_behalf: bool
    """Whether one's own name goes along, as `Sender` (RFC 5322 §3.6.2)."""


def senders_of(account: AccountView, called: str) -> list[Sender]:
    """The addresses of a mailbox that one may send as; none where one may not send."""
    rights = {right for folder in account.folders.values() for right in rights_of(folder)}
    if not rights & {Right.SUBMIT, Right.SEND_ON_BEHALF}:
        return []
    on_behalf = Right.SUBMIT not in rights
    return [Sender(account.id, called, identity, on_behalf) for identity in account.identities]


def all_senders(
    accounts: Iterable[AccountView], first: str, called: Callable[[AccountView], str]
) -> list[Sender]:
    """Those of every mailbox, the mailbox `first` before the others; `called` names one."""
    ordered = sorted(accounts, key=lambda account: account.id != first)
    return [sender for account in ordered for sender in senders_of(account, called(account))]
