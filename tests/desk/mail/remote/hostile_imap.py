"""An IMAP server on loopback that answers with exactly the octets a test gives it.

Each command's verb (with UID before it) looks up a reply; `TAG` in a reply stands for the command's tag.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

CAPABILITY = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN %s\r\nTAG OK done\r\n"
GREETING = b"* OK hello\r\n"
HANG_UP = b""
"""A reply that is none: the connection is closed."""

SELECTED = (
    b"* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n* 3 EXISTS\r\n"
    b"* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\nTAG OK [READ-WRITE] ok\r\n"
)
Reply = bytes | Callable[[bytes], bytes]


class HostileImap:
    """Serves connections one after another until left; `commands` is what it was told."""

    def __init__(
        self,
        replies: dict[bytes, Reply] | None = None,
        *,
        greeting: bytes = GREETING,
        extensions: bytes = b"",
    ) -> None:
        self.commands: list[bytes] = []
        self._greeting = greeting
        self._replies: dict[bytes, Reply] = {
            b"CAPABILITY": CAPABILITY % extensions,
            b"AUTHENTICATE": b"+ \r\n",
            b"SELECT": SELECTED,
            b"NOOP": b"TAG OK done\r\n",
            b"LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
            **(replies or {}),
        }
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[HostileImap]:
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            for sock in (self._listener, *self._open):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            thread.join(60)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # The listener was closed: over.
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                with contextlib.suppress(OSError):  # The client hung up: it may come again.
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.sendall(self._greeting)
        tag = b""
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                self.commands.append(line.rstrip(b"\r\n"))
                words = line.split()
                if len(words) < 2:
                    # DONE, or the secret that AUTHENTICATE asked for.
                    reply = self._replies.get(line.strip(), b"TAG OK done\r\n")
                    assert isinstance(reply, bytes)
                    connection.sendall(reply.replace(b"TAG", tag))
                    continue
                tag = words[0]
                verb = b" ".join(words[1:3]).upper() if words[1].upper() == b"UID" else words[1].upper()
                reply = self._replies.get(verb, b"TAG BAD what?\r\n")
                answer = reply(line) if callable(reply) else reply
                if answer == HANG_UP:
                    return
                connection.sendall(answer.replace(b"TAG", tag))
