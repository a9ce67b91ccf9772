"""The wire that tests cut really cuts, stalls, holds and refuses where it is told to."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.servers.cuttable import Cuttable

SECONDS = 60


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(ConnectionResetError):
            while data := self.request.recv(65_536):
                self.request.sendall(data)


@pytest.fixture
def wire() -> Iterator[Cuttable]:
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with Cuttable(server.server_address[1]) as cuttable:
            yield cuttable
        server.shutdown()


def connect(wire: Cuttable) -> socket.socket:
    return socket.create_connection(("127.0.0.1", wire.port), timeout=SECONDS)


def receive(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := client.recv(size - len(data))):
        data += more
    return data


def ends(client: socket.socket) -> bool:
    """Whether the connection is gone, by reset or by end of stream."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_bytes_pass_both_ways_and_the_end_passes_too(wire: Cuttable) -> None:
    with connect(wire) as client:
        payload = bytes(range(256)) * 1_000
        threading.Thread(target=client.sendall, args=(payload,), daemon=True).start()
        assert receive(client, len(payload)) == payload
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert not wire.was_cut.is_set()


def test_a_cut_on_demand_resets_the_connection(wire: Cuttable) -> None:
    with connect(wire) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        wire.cut()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert wire.was_cut.is_set()


def test_a_cut_after_n_bytes_down_delivers_exactly_those(wire: Cuttable) -> None:
    wire.cut_after(down=3)
    with connect(wire) as client:
        client.sendall(b"abcdef")
        assert receive(client, 3) == b"abc"
        assert ends(client)


def test_a_cut_after_n_bytes_up_keeps_the_rest_from_the_server(wire: Cuttable) -> None:
    wire.cut_after(up=2)
    wire.hold_replies_after(2)
    with connect(wire) as client:
        client.sendall(b"abcdef")
        assert wire.was_cut.wait(SECONDS)
        assert ends(client)


def test_a_held_reply_comes_when_it_is_let_go(wire: Cuttable) -> None:
    wire.hold_replies_after(4)
    with connect(wire) as client:
        client.sendall(b"abc")
        assert receive(client, 3) == b"abc"
        client.sendall(b"d")
        assert wire.replies_held.wait(SECONDS)
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        wire.hold_replies_after(None)
        client.settimeout(SECONDS)
        assert client.recv(1) == b"d"


def test_a_stalled_wire_is_silent_until_it_resumes(wire: Cuttable) -> None:
    with connect(wire) as client:
        wire.stall()
        client.sendall(b"x")
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        wire.resume()
        client.settimeout(SECONDS)
        assert client.recv(1) == b"x"


def test_a_refusing_wire_takes_connections_again_when_told_to(wire: Cuttable) -> None:
    wire.refuse()
    # The reset may come before connect() returns or after.
    with pytest.raises(ConnectionResetError), connect(wire) as client:
        client.recv(1)
    wire.refuse(False)
    with connect(wire) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    assert wire.connections == 1
