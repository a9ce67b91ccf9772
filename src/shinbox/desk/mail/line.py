"""One connection's work for one account, without threads: rounds, intents, and what happens between batches.

Owns the order of the two directions over one connection. When to call it is the worker's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from shinbox.desk.mail.desk import Desk, Doubts
from shinbox.desk.mail.inbound import Inbound
from shinbox.desk.mail.outbound import Outbound
from shinbox.desk.mail.plan import Arrival, Spot
from shinbox.desk.mail.remote.remote import Connector, Remote
from shinbox.desk.mail.reports import About

ROUNDS = 4
"""Rounds that intents may ask for before they have to wait for the next occasion."""


class Memory:
    """What outlives a connection: which losses were seen once, which intents were refused for now,
    and how often a report was asked for that did not come."""

    def __init__(self, desk: Desk, doubt_seconds: float) -> None:
        self.doubts = Doubts(desk.now, doubt_seconds)
        self.patience: dict[int, int] = {}
        self.tries: Counter[Spot] = Counter()


class Line:
    """`between` is called between batches of a round, after the intents had their turn; `connect` makes the
    second connection that reads ahead in a long first look; `about` reads what a report is about."""

    def __init__(
        self,
        desk: Desk,
        account: int,
        remote: Remote,
        memory: Memory,
        *,
        root: str | None = None,
        arrived: Callable[[Sequence[tuple[int, Arrival]]], None] = lambda _: None,
        between: Callable[[], None] = lambda: None,
        connect: Connector | None = None,
        about: About | None = None,
    ) -> None:
        self.inbound = Inbound(
            desk,
            account,
            remote,
            root=root,
            doubts=memory.doubts,
            pause=self._pause,
            arrived=arrived,
            connect=connect,
            about=about,
            tries=memory.tries,
        )
        self.outbound = Outbound(desk, account, self.inbound, memory.patience)
        self._between = between
        self._pausing = False

    def sync(self, *, everything: bool = False) -> bool:
        """A round, the intents, and the rounds that those ask for; False if some have to wait for later.

        `everything`: look also into folders that seem unchanged.
        """
        self.inbound.round(only_changed=not everything)
        return self.tell()

    def glance(self) -> bool:
        """News of the Inbox came."""
        self.inbound.glance()
        return self.tell()

    def tell(self) -> bool:
        """The intents, and the rounds that they ask for; False if some have to wait for later."""
        for _ in range(ROUNDS):
            if self.outbound.run():
                return True
            if self.inbound.fresh:
                return False
            self.inbound.round()
        return False

    def _pause(self) -> None:
        """People's changes do not wait for the end of a long round."""
        if self._pausing:
            return
        self._pausing = True
        try:
            self.outbound.run()
            self._between()
        finally:
            self._pausing = False
