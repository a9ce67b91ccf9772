"""The main screen: all its parts together, and the views every screen needs.

Owns what help and the box of rights show. Everything else is in the modules it inherits from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Final

from shinbox.client.drafts import DraftJournal
from shinbox.tui.actions.action import NONE_OPEN, NONE_SHARED
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.first_paint import FirstPaint
from shinbox.tui.look import keymap_of
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.screens.attending import Attending, Attention
from shinbox.tui.screens.commanding import Commanding
from shinbox.tui.screens.conversing import Conversing
from shinbox.tui.screens.keeping_searches import KeepingSearches
from shinbox.tui.screens.reaching import Reaching
from shinbox.tui.screens.signalling import Signalling
from shinbox.tui.screens.taking_out import TakingOut
from shinbox.tui.under_way import told_late

LAST_CHANGES: Final = "Giving the desk the last changes …"


class MainScreen(Attending, KeepingSearches, Conversing, TakingOut, Commanding, Reaching):
    """Mailboxes, messages, reader."""

    def __init__(
        self,
        desk: MailDesk,
        journal: DraftJournal,
        now: Callable[[], datetime],
        sign_in: Callable[[DeskPlace, Callable[[], None]], None],
    ) -> None:
        super().__init__(desk, journal, now, sign_in)
        self.attention = Attention()
        self.signalling = Signalling(self)
        self._folded = set()
        self._leaving = False

    def on_mount(self) -> None:
        self.first_paint = FirstPaint(self.app)
        self.messages.focus()
        self.refresh_frame()
        self.signalling.begin()
        self.start()

    def on_unmount(self) -> None:
        self.signalling.end()

    def show_folders(self) -> None:
        super().show_folders()
        self.signalling.look()

    async def show_message(self, email_id: str) -> None:
        # Whoever comes back to what is there now before this is asks for it again.
        self.reading, self._aside = None, ""
        with told_late(self, lambda: self.reader.show([("Loading …", "muted")])):
            await super().show_message(email_id)

    # --- views ------------------------------------------------------------------------------------------

    def do_help(self) -> None:
        from shinbox.tui.screens.help import HelpScreen

        def chosen(action_id: str | None) -> None:
            if action_id:
                self.call_later(self.action_act, action_id)

        self.app.push_screen(HelpScreen(self.situation(), keymap_of(self).actions()), chosen)

    def do_permission(self) -> None:
        """What you may do here, and what not."""
        from shinbox.tui.permission import sentence

        folder, account = self.folder_object, self.account_view
        who = f"You are {self.who}. " if self.who else ""
        if folder is None or account is None:
            none = NONE_OPEN if self.situation().shared else NONE_SHARED
            self.notice.say(who + none, offers=self.way_on(), counting=False)
        else:
            self.notice.say(who + sentence(folder, account.name), seconds=30)

    async def do_quit(self) -> None:
        """Leave, once the desk has what was done just before; asked again meanwhile, at once."""
        composers = self.composers()
        if not self._leaving:
            self._leaving = True
            with told_late(self, self._say_what_is_left):
                await self.all_given()
            self._leaving = False
            if len(self.composers()) > len(composers):
                return  # What could not be sent is on the screen again, with the reason.
        self.app.exit()

    def _say_what_is_left(self) -> None:
        self.notice.say(LAST_CHANGES, offers="quit", hint="leaves at once", seconds=math.inf, counting=False)
