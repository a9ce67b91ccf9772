"""HTTP/1.1 to one desk: connections kept open, time limits, size limits.

Owns bytes on the wire. Refuses to know JMAP. It is h11 over asyncio's streams: that starts in 0.06 s,
httpcore with its anyio in 0.15 s, and the terminal program is started often.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from shinbox.errors import ConnectionLost, DeskUnreachable, LimitBroken
from shinbox.jmap.endpoint import Endpoint, Target
from shinbox.jmap.http1 import CHUNK, Body, Connection

if TYPE_CHECKING:
    import ssl

_IDLE_CONNECTIONS: Final = 4


class Connectivity(Enum):
    """Whether the desk answers."""

    CONNECTING = "connecting"
    ONLINE = "online"
    WAITING = "waiting"
    """It is connected, and owes an answer for longer than answers take."""
    OFFLINE = "offline"


@dataclass(frozen=True)
class Timeouts:
    """In seconds: until connected, between two pieces of data, for a whole answer that is not streamed."""

    connect: float = 5.0
    read: float = 30.0
    total: float = 120.0
    come_back: float = 5.0
    """How long a desk that broke a connection is given to take the next one (it may be starting again)."""
    slow: float = 2.0
    """After which the listener is told that a request is not answered yet. An upload has its own time."""
    pings: float = 2.5
    """Not seconds: the pings of an event stream that may be missed before it counts as broken."""


@dataclass(frozen=True)
class HttpAnswer:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Streamed:
    """An answer whose body is still coming; `body` yields it in pieces."""

    status: int
    headers: dict[str, str]
    body: AsyncIterator[bytes]


class Transport:
    """Carries HTTP requests to the desk. Belongs to one event loop; safe for many tasks at once."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        on_connection: Callable[[Connectivity], None] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.timeouts = timeouts or Timeouts()
        self.connectivity = Connectivity.CONNECTING
        self.on_connection = on_connection
        self._tls = tls
        self._idle: list[Connection] = []
        self._late = 0

    def report(self, now: Connectivity) -> None:
        """Tell the listener, once for each change."""
        if now is not self.connectivity:
            self.connectivity = now
            if self.on_connection:
                self.on_connection(now)

    def sign_of_life(self) -> None:
        """The desk said something unasked: it is there, unless it owes somebody an answer."""
        if not self._late:
            self.report(Connectivity.ONLINE)

    @contextmanager
    def _waited_for(self, body: Body) -> Iterator[None]:
        """Tell the listener if the answer to a request does not come while the block runs."""
        late = False

        def tell() -> None:
            nonlocal late
            late = True
            self._late += 1
            if self.connectivity is Connectivity.ONLINE:
                self.report(Connectivity.WAITING)

        small = isinstance(body, bytes) and len(body) <= CHUNK
        alarm = asyncio.get_running_loop().call_later(self.timeouts.slow, tell) if small else None
        try:
            yield
        finally:
            if alarm is not None:
                alarm.cancel()
            self._late -= late

    async def request(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: Body = b"",
        *,
        limit: int,
        again: bool = False,
    ) -> HttpAnswer:
        """Send and read the whole answer, of at most `limit` bytes.

        `again`: the desk does the same whether it gets this once or twice, so a broken connection is tried
        a second time.

        :raises DeskUnreachable: no connection, or no answer in time.
        :raises ConnectionLost: it broke after the request was sent: whether it was carried out is unknown.
        :raises LimitBroken: the answer is larger than `limit`.
        """
        try:
            async with asyncio.timeout(self.timeouts.total):
                try:
                    async with self.stream(method, url, headers, body, fresh=not again) as streamed:
                        return await _read_whole(streamed, limit)
                except ConnectionLost:
                    if not again:
                        raise
                self.report(Connectivity.CONNECTING)
                patience = self.timeouts.come_back
                async with self.stream(method, url, headers, body, patience=patience) as streamed:
                    return await _read_whole(streamed, limit)
        except TimeoutError:
            self.report(Connectivity.OFFLINE)
            raise DeskUnreachable(
                f"The desk took more than {self.timeouts.total:g} seconds: try again."
            ) from None

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: Body = b"",
        *,
        read_timeout: float | None = None,
        fresh: bool = True,
        patience: float = 0.0,
    ) -> AsyncIterator[Streamed]:
        """Send, and hand over the body as it comes; leaving the block early gives the connection up.

        `fresh`: over a new connection, as a kept one may have been closed meanwhile. `patience`: the seconds
        for which a refused connection is tried anew.

        :raises DeskUnreachable: as `request`; ConnectionLost also while the body is read.
        """
        target = self.endpoint.target(url)
        try:
            connection = self._kept(target) if not fresh else None
            connection = connection or await self._connect(target, patience)
        except DeskUnreachable:
            self.report(Connectivity.OFFLINE)
            raise
        try:
            connection.read_timeout = read_timeout or self.timeouts.read
            with self._waited_for(body):
                head = await connection.exchange(method, target, headers, body)
            self.report(Connectivity.ONLINE)
            names = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in head.headers}
            yield Streamed(head.status_code, names, connection.body())
        except DeskUnreachable:
            self.report(Connectivity.OFFLINE)
            raise
        finally:
            self._give_back(connection)

    async def aclose(self) -> None:
        """Close every idle connection."""
        while self._idle:
            self._idle.pop().close()

    def _kept(self, target: Target) -> Connection | None:
        for connection in list(self._idle):
            if connection.target.origin == target.origin:
                self._idle.remove(connection)
                if connection.is_alive():
                    return connection
                connection.close()
        return None

    async def _connect(self, target: Target, patience: float) -> Connection:
        clock = asyncio.get_running_loop()
        end = clock.time() + patience
        while True:
            try:
                return await _connect(target, self.timeouts.connect, self._tls)
            except DeskUnreachable:
                if clock.time() >= end:
                    raise
            await asyncio.sleep(min(0.1, patience))

    def _give_back(self, connection: Connection) -> None:
        if connection.made_ready() and len(self._idle) < _IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()


async def _read_whole(streamed: Streamed, limit: int) -> HttpAnswer:
    whole = bytearray()
    async for piece in streamed.body:
        whole += piece
        if len(whole) > limit:
            raise LimitBroken(f"The answer is larger than {limit / 1_000_000:g} MB: ask for less.")
    return HttpAnswer(streamed.status, streamed.headers, bytes(whole))


async def _connect(target: Target, seconds: float, tls: ssl.SSLContext | None) -> Connection:
    if target.tls and tls is None:
        import ssl

        tls = ssl.create_default_context()
    try:
        async with asyncio.timeout(seconds):
            if target.socket:
                streams = await asyncio.open_unix_connection(str(target.socket), limit=CHUNK)
            else:
                streams = await asyncio.open_connection(
                    target.host, target.port, ssl=tls if target.tls else None, limit=CHUNK
                )
    except TimeoutError:
        raise DeskUnreachable(
            f"The desk did not take the connection in {seconds:g} seconds: try again."
        ) from None
    except PermissionError:
        raise DeskUnreachable(f"You may not open {target.socket}: ask to be let into its group.") from None
    except OSError as failed:
        raise DeskUnreachable(_why(target, failed)) from None
    return Connection(target, *streams)


def _why(target: Target, failed: OSError) -> str:
    if target.socket and target.over:
        from shinbox.jmap.ssh import why_down

        return why_down(target.over, target.socket)
    if target.socket:
        return f"The desk cannot be reached at {target.socket}: is `shinbox serve` running?"
    why = failed.strerror or str(failed)
    if failed.errno and why.startswith("Connect call failed"):
        why = os.strerror(failed.errno)  # What asyncio says there is for programmers.
    return f"{target.host} cannot be reached ({why}): check the name and your network."
