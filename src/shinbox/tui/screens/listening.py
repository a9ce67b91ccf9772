"""The main screen's ear: the start, what the desk says, and coming back after it was away.

Owns the order of the start, what an event sets off, and what happens on the screen when a right or a whole
mailbox is taken away. What the keys do is in the modules it inherits from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from shinbox.client.drafts import DraftJournal
from shinbox.errors import DeskUnreachable, NotSignedIn, ShinboxError
from shinbox.jmap.client import Backoff, Connectivity, Session, StateChange
from shinbox.terms import Role
from shinbox.tui.actions import Situation
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.outcomes import Outcome, Outcomes
from shinbox.tui.permission import rights_of
from shinbox.tui.rows import FixedRows
from shinbox.tui.screens.drafting import Drafting

TYPES: Final = ("Mailbox", "Email", "Identity", "EmailSubmission", "Intent")
PING: Final = 5
"""Seconds between signs of life: after two and a half of them without one the desk counts as lost."""
LONGEST_PAUSE: Final = 5.0
"""Seconds between attempts to reach a lost desk: somebody is waiting in front of the screen."""


class Listening(Drafting):
    """The main screen with everything that comes from the desk by itself."""

    def __init__(
        self,
        desk: MailDesk,
        journal: DraftJournal,
        now: Callable[[], datetime],
        sign_in: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(desk, journal, now)
        self._ask_sign_in = sign_in
        self._outcomes = Outcomes(desk.client)
        self._started = False
        self._was_away = False

    # --- the start ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect; again after signing in."""
        self.run_worker(self._start(), exclusive=True, group="start")

    async def _start(self) -> None:
        session = await self._reach_desk()
        if session is None:
            return
        self.who = session.username
        self.show_folders()
        self._open_first(session)
        self._started = True
        self.run_worker(self._listen(), exclusive=True, group="events")
        await self.offer_lost_drafts()

    async def _reach_desk(self) -> Session | None:
        pauses = Backoff(most=LONGEST_PAUSE)
        while True:
            try:
                return await self.desk.load()
            except NotSignedIn:
                self._ask_sign_in(self.start)
                return None
            except DeskUnreachable as error:
                self.messages.set_empty(f"{error} Trying again by itself; {self.key('quit')} leaves.")
                self.refresh_frame()
                await asyncio.sleep(pauses.next())
            except ShinboxError as error:
                self.messages.set_empty(str(error))
                return None

    def _open_first(self, session: Session) -> None:
        """Open the inbox where the person may do most: that is where their work is."""
        inboxes = [
            (account.id, folder)
            for account in self.desk.accounts.values()
            if (folder := account.by_role(Role.INBOX) or next(iter(account.folders.values()), None))
        ]
        if not inboxes:
            self._nothing_shared(session)
            return
        account, folder = max(inboxes, key=lambda inbox: len(rights_of(inbox[1])))
        self.open_folder(account, folder.id)

    def _nothing_shared(self, session: Session) -> None:
        from shinbox.tui.welcome import ADMINISTRATOR, NOBODY, welcome_lines

        self.messages.set_empty("No mailbox is shared with you.")
        self.add_class("-reading")
        text = ADMINISTRATOR if session.is_administrator else NOBODY
        self.reader.show(welcome_lines(text, self.who, self.key("quit"), self.key("help")))
        self.reader.focus()

    # --- what the desk says ---------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            await self._outcomes.begin(self.desk.accounts)
            async for change in self.desk.client.events(TYPES, ping=PING):
                await self._changed(change)
        except NotSignedIn:
            self._ask_sign_in(self.start)
        except ShinboxError as error:
            self.problem(error)

    async def _changed(self, change: StateChange) -> None:
        before = self.situation()
        types = {name for changed in change.changed.values() for name in changed}
        try:
            if "Identity" in types or set(change.changed) - set(self.desk.accounts):
                await self.desk.load()
            else:
                for account, changed in change.changed.items():
                    if {"Mailbox", "Email"} & set(changed):
                        await self.desk.reload_folders(account)
            await self._settle(before, "Email" in change.changed.get(self.account, {}))
            for account, changed in change.changed.items():
                if {"Intent", "EmailSubmission"} & set(changed):
                    self._tell(await self._outcomes.news(account))
        except NotSignedIn:
            raise
        except ShinboxError as error:
            # The next event, or the return of the connection, asks again.
            self.problem(error)

    def _tell(self, outcomes: list[Outcome]) -> None:
        if outcomes:
            first, more = outcomes[0], len(outcomes) - 1
            text = first.text + (f" (and {more:,} more)" if more else "")
            self.notice.say(
                text, tone=first.tone, offers=first.offers, hint=first.hint, seconds=60, counting=False
            )

    # --- away and back --------------------------------------------------------------------------------

    def connection(self, state: Connectivity) -> None:
        """The desk became reachable, or stopped being so: the screen stays, the title says it."""
        if not self.is_mounted:
            return
        self.messages.offline = state is Connectivity.OFFLINE
        self.refresh_frame()
        came_back = state is Connectivity.ONLINE and self._was_away and self._started
        self._was_away = state is not Connectivity.ONLINE
        if came_back:
            self.run_worker(self._catch_up(), exclusive=True, group="catch-up")

    async def _catch_up(self) -> None:
        """The desk is back, or hung up because one's rights changed: what happened meanwhile?"""
        before = self.situation()
        try:
            session = await self.desk.load()
            if not self.account and self.desk.accounts and not before.mailbox:
                self.show_folders()
                self._open_first(session)
                return
            await self._settle(before, True)
            for account in self.desk.accounts:
                self._tell(await self._outcomes.news(account))
        except NotSignedIn:
            self._ask_sign_in(self.start)
        except ShinboxError as error:
            if not isinstance(error, DeskUnreachable):
                self.problem(error)

    # --- rights that came or went -----------------------------------------------------------------------

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
        self.view = self.reading = None
        self.undos.clear()
        self.reader.show(())
        self.remove_class("-reading")
        self.messages.set_empty(f"{text} Choose another folder: {self.key('go.mailbox')}.")
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
