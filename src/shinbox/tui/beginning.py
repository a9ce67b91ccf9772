"""`shinbox` where no desk is found: the demo, a desk of one's own, or a host, each tried before it is kept.

Owns what becomes of a choice. How a desk of one's own and the demo are started is the caller's business.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from shinbox.errors import NotSignedIn, ShinboxError
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.finding import KnownDesk, config_path
from shinbox.terms import DESK
from shinbox.tui.safe_text import plain

OwnDesk = Callable[[], AbstractContextManager[Endpoint]]
"""The person's own desk, running in the block; made if it is not there yet."""


def begin(own: OwnDesk, demo: Callable[[], int], *, has_own: bool) -> int:
    """Start the person's own desk if they have one, else ask what to do; the exit code."""
    if has_own:
        return _own(own)
    from shinbox.tui.first_run import ask_way
    from shinbox.tui.screens.first_run import Way

    said = address = ""
    while (chosen := ask_way(said, address)) is not None:
        try:
            match chosen.way:
                case Way.DEMO:
                    return demo()
                case Way.OWN:
                    _say("making a desk of your own …")
                    return _own(own)
                case Way.HOST:
                    return _host(chosen.address)
        except ShinboxError as error:
            said, address = str(error), chosen.address
    return 0


def _own(own: OwnDesk) -> int:
    from shinbox.tui.app import run

    with own() as endpoint:
        if not asyncio.run(_has_mailbox(endpoint)):
            from shinbox.tui.first_run import ask_mailbox

            ask_mailbox(endpoint)
        return run([KnownDesk("", endpoint)])


async def _has_mailbox(endpoint: Endpoint) -> bool:
    """Whether there is any mailbox to look at."""
    async with Client(endpoint) as client:
        return bool(set((await client.session()).accounts) - {DESK})


def _host(address: str) -> int:
    """Reach it, see that it speaks our protocol, keep its address, show it."""
    from shinbox.jmap.ssh import reached
    from shinbox.tui.app import run
    from shinbox.tui.settings_file import write_setting

    desk = Endpoint.parse(address)
    if desk.ssh is None:
        _say(f"connecting with {desk.name} …")
    with reached(desk, say=_say) as endpoint:
        asyncio.run(_speaks(endpoint))
        write_setting(config_path(), "desk", str(desk))
        return run([KnownDesk("", endpoint)])


async def _speaks(endpoint: Endpoint) -> None:
    """See that somebody is there.

    :raises ShinboxError: there is no desk, and no mail server of our protocol either.
    """
    async with Client(endpoint) as client:
        try:
            await client.session()
        except NotSignedIn:
            # It is there, and will ask for name and password on its own screen.
            return


def _say(text: str) -> None:
    sys.stderr.write(f"shinbox: {plain(text)}\n")
