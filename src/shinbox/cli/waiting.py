"""Waiting until the mail server has done what was asked of it.

Owns the polling of intents, submissions and jobs, and the words for what came of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from shinbox.errors import DeskUnreachable, RemoteError
from shinbox.jmap.client import Backoff, Client
from shinbox.jmap.objects import Intent

R = TypeVar("R")

PATIENCE: Final = 60.0
"""Seconds."""


class StillWaiting(RemoteError):
    """The mail server has not answered yet; the desk will go on trying."""


async def until(look: Callable[[], Awaitable[R | None]], seconds: float, still: str) -> R:
    """Look again and again, until there is something.

    :raises StillWaiting: `seconds` have passed; `still` is what the person is told.
    """
    pauses = Backoff(first=0.05, most=1.0)
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    found = await look()
                except DeskUnreachable:
                    # A desk that restarts meanwhile goes on with its work; so do we until time is up.
                    found = None
                if found is not None:
                    return found
                await asyncio.sleep(pauses.next())
    except TimeoutError:
        raise StillWaiting(still) from None


async def intents_done(
    client: Client, account: str, queued: Mapping[str, Sequence[str]], seconds: float
) -> dict[str, str]:
    """Wait until nothing is queued any more; for each email that was refused, the mail server's reason.

    :raises StillWaiting: `seconds` have passed.
    """
    ids = [intent for intents in queued.values() for intent in intents]
    if not ids:
        return {}

    async def look() -> list[Intent] | None:
        intents = (await client.get(Intent, account, ids)).objects
        return None if any(intent.status == "queued" for intent in intents) else intents

    still = (
        f"The mail server has not answered for {seconds:g} seconds. The change is kept and will be "
        "carried out; shinbox list shows it already."
    )
    by_id = {intent.id: intent for intent in await until(look, seconds, still)}
    refused = {}
    for email, intents in queued.items():
        for id_ in intents:
            intent = by_id.get(id_)
            if intent is not None and intent.status == "refused":
                refused[email] = intent.reason or "the mail server refused"
    return refused
