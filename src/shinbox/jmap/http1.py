"""One HTTP/1.1 connection, as the client's side of it: h11 over asyncio's streams.

Owns framing, and the time limit between two pieces of data. Refuses to know where it leads and when it is
used again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from typing import Any, Final

import h11

from shinbox.errors import ConnectionLost, DeskProtocolError, DeskUnreachable
from shinbox.jmap.endpoint import Target

Body = bytes | AsyncIterable[bytes]

CHUNK: Final = 64 * 1024
_MAX_HEAD: Final = 64 * 1024


class Connection:
    """One HTTP/1.1 connection; one request at a time."""

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.target = target
        self.read_timeout = 30.0
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)

    def is_alive(self) -> bool:
        """False once the other side has hung up, which an idle connection learns without reading."""
        return not (self._writer.is_closing() or self._reader.at_eof())

    def made_ready(self) -> bool:
        """Ready for another request: both sides are done with this one."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return self.is_alive()

    def close(self) -> None:
        """Hang up without waiting."""
        self._writer.close()

    async def exchange(
        self, method: str, target: Target, headers: dict[str, str], body: Body
    ) -> h11.Response:
        """Send the request, wait for the head of the answer."""
        # A server that refuses an upload answers and hangs up before it was sent: that answer counts, and
        # where there is none the next read says that the connection is lost.
        with suppress(ConnectionError):
            await self._send_request(method, target, headers, body)
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise DeskProtocolError("What answered speaks no HTTP: look at the desk's address.")

    async def body(self) -> AsyncIterator[bytes]:
        """The body of the answer, piece by piece."""
        while True:
            event = await self._next_event()
            if isinstance(event, h11.EndOfMessage):
                return
            if isinstance(event, h11.Data):
                yield bytes(event.data)

    async def _send_request(self, method: str, target: Target, headers: dict[str, str], body: Body) -> None:
        length = [("Content-Length", str(len(body)))] if isinstance(body, bytes) else []
        framing = length or [("Transfer-Encoding", "chunked")]
        host = target.host if target.port in (0, 80, 443) else f"{target.host}:{target.port}"
        every = [("Host", host), *headers.items(), *(framing if body or method != "GET" else [])]
        await self._send(h11.Request(method=method, target=target.path, headers=every))
        if isinstance(body, bytes):
            for start in range(0, len(body), CHUNK):
                await self._send(h11.Data(data=body[start : start + CHUNK]))
        else:
            async for piece in body:
                await self._send(h11.Data(data=piece))
        await self._send(h11.EndOfMessage())

    async def _send(self, event: Any) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            try:
                async with asyncio.timeout(self.read_timeout):
                    await self._writer.drain()
            except TimeoutError:
                raise DeskUnreachable(
                    f"The desk took no data for {self.read_timeout:g} seconds: try again."
                ) from None

    async def _next_event(self) -> Any:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._read())
        except h11.RemoteProtocolError as broken:
            if self._reader.at_eof():
                raise ConnectionLost() from None
            raise DeskProtocolError(
                f"What answered speaks no HTTP: look at the desk's address. ({broken})"
            ) from None
        if isinstance(event, h11.ConnectionClosed):
            raise ConnectionLost()
        return event

    async def _read(self) -> bytes:
        try:
            async with asyncio.timeout(self.read_timeout):
                return await self._reader.read(CHUNK)
        except TimeoutError:
            raise DeskUnreachable(
                f"The desk sent nothing for {self.read_timeout:g} seconds: try again."
            ) from None
        except OSError:
            raise ConnectionLost() from None
