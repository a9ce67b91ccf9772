"""The main screen's eye for colleagues: who else has a message open or answers it; and telling them the same.

Owns when something counts as open: when one stays at it for a second. What is on the screen is looked at once
a second; nothing is asked for at a key, and nothing is drawn unless somebody came or went.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from shinbox.client.formats import Toned
from shinbox.errors import ShinboxError
from shinbox.jmap.client import Batch
from shinbox.jmap.objects import Email, Presence
from shinbox.tui.colleagues import Colleagues, attended, sentence, warning
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.everywhere import split_address
from shinbox.tui.rows import Row
from shinbox.tui.screens.writing import Writing

LOOK_EVERY: Final = 1.0
"""Seconds. What is there at two looks in a row is open."""
TELL_EVERY: Final = 15.0
"""Seconds between two times that the same is told; the desk forgets it after 25."""

LEAVES_IN: Final = 0.5
"""Seconds that the end of the program waits to say goodbye."""

Open = tuple[str, str, str]
"""Mailbox, message, and whether one "views" or "writes"."""


@dataclass
class Attention:
    """What is known of colleagues, and what was told to them."""

    colleagues: Colleagues = field(default_factory=Colleagues)
    window: str = field(default_factory=lambda: secrets.token_hex(8))
    """This terminal's own word."""
    seen: Open | None = None
    """What was open at the last look."""
    told: Open | None = None
    told_at: float = 0.0
    asked: set[str] = field(default_factory=set)
    """Mailboxes whose desk was asked who is there."""


class Attending(Writing):
    """The main screen with everything about colleagues."""

    attention: Attention

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self._look)

    # --- telling --------------------------------------------------------------------------------------

    def _open_now(self) -> Open | None:
        draft = self.writing
        if draft is not None and draft.replies_to:
            return (*split_address(draft.account, draft.replies_to), "writes")
        if self.reading is None or (self.narrow and not self.has_class("-reading")):
            return None
        return (*split_address(self.account, self.reading.id), "views")

    def _look(self) -> None:
        here = self.attention
        now, before = self._open_now(), here.seen
        here.seen = now
        if self.account and self.account not in here.asked:
            here.asked.add(self.account)
            self.run_worker(self._ask(self.account), group="colleagues")
        if now != before:
            return
        due = time.monotonic() - here.told_at >= TELL_EVERY
        if now != here.told or (now is not None and due):
            self.run_worker(self._tell_desk(here.told, now), group="presence", exclusive=True)
            here.told, here.told_at = now, time.monotonic()

    async def _tell_desk(self, before: Open | None, now: Open | None) -> None:
        """Presence is no promise: what fails is said again in 15 seconds, or not."""
        account, email, doing = now or ((before[0], None, "views") if before else ("", None, "views"))
        try:
            client = self.desk.client.of(account)
            if not account or not (await client.session()).is_desk:
                return
            batch = Batch()
            window = self.attention.window
            batch.call("Presence/refresh", accountId=account, emailId=email, doing=doing, window=window)
            there = batch.get(Presence, account)
            self._came_or_went(account, (await client.run(batch))[there].objects)
        except ShinboxError:
            return

    async def take_leave(self) -> None:
        """The program ends: colleagues need not wait 25 seconds to see it. Nothing is drawn any more."""
        await super().take_leave()
        told, self.attention.told = self.attention.told, None
        if told is None:
            return
        batch = Batch()
        batch.call(
            "Presence/refresh", accountId=told[0], emailId=None, doing="views", window=self.attention.window
        )
        with contextlib.suppress(ShinboxError, TimeoutError):
            async with asyncio.timeout(LEAVES_IN):
                await self.desk.client.of(told[0]).run(batch)

    # --- hearing --------------------------------------------------------------------------------------

    async def hear_colleagues(self, account: str, types: set[str]) -> None:
        """The desk says that something changed among colleagues, or about drafts."""
        if "Presence" in types:
            await self._ask(account)
        if "Draft" in types and self.writing is not None and self.writing.account == account:
            from shinbox.tui.screens.compose import ComposeScreen

            if isinstance(self.app.screen, ComposeScreen):
                self.app.screen.keeping.look()

    async def _ask(self, account: str) -> None:
        try:
            client = self.desk.client.of(account)
            if (await client.session()).is_desk:
                self._came_or_went(account, (await client.get(Presence, account)).objects)
        except ShinboxError:
            # The next event asks again.
            self.attention.asked.discard(account)

    def _came_or_went(self, account: str, there: list[Presence]) -> None:
        threads = self.attention.colleagues.put(account, there)
        if not threads:
            return
        self._redraw_rows(account, threads)
        if self.reading is not None and self.reading.thread_id in threads:
            self.reader.note(sentence(self._at(self.reading)))
        self._tell_writer()

    def _redraw_rows(self, account: str, threads: set[str]) -> None:
        """The lines of these conversations, and no others."""
        view = self.view
        if view is None:
            return
        for email_id in list(view.loaded):
            email = view.email(email_id)
            if email is None or email.thread_id not in threads:
                continue
            if split_address(view.account, email_id)[0] == account:
                view.put([email])
                line = view.index_of(email_id)
                if line is not None:
                    self.messages.refresh_line(line)

    def _tell_writer(self) -> None:
        from shinbox.tui.screens.compose import ComposeScreen

        draft, screen = self.writing, self.app.screen
        if draft is not None and isinstance(screen, ComposeScreen):
            account, email = split_address(draft.account, draft.replies_to)
            there = self.attention.colleagues.at(account, email, draft.thread) if draft.replies_to else []
            screen.keeping.others(warning(there))

    def composing(self) -> None:
        super().composing()
        self._tell_writer()

    # --- drawing --------------------------------------------------------------------------------------

    def make_row(self, email: Email) -> Row:
        account, email_id = split_address(self.account, email.id)
        there = self.attention.colleagues.at(account, email_id, email.thread_id)
        return attended(super().make_row(email), there)

    def make_line(self, row: Row, emails: Sequence[Email], meant: Sequence[Email]) -> Row:
        line = super().make_line(row, emails, meant)
        there = [
            one
            for email in emails[-1:]
            for account, email_id in [split_address(self.account, email.id)]
            for one in self.attention.colleagues.at(account, email_id, email.thread_id, whole=True)
        ]
        return attended(line, there)

    def _at(self, email: Email) -> list[Presence]:
        account, email_id = split_address(self.account, email.id)
        return self.attention.colleagues.at(account, email_id, email.thread_id, whole=self._whole(email))

    def _whole(self, email: Email) -> bool:
        """Whether a message stands for its conversation in the reader."""
        return isinstance(self.view, ConversationView) and self.view.is_shut(email.id)

    def show_lines(self, lines: list[Toned]) -> None:
        self.reader.note(sentence(self._at(self.reading)) if self.reading is not None else "")
        super().show_lines(lines)
