"""The main screen: starts, listens to the desk, and has the views every screen needs.

Owns the order of the start and what an event of the desk sets off. Everything a key does is in the modules
it inherits from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from shinbox.errors import DeskUnreachable, NotSignedIn, ShinboxError
from shinbox.jmap.client import Backoff, Connectivity, StateChange
from shinbox.terms import Role
from shinbox.tui.actions import ACTIONS, Where, why_not
from shinbox.tui.drafts import DraftJournal
from shinbox.tui.keys import first_key
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.permission import rights_of
from shinbox.tui.screens.writing import Writing

TYPES = ("Mailbox", "Email", "Identity", "EmailSubmission")


class MainScreen(Writing):
    """Mailboxes, messages, reader."""

    def __init__(
        self,
        desk: MailDesk,
        journal: DraftJournal,
        now: Callable[[], datetime],
        sign_in: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(desk, journal, now)
        self._ask_sign_in = sign_in
        self._folded_accounts = set()

    def on_mount(self) -> None:
        self.messages.focus()
        self.refresh_frame()
        self.start()

    def start(self) -> None:
        """Connect; again after signing in."""
        self.run_worker(self._start(), exclusive=True, group="start")

    async def _start(self) -> None:
        pauses = Backoff()
        while True:
            try:
                session = await self.desk.load()
                break
            except NotSignedIn:
                self._ask_sign_in(self.start)
                return
            except DeskUnreachable as error:
                self.messages.set_empty(str(error))
                self.refresh_frame()
                await asyncio.sleep(pauses.next())
            except ShinboxError as error:
                self.messages.set_empty(str(error))
                return
        self.who = session.username
        self.show_folders()
        self._open_first()
        self.run_worker(self._listen(), exclusive=True, group="events")
        await self.offer_lost_drafts()

    def _open_first(self) -> None:
        """Open the inbox where the person may do most: that is where their work is."""
        inboxes = [
            (account.id, folder)
            for account in self.desk.accounts.values()
            if (folder := account.by_role(Role.INBOX) or next(iter(account.folders.values()), None))
        ]
        if not inboxes:
            self.messages.set_empty("No mailbox is shared with you yet: ask your administrator.")
            return
        account, folder = max(inboxes, key=lambda inbox: len(rights_of(inbox[1])))
        self.open_folder(account, folder.id)

    # --- what the desk says ---------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            async for change in self.desk.client.events(TYPES):
                await self._changed(change)
        except NotSignedIn:
            self._ask_sign_in(self.start)

    async def _changed(self, change: StateChange) -> None:
        try:
            unknown = set(change.changed) - set(self.desk.accounts)
            if unknown:
                await self.desk.load()
            for account, types in change.changed.items():
                if {"Mailbox", "Email"} & set(types):
                    await self.desk.reload_folders(account)
        except ShinboxError as error:
            # The next event, or the return of the connection, asks again.
            self.problem(error)
            return
        self.show_folders()
        if "Email" in change.changed.get(self.account, {}) or self.account not in self.desk.accounts:
            await self.refresh_view()

    def connection(self, state: Connectivity) -> None:
        """The desk became reachable, or stopped being so: the screen stays, the title says it."""
        if not self.is_mounted:
            return
        self.messages.offline = state is Connectivity.OFFLINE
        self.refresh_frame()
        if state is Connectivity.ONLINE and self.view is not None and not self.view.known:
            self.load(0, 0)

    # --- views ------------------------------------------------------------------------------------------

    def do_help(self) -> None:
        from shinbox.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.situation()))

    def do_palette(self) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        now = self.situation()
        choices = [
            Choice(action.id, action.label, action.help, first_key(action), why_not(action, now))
            for action in ACTIONS
            if action.where in (Where.MAIN, Where.ANY) and action.id != "palette"
        ]

        def chosen(action_id: str | None) -> None:
            if action_id:
                self.call_later(self.action_act, action_id)

        self.app.push_screen(ChooseScreen("Do what?", choices), chosen)

    def do_theme(self) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        before = self.app.theme
        choices = [Choice(name, name, "now" if name == before else "") for name in self.app.available_themes]

        def chosen(name: str | None) -> None:
            if name:
                self.app.theme = name

        self.app.push_screen(ChooseScreen("Which colours?", choices), chosen)

    def do_quit(self) -> None:
        self.app.exit()
