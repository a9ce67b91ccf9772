"""The JMAP client: typed calls, upload, download, events.

Owns what a program asks of one desk (or another JMAP server) as one person. Refuses to know screens,
command lines and what the objects mean. Belongs to one event loop; many tasks may use it at once, and
each may be cancelled at any point.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import BinaryIO, TypeVar

from shinbox.errors import DeskProtocolError, DeskUnreachable, ServerFail
from shinbox.jmap.answers import checked, decode
from shinbox.jmap.calls import (
    Answers,
    Batch,
    Changes,
    Found,
    Got,
    Ids,
    Invocation,
    Pending,
    Ref,
    Response,
    SetResult,
)
from shinbox.jmap.conversation import MAX_ANSWER, MAX_SMALL, SessionClient
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.events import Backoff, StateChange, parse_events, state_change
from shinbox.jmap.faults import Json
from shinbox.jmap.http1 import Body
from shinbox.jmap.objects import JmapObject
from shinbox.jmap.session import Session, SessionAccount, fill
from shinbox.jmap.transport import Connectivity, HttpAnswer, Timeouts

__all__ = [
    "Answers",
    "Backoff",
    "Batch",
    "Changes",
    "Client",
    "Connectivity",
    "Endpoint",
    "Found",
    "Got",
    "Invocation",
    "Pending",
    "Ref",
    "Response",
    "Session",
    "SessionAccount",
    "SetResult",
    "StateChange",
    "Timeouts",
]

T = TypeVar("T", bound=JmapObject)


class Client(SessionClient):
    """One person at one desk; see SessionClient for how it is made."""

    def of(self, account: str) -> Client:
        """The client that speaks for a mailbox: itself, where there is one desk."""
        return self

    def heard(self, change: StateChange) -> StateChange:
        """What an event says, as this program names things: as it came, where there is one desk."""
        return change

    async def run(self, batch: Batch, *, client_id: str | None = None) -> Answers:
        """Send a batch; `answers[pending]` is the typed answer to each call."""
        return Answers(await self.call(batch.calls, client_id=client_id))

    async def get(
        self,
        type_: type[T],
        account: str,
        ids: Sequence[str] | None = None,
        properties: Iterable[str] | None = None,
        **more: object,
    ) -> Got[T]:
        """Fetch objects; `ids=None` asks for all. Long lists are split as the server's limits ask; properties
        that only a desk knows are not asked of another server, which would refuse them.

        :raises MethodError: the call failed.
        """
        session = await self.of(account).session()
        unknown = frozenset[str]() if session.is_desk else type_.OURS
        wanted = None if properties is None else [name for name in properties if name not in unknown]
        most = max(1, session.limits().max_objects_in_get)
        if ids is None or len(ids) <= most:
            batch = Batch()
            asked = batch.get(type_, account, ids, wanted, **more)
            return (await self.run(batch))[asked]
        parts = [
            await self.get(type_, account, ids[start : start + most], wanted, **more)
            for start in range(0, len(ids), most)
        ]
        objects = [value for part in parts for value in part.objects]
        # The first state is the oldest: what changed while the rest was fetched is asked for again.
        return Got(objects, parts[0].state, [id_ for part in parts for id_ in part.not_found])

    async def query(
        self,
        type_: type[T],
        account: str,
        *,
        filter: Json | None = None,
        sort: list[Json] | None = None,
        position: int = 0,
        limit: int | None = None,
        **more: object,
    ) -> Found:
        """The ids of the objects that fit; see Batch.query.

        :raises MethodError: the call failed.
        """
        batch = Batch()
        asked = batch.query(type_, account, filter=filter, sort=sort, position=position, limit=limit, **more)
        return (await self.run(batch))[asked]

    async def changes(self, type_: type[T], account: str, since: str) -> Changes:
        """What changed since a state.

        :raises CannotCalculateChanges: fetch everything again.
        """
        batch = Batch()
        asked = batch.changes(type_, account, since)
        return (await self.run(batch))[asked]

    async def set_(
        self,
        type_: type[T],
        account: str,
        *,
        create: Mapping[str, Json] | None = None,
        update: Mapping[str, Json] | None = None,
        destroy: Ids = None,
        if_in_state: str | None = None,
        client_id: str | None = None,
        **more: object,
    ) -> SetResult[T]:
        """Create, change and destroy objects. What failed is in the result; `.checked()` raises it.

        :raises MethodError: the whole call failed; StateMismatch if something changed since `if_in_state`.
        """
        batch = Batch()
        asked = batch.set_(
            type_,
            account,
            create=create,
            update=update,
            destroy=destroy,
            if_in_state=if_in_state,
            **more,
        )
        return (await self.run(batch, client_id=client_id))[asked]

    async def invoke(self, name: str, *, client_id: str | None = None, **arguments: object) -> Json:
        """One call of any method, answered in plain JSON.

        :raises MethodError: the call failed.
        """
        batch = Batch()
        asked = batch.call(name, **arguments)
        return (await self.run(batch, client_id=client_id))[asked]

    # --- blobs ----------------------------------------------------------------------------------

    async def upload(self, account: str, data: Body, type: str = "application/octet-stream") -> str:
        """Store bytes, or a stream of them, for later use; returns the blob id (RFC 8620 §6.1).

        :raises LimitExceeded: larger than the desk accepts.
        """
        there = self.of(account)
        session = await there.session()
        url = fill(session.upload_url, accountId=there.bare(account))
        headers = {**there.headers(), "Content-Type": type, "Accept": "application/json"}
        again = isinstance(data, bytes)
        answer = await there.transport.request("POST", url, headers, data, limit=MAX_SMALL, again=again)
        blob_id = decode(checked(answer)).get("blobId")
        if not isinstance(blob_id, str):
            raise DeskProtocolError("The desk took the upload but did not say what it is called: try again.")
        return blob_id

    async def download(
        self,
        account: str,
        blob_id: str,
        name: str = "file",
        type: str = "application/octet-stream",
        *,
        limit: int = MAX_ANSWER,
    ) -> bytes:
        """The bytes of a blob (RFC 8620 §6.2).

        :raises NotFound: there is none, or it is not for you.
        :raises LimitBroken: it is larger than `limit` bytes: use `download_to`.
        """
        there = self.of(account)
        url = await there._download_url(account, blob_id, name, type)
        answer = await there.transport.request("GET", url, there.headers(), limit=limit, again=True)
        return checked(answer).body

    async def download_to(
        self,
        account: str,
        blob_id: str,
        file: BinaryIO,
        name: str = "file",
        type: str = "application/octet-stream",
    ) -> int:
        """Write a blob of any size into an open file; returns the number of bytes.

        :raises NotFound: there is none, or it is not for you.
        """
        there = self.of(account)
        url = await there._download_url(account, blob_id, name, type)
        async with there.transport.stream("GET", url, there.headers()) as streamed:
            if streamed.status != 200:
                start = b"".join([piece async for piece in streamed.body])[:MAX_SMALL]
                checked(HttpAnswer(streamed.status, streamed.headers, start))
            written = 0
            async for piece in streamed.body:
                written += await asyncio.to_thread(file.write, piece)
            return written

    async def _download_url(self, account: str, blob_id: str, name: str, type: str) -> str:
        session = await self.session()
        id_ = self.bare(account)
        return fill(session.download_url, accountId=id_, blobId=blob_id, name=name, type=type)

    # --- events ---------------------------------------------------------------------------------

    async def events(
        self,
        types: Iterable[str] | None = None,
        *,
        close_after: str = "no",
        ping: int = 30,
        last_event_id: str = "",
    ) -> AsyncGenerator[StateChange, None]:
        """What changes at the desk, as it happens (RFC 8620 §7.3); None: all types.

        Comes back by itself after a broken connection, from the last event on. A stream that is silent for
        two pings and a half counts as broken. Close it (contextlib.aclosing) to hang up.
        With `close_after="state"` it ends after one change.

        :raises NotSignedIn: the desk no longer knows you.
        """
        pauses = self._backoff()
        refresh = False
        while True:
            stream = self._event_stream(types, close_after, ping, last_event_id, refresh)
            try:
                async with aclosing(stream):
                    async for change in stream:
                        pauses.reset()
                        self.transport.sign_of_life()
                        if change is not None:
                            last_event_id = change.event_id or last_event_id
                            yield self.heard(change)
                            if close_after == "state":
                                return
            except (DeskUnreachable, ServerFail):
                # The transport has told the listener; this loop is the handling.
                self.transport.report(Connectivity.OFFLINE)
            await asyncio.sleep(pauses.next())
            self.transport.report(Connectivity.CONNECTING)
            refresh = True

    async def _event_stream(
        self, types: Iterable[str] | None, close_after: str, ping: int, last_event_id: str, refresh: bool
    ) -> AsyncGenerator[StateChange | None, None]:
        """The events of one connection; None for each sign of life that is no change."""
        session = await self.session(refresh=refresh)
        names = "*" if types is None else ",".join(types)
        url = fill(session.event_source_url, types=names, closeafter=close_after, ping=str(ping))
        headers = {**self.headers(), "Accept": "text/event-stream", "Cache-Control": "no-cache"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        silence = ping * self.transport.timeouts.pings or None
        async with self.transport.stream("GET", url, headers, read_timeout=silence) as streamed:
            if streamed.status != 200:
                checked(HttpAnswer(streamed.status, streamed.headers, b""))
            async for event in parse_events(streamed.body):
                yield state_change(event)
