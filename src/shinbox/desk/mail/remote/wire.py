"""One IMAP connection as a stream of bounded, complete responses.

Owns reading, writing, literals, tags and the thread rule, under imaplib's own hooks so that imapclient can do
the logins on the same stream. Knows the form of a response, not its meaning. After any error of the stream
the connection is closed: being out of step is worse than being gone.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, Protocol

from shinbox.desk.mail.remote.answers import Answer, Response, Status
from shinbox.desk.mail.remote.dial import explain, wrap
from shinbox.desk.mail.remote.settings import Endpoint
from shinbox.errors import RemoteError, RemoteProtocolError, RemoteUnreachable, TlsFailed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_LITERAL = re.compile(rb"\{(\d{1,20})\}\r\n\Z")
_BODY_LITERAL = re.compile(rb"BODY\[\](?:<0>)? \{\d+\}\r\n\Z")
_CHUNK = 256 * 1024
_SEND_CHUNK = 64 * 1024
_PIPELINE = 20
"""Commands that are on their way at once: few enough that neither side's buffer fills while both write."""

LINE_LIMIT = 32 * 1024 * 1024
LITERAL_LIMIT = 1024 * 1024
"""Octets of a literal that is not a message: header texts and strings. What is larger ends the connection."""


class Sink(Protocol):
    """Takes the octets of a message as they come."""

    def write(self, data: memoryview, /) -> object: ...


class Wire(imaplib.IMAP4):
    """The stream. Made by a thread that then owns it; only `abort_from_any_thread` is for others.

    Raises (from every method): RemoteUnreachable, RemoteProtocolError, RuntimeError for the wrong thread.
    """

    def __init__(self, sock: socket.socket, endpoint: Endpoint) -> None:
        self._given = sock
        self._endpoint = endpoint
        self._buffer = bytearray()
        self._at = 0
        self._owner = threading.get_ident()
        self._closed: RemoteError | None = None
        self._commands = 0
        self.features: frozenset[str] = frozenset()
        self.sink: Sink | None = None
        self.literal_limit = LITERAL_LIMIT
        super().__init__(endpoint.host, endpoint.port)

    # --- imaplib's hooks --------------------------------------------------------------------------

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Use the socket that was dialled."""
        self.host, self.port, self.sock = host, port, self._given

    def read(self, size: int) -> bytes:
        """Exactly `size` octets."""
        if size > self.literal_limit:
            self._fail(RemoteProtocolError(f"The mail server sent a text of {size} octets."))
        while len(self._buffer) - self._at < size:
            self._fill()
        with memoryview(self._buffer) as view:
            data = bytes(view[self._at : self._at + size])
        self._at += size
        return data

    def readline(self) -> bytes:
        """A line with its line break."""
        start = self._at
        while (end := self._buffer.find(b"\n", start)) < 0:
            if len(self._buffer) - self._at > LINE_LIMIT:
                self._fail(RemoteProtocolError("The mail server sent a line without end."))
            scanned = len(self._buffer) - self._at
            self._fill()
            start = self._at + scanned
        with memoryview(self._buffer) as view:
            line = bytes(view[self._at : end + 1])
        self._at = end + 1
        return line

    def send(self, data: ReadableBuffer) -> None:
        """All of `data`, in pieces: a socket's timeout counts for the whole of one sendall."""
        self._check()
        try:
            with memoryview(data) as view:
                for start in range(0, len(view), _SEND_CHUNK):
                    self.sock.sendall(view[start : start + _SEND_CHUNK])
        except OSError as error:
            self._fail(RemoteUnreachable(f"The connection to {self.host} was lost: {explain(error)}"), error)

    def shutdown(self) -> None:
        """Close the socket."""
        if self._closed is None:
            self._closed = RemoteUnreachable(f"The connection to {self.host} is closed.")
        self.sock.close()

    def has(self, capability: str) -> bool:
        """Whether the server has an extension, and it is to be used."""
        return capability in self.features

    # --- the stream -------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._closed is not None

    def abort_from_any_thread(self) -> None:
        """Cut the connection: whoever waits on it gets RemoteUnreachable."""
        # SSLSocket.shutdown would take its TLS object from under the reader.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def pending(self) -> bool:
        """Whether octets wait that select() would not show."""
        inside_tls = getattr(self.sock, "pending", None)
        return self._at < len(self._buffer) or bool(inside_tls and inside_tls())

    def starttls_now(self) -> None:
        """STARTTLS (RFC 3501 §6.2.1). Raises TlsFailed if it is not offered, or if octets came before the
        handshake: they would be read as if they had come inside TLS."""
        if "STARTTLS" not in self.capabilities:
            self._fail(TlsFailed(f"{self.host} does not offer STARTTLS on port {self.port}."))
        self.run(b"STARTTLS").check("start TLS")
        if self._at < len(self._buffer):
            self._fail(TlsFailed(f"{self.host} sent something before the TLS handshake."))
        self.sock = wrap(self.sock, self._endpoint)
        self.untagged_responses.clear()

    def next_response(self) -> Response:
        """The next complete response."""
        line = self.readline()
        if not line.endswith(b"}\r\n"):
            return line.rstrip(b"\r\n"), ()
        pieces, literals, total = [line], [], 0
        while (match := _LITERAL.search(line)) is not None:
            size = int(match[1])
            total += size
            if self.sink is not None and _BODY_LITERAL.search(line):
                self._copy(size, self.sink)
                literals.append(b"")
            else:
                literals.append(self.read(size))
            if total > 2 * max(self.literal_limit, LINE_LIMIT):
                self._fail(RemoteProtocolError("The mail server sent a response without end."))
            line = self.readline()
            pieces.append(line)
        # Only the last line's break is the response's: a literal may stand at the very end.
        pieces[-1] = line.rstrip(b"\r\n")
        return b"".join(pieces), literals

    def run(self, command: bytes, literal: bytes | None = None) -> Answer:
        """Send one command and read up to its tagged status; a `literal` follows the command, announced."""
        if literal is None:
            return self.run_all([command])[0]
        tag = self.next_tag()
        self.send(tag + b" " + command + b" {%d}\r\n" % len(literal))
        early: list[Response] = []
        status = self._until(tag, early, continuation=True)
        if status is None:
            self.send(literal)
            self.send(b"\r\n")
            status = self._until(tag, early)
            assert status is not None, "no continuation was asked for"
        return Answer(status, early)

    def run_all(self, commands: Sequence[bytes]) -> list[Answer]:
        """Send commands without waiting for each (RFC 3501 §5.5); their answers in order."""
        answers: list[Answer] = []
        for start in range(0, len(commands), _PIPELINE):
            tagged = [(self.next_tag(), command) for command in commands[start : start + _PIPELINE]]
            self.send(b"".join(tag + b" " + command + b"\r\n" for tag, command in tagged))
            answers += [self.finish(tag) for tag, _ in tagged]
        return answers

    def finish(self, tag: bytes) -> Answer:
        """The answer to a command that was sent under `tag`."""
        untagged: list[Response] = []
        status = self._until(tag, untagged)
        assert status is not None, "no continuation was asked for"
        return Answer(status, untagged)

    def next_tag(self) -> bytes:
        """A tag that was not used yet on this connection."""
        self._commands += 1
        return b"s%d" % self._commands

    def _until(self, tag: bytes, untagged: list[Response], *, continuation: bool = False) -> Status | None:
        """Read up to the tagged status; `None` at a continuation request, if one may come."""
        prefix = tag + b" "
        while True:
            response = self.next_response()
            text = response[0]
            if text.startswith(b"* "):
                self.refuse_bye(text)
                untagged.append(response)
            elif text.startswith(prefix) and (status := Status.parse(text[len(prefix) :])) is not None:
                return status
            elif continuation and text.startswith(b"+"):
                return None
            else:
                self._fail(RemoteProtocolError(f"The mail server answered out of turn: {text[:80]!r}"))

    def refuse_bye(self, text: bytes) -> None:
        """Close the connection if the server says BYE in `text`."""
        if text[:6].upper() == b"* BYE ":
            status = Status.parse(text[2:])
            said = status.text if status is not None else "no reason given"
            self._fail(RemoteUnreachable(f"{self.host} ended the connection: {said}"))

    def _copy(self, size: int, sink: Sink) -> None:
        if size > self.literal_limit:
            self._fail(RemoteProtocolError(f"The mail server sent {size} octets, more than it had said."))
        while size:
            if self._at == len(self._buffer):
                self._fill()
            end = min(len(self._buffer), self._at + size)
            with memoryview(self._buffer) as view:
                sink.write(view[self._at : end])
            size -= end - self._at
            self._at = end

    def _fill(self) -> None:
        self._check()
        try:
            data = self.sock.recv(_CHUNK)
        except OSError as error:
            self._fail(RemoteUnreachable(f"The connection to {self.host} was lost: {explain(error)}"), error)
        if not data:
            self._fail(RemoteUnreachable(f"{self.host} closed the connection."))
        if self._at:
            del self._buffer[: self._at]
            self._at = 0
        self._buffer += data

    def _check(self) -> None:
        if threading.get_ident() != self._owner:
            raise RuntimeError("A connection to a mail server is used by a thread that did not make it.")
        if self._closed is not None:
            raise type(self._closed)(str(self._closed))

    def _fail(self, error: RemoteError, cause: BaseException | None = None) -> NoReturn:
        self._closed = error
        self.sock.close()
        raise error from cause
