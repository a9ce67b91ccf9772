"""A whole desk for tests: both processes, on a temporary socket, with people in it.

Owns its start and its end, and calls as a person. People, mailboxes and grants are put into the store
directly; whatever a test is about goes through the socket.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.config import Config, Limits, SocketConfig, TcpConfig
from shinbox.desk.embedded import EmbeddedDesk, run_embedded
from shinbox.desk.front.login import Actor, TokenProof
from shinbox.desk.initialise import initialise
from shinbox.desk.store import ids, tokens
from shinbox.desk.store.database import Database
from shinbox.jmap.calls import Invocation
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from tests.desk.front.people import People

Json = dict[str, Any]

PASSWORD = "correct horse battery"


@dataclass
class RunningDesk:
    """A desk that runs; `people` adds to it, `as_` calls it as somebody."""

    running: EmbeddedDesk
    people: People
    chief: Actor
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def socket(self) -> Path:
        return self.running.socket

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(socket=self.socket)

    def token_of(self, who: Actor, seconds: float = 3600.0) -> str:
        """A good token, made without the cost of a password."""
        token, now = secrets.token_hex(32), time.time()
        with self.people.database.write() as tx:
            tokens.create(tx, TokenProof.of(token).token_hash, who.user_id, now, now + seconds)
        return token

    def shorten(self, token: str, seconds: float) -> None:
        """Let a token end in so many seconds."""
        ends = (time.time() + seconds, TokenProof.of(token).token_hash)
        with self.people.database.write() as tx:
            tx.run("UPDATE token SET expires_at = ? WHERE hash = ?", ends)

    def as_(self, who: Actor) -> Client:
        """A client that is signed in as `who`."""
        return Client(self.endpoint, self.tokens.setdefault(who.name, self.token_of(who)))

    async def call(self, who: Actor, name: str, **arguments: object) -> Json:
        """One method call as `who`: its answer, or {"error": …}."""
        async with self.as_(who) as client:
            [response] = await client.call([Invocation(name, dict(arguments), "0")])
        if response.name == "error":
            return {"error": response.arguments["type"], **response.arguments}
        return response.arguments


def account_id(row: int) -> str:
    """The id of an account's row."""
    return ids.to_id("Account", row)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    folder = tmp_path_factory.mktemp("desk")
    with started(folder) as running:
        yield running


class started:
    """`with started(folder) as desk:`, a desk of its own for a test that ends or breaks it."""

    def __init__(
        self, folder: Path, *, demo_users: Sequence[str] = (), tcp: TcpConfig | None = None, **limits: Any
    ) -> None:
        self.config = Config(
            demo_users=list(demo_users),
            tcp=tcp or TcpConfig(),
            data=str(folder / "data"),
            log_level="info",
            socket=SocketConfig(path=str(folder / "desk.sock")),
            limits=Limits(**limits),
        )
        self.log = (folder / "log").open("wb")

    def __enter__(self) -> RunningDesk:
        initialise(self.config, "chief", password=PASSWORD, now=time.time())
        self.running = run_embedded(self.config, self.log)
        self.people = People(Database(self.config.database))
        return RunningDesk(self.running, self.people, Actor(1, "chief", True, "password"))

    def __exit__(self, *_: object) -> None:
        self.running.stop()
        self.people.database.close()
        self.log.close()
