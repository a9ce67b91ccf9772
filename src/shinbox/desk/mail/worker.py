"""One account at work: its main connection, its news, its bodies, and what people see of its state.

Owns when a round, a glance or the intents come next and how long to wait after a loss. One failing account
disturbs no other; losing the connection empties nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from shinbox.desk.mail import reports, sent
from shinbox.desk.mail.bodies import Bodies, Trouble
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.lanes import Answer, Backoff, BodyLane, IdleLane, Lane
from shinbox.desk.mail.line import Line, Memory
from shinbox.desk.mail.plan import Arrival
from shinbox.desk.mail.remote.remote import Connector, Remote
from shinbox.desk.mail.sandbox import Sandbox
from shinbox.desk.store import accounts, base, intents, mailboxes
from shinbox.desk.store.times import utc_now
from shinbox.errors import RemoteAuthFailed, RemoteError, ShinboxError
from shinbox.terms import Role

JOIN_SECONDS: Final = 5.0
KEEP_DONE_SECONDS: Final = 7 * 86_400.0
"""How long an intent that was done can still be read."""


@dataclass(frozen=True)
class Timing:
    """Seconds. `poll`: between two looks at all folders; `later`: after a refusal that may pass; `doubt`:
    before a loss is believed at the second look."""

    poll: float = 60.0
    later: float = 30.0
    doubt: float = 60.0
    first_pause: float = 2.0
    longest_pause: float = 300.0


class Stopping(ShinboxError):
    """The worker is ending."""


class Worker(Lane):
    """Mirrors one account until it is stopped. `root`: see Connection. `done`: called after every round."""

    def __init__(
        self,
        desk: Desk,
        account: int,
        connect: Connector,
        *,
        sandbox: Sandbox,
        answer: Answer,
        jitter: Callable[[], float],
        root: str | None = None,
        timing: Timing | None = None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.desk, self.account, self._root, self._done = desk, account, root, done
        self._timing = timing or Timing()

        def backoff() -> Backoff:
            return Backoff(jitter, self._timing.first_pause, self._timing.longest_pause)

        super().__init__(f"account {account}", connect, backoff())
        self._memory = Memory(desk, self._timing.doubt)
        self._bodies = bodies = Bodies(
            desk,
            account,
            sandbox,
            Trouble(),
            lambda email, reading: reports.reported(self.desk, self.account, email, reading),
        )
        self._body_lane = BodyLane(f"account {account} bodies", connect, backoff(), bodies, answer)
        self._idle_lane = IdleLane(
            f"account {account} news",
            connect,
            backoff(),
            self._inbox,
            news=lambda: self.bell.ring("inbox"),
            cut=lambda: self.bell.ring("cut"),
        )

    # --- from outside -----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, all three threads."""
        for lane in (self._body_lane, self._idle_lane):
            lane.start()
        super().start()

    def stop(self) -> None:
        """End soon; does not wait."""
        super().stop()
        for lane in (self._body_lane, self._idle_lane):
            lane.stop()

    def join(self, timeout: float = JOIN_SECONDS) -> None:
        """Wait for the end of all three."""
        super().join(timeout)
        for lane in (self._body_lane, self._idle_lane):
            lane.join(timeout)

    def intents_wait(self) -> None:
        """Somebody changed something."""
        self.bell.ring("intents")

    def fetch_now(self) -> None:
        """Somebody wants to see what there is."""
        self.bell.ring("everything")

    def ask_body(self, email: int, ask: int) -> None:
        """Somebody waits for a body."""
        self._body_lane.ask(email, ask)

    # --- the main connection ----------------------------------------------------------------------

    def _work(self, remote: Remote) -> None:
        line = Line(
            self.desk,
            self.account,
            remote,
            self._memory,
            root=self._root,
            arrived=self._arrived,
            between=self._between,
            connect=self._connect,
            about=lambda start: self._bodies.read(start).about,
        )
        self._say("syncing")
        settled = line.sync()
        self._backoff.reset()
        self._after_round()
        next_round = self.desk.now() + self._timing.poll
        while not self.bell.stopped:
            left = self._until(next_round)
            reasons = self.bell.wait(left if settled else min(left, self._timing.later))
            if "stop" in reasons:
                return
            # Where one connection was cut, the others may be: a round finds out, and people see it.
            if reasons & {"everything", "cut"} or not self._until(next_round):
                settled = line.sync(everything="everything" in reasons)
                next_round = self.desk.now() + self._timing.poll
                self._after_round()
            elif "inbox" in reasons:
                settled = line.glance()
            else:
                settled = line.tell()
            sent.check(self.desk, self.account)

    def _until(self, next_round: float) -> float:
        """How long to wait; no time for one further off than any round is: the clock was set back."""
        left = next_round - self.desk.now()
        return left if 0.0 < left <= self._timing.poll else 0.0

    def _after_round(self) -> None:
        sent.check(self.desk, self.account)
        self._say("idle", synced=True)
        with self.desk.write() as tx:
            intents.forget_done(tx, self.account, utc_now(self.desk.now() - KEEP_DONE_SECONDS))
        self._body_lane.begin_background()
        self._idle_lane.bell.ring("inbox known")
        self._done()

    def _between(self) -> None:
        if self.bell.stopped:
            raise Stopping()

    def _arrived(self, published: Sequence[tuple[int, Arrival]]) -> None:
        sent.arrived(self.desk, self.account, published)
        self._body_lane.bell.ring("arrived")
        self._idle_lane.bell.ring("inbox known")

    def _inbox(self) -> str | None:
        with self.desk.database.read() as tx:
            box = mailboxes.by_role(tx, self.account, Role.INBOX)
            row = base.folder(tx, box) if box is not None else None
        return None if row is None else str(row["path"])

    # --- what people see --------------------------------------------------------------------------

    def _say(self, state: accounts.SyncState, error: str | None = None, *, synced: bool = False) -> None:
        with self.desk.write() as tx:
            when = self.desk.utc() if synced else None
            accounts.set_sync_state(tx, self.account, state, error=error, synced_at=when)

    def _lost(self, error: ShinboxError) -> None:
        if isinstance(error, Stopping) or self.bell.stopped:
            return
        lasting = isinstance(error, RemoteAuthFailed) or not isinstance(error, RemoteError)
        self._say("failed" if lasting else "offline", str(error))
        super()._lost(error)
