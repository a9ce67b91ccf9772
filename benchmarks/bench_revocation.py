"""How soon it is felt that a share ends, or means less: by an open event stream, beside a plain request.

One line a figure: name, value, unit, aim. Needs no root: the front of a desk with the demo's mail. The time
runs from asking for the change.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.figures import report
from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.calls import SetResult
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Grant, Mailbox
from shinbox.jmap.session import fill
from tests.tui.demo_front import demo_front

ROUNDS = 30
AIM = "aim < 1,000"


@asynccontextmanager
async def _signed_in(socket: Path, name: str) -> AsyncIterator[Client]:
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in(name, PASSWORD)
        yield client


@asynccontextmanager
async def _listening(client: Client) -> AsyncIterator[AsyncIterator[bytes]]:
    """What comes by an open stream, after its greeting."""
    session = await client.session(refresh=True)
    url = fill(session.event_source_url, types="*", closeafter="no", ping="0")
    async with client.transport.stream("GET", url, client.headers()) as stream:
        pieces = aiter(stream.body)
        assert (await anext(pieces)).startswith(b":")
        yield pieces


async def _share_of_tom(mia: Client) -> tuple[str, Grant]:
    """Tom's share in the mailbox that Mia manages and he triages."""
    users = (await mia.invoke("User/get", accountId="desk", ids=None))["list"]
    tom = next(user["id"] for user in users if user["name"] == "tom")
    for account in (await mia.session()).accounts:
        if account != "desk":
            for grant in (await mia.get(Grant, account)).objects:
                if grant.principal == tom:
                    return account, grant
    raise LookupError("the demo's tom shares nothing with mia")


async def _ended_by(change: Awaitable[SetResult[Grant]], pieces: AsyncIterator[bytes]) -> float:
    """Milliseconds from asking for the change until the desk hangs up."""

    async def all_of_it() -> None:
        async for _piece in pieces:
            pass

    began = time.perf_counter()
    listening = asyncio.ensure_future(all_of_it())
    (await change).checked()
    await listening
    return (time.perf_counter() - began) * 1000


async def _taken_away(mia: Client, tom: Client, account: str, grant: Grant) -> tuple[str, list[float]]:
    share, times = grant.id, []
    for _ in range(ROUNDS):
        async with _listening(tom) as pieces:
            times.append(await _ended_by(mia.set_(Grant, account, destroy=[share]), pieces))
        again = {"principal": grant.principal, "level": grant.level}
        share = (await mia.set_(Grant, account, create={"tom": again})).checked().created["tom"].id
    return share, times


async def _lowered(mia: Client, tom: Client, account: str, share: str) -> list[float]:
    times = []
    for number in range(ROUNDS):
        async with _listening(tom) as pieces:
            update = {share: {"level": "triage" if number % 2 else "read"}}
            times.append(await _ended_by(mia.set_(Grant, account, update=update), pieces))
    return times


def _told(what: str, times: list[float]) -> None:
    report(f"revocation: {what}: median", statistics.median(times), "ms", AIM)
    report("revocation: … at most", max(times), "ms", f"{AIM}; {len(times)} times")


async def _request(client: Client, account: str) -> float:
    began = time.perf_counter()
    await client.get(Mailbox, account)
    return (time.perf_counter() - began) * 1000


async def _measure(socket: Path) -> None:
    async with _signed_in(socket, "mia") as mia, _signed_in(socket, "tom") as tom:
        account, grant = await _share_of_tom(mia)
        plain = statistics.median([await _request(mia, account) for _ in range(ROUNDS)])
        report("revocation: a plain request: median", plain, "ms", "held against")
        share, times = await _taken_away(mia, tom, account, grant)
        _told("a share that is taken away ends a stream after", times)
        _told("another level ends it, for a new session, after", await _lowered(mia, tom, account, share))
        report("revocation: end of a stream / plain request", statistics.median(times) / plain, "x", "-")


def main() -> None:
    """Start a desk and measure."""
    report("load average of this machine before", os.getloadavg()[0], "", f"{os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder, demo_front(Path(folder)) as socket:
        asyncio.run(_measure(socket))


if __name__ == "__main__":
    main()
