"""The main screen's ear: the start, and what the desk says.

Owns the order of the start, what an event sets off, and what happens on the screen when a right or a whole
mailbox is taken away. What the keys do is in the modules it inherits from.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from shinbox.client.drafts import DraftJournal
from shinbox.client.heard import Heard
from shinbox.errors import DeskUnreachable, NotSignedIn, ShinboxError
from shinbox.jmap.client import Backoff, Session, StateChange
from shinbox.terms import Role
from shinbox.tui.actions import Situation
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.outcomes import Outcome, Outcomes
from shinbox.tui.permission import rights_of
from shinbox.tui.rows import FixedRows
from shinbox.tui.screens.drafting import Drafting

TYPES: Final = ("Mailbox", "Email", "Identity", "EmailSubmission", "Intent")
COLLEAGUES: Final = ("Draft", "Presence")
"""Types that a desk alone has, and that change nothing in lists."""
BEFORE_ALL: Final = "0"
"""No event's name: a stream that goes on from it begins with all states as they are."""
PING: Final = 5
"""Seconds between signs of life: after two and a half of them without one the desk counts as lost."""
GOOD_NEWS: Final = 5.0
"""Seconds that good news stay; what asks for something stays a minute."""
LONGEST_PAUSE: Final = 5.0
"""Seconds between attempts to reach a lost desk: somebody is waiting in front of the screen."""
PRECEDENCE: Final = 5.0
"""Seconds for which the others wait for the first of several desks, so that its inbox is what opens."""


class Listening(Drafting):
    """The main screen with everything that comes from the desk by itself."""

    def __init__(
        self,
        desk: MailDesk,
        journal: DraftJournal,
        now: Callable[[], datetime],
        sign_in: Callable[[DeskPlace, Callable[[], None]], None],
    ) -> None:
        super().__init__(desk, journal, now)
        self._sign_in = sign_in
        heard = Heard(journal.folder / "heard.marks")
        self._outcomes = [Outcomes(place.client, heard) for place in desk.places]
        self._first_has_settled = asyncio.Event()
        self.demo_password = ""
        """What the demo's people sign in with; a real desk's is never known here."""

    # --- the start ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect with every desk."""
        for place in self.desk.places:
            self.come_back_to(place)

    def come_back_to(self, place: DeskPlace) -> None:
        """Connect with a desk; again after signing in."""
        place.problem = ""
        self._run_for(place, "start", self._start(place))

    def _run_for(self, place: DeskPlace, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a worker of which each desk has one."""
        self.run_worker(work, exclusive=True, group=f"{what}-{place.number}")

    async def _start(self, place: DeskPlace) -> None:
        before = self.situation()
        session = await self._reach_desk(place)
        if session is None:
            self.show_folders()
            return
        place.started = True
        self.desk_is_back()
        # Whoever signs in again may have lost meanwhile what is open.
        await self._settle(before, messages_changed=False)
        await self._open_first(place)
        self._run_for(place, "events", self._listen(place))
        await self.offer_lost_drafts()

    async def _reach_desk(self, place: DeskPlace) -> Session | None:
        pauses = Backoff(most=LONGEST_PAUSE)
        while True:
            try:
                return await self.desk.load(place)
            except NotSignedIn:
                self._ask_sign_in(place)
                return None
            except DeskUnreachable as error:
                self._settled(place)
                if self.account:
                    self.show_folders()
                    await asyncio.sleep(pauses.next())
                    continue
                self.messages.set_empty(f"{error} Trying again by itself; {self.key('quit')} leaves.")
                self.refresh_frame()
                await asyncio.sleep(pauses.next())
            except ShinboxError as error:
                self._give_up(place, "cannot be used", str(error))
                return None

    def _ask_sign_in(self, place: DeskPlace) -> None:
        """Of several desks, one that is not signed in to is left aside; opening its line asks again."""

        def done() -> None:
            self.come_back_to(place)

        if len(self.desk.places) > 1:
            self._give_up(place, "sign in", "Not signed in: open the desk's line on the left to sign in.")
        self._sign_in(place, done)

    def _give_up(self, place: DeskPlace, problem: str, said: str) -> None:
        place.problem = problem
        self._settled(place)
        if not self.account:
            self.messages.set_empty(said)
        elif len(self.desk.places) > 1:
            self.notice.say(f"{place.name}: {said}", tone="warning")

    def _settled(self, place: DeskPlace) -> None:
        if place is self.desk.places[0]:
            self._first_has_settled.set()

    async def _open_first(self, place: DeskPlace) -> None:
        """Open the inbox where the person may do most: their work is there. The first desk has precedence."""
        if place is not self.desk.places[0]:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._first_has_settled.wait(), PRECEDENCE)
        if not self.account:
            self._open_best(place)
        # Only now may another desk look: one that waits would else be served first.
        self._settled(place)

    def _open_best(self, place: DeskPlace) -> None:
        inboxes = [
            (account.id, folder)
            for account in place.accounts.values()
            if (folder := account.by_role(Role.INBOX) or next(iter(account.folders.values()), None))
        ]
        if inboxes:
            account, folder = max(inboxes, key=lambda inbox: len(rights_of(inbox[1])))
            self.open_folder(account, folder.id)
        elif all(each.started and not each.accounts for each in self.desk.places):
            self._nothing_shared(place)

    def _nothing_shared(self, place: DeskPlace) -> None:
        from shinbox.jmap.finding import is_found
        from shinbox.tui.welcome import Newcomer, welcome_lines

        self.messages.set_empty("No mailbox is shared with you.")
        self.add_class("-reading")
        endpoint = place.client.endpoint
        desk = "" if is_found(endpoint) else str(endpoint)
        newcomer = Newcomer(self.who, place.is_administrator, desk, self.demo_password)
        self.reader.show(welcome_lines(newcomer, self.key("quit"), self.key("help")))
        self.reader.focus()

    # --- what the desk says ---------------------------------------------------------------------------

    async def _listen(self, place: DeskPlace) -> None:
        try:
            self._tell(await self._outcomes[place.number].begin(place.accounts))
            more = COLLEAGUES if (await place.client.session()).is_desk else ()
            await self.rows_there()
            # It begins with all states: what changed between the first look and the stream is heard, too.
            stream = place.client.events((*TYPES, *more), ping=PING, last_event_id=BEFORE_ALL)
            async for change in stream:
                change.changed = self._unseen(place, change.changed)
                await self._changed(place, change)
        except NotSignedIn:
            self._ask_sign_in(place)
        except DeskUnreachable:
            # It went away between the start and its first event: start again.
            self.come_back_to(place)
        except ShinboxError as error:
            self.problem(error)

    def _unseen(self, place: DeskPlace, told: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """Of states by mailbox and type, those that differ from what is shown: of messages, an open list."""
        unseen: dict[str, dict[str, str]] = {}
        for account, states in told.items():
            known = self.desk.accounts.get(account)
            shown: Mapping[str, str] = {}
            if known is not None:
                opened = self.view if self.view and self.view.looks_in(account) else None
                messages = opened.email_state if opened else states.get("Email", "")
                shown = {**known.states, **self._outcomes[place.number].states(account), "Email": messages}
            if left := {name: state for name, state in states.items() if shown.get(name) != state}:
                unseen[account] = left
        return unseen

    async def _changed(self, place: DeskPlace, change: StateChange) -> None:
        before = self.situation()
        types = {name for changed in change.changed.values() for name in changed}
        for account, changed in change.changed.items():
            await self.hear_colleagues(account, types.intersection(COLLEAGUES, changed))
        if types.issubset(COLLEAGUES):
            return
        try:
            if "Identity" in types or set(change.changed) - set(self.desk.accounts):
                await self.desk.load(place)
            else:
                for account, changed in change.changed.items():
                    if {"Mailbox", "Email"} & set(changed):
                        await self.desk.reload_folders(account)
            mails = [account for account, changed in change.changed.items() if "Email" in changed]
            await self._settle(before, self.looks_in(mails))
            for account, changed in change.changed.items():
                if {"Intent", "EmailSubmission"} & set(changed):
                    self._tell(await self._outcomes[place.number].news(account))
        except NotSignedIn:
            raise
        except ShinboxError as error:
            # The next event, or the return of the connection, asks again.
            self.problem(error)

    async def hear_colleagues(self, account: str, types: set[str]) -> None:
        """Something changed among colleagues; carried out by the part that shows them."""

    def _tell(self, outcomes: list[Outcome]) -> None:
        if outcomes:
            first, more = outcomes[0], len(outcomes) - 1
            text = first.text + (f" (and {more:,} more)" if more else "")
            seconds = 60.0 if first.tone else GOOD_NEWS
            self.notice.say(
                text, tone=first.tone, offers=first.offers, hint=first.hint, seconds=seconds, counting=False
            )

    # --- rights that came or went -----------------------------------------------------------------------

    def looks_in(self, accounts: Iterable[str]) -> bool:
        """Whether the list shows messages of one of these mailboxes."""
        return self.view is not None and any(map(self.view.looks_in, accounts))

    async def _settle(self, before: Situation, messages_changed: bool) -> None:
        """Draw what holds now; leave a folder that is no longer ours to read."""
        self.show_folders()
        if self.account and self.folder_object is None:
            self._leave(before.mailbox)
            return
        now = self.situation()
        changed = before.mailbox == now.mailbox and before.rights != now.rights
        if changed:
            self._warn(f"Your permission in {now.mailbox} has changed. It is now: {now.level}.")
        if messages_changed or changed:
            await self.refresh_view()

    def _leave(self, mailbox: str) -> None:
        whole = self.account not in self.desk.accounts
        what = mailbox if whole else f"This folder of {mailbox}"
        text = f"{what} is no longer shared with you."
        self.account = self.folder = ""
        self._read_no_more()
        self.view = self.reading = None
        self.undos.clear()
        self.reader.show(())
        self.remove_class("-reading")
        more = f" Choose another folder: {self.key('go.mailbox')}." if self.desk.accounts else ""
        self.messages.set_empty(text + more)
        self.messages.source = FixedRows()
        self.messages.focus()
        self.refresh_frame()
        self._warn(text)

    def _warn(self, text: str) -> None:
        """Say it here, and to whoever is writing just now."""
        from shinbox.tui.screens.compose import ComposeScreen

        self.notice.say(text, tone="warning", seconds=30)
        if isinstance(self.app.screen, ComposeScreen):
            self.app.screen.warn(f"{text} Your text is kept on this machine.")
