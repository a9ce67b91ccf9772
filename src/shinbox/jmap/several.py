"""Several desks through one client: ids of mailboxes carry their desk's mark, so those of two never meet.

Owns the marks (`2|a7`: `|` is in no id, RFC 8620 §1.2) and which desk a call goes to. Refuses to know what is
asked. Whoever has one desk uses a plain Client and sees no mark.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from shinbox.errors import NotFound
from shinbox.jmap.calls import Invocation, Response
from shinbox.jmap.client import Client
from shinbox.jmap.events import StateChange
from shinbox.jmap.session import Session
from shinbox.jmap.transport import Connectivity

_MARK_END: Final = "|"


def bare(account: str) -> str:
    """The id as its own desk knows it."""
    return account.rpartition(_MARK_END)[2]


def mark_of(account: str) -> str:
    """The mark of the desk that an id is of; empty where there is one desk."""
    return account.rpartition(_MARK_END)[0]


class MarkedClient(Client):
    """One person at one of several desks; every account id it gives and takes carries `mark`."""

    def __init__(self, mark: str, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.mark = mark

    def marked(self, account: str) -> str:
        """The id as the rest of the program knows it."""
        return f"{self.mark}{_MARK_END}{account}"

    def bare(self, account: str) -> str:
        """The id as the desk knows it.

        :raises NotFound: it is another desk's.
        """
        if mark_of(account) != self.mark:
            raise NotFound("This mailbox is at another desk.")
        return bare(account)

    def named(self, session: Session) -> Session:
        """The session with marked ids."""
        return msgspec.structs.replace(
            session,
            accounts={self.marked(id_): account for id_, account in session.accounts.items()},
            primary_accounts={use: self.marked(id_) for use, id_ in session.primary_accounts.items()},
        )

    def heard(self, change: StateChange) -> StateChange:
        changed = {self.marked(id_): states for id_, states in change.changed.items()}
        return StateChange(changed=changed, event_id=change.event_id)


class Switchboard(Client):
    """Carries each call to the desk of its mailbox. Sessions, signing in and events are each desk's own.

    What asks for no mailbox goes to the first desk.
    """

    def __init__(self, clients: Sequence[MarkedClient]) -> None:
        super().__init__(clients[0].endpoint)
        self._clients = {client.mark: client for client in clients}

    def of(self, account: str) -> MarkedClient:
        """The client of a mailbox's desk.

        :raises NotFound: there is no such desk.
        """
        try:
            return self._clients[mark_of(account)]
        except KeyError:
            raise NotFound("This mailbox is at a desk that is not open here.") from None

    @property
    def connectivity(self) -> Connectivity:
        """Online if any desk is."""
        states = [client.connectivity for client in self._clients.values()]
        ranks = (Connectivity.ONLINE, Connectivity.WAITING, Connectivity.CONNECTING)
        return next((state for state in ranks if state in states), Connectivity.OFFLINE)

    async def aclose(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def session(self, *, refresh: bool = False) -> Session:
        return await next(iter(self._clients.values())).session(refresh=refresh)

    async def call(
        self, calls: Sequence[Invocation], *, using: Sequence[str] | None = None, client_id: str | None = None
    ) -> list[Response]:
        desks: dict[MarkedClient, list[Invocation]] = {}
        for call in calls:
            account = call.arguments.get("accountId")
            desk = self.of(account) if account else next(iter(self._clients.values()))
            desks.setdefault(desk, []).append(call)
        asked = (desk.call(part, using=using, client_id=client_id) for desk, part in desks.items())
        return [response for answers in await asyncio.gather(*asked) for response in answers]
