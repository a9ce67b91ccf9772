"""The composer's tie to the desk: the copy kept there, the sign of life, and whoever answers too.

Owns when the desk is asked: never at a key, but when the hands pause. What is said about it stands in the
composer's first lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from shinbox.client.drafts import Draft
from shinbox.jmap.client import Client
from shinbox.tui.draft_keeping import DraftKeeper
from shinbox.tui.safe_text import shown

KEEP_AFTER: Final = 2.0
"""Seconds after the draft is on this machine's disk until the desk has it."""
LIFE_EVERY: Final = 15.0
"""Seconds between signs of life (the desk's lease holds 25)."""
SETTLES_IN: Final = 1.0
"""Seconds that sending or leaving waits for a save that is under way."""


class Keeping:
    """For one composer. `say` shows when it was saved, `warn` tells that the desk no longer keeps it;
    `save_here` puts the draft on this machine's disk."""

    def __init__(
        self,
        screen: Screen[Any],
        draft: Draft,
        client: Client | None,
        clock: Callable[[], float],
        say: Callable[[str], None],
        warn: Callable[[str], None],
        save_here: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._draft = draft
        self.keeper = DraftKeeper(client, draft) if client else None
        self._clock = clock
        self._say = say
        self._warn = warn
        self._save_here = save_here
        self._noted = draft.desk_id
        self._saved_at: float | None = None
        self._words = ""
        self._others = ""
        self._timer: Timer | None = None
        self._warned = False

    def start(self) -> None:
        """The composer is open."""
        self.others(self._others)
        self._screen.set_interval(1.0, self.tick)
        if self.keeper is not None:
            self._screen.set_interval(LIFE_EVERY, self.look)
            if self._draft.desk_id:
                self._keep()

    def saved_here(self) -> None:
        """The draft is on this machine's disk; the desk gets it when the hands pause."""
        self._saved_at = self._clock()
        self.tick()
        if self.keeper is not None and self._timer is None:
            self._timer = self._screen.set_timer(KEEP_AFTER, self._keep_if_due)

    def look(self) -> None:
        """Say that one still writes, and hear at once whether somebody has taken over."""
        # Of a composer that was closed the draft may be over: the desk's no would be taken for a colleague's.
        if self.keeper is not None and self._screen in self._screen.app.screen_stack:
            self._screen.run_worker(self._alive(), group="keeping")

    async def settled(self) -> None:
        """Nothing is sent to the desk from now on, and what was is there, if it answers in time."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.keeper is not None:
            await self.keeper.settled(SETTLES_IN)

    def others(self, text: str) -> None:
        """Say who answers the same message."""
        self._others = text
        line = self._screen.query("#others")
        if line:
            line.first(Static).update(shown(text))
            line.first().display = bool(text)

    def tick(self) -> None:
        """Say how long ago it was saved, where that reads differently now."""
        words = saved_words(self._saved_at, self._clock(), self.keeper)
        if words != self._words:
            self._words = words
            self._say(words)

    @property
    def words(self) -> str:
        """What was said last."""
        return self._words

    # --- inside -----------------------------------------------------------------------------------

    def _keep_if_due(self) -> None:
        # A timer that was stopped may have asked for this already.
        if self._timer is not None:
            self._keep()

    def _keep(self) -> None:
        self._timer = None
        self._screen.run_worker(self._kept(), group="keeping")

    async def _kept(self) -> None:
        if self.keeper is not None:
            await self.keeper.keep()
            self._told()

    async def _alive(self) -> None:
        if self.keeper is not None:
            await self.keeper.sign_of_life()
            self._told()

    def _told(self) -> None:
        assert self.keeper is not None
        self.tick()
        if self._draft.desk_id != self._noted or (self.keeper.problem and not self._warned):
            # Whoever finds the draft on this machine must know which one it is at the desk.
            self._noted = self._draft.desk_id
            self._save_here()
        if self.keeper.problem and not self._warned:
            self._warned = True
            self._warn(self.keeper.problem)


def saved_words(saved_at: float | None, now: float, keeper: DraftKeeper | None) -> str:
    """When a draft was saved, and where if not everywhere."""
    if saved_at is None:
        return ""
    where = " on this machine" if keeper is not None and keeper.only_here else ""
    return f"saved{where} {_ago(now - saved_at)}"


def _ago(seconds: float) -> str:
    if seconds < 10:
        return f"{int(seconds)}s ago"
    if seconds < 60:
        return f"{int(seconds) // 10 * 10}s ago"
    return f"{int(seconds) // 60} min ago"
