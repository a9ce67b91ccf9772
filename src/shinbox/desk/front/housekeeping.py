"""Work that nobody waits for: the mail of removed mailboxes, taken away a little at a time.

Owns the pace: short transactions with pauses, so that nobody notices. A blob's file goes only if no row
names it and nobody has put it anew in the meantime.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import Final

import anyio
import anyio.to_thread

from shinbox.desk.front.context import Desk
from shinbox.desk.store import accounts

GRACE_SECONDS: Final = 3_600.0
"""How long a removed mailbox stays untouched; also how old a file must be to go."""
BATCH: Final = 100
SHORT_PAUSE: Final = 0.1
LONG_PAUSE: Final = 600.0

_log = logging.getLogger(__name__)


async def keep_house(desk: Desk) -> None:
    """Purge whatever is due, for ever."""
    while True:
        try:
            worked = await anyio.to_thread.run_sync(purge_some, desk)
        except (sqlite3.Error, OSError):
            _log.exception("the mail of a removed mailbox could not be purged; tried again later")
            worked = False
        await anyio.sleep(SHORT_PAUSE if worked else LONG_PAUSE)


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
