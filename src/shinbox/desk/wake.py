"""The line between the two processes: hints and short questions, one JSON object a packet.

What is true stands in the database; a message only says "look now". So a lost or doubled message costs
time, never mail, and either process may be restarted while the other goes on. Knows neither room.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Topic = Literal["intents", "submission", "job", "connection", "fetch"]
TOPICS: Final = frozenset(get_args(Topic))

MAX_PACKET: Final = 60_000
"""Bytes: well under what a packet socket takes."""
PAIRS_IN_PACKET: Final = 500


@dataclass(frozen=True)
class Wake:
    """Front to mail: there is something to do in this account. `connection` also says that it was removed."""

    account: int
    what: Topic


@dataclass(frozen=True)
class Touched:
    """Mail to front: these (account row, type name) changed; push them."""

    changed: frozenset[tuple[int, str]]


@dataclass(frozen=True)
class BodyWanted:
    """Front to mail: somebody waits for this email's raw message. `ask` comes back in the answer."""

    email: int
    ask: int


@dataclass(frozen=True)
class BodyAnswer:
    """Mail to front: the body is held now (see email.blob_hash), or `error` says for a person why not."""

    email: int
    ask: int
    error: str | None = None


Message = Wake | Touched | BodyWanted | BodyAnswer


def encode(message: Message) -> bytes:
    """One line of JSON, newline included."""
    value: dict[str, Any]
    match message:
        case Wake():
            value = {"account": message.account, "what": message.what}
        case Touched():
            value = {"touched": sorted(message.changed)}
        case BodyWanted():
            value = {"body": message.email, "ask": message.ask}
        case BodyAnswer():
            ok = message.error is None
            value = {"body": message.email, "ask": message.ask, "ok": ok, "error": message.error}
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Read one message.

    :raises ValueError: it is none.
    """
    value = json.loads(line)
    match value:
        case {"account": int(account), "what": str(what)} if what in TOPICS:
            return Wake(account, what)  # type: ignore[arg-type]  # checked by the guard
        case {"touched": list(pairs)}:
            return Touched(frozenset((int(account), str(name)) for account, name in pairs))
        case {"body": int(email), "ask": int(ask), "ok": bool(ok)}:
            return BodyAnswer(email, ask, None if ok else str(value.get("error") or "The body did not come."))
        case {"body": int(email), "ask": int(ask)}:
            return BodyWanted(email, ask)
    raise ValueError(f"no wake message: {line[:100]!r}")


def pair() -> tuple[socket.socket, socket.socket]:
    """The two ends. Packets, so that a process killed in the middle of one leaves no half message."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class WakeLine:
    """One end of the line, in a thread of its own.

    `handle` is called in that thread for each message and must not block or raise. `send` never blocks: while
    the other side is away, messages wait here, equal ones once.
    """

    def __init__(self, end: socket.socket, handle: Callable[[Message], None]) -> None:
        self._end = end
        self._handle = handle
        self._waiting: dict[bytes, None] = {}
        self._lock = threading.Lock()
        self._nudge, self._nudged = socket.socketpair()
        self._nudge.setblocking(False)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="wake line", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def send(self, message: Message) -> None:
        """Tell the other side, now or as soon as it listens; from any thread."""
        with self._lock:
            self._waiting.update(dict.fromkeys(encode(part) for part in _parts(message)))
        self._wake_thread()

    def close(self) -> None:
        """Stop listening. The socket itself stays open: the next process may inherit it."""
        self._closing = True
        self._wake_thread()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _wake_thread(self) -> None:
        # A full buffer means that the thread will wake anyway.
        with contextlib.suppress(BlockingIOError):
            self._nudge.send(b"!")

    def _run(self) -> None:
        while not self._closing:
            writers = [self._end] if self._waiting else []
            readable, writable, _ = select.select([self._end, self._nudged], writers, [])
            if self._nudged in readable:
                self._nudged.recv(4096)
            if writable:
                self._write()
            if self._end in readable and not self._read():
                return

    def _write(self) -> None:
        with self._lock:
            packet = next(iter(self._waiting))
            del self._waiting[packet]
        try:
            self._end.send(packet, socket.MSG_DONTWAIT)
        except BlockingIOError:
            with self._lock:
                self._waiting[packet] = None
        except (BrokenPipeError, ConnectionError):
            self._closing = True

    def _read(self) -> bool:
        """Handle one packet; False when the other end is gone for good."""
        try:
            packet = self._end.recv(MAX_PACKET + 1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        for line in packet.splitlines():
            self._handle(decode(line))
        return bool(packet)


def _parts(message: Message) -> Iterator[Message]:
    """A long list of changes in packets that the socket takes."""
    if not isinstance(message, Touched):
        yield message
        return
    changed = sorted(message.changed)
    for start in range(0, len(changed), PAIRS_IN_PACKET):
        yield Touched(frozenset(changed[start : start + PAIRS_IN_PACKET]))
