"""Who is at the other end of the socket, as the kernel says.

Owns the way of SO_PEERCRED into the ASGI scope and from a uid to a login name. A name may take a directory
server to find, so it is looked up in a thread and kept for a short while.
"""

from __future__ import annotations

import asyncio
import pwd
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import anyio.to_thread
from uvicorn.protocols.http.h11_impl import H11Protocol

from shinbox.desk.front.login import UnixProof

PEER_KEY: Final = "peer"
"""Where a request's scope["state"] holds the Peer; None over TCP."""
KEPT_SECONDS: Final = 30.0
_CREDENTIALS: Final = struct.Struct("3i")


@dataclass(frozen=True)
class Peer:
    """The process that connected."""

    pid: int
    uid: int
    gid: int


class PeerProtocol(H11Protocol):
    """uvicorn's HTTP protocol, with the peer of a Unix socket in the state of each request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who connected."""
        super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn narrows asyncio's signature
        self.app_state = {**self.app_state, PEER_KEY: peer_of(transport.get_extra_info("socket"))}


def peer_of(connection: Any) -> Peer | None:
    """The peer of a Unix socket; None for any other."""
    if connection is None or connection.family != socket.AF_UNIX:
        return None
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return Peer(*_CREDENTIALS.unpack(packed))


def login_name(uid: int) -> str | None:
    """The login that has this uid now, or None."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


class UnixProofs:
    """Makes proofs of peers, looking names up off the event loop."""

    def __init__(
        self,
        look_up: Callable[[int], str | None] = login_name,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        self._kept: dict[int, tuple[float, str | None]] = {}

    async def of(self, peer: Peer) -> UnixProof | None:
        """What the peer proves; None if its uid has no name here."""
        kept = self._kept.get(peer.uid)
        if kept is None or self._clock() - kept[0] > KEPT_SECONDS:
            name = await anyio.to_thread.run_sync(self._look_up, peer.uid)
            kept = self._kept[peer.uid] = (self._clock(), name)
        return None if kept[1] is None else UnixProof(peer.uid, kept[1])
