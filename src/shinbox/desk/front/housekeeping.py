"""Work that no request asks for: held mail of people whose share ended, mail of removed mailboxes.

Owns the pace: short transactions with pauses, so that nobody notices. A blob's file goes only if no row
names it and nobody has put it anew in the meantime.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

import anyio
import anyio.to_thread

from shinbox.desk.front import held
from shinbox.desk.front.context import Desk
from shinbox.desk.store import accounts

GRACE_SECONDS: Final = 3_600.0
"""How long a removed mailbox stays untouched; also how old a file must be to go."""
BATCH: Final = 100
SHORT_PAUSE: Final = 0.1
LONG_PAUSE: Final = 600.0
LOOK_PAUSE: Final = 1.0
"""Between two looks for held submissions whose sender's share ended: far less than a usual undo hold."""

_log = logging.getLogger(__name__)


async def keep_house(desk: Desk) -> None:
    """Do whatever is due, for ever."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_repeat, partial(purge_some, desk), SHORT_PAUSE, LONG_PAUSE)
        tasks.start_soon(_repeat, partial(held.hold_back_expired, desk), LOOK_PAUSE, LOOK_PAUSE)


async def _repeat(work: Callable[[], bool], pause: float, idle: float) -> None:
    while True:
        try:
            worked = await anyio.to_thread.run_sync(work)
        except Exception:  # noqa: BLE001  # nobody waits for this task: ended, held mail would leave unchecked
            _log.exception("housekeeping failed; tried again later")
            worked = False
        await anyio.sleep(pause if worked else idle)


def purge_some(desk: Desk) -> bool:
    """Take some mail of a removed mailbox away; False if there is none."""
    due = desk.clock() - GRACE_SECONDS
    with desk.database.write() as tx:
        closed = accounts.closed(tx, due)
        blobs = accounts.purge(tx, closed[0], BATCH) if closed else set()
    for blob in blobs:
        file = desk.blobs.path(blob)
        if file.exists() and file.stat().st_mtime < due:
            desk.blobs.remove(blob)
    return bool(closed)
