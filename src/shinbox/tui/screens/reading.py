"""The message in the reader: the one under the cursor once the hands pause, or one that was opened.

Owns when it is fetched and when it is given up. Changes nothing at the desk, except that a message one opens
becomes read. Refuses to know how the list came to its rows.
"""

from __future__ import annotations

import asyncio

from textual import on
from textual.timer import Timer

from shinbox.client.formats import Toned
from shinbox.errors import ShinboxError
from shinbox.terms import Keyword, Right
from shinbox.tui.screens.base import MainFrame
from shinbox.tui.widgets.list_messages import CursorMoved, MarksChanged, Opened

PREVIEW_AFTER = 0.15
"""Seconds the cursor rests before the message under it is fetched."""


class Reading(MainFrame):
    """The main screen with a reader that follows the list."""

    _preview: Timer | None = None

    def on_cursor_moved(self, message: CursorMoved) -> None:
        # At each key: looking up by selector who wants to know takes longer than what they then do.
        if message.list is self.messages:
            self.cursor_moved()

    def cursor_moved(self) -> None:
        """The cursor is on another message, or its line shows another row."""
        self.refresh_frame()
        if self.narrow and not self.has_class("-reading"):
            return
        if self._preview is not None:
            self._preview.stop()
        self._preview = self.set_timer(PREVIEW_AFTER, self._show_preview)

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill_reader)

    def _fill_reader(self) -> None:
        """A reader that has got room shows what the cursor is on."""
        if not self.narrow and self.reading is None and self.messages.cursor_row is not None:
            self.cursor_moved()

    def _read_no_more(self) -> None:
        """What was on its way to the reader belongs to what is left now."""
        if self._preview is not None:
            self._preview.stop()
            self._preview = None
        self.workers.cancel_group(self, "read")

    @property
    def is_about_to_read(self) -> bool:
        """Whether the message under the cursor will be fetched when the hands pause."""
        return self._preview is not None

    @on(MarksChanged, "#messages")
    def _marks_changed(self) -> None:
        self.refresh_frame()

    def _show_preview(self) -> None:
        self._preview = None
        row = self.messages.cursor_row
        if row is None:
            if not self.messages.source.total:
                self.reader.show(())
        elif self.reading is None or self.reading.id != row.id:
            self.run_worker(self.show_message(row.id), exclusive=True, group="read")

    async def show_message(self, email_id: str) -> None:
        """Fetch a message and show it in the reader."""
        account = self.account
        try:
            email = await self.desk.read(account, email_id)
        except ShinboxError as error:
            self.reader.show([(str(error), "error")])
            return
        if account != self.account:
            return
        self.reading = email
        if email is None:
            self.reader.show([("This message is no longer here.", "muted")])
            return
        # Only a message that is read needs what tells its parts, its signs of forgery and its HTML.
        from shinbox.tui.message_text import message_lines

        lines = await asyncio.to_thread(message_lines, email, self.now())
        if self.reading is email:
            self.show_lines(lines)

    def show_lines(self, lines: list[Toned]) -> None:
        """Show a text that was read."""
        self.reader.show(lines)

    @on(Opened, "#messages")
    async def _open_message(self, message: Opened) -> None:
        if message.row is None:
            return
        self.open_row(message.row.id)

    def open_row(self, email_id: str) -> None:
        """Show a message because somebody wants to read it."""
        self.add_class("-reading")
        self.reader.focus()
        if self.reading is None or self.reading.id != email_id:
            self.run_worker(self.show_message(email_id), exclusive=True, group="read")
        self.opened(email_id)

    def opened(self, email_id: str) -> None:
        """A message was opened on purpose: it becomes read, where one may do that."""
        email = self.view.email(email_id) if self.view else None
        now = self.situation()
        if email and Keyword.SEEN not in email.keywords and Right.SET_SEEN in now.rights:
            self.mark_seen(email_id)

    def mark_seen(self, email_id: str) -> None:
        """Carried out by the part that changes things."""
        raise NotImplementedError
