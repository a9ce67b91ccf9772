"""The main screen's lines to its desks: slow, lost, found again, made anew where somebody must be asked.

Owns what the screen says of a connection and what one can do about it. How a desk is reached is in the rooms
below; what it says is heard in `listening`.
"""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import Sequence
from typing import Final

from textual.app import SuspendNotSupported

from shinbox.errors import DeskUnreachable, NotSignedIn, ShinboxError
from shinbox.jmap.client import Connectivity
from shinbox.jmap.endpoint import WayBack
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.screens.listening import Listening

_LOOKS: Final = frozenset({"act", "rows", "read", "out"})
"""Groups of work that only fetch: what one need not wait for to its end."""


class Reaching(Listening):
    """The main screen with everything about being connected."""

    _gave_up: DeskPlace | None = None
    """The desk of what was not fetched because somebody did not want to wait for it."""

    # --- what takes long ------------------------------------------------------------------------------

    async def action_act(self, action_id: str, argument: str = "") -> None:
        """As everywhere; but the way back also gives up what the desk owes."""
        stopped = action_id == "go.back" and self._stop_waiting()
        if not stopped or self.has_class("-reading") or self.has_class("-drawer"):
            await super().action_act(action_id, argument)

    def _stop_waiting(self) -> bool:
        if self.place.client.connectivity is not Connectivity.WAITING:
            return False
        looks = [worker for worker in self.workers if worker.group in _LOOKS and not worker.is_finished]
        for worker in looks:
            worker.cancel()
        if any(worker.group == "read" for worker in looks):
            self.reading = None
            self.reader.show([("Not loaded: the desk has not answered.", "muted")])
        if looks:
            self._gave_up = self.place
            self.messages.set_empty("Not loaded: the desk has not answered.")
            self.messages.offline = True
            self.notice.say("Stopped waiting. What is missing comes when the desk answers again.")
        return bool(looks)

    # --- away and back --------------------------------------------------------------------------------

    def connection(self, place: DeskPlace, state: Connectivity) -> None:
        """A desk became reachable, or stopped being so: the screen stays, title and sidebar say it."""
        if not self.is_mounted:
            return
        online = state is Connectivity.ONLINE
        place.needs_person &= not online
        missed = place.was_away or place is self._gave_up
        if online or state is Connectivity.OFFLINE:
            place.failed = not online
        if state is not Connectivity.WAITING:
            place.was_away = not online
            if place is self.place:
                self.messages.offline = state is Connectivity.OFFLINE
        if state is Connectivity.OFFLINE:
            self._run_for(place, "why", self._look_why(place))
        if len(self.desk.places) > 1:
            self.show_folders()
        self.refresh_frame()
        if online and missed and place.started:
            if place is self._gave_up:
                self.notice.say("The desk answers again.", seconds=4)
                self._gave_up = None
            self._run_for(place, "catch-up", self._catch_up(place))

    async def _catch_up(self, place: DeskPlace) -> None:
        """The desk is back, or hung up because one's rights changed: what happened meanwhile?"""
        before = self.situation()
        try:
            await self.desk.load(place)
            self.desk_is_back()
            if not self.account and place.accounts and not before.mailbox:
                self.show_folders()
                await self._open_first(place)
                return
            await self._settle(before, self.looks_in(place.accounts))
            # The message under the cursor may be one of those that did not come.
            self.cursor_moved()
            for account in place.accounts:
                self._tell(await self._outcomes[place.number].news(account))
        except NotSignedIn:
            self._ask_sign_in(place)
        except ShinboxError as error:
            if not isinstance(error, DeskUnreachable):
                self.problem(error)

    # --- connecting again -----------------------------------------------------------------------------

    async def _look_why(self, place: DeskPlace) -> None:
        """A host that asks each time does not come back by itself."""
        back = place.client.endpoint.back
        if back is None or place.needs_person:
            return
        try:
            place.needs_person = await asyncio.to_thread(back.needs_person)
        except DeskUnreachable as over:
            place.needs_person = True
            self.notice.say(str(over), tone="error", seconds=math.inf, counting=False)
            return
        if not place.needs_person:
            return
        self.show_folders()
        name = place.name or place.client.endpoint.name
        text = f"{name} was lost, and asks you before it lets you in again."
        self.notice.say(text, tone="warning", offers="connect", seconds=60, counting=False)

    def do_connect(self) -> None:
        """Call every desk that is lost; what has to be asked is asked now."""
        lost = [place for place in self.desk.places if place.lost]
        if lost:
            self._connect_with(lost)
        else:
            self.notice.say("You are connected: there is nothing to do.")

    def connect_again(self, place: DeskPlace) -> None:
        self._connect_with([place])

    def _connect_with(self, places: Sequence[DeskPlace]) -> None:
        self.run_worker(self._connect(places), exclusive=True, group="connect")

    async def _connect(self, places: Sequence[DeskPlace]) -> None:
        for place in places:
            back = place.client.endpoint.back
            self.notice.say(f"Calling {self._called(place)} …", counting=False)
            try:
                if back is not None and place.away:
                    await (self._ask_outside(back) if back.asks else asyncio.to_thread(back.connect))
                await place.client.session(refresh=True)
            except NotSignedIn:
                self.come_back_to(place)
            except ShinboxError as error:
                self.problem(error)
            else:
                self.notice.say(f"Connected with {self._called(place)}.", seconds=4)
                self.come_back_to(place)

    async def _ask_outside(self, back: WayBack) -> None:
        try:
            with self.app.suspend():
                # Nothing may be raised in here: Textual would never take the terminal back.
                failed = await _asked(back)
        except SuspendNotSupported:
            raise DeskUnreachable("This terminal cannot be given to ssh: leave and start again.") from None
        if failed is not None:
            raise failed

    def _called(self, place: DeskPlace) -> str:
        return place.name if len(self.desk.places) > 1 else "your desk"

    def do_connection(self) -> None:
        """How the desk is reached, and whether it is."""
        states = {
            Connectivity.ONLINE: "is connected",
            Connectivity.WAITING: "is connected, but has not answered for a while",
            Connectivity.CONNECTING: "is being called",
            Connectivity.OFFLINE: "cannot be reached just now; it is tried again by itself",
        }
        client = self.place.client
        lost = client.connectivity in (Connectivity.CONNECTING, Connectivity.OFFLINE)
        self.notice.say(
            f"Your desk, {client.endpoint}, {states[client.connectivity]}.",
            offers="connect" if lost else "",
            counting=False,
            seconds=30,
        )


async def _asked(back: WayBack) -> ShinboxError | None:
    """Connect while the terminal is plain; why it failed. The key that interrupts gives up."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: back.give_up())
    try:
        await asyncio.to_thread(back.connect)
    except ShinboxError as error:
        return error
    finally:
        signal.signal(signal.SIGINT, before)
    return None
