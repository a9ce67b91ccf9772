"""Threads that each keep one connection of an account: waiting for news, and fetching bodies.

Owns when such a connection is made, kept and given up. What is done over it is elsewhere (inbound.py,
bodies.py); the account's main connection is the worker's.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shinbox.desk.mail.bodies import Bodies
from shinbox.desk.mail.remote.remote import Connector, Remote
from shinbox.desk.mail.remote.waker import Waker
from shinbox.errors import RemoteError, RemoteProtocolError, RemoteUnreachable, ServerFail, ShinboxError

IDLE_SECONDS: Final = 25 * 60.0
"""An IDLE is renewed before servers end it (RFC 2177)."""
KEEP_SECONDS: Final = 60.0
"""How long the connection for bodies is kept when none is wanted."""

log = logging.getLogger(__name__)

Answer = Callable[[int, int, str | None], None]
"""(email row, ask, error or None): what became of a request for a body."""


class Bell:
    """Rung from any thread, with a reason; one thread waits. The reason "stop" stays for ever."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reasons: set[str] = set()
        self.stopped = False

    def ring(self, reason: str) -> None:
        """Wake whoever waits."""
        with self._changed:
            self._reasons.add(reason)
            self.stopped = self.stopped or reason == "stop"
            self._changed.notify_all()

    def wait(self, timeout: float | None) -> frozenset[str]:
        """The reasons since the last wait; empty after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._reasons or self.stopped, timeout)
            reasons, self._reasons = frozenset(self._reasons), set()
            return reasons | {"stop"} if self.stopped else reasons


@dataclass
class Backoff:
    """How long to wait before connecting again, in seconds: doubled each time, up to `longest`.

    `jitter`: 0 to 1, so that many desks do not come back in step.
    """

    jitter: Callable[[], float]
    first: float = 2.0
    longest: float = 300.0
    failures: int = 0

    def next(self) -> float:
        """After one more failure."""
        self.failures += 1
        pause: float = min(self.first * 2.0 ** min(self.failures - 1, 20), self.longest)
        return pause * (0.75 + self.jitter() / 2)

    def reset(self) -> None:
        """It works."""
        self.failures = 0


class Lane:
    """A thread with a connection; `stop` cuts both."""

    def __init__(self, name: str, connect: Connector, backoff: Backoff) -> None:
        self.bell = Bell()
        self._connect, self._backoff = connect, backoff
        self._remote: Remote | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon; does not wait."""
        self.bell.ring("stop")
        remote = self._remote
        if remote is not None:
            remote.abort()

    def join(self, timeout: float) -> None:
        """Wait for the end."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self.bell.stopped:
            try:
                self._connected()
            except ShinboxError as error:
                self._lost(error)
            except Exception:
                # One account's surprise is no other account's: it is told, and tried again later.
                log.exception("%s: a fault of the desk", self._thread.name)
                self._lost(ServerFail("The desk failed on this mailbox; its log says why. It tries again."))

    def _connected(self) -> None:
        remote = self._remote = self._connect()
        try:
            if not self.bell.stopped:
                self._work(remote)
        finally:
            self._remote = None
            remote.close()

    def _work(self, remote: Remote) -> None:
        """What this lane does with a connection; returns to get another one."""
        raise NotImplementedError

    def _lost(self, error: ShinboxError) -> None:
        if not self.bell.stopped:
            log.info("%s: %s", self._thread.name, error)
            self.bell.wait(self._backoff.next())


class IdleLane(Lane):
    """Waits for news of the Inbox. `path` says where that is, None as long as nobody knows.

    `cut`: a connection that worked is gone, and nobody else may have noticed yet.
    """

    def __init__(
        self,
        name: str,
        connect: Connector,
        backoff: Backoff,
        path: Callable[[], str | None],
        news: Callable[[], None],
        cut: Callable[[], None] = lambda: None,
        seconds: float = IDLE_SECONDS,
    ) -> None:
        super().__init__(name, connect, backoff)
        self._path, self._news, self._cut, self._seconds = path, news, cut, seconds
        self._waker = Waker()

    def stop(self) -> None:
        """See Lane."""
        self._waker.set()
        super().stop()

    def _connected(self) -> None:
        while self._path() is None and not self.bell.stopped:
            self.bell.wait(None)
        if not self.bell.stopped:
            super()._connected()

    def _work(self, remote: Remote) -> None:
        path = self._path()
        if path is None:
            return
        remote.select(path)
        self._backoff.reset()
        self._news()  # What came while nobody listened.
        while not self.bell.stopped:
            if remote.idle(self._waker, self._seconds):
                self._news()

    def _lost(self, error: ShinboxError) -> None:
        if not self._backoff.failures:
            self._cut()
        super()._lost(error)


class BodyLane(Lane):
    """Fetches the bodies that are asked for, and the others when nobody asks."""

    def __init__(
        self, name: str, connect: Connector, backoff: Backoff, bodies: Bodies, answer: Answer
    ) -> None:
        super().__init__(name, connect, backoff)
        self._bodies, self._answer = bodies, answer
        self._asked: deque[tuple[int, int]] = deque()
        self._background = threading.Event()

    def ask(self, email: int, ask: int) -> None:
        """Somebody waits for this body; the answer comes by `answer`."""
        self._asked.append((email, ask))
        self.bell.ring("asked")

    def begin_background(self) -> None:
        """The headers are here: fetch the rest when nobody asks, and look again for more."""
        self._background.set()
        self.bell.ring("background")

    def _connected(self) -> None:
        """Connect only for something to do."""
        while not self._asked and not self._batch() and not self.bell.stopped:
            self.bell.wait(None)
        if not self.bell.stopped:
            super()._connected()

    def _work(self, remote: Remote) -> None:
        self._backoff.reset()
        while not self.bell.stopped:
            if self._asked:
                self._serve(remote)
            elif batch := self._batch():
                self._bodies.fetch_batch(remote, batch, lambda: bool(self._asked) or self.bell.stopped)
            elif not self.bell.wait(KEEP_SECONDS):
                return

    def _serve(self, remote: Remote) -> None:
        email, ask = self._asked[0]
        try:
            self._bodies.fetch(remote, email)
        except (RemoteUnreachable, RemoteProtocolError):
            raise  # The connection is closed.
        except RemoteError as error:
            self._asked.popleft()
            self._answer(email, ask, str(error))
        else:
            self._asked.popleft()
            self._answer(email, ask, None)

    def _batch(self) -> list[int]:
        return self._bodies.next_batch() if self._background.is_set() else []

    def _lost(self, error: ShinboxError) -> None:
        """Whoever waits is told at once; a new question is a new attempt."""
        while self._asked:
            email, ask = self._asked.popleft()
            self._answer(email, ask, str(error))
        super()._lost(error)
