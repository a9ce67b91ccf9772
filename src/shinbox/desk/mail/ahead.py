"""Reading ahead: while one batch is published, the next is already on its way.

Owns a second connection for as long as a long first look lasts, in a thread of its own, a few batches ahead
and no more. Knows no store: what it hands over is what `Looking` would have fetched itself.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from shinbox.desk.mail import publishing
from shinbox.desk.mail.publishing import Summary
from shinbox.desk.mail.remote.base import UidValidityChanged
from shinbox.desk.mail.remote.remote import Connector, Remote
from shinbox.errors import RemoteUnreachable

BATCHES: Final = 4
"""How far ahead: enough to keep both sides busy, little enough to hold in memory."""
LOOK: Final = 0.5
"""Seconds between two looks whether anybody still wants what was read."""

_Item = list[Summary] | Exception | None


class Ahead:
    """The summaries of these uids, newest first, in batches: iterate inside a `with` block.

    Raises what the connection raises, in the thread that iterates.
    """

    def __init__(
        self, connect: Connector, mailbox: int, path: str, uidvalidity: int, uids: Sequence[int], batch: int
    ) -> None:
        self._connect, self._mailbox, self._path = connect, mailbox, path
        self._uidvalidity, self._uids, self._batch = uidvalidity, uids, batch
        self._read: queue.Queue[_Item] = queue.Queue(BATCHES)
        self._ended = threading.Event()
        self._remote: Remote | None = None
        self._thread = threading.Thread(target=self._run, name=f"reading ahead in {mailbox}", daemon=True)

    def __enter__(self) -> Ahead:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if (remote := self._remote) is not None:
            remote.abort()
        self._thread.join()

    def __iter__(self) -> Iterator[list[Summary]]:
        while (item := self._read.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def _run(self) -> None:
        try:
            self._fetch()
            self._hand_over(None)
        except Exception as error:  # noqa: BLE001  # raised again where the batches are awaited
            self._hand_over(error)

    def _fetch(self) -> None:
        remote = self._remote = self._connect()
        try:
            if remote.select(self._path).uidvalidity != self._uidvalidity:
                raise UidValidityChanged(f"The folder {self._path} was rebuilt on the mail server.")
            for messages in remote.fetch_summaries(self._uids, chunk=self._batch):
                self._hand_over([publishing.summary_of(self._mailbox, message) for message in messages])
                if self._ended.is_set():
                    raise RemoteUnreachable("Nobody waits for the rest.")
        finally:
            self._remote = None
            remote.close()

    def _hand_over(self, item: _Item) -> None:
        while not self._ended.is_set():
            try:
                self._read.put(item, timeout=LOOK)
            except queue.Full:
                continue
            return
