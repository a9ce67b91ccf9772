"""What a person waits for a list page: at an idle desk, and while its mail process mirrors 100,000 messages.

One line a figure: name, value, unit, aim. `python -m benchmarks.bench_front` (as root: starts the tests' own
Dovecot and a desk under a uid of its own). A page is what the terminal asks for, in one request over the Unix
socket: Email/query of 50 with the total, Email/get of the list's properties by reference.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from benchmarks.figures import report
from shinbox.jmap.client import Batch
from shinbox.jmap.objects import Email, Mailbox
from shinbox.terms import Role
from shinbox.tui.mail_rows import LIST_PROPERTIES
from tests.servers.mail import MailServers
from tests.servers.maildir import Seed
from tests.servers.unix import runtime_for_others
from tests.system.caller import NEWEST_FIRST, Caller, eventually
from tests.system.world import SharedMailbox, World, house

SMALL, LARGE = 5_000, 100_000
PAGE = 50
IDLE_PAGES = 200
PAUSE = 0.02
"""Seconds between an answer and the next question: somebody who scrolls without rest."""
LONGEST = 100.0
"""Seconds of mirroring that are watched at most."""


def _messages(count: int) -> Iterator[Seed]:
    text = "Some words of text in a message.\r\n" * 30
    for number in range(count):
        raw = (
            f'From: "Customer {number % 997}" <c{number % 997}@example.org>\r\nTo: support@example.test\r\n'
            f"Subject: Question {number} about an order\r\nMessage-ID: <{number}@bench.example>\r\n"
            f"Date: Sat, 01 Jun 2024 10:{number // 60 % 60:02}:{number % 60:02} +0000\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
        )
        yield Seed(raw.encode(), "S" if number % 5 else "", 1_700_000_000 + number)


async def _page(bob: Caller, account: str, inbox: str) -> int:
    """One list page; how many messages the folder has so far."""
    batch = Batch()
    found = batch.query(
        Email, account, filter={"inMailbox": inbox}, sort=NEWEST_FIRST, limit=PAGE, calculateTotal=True
    )
    emails = batch.get(Email, account, found.ref("/ids"), LIST_PROPERTIES)
    answers = await bob.client.run(batch)
    assert len(answers[emails].objects) == len(answers[found].ids)
    return answers[found].total or 0


async def _timed(work: Awaitable[int]) -> tuple[float, int]:
    """Milliseconds, and the result."""
    began = time.perf_counter()
    result = await work
    return (time.perf_counter() - began) * 1000, result


async def _inbox(bob: Caller, box: SharedMailbox) -> tuple[str, str]:
    """Account and inbox, once the inbox fills a page."""

    async def filled() -> Mailbox | None:
        found = next((one for one in await bob.folders(box.address) if one.role == Role.INBOX), None)
        return found if found and found.total_emails >= PAGE else None

    return bob.accounts[box.address], (await eventually(filled, f"mail in {box.address}", 60)).id


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def _told(name: str, times: list[float], note: str) -> None:
    report(f"front: list page, {name}: p95", _p95(times), "ms", note)
    report(f"front: list page, {name}: median", statistics.median(times), "ms", f"{len(times)} pages")


def _own_times(log: str) -> list[float]:
    """Milliseconds that front itself took for each request, by its log: without the client's share."""
    return [float(found) for found in re.findall(r"POST /jmap 200 ([0-9.]+) ms", log)]


async def _mirrored_whole(bob: Caller, box: SharedMailbox) -> None:
    async def whole() -> bool:
        account, inbox = await _inbox(bob, box)
        return await _page(bob, account, inbox) == SMALL

    await eventually(whole, f"{SMALL} messages", 120)


async def _measure(
    world: World, small: SharedMailbox, large: SharedMailbox, settle: Callable[[], bool]
) -> None:
    async with world.caller("bob") as bob:
        await _mirrored_whole(bob, small)
        await asyncio.to_thread(settle)
        there = await _inbox(bob, small)
        idle = []
        for _ in range(IDLE_PAGES):
            idle.append((await _timed(_page(bob, *there)))[0])
            await asyncio.sleep(PAUSE)
        _told(f"idle, folder of {SMALL:,}", idle, "-")
        report(
            "front: its own share, idle: p95", _p95(_own_times(world.log())[-IDLE_PAGES:]), "ms", "by its log"
        )

        logged = len(world.log())
        await asyncio.to_thread(world.connect, large)
        growing = await _inbox(bob, large)
        began, total = time.perf_counter(), 0
        beside, inside = list[float](), list[float]()
        while total < LARGE and time.perf_counter() - began < LONGEST:
            beside.append((await _timed(_page(bob, *there)))[0])
            milliseconds, total = await _timed(_page(bob, *growing))
            inside.append(milliseconds)
            await asyncio.sleep(PAUSE)
        seconds = time.perf_counter() - began
        _told(f"while {LARGE:,} are mirrored, same folder", beside, "aim < 50")
        _told(f"while {LARGE:,} are mirrored, that folder", inside, "aim < 50")
        own = _own_times(world.log()[logged:])
        report("front: its own share while mirroring: p95", _p95(own), "ms", "by its log")
        report("front: p95 while mirroring / p95 idle", _p95(beside) / _p95(idle), "x", "-")
        report(f"mail: {total:,} of {LARGE:,} listed after", seconds, "s", "beside the pages asked for")


def _quiet(world: World) -> bool:
    """Wait until the mail process rests: its processor time stands still for two seconds."""
    mail, still = world.processes()["mail"], 0
    used = -1
    for _ in range(120):
        fields = Path(f"/proc/{mail}/stat").read_text().rpartition(")")[2].split()
        now = int(fields[11]) + int(fields[12])
        still = still + 1 if now - used <= 2 else 0
        used = now
        if still >= 4:
            return True
        time.sleep(0.5)
    return False


def main() -> None:
    """Start Dovecot and a desk, fill two mailboxes, measure."""
    report("load average of this machine before", os.getloadavg()[0], "", f"{os.cpu_count()} processors")
    with MailServers.start() as servers, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        runtime = runtime_for_others(Path(folder))
        with house(servers, runtime) as world:
            world.new_person("bob")
            small = world.new_mailbox("small")
            servers.seed(small.user, _messages(SMALL))
            large = world.new_mailbox("large", connected=False)
            servers.seed(large.user, _messages(LARGE))
            for box in (small, large):
                world.share(box, "bob", "read")
            asyncio.run(_measure(world, small, large, lambda: _quiet(world)))


if __name__ == "__main__":
    main()
