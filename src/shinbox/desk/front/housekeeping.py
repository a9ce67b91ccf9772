"""Work that no request asks for: mail of ended shares and removed mailboxes, needless files, an old index.

Owns the pace: short transactions with pauses, so that nobody notices. A blob's file goes only if no row
names it and nobody has put it anew in the meantime.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final

import anyio
import anyio.to_thread

from shinbox.desk.front import held
from shinbox.desk.front.context import Desk
from shinbox.desk.store import accounts, blob_uses, drafts, email_text, uploads

GRACE_SECONDS: Final = 3_600.0
"""How long a removed mailbox stays untouched; also how old a file must be to go."""
BATCH: Final = 100
RENEWED: Final = 10
"""Texts that are indexed anew in one transaction: some 20 ms."""
SHORT_PAUSE: Final = 0.1
LONG_PAUSE: Final = 600.0
SWEEP_PAUSE: Final = 3_600.0
"""Between two turns through all files."""
SWEPT_AFTER: Final = uploads.KEPT_SECONDS
"""How old an unneeded file must be: nothing waits that long between its file and its row."""
LOOK_PAUSE: Final = 1.0
"""Between two looks for held submissions whose sender's share ended: far less than a usual undo hold."""

_log = logging.getLogger(__name__)


async def keep_house(desk: Desk) -> None:
    """Do whatever is due, for ever."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_repeat, partial(purge_some, desk), SHORT_PAUSE, LONG_PAUSE)
        tasks.start_soon(_repeat, Sweep(desk).some, SHORT_PAUSE, SWEEP_PAUSE)
        tasks.start_soon(_repeat, partial(renew_texts, desk), SHORT_PAUSE, LONG_PAUSE)
        tasks.start_soon(_repeat, partial(held.hold_back_expired, desk), LOOK_PAUSE, LOOK_PAUSE)
        tasks.start_soon(_repeat, partial(tell_who_is_gone, desk), LOOK_PAUSE, LOOK_PAUSE)


async def _repeat(work: Callable[[], bool], pause: float, idle: float) -> None:
    while True:
        try:
            worked = await anyio.to_thread.run_sync(work)
        except Exception:  # noqa: BLE001  # nobody waits for this task: ended, held mail would leave unchecked
            _log.exception("housekeeping failed; tried again later")
            worked = False
        await anyio.sleep(pause if worked else idle)


def tell_who_is_gone(desk: Desk) -> bool:
    """Forget who said nothing for too long, and tell those who saw them; whether there was anybody."""
    accounts_ = desk.presences.expire(desk.clock())
    if accounts_:
        desk.publish(frozenset((account, "Presence") for account in accounts_))
    return bool(accounts_)


def purge_some(desk: Desk) -> bool:
    """Take some mail of a removed mailbox away; False if there is none."""
    due = desk.clock() - GRACE_SECONDS
    with desk.database.write() as tx:
        closed = accounts.closed(tx, due)
        blobs = accounts.purge(tx, closed[0], BATCH) if closed else set()
    for blob in blobs:
        desk.blobs.remove_if_older(blob, due)
    return bool(closed)


def renew_texts(desk: Desk) -> bool:
    """Bring the search index of some emails into today's form; False if there is none left."""
    with desk.database.read() as tx:
        waiting = email_text.waiting(tx, BATCH)
    pairs = [(each, each.indexed()) for each in waiting]
    same = [each.email for each, indexed in pairs if indexed == each]
    others = [indexed for each, indexed in pairs if indexed != each]
    while same or others:
        with desk.database.write() as tx:
            email_text.renew(tx, others[:RENEWED], same)
        same, others = [], others[RENEWED:]
    return bool(waiting)


class Sweep:
    """Turns through all files, a few at a time: what no row names any more and is old goes.

    So do, before each turn, uploads that nobody used and drafts in which nothing stands.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._due = 0.0
        self._names: Iterator[str] | None = None

    def some(self) -> bool:
        """Look at the next BATCH old files; False at the end of a turn."""
        if self._names is None:
            self._due = self._desk.clock() - SWEPT_AFTER
            with self._desk.database.write() as tx:
                uploads.forget_expired(tx, self._desk.clock())
                drafts.end_empty(tx, self._desk.clock())
            if tx.touched:
                self._desk.publish(frozenset(tx.touched))
            self._desk.blobs.remove_unfinished(self._due)
            self._names = self._desk.blobs.older(self._due)
        names = list(islice(self._names, BATCH))
        with self._desk.database.read() as tx:
            unneeded = blob_uses.unneeded(tx, names)
        if unneeded:
            self._remove(unneeded)
        if len(names) < BATCH:
            self._names = None
        return self._names is not None

    def _remove(self, names: list[str]) -> None:
        # Under the write lock no row can come to name a file between the question and its end.
        with self._desk.database.write() as tx:
            for name in blob_uses.unneeded(tx, names):
                self._desk.blobs.remove_if_older(name, self._due)
