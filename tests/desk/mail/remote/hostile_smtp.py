"""An SMTP server on loopback that misbehaves exactly where a test says.

Speaks enough of RFC 5321 to take a message; keeps what it took, so that tests see what was really sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

DROP = b"<drop>"
"""A reply that is none: the connection is reset instead."""

SILENCE = b"<silence>"
"""No reply, and the connection stays."""

GOOD = {
    "CONNECT": b"220 hostile.test ESMTP",
    "STARTTLS": b"220 go on",
    "AUTH": b"235 welcome",
    "MAIL": b"250 ok",
    "RCPT": b"250 ok",
    "DATA": b"354 go on",
    "BODY": b"",
    ".": b"250 taken",
    "RSET": b"250 ok",
    "QUIT": b"221 bye",
}


@dataclass
class HostileSmtp:
    """`replies` replaces the good reply of a step; BODY is answered as soon as the first body octet came."""

    replies: dict[str, bytes] = field(default_factory=dict)
    extensions: tuple[str, ...] = (
        "SIZE 100000000",
        "8BITMIME",
        "SMTPUTF8",
        "DSN",
        "AUTH PLAIN LOGIN CRAM-MD5",
    )
    tls: ssl.SSLContext | None = None
    seen: list[str] = field(default_factory=list)
    """Command lines, as sent."""
    messages: list[bytes] = field(default_factory=list)
    """What came before each final dot that came."""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """A message has come."""
    port: int = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[HostileSmtp]:
        """Listen; the connections are ended on leaving."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**18)
        self.port = server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # The client hung up, or the test is over.
        finally:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, "CONNECT")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            self.seen.append(line)
            verb = line.split(" ")[0].upper()
            if verb == "EHLO" and "EHLO" not in self.replies:
                lines = ["hostile.test", *self.extensions]
                text = "".join(
                    f"250{'-' if at < len(lines) else ' '}{word}\r\n" for at, word in enumerate(lines, 1)
                )
                writer.write(text.encode())
                await writer.drain()
                continue
            await self._say(writer, verb)
            if verb == "STARTTLS" and self.tls is not None and "STARTTLS" not in self.replies:
                await writer.start_tls(self.tls)
            if verb == "DATA" and self.replies.get("DATA", GOOD["DATA"]).startswith(b"354"):
                await self._take(reader, writer)
            if verb == "QUIT":
                return

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "BODY" in self.replies:
            await reader.readexactly(1)
            await self._say(writer, "BODY")
            await asyncio.Event().wait()
        body = await reader.readuntil(b"\r\n.\r\n")
        self.messages.append(body)
        self.came.set()
        await self._say(writer, ".")

    async def _say(self, writer: asyncio.StreamWriter, step: str) -> None:
        reply = self.replies.get(step, GOOD.get(step, b"502 what?"))
        if reply == DROP:
            raise ConnectionResetError
        if reply == SILENCE:
            await asyncio.Event().wait()
        if reply:
            writer.write(reply if reply.endswith(b"\n") else reply + b"\r\n")
            await writer.drain()
