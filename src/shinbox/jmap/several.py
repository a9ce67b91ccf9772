"""Several desks through one client: ids of mailboxes carry their desk's mark, so those of two never meet.

Owns the marks (`2|a7`: `|` is in no id, RFC 8620 §1.2) and which desk a call goes to. Refuses to know what is
asked. Whoever has one desk uses a plain Client and sees no mark.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from typing import Any, BinaryIO, Final, TypeVar

import msgspec

from shinbox.errors import NotFound
from shinbox.jmap.calls import Got, Invocation, Response
from shinbox.jmap.client import Client
from shinbox.jmap.conversation import MAX_ANSWER
from shinbox.jmap.events import StateChange
from shinbox.jmap.faults import Json
from shinbox.jmap.http1 import Body
from shinbox.jmap.objects import JmapObject
from shinbox.jmap.session import Session
from shinbox.jmap.transport import Connectivity

T = TypeVar("T", bound=JmapObject)

_MARK_END: Final = "|"
_ACCOUNT_ARGUMENTS: Final = ("accountId", "fromAccountId")


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

    async def call(
        self, calls: Sequence[Invocation], *, using: Sequence[str] | None = None, client_id: str | None = None
    ) -> list[Response]:
        return await super().call([self._sent(call) for call in calls], using=using, client_id=client_id)

    def _sent(self, call: Invocation) -> Invocation:
        given = call.arguments
        named: Json = {name: self.bare(given[name]) for name in _ACCOUNT_ARGUMENTS if name in given}
        return Invocation(call.name, {**given, **named}, call.call_id)

    async def upload(self, account: str, data: Body, type: str = "application/octet-stream") -> str:
        return await super().upload(self.bare(account), data, type)

    async def download(
        self,
        account: str,
        blob_id: str,
        name: str = "file",
        type: str = "application/octet-stream",
        *,
        limit: int = MAX_ANSWER,
    ) -> bytes:
        return await super().download(self.bare(account), blob_id, name, type, limit=limit)

    async def download_to(
        self,
        account: str,
        blob_id: str,
        file: BinaryIO,
        name: str = "file",
        type: str = "application/octet-stream",
    ) -> int:
        return await super().download_to(self.bare(account), blob_id, file, name, type)

    async def events(
        self,
        types: Iterable[str] | None = None,
        *,
        close_after: str = "no",
        ping: int = 30,
        last_event_id: str = "",
    ) -> AsyncGenerator[StateChange, None]:
        stream = super().events(types, close_after=close_after, ping=ping, last_event_id=last_event_id)
        async with aclosing(stream):
            async for change in stream:
                changed = {self.marked(id_): states for id_, states in change.changed.items()}
                yield StateChange(changed=changed, event_id=change.event_id)


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
        ranks = (Connectivity.ONLINE, Connectivity.CONNECTING, Connectivity.OFFLINE)
        return next(state for state in ranks if state in states)

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

    async def get(
        self,
        type_: type[T],
        account: str,
        ids: Sequence[str] | None = None,
        properties: Iterable[str] | None = None,
        **more: object,
    ) -> Got[T]:
        # The desk's own limits say how many ids travel at once.
        return await self.of(account).get(type_, account, ids, properties, **more)

    async def upload(self, account: str, data: Body, type: str = "application/octet-stream") -> str:
        return await self.of(account).upload(account, data, type)

    async def download(
        self,
        account: str,
        blob_id: str,
        name: str = "file",
        type: str = "application/octet-stream",
        *,
        limit: int = MAX_ANSWER,
    ) -> bytes:
        return await self.of(account).download(account, blob_id, name, type, limit=limit)

    async def download_to(
        self,
        account: str,
        blob_id: str,
        file: BinaryIO,
        name: str = "file",
        type: str = "application/octet-stream",
    ) -> int:
        return await self.of(account).download_to(account, blob_id, file, name, type)
