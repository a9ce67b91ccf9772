"""A JMAP server in small: real HTTP over a real Unix socket, answers decided by the test.

Owns the framing and what goes wrong on purpose (cut connections, silence). Holds no mail.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h11

LIMIT = "urn:ietf:params:jmap:error:limit"

SESSION: dict[str, Any] = {
    "username": "bob",
    "accounts": {"A1": {"name": "support@example.org", "isPersonal": False, "isReadOnly": False}},
    "primaryAccounts": {},
    "capabilities": {
        "urn:ietf:params:jmap:core": {"maxObjectsInGet": 3},
        "urn:ietf:params:jmap:mail": {},
        "urn:shinbox:desk": {},
    },
    "apiUrl": "/jmap/",
    "downloadUrl": "/download/{accountId}/{blobId}/{name}?type={type}",
    "uploadUrl": "/upload/{accountId}/",
    "eventSourceUrl": "/events?types={types}&closeafter={closeafter}&ping={ping}",
    "state": "s1",
}


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    gone: Callable[[], Awaitable[object]]
    """Waits until the client hangs up."""

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """An answer. `cut`: hang up after that many bytes of the body; `pieces`: sent one by one, chunked."""

    body: bytes = b""
    status: int = 200
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    pieces: AsyncIterator[bytes] | None = None


Handler = Callable[[Request], Awaitable[Reply]]


def reply(value: Any, status: int = 200, **more: Any) -> Reply:
    return Reply(json.dumps(value).encode(), status, **more)


def answer(*responses: Any, state: str = "s1") -> Reply:
    """An API answer of these method responses."""
    return reply({"methodResponses": list(responses), "sessionState": state})


@dataclass
class TinyServer:
    """Answers what the handler of a path's beginning says; keeps every request."""

    path: Path
    handlers: dict[str, Handler] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    refuse_uploads: bool = False
    open: dict[asyncio.StreamWriter, None] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=lambda: dict(SESSION))

    def on(self, prefix: str, handler: Handler) -> None:
        self.handlers[prefix] = handler

    async def hang_up(self) -> None:
        """Close every connection, and wait until both sides know."""
        closing = list(self.open)
        for writer in closing:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in closing), return_exceptions=True)

    async def handle(self, request: Request) -> Reply:
        for prefix, handler in self.handlers.items():
            if request.path.startswith(prefix):
                return await handler(request)
        if request.path == "/.well-known/jmap":
            return reply(self.session)
        return reply({"type": "about:blank", "status": 404}, 404)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open[writer] = None
        http = h11.Connection(h11.SERVER)
        try:
            while request := await _read(http, reader, self.refuse_uploads):
                if request.path.startswith("/upload/") and self.refuse_uploads:
                    await _write(http, writer, reply({"type": LIMIT, "detail": "Too large."}, 413))
                    return
                self.requests.append(request)
                if not await _write(http, writer, await self.handle(request)):
                    return
                http.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError, h11.LocalProtocolError):
            return
        finally:
            self.open.pop(writer, None)
            writer.close()


async def _read(
    http: h11.Connection, reader: asyncio.StreamReader, only_heads: bool = False
) -> Request | None:
    head, body = None, b""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            head = event
            if only_heads and head.target.startswith(b"/upload/"):
                return Request("POST", head.target.decode(), {}, b"", reader.read)
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head:
            names = {name.decode(): value.decode() for name, value in head.headers}
            return Request(head.method.decode(), head.target.decode(), names, body, reader.read)
        else:
            return None


async def _write(http: h11.Connection, writer: asyncio.StreamWriter, said: Reply) -> bool:
    """False if the connection must be closed."""
    headers = {"Content-Type": said.type, **said.headers}
    if said.pieces is None:
        headers["Content-Length"] = str(len(said.body))
    writer.write(http.send(h11.Response(status_code=said.status, headers=list(headers.items()))) or b"")
    if said.pieces is not None:
        async for piece in said.pieces:
            writer.write(http.send(h11.Data(data=piece)) or b"")
            await writer.drain()
    else:
        writer.write(http.send(h11.Data(data=said.body[: said.cut])) or b"")
    await writer.drain()
    if said.cut is not None:
        return False
    writer.write(http.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    return http.our_state is h11.DONE and http.their_state is h11.DONE


@asynccontextmanager
async def tiny_server(path: Path, tls: ssl.SSLContext | None = None) -> AsyncIterator[TinyServer]:
    """A server on the socket `path`, or with `tls` on a port of this machine, until the block ends."""
    tiny = TinyServer(path)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await tiny.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()

    if tls is None:
        server = await asyncio.start_unix_server(serve, str(path))
    else:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        tiny.port = server.sockets[0].getsockname()[1]
    try:
        yield tiny
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
