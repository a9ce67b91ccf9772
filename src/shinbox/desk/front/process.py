"""The front process: everything that talks to people, wired together and ended cleanly.

Owns the order of start and end. Open event streams are ended first, else they would hold the process.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn

from shinbox.desk.config import Config
from shinbox.desk.front import http, session
from shinbox.desk.front.bodies import BodyAsks
from shinbox.desk.front.context import Desk
from shinbox.desk.front.events import Hub
from shinbox.desk.front.housekeeping import keep_house
from shinbox.desk.front.http import Front
from shinbox.desk.front.login import SignIn
from shinbox.desk.front.passwords import Passwords
from shinbox.desk.front.peer import PeerProtocol, UnixProofs
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database
from shinbox.desk.wake import BodyAnswer, Message, Touched, Wake, WakeLine

GRACE_SECONDS = 5
"""How long requests that are under way may take at the end."""
KEEP_ALIVE_SECONDS = 75
MAX_HEAD = 65_536
"""Bytes of a request's line and headers."""


class Server(uvicorn.Server):
    """uvicorn's server, ended by the event loop's own signal handlers, streams first."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM ends the server; SIGINT is the service's business."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stop)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGTERM)

    def stop(self) -> None:
        """End the streams, then the server."""
        self._hub.close()
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See stop."""
        self.stop()


def run(config: Config, listeners: Sequence[socket.socket], wake_end: socket.socket) -> None:
    """Serve until SIGTERM. The database is migrated, the sockets listen already."""
    asyncio.run(_run(config, listeners, wake_end))


async def _run(config: Config, listeners: Sequence[socket.socket], wake_end: socket.socket) -> None:
    hub = Hub(asyncio.get_running_loop())
    line = WakeLine(wake_end, lambda message: _hear(message, hub, asks))
    asks = BodyAsks(line.send, first=secrets.randbits(48))
    desk = desk_of(config, hub, line, asks)
    front = Front(
        desk,
        hub,
        sign_in_of(config, desk.database),
        UnixProofs(),
        public_url=config.tcp.public_url,
        demo_users=config.demo_users,
    )
    line.start()
    server = Server(uvicorn_config(front), hub)
    house = asyncio.create_task(keep_house(desk))
    try:
        await server.serve(sockets=list(listeners))
    finally:
        house.cancel()
        line.close()
        desk.database.close()


def _hear(message: Message, hub: Hub, asks: BodyAsks) -> None:
    match message:
        case Touched(changed=changed):
            hub.publish(changed)
        case BodyAnswer():
            asks.answer(message)


def desk_of(config: Config, hub: Hub, line: WakeLine, asks: BodyAsks) -> Desk:
    """What the methods may touch."""
    return Desk(
        database=Database(config.database),
        blobs=Blobs(config.blobs),
        clock=time.time,
        random=secrets.token_bytes,
        wake=lambda account, topic: line.send(Wake(account, topic)),
        publish=hub.publish,
        fetch_body=asks.fetch,
        session_state=lambda tx, actor: session.state_of(tx, actor, time.time()),
        limits=config.limits,
    )


def sign_in_of(config: Config, database: Database) -> SignIn:
    """Signing in as the configuration limits it."""
    return SignIn(
        database,
        Passwords(),
        random=secrets.token_bytes,
        token_seconds=config.limits.token_hours * 3600,
        failures_allowed=config.limits.sign_ins_per_minute,
    )


def uvicorn_config(front: Front) -> uvicorn.Config:
    """uvicorn as the desk wants it: its own log, no WebSocket, peers known."""
    return uvicorn.Config(
        http.app(front),
        http=PeerProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=MAX_HEAD,
    )
