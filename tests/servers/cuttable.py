"""A wire that tests can cut: a TCP proxy on loopback in front of a real server.

    with Cuttable(servers.submission_port) as wire:
        wire.hold_replies_after(50_000)      # the client's 50,000th byte passes, no later reply does
        ...                                  # the desk sends through wire.port
        wire.replies_held.wait(10)
        wire.cut()

Owns connections and counts bytes; knows no protocol, so it works under TLS too: a cut is placed by the
number of bytes. Times out nothing by itself.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self

_CHUNK = 16_384
#: SO_LINGER of 0 s: close sends RST, as a network that lost its state does, not a polite FIN.
_RESET = struct.pack("ii", 1, 0)


class Cuttable:
    """Forwards `port` on 127.0.0.1 to `target`; may be cut, stalled, or made to refuse."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._changed = threading.Condition()
        self._links: set[_Link] = set()
        self._refusing = False
        self._stalled = False
        self._cut_after_up: int | None = None
        self._cut_after_down: int | None = None
        self._hold_after_up: int | None = None
        self.replies_held = threading.Event()
        """Set once a reply is being kept from a client."""
        self.was_cut = threading.Event()
        """Set once a connection was cut, on demand or at a number of bytes."""
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name=f"cuttable {self.port}", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and cut what is open."""
        # Closing alone leaves accept() waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def open_connections(self) -> int:
        """How many have not ended yet."""
        with self._changed:
            return len(self._links)

    def cut(self) -> None:
        """Reset every open connection, on both sides."""
        with self._changed:
            links = list(self._links)
        for link in links:
            link.cut()

    def cut_after(self, *, up: int | None = None, down: int | None = None) -> None:
        """Cut any connection once exactly `up` bytes went to the server, or `down` came back. None: never."""
        with self._changed:
            self._cut_after_up, self._cut_after_down = up, down

    def hold_replies_after(self, up: int | None) -> None:
        """Keep what the server says from the client once `up` bytes went to the server. None lets go."""
        with self._changed:
            self._hold_after_up = up
            self._changed.notify_all()

    def stall(self) -> None:
        """Pass nothing more in either direction and tell nobody: the network that just went silent."""
        with self._changed:
            self._stalled = True

    def resume(self) -> None:
        """End `stall`; what piled up goes on."""
        with self._changed:
            self._stalled = False
            self._changed.notify_all()

    def refuse(self, refusing: bool = True) -> None:
        """Reset new connections as they come (True), or take them again (False)."""
        with self._changed:
            self._refusing = refusing

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                _reset(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            link = _Link(self, client, server)
            if self._enter(link):
                self.connections += 1
                link.start()
            else:
                link.cut()

    def _may_pass(self, link: _Link, upward: bool) -> bool:
        """Wait until bytes of this direction may go on; False if the link is cut instead."""
        with self._changed:
            while not link.is_cut:
                held = not upward and self._hold_after_up is not None and link.up >= self._hold_after_up
                if held:
                    self.replies_held.set()
                elif not self._stalled:
                    return True
                self._changed.wait()
            return False

    def _room(self, link: _Link, upward: bool) -> int | None:
        """How many bytes may still pass in this direction before the cut; None if no cut is set."""
        with self._changed:
            limit = self._cut_after_up if upward else self._cut_after_down
            return None if limit is None else max(0, limit - (link.up if upward else link.down))

    def _enter(self, link: _Link) -> bool:
        """Whether it may live: `refuse` and `cut` may have come while its way to the server was made."""
        with self._changed:
            if self._refusing:
                return False
            self._links.add(link)
            return True

    def _leave(self, link: _Link) -> None:
        with self._changed:
            self._links.discard(link)
            self._changed.notify_all()


class _Link:
    """One client's connection and its twin to the server."""

    def __init__(self, wire: Cuttable, client: socket.socket, server: socket.socket) -> None:
        self._wire, self._client, self._server = wire, client, server
        self.up = self.down = 0
        self.is_cut = False
        self._ended = 0

    def start(self) -> None:
        for upward in (True, False):
            threading.Thread(target=self._pump, args=(upward,), daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        self._wire._leave(self)
        for end in (self._client, self._server):
            _reset(end)
        self._wire.was_cut.set()

    def _pump(self, upward: bool) -> None:
        source, sink = (self._client, self._server) if upward else (self._server, self._client)
        try:
            while (data := source.recv(_CHUNK)) and self._wire._may_pass(self, upward):
                room = self._wire._room(self, upward)
                # Counted before it is sent: the answer to these bytes must find them counted.
                self._count(upward, len(data) if room is None else min(room, len(data)))
                sink.sendall(data if room is None else data[:room])
                if room is not None and room <= len(data):
                    self.cut()
                    return
            ending = socket.SHUT_WR
        except OSError:
            # One side hung up: the other is to notice.
            ending = socket.SHUT_RDWR
        # A cut sends its own reset; a polite end must not get ahead of it.
        if not self.is_cut:
            with contextlib.suppress(OSError):
                sink.shutdown(ending)
            self._finish()

    def _count(self, upward: bool, size: int) -> None:
        if upward:
            self.up += size
        else:
            self.down += size

    def _finish(self) -> None:
        """Close both ends after both directions ended by themselves."""
        with self._wire._changed:
            self._ended += 1
            if self._ended < 2:
                return
        self._wire._leave(self)
        self._client.close()
        self._server.close()


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # A recv() of the other thread keeps the socket open past close(); shutdown wakes it.
        end.shutdown(socket.SHUT_RD)
    end.close()
