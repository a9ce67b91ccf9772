"""The event stream: which types changed in which account (RFC 8620 §7.1, §7.3; text/event-stream of WHATWG).

Owns the parsing of a stream and the pauses between attempts. Opens no connection.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from shinbox.errors import DeskProtocolError

MAX_EVENT: Final = 1_000_000
"""Bytes: a longer event is no state change."""


class StateChange(msgspec.Struct, kw_only=True):
    """`changed`: for each account, each type that changed with its new state."""

    changed: dict[str, dict[str, str]]
    event_id: str = ""


@dataclass
class ServerEvent:
    """One event as it stood in the stream."""

    kind: str = "message"
    data: str = ""
    event_id: str | None = None
    retry: float | None = None


@dataclass
class Backoff:
    """The pauses between attempts, in seconds: doubling from `first` to `most`, each cut by chance to half.

    Chance keeps fifty terminals from knocking at a restarted desk in the same moment.
    """

    first: float = 0.25
    most: float = 30.0
    random: Callable[[], float] = random.random
    attempts: int = field(default=0, init=False)

    def next(self) -> float:
        """The pause before the next attempt."""
        whole = min(self.most, self.first * 2.0 ** min(self.attempts, 30))
        self.attempts += 1
        return whole * (0.5 + 0.5 * self.random())

    def reset(self) -> None:
        """It worked: start from `first` again."""
        self.attempts = 0


async def parse_events(pieces: AsyncIterator[bytes]) -> AsyncIterator[ServerEvent]:
    """The events of a stream, however it was cut into pieces. Comments and unfinished events are dropped.

    :raises DeskProtocolError: an event is longer than MAX_EVENT.
    """
    event, data, size = ServerEvent(), list[str](), 0
    async for line in _lines(pieces):
        if line:
            size += len(line) + 1
            if size > MAX_EVENT:
                raise DeskProtocolError("The desk told news without end: is it of the same version?")
            _read_line(line, event, data)
            continue
        if data or event.event_id is not None or event.retry is not None:
            event.data = "\n".join(data)
            yield event
        event, data, size = ServerEvent(), [], 0


def state_change(event: ServerEvent) -> StateChange | None:
    """The state change that an event carries; None for a ping and for kinds that we do not know.

    :raises DeskProtocolError: it should carry one and does not.
    """
    if event.kind not in ("state", "message") or not event.data:
        return None
    try:
        value: Any = msgspec.json.decode(event.data)
        change = msgspec.convert(value, StateChange)
    except msgspec.MsgspecError as broken:
        raise DeskProtocolError(
            f"The desk's news make no sense: is it of the same version? ({broken})"
        ) from None
    change.event_id = event.event_id or ""
    return change


def _read_line(line: str, event: ServerEvent, data: list[str]) -> None:
    name, _, value = line.partition(":")
    value = value.removeprefix(" ")
    if name == "event":
        event.kind = value or "message"
    elif name == "data":
        data.append(value)
    elif name == "id" and "\0" not in value:
        event.event_id = value
    elif name == "retry" and value.isascii() and value.isdigit():
        event.retry = int(value[:9]) / 1000


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Lines ended by CR, LF or CR LF; a CR LF may be split between two pieces."""
    held = b""
    after_cr = False
    async for piece in pieces:
        if after_cr and piece:
            piece = piece.removeprefix(b"\n")
            after_cr = False
        if not piece:
            continue
        after_cr = piece.endswith(b"\r")
        *whole, held = (held + piece).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        if len(held) > MAX_EVENT:
            raise DeskProtocolError("The desk told news without end: is it of the same version?")
        for line in whole:
            yield line.decode("utf-8", "replace")
