"""Going places: mailboxes, folders, messages; loading what comes into view.

Owns the sidebar's rows, the open folder and the message in the reader. Changes nothing at the desk, except
that a message one opens becomes read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from textual import on
from textual.timer import Timer
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from shinbox.client.formats import Toned
from shinbox.errors import DeskUnreachable, ShinboxError
from shinbox.terms import Keyword, Right
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.everywhere import Everywhere
from shinbox.tui.first_paint import FirstPaint
from shinbox.tui.folder_view import FolderView
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.mail_rows import folder_row_id
from shinbox.tui.rows import FixedRows
from shinbox.tui.screens.base import MainFrame
from shinbox.tui.sidebar import sidebar_rows
from shinbox.tui.typed_ahead import PATIENCE
from shinbox.tui.widgets.list_messages import CursorMoved, Folded, MarksChanged, Opened, RangeWanted

PREVIEW_AFTER = 0.15
"""Seconds the cursor rests before the message under it is fetched."""


class Going(MainFrame):
    """The main screen with everything that only looks."""

    _folded: set[str]
    """Ids of the sidebar's rows that are shut."""
    conversations = True
    """Whether folders are shown by conversation."""
    _preview: Timer | None = None
    _older: FolderView | None = None
    """What the list showed before it was refreshed last."""
    first_paint: FirstPaint | None = None
    _first_rows: Worker[None] | None = None
    _patience_ends = 0.0
    """When, in the loop's time, keys no longer wait for those."""

    # --- the sidebar ------------------------------------------------------------------------------

    def show_folders(self) -> None:
        """Draw the sidebar anew; its cursor stays on its row."""
        source = FixedRows(sidebar_rows(self.desk.places, self._folded, self.kept_searches()))
        if self.folders.source.total:
            self.folders.replace_source(source)
        else:
            self.folders.source = source
        self.refresh_frame()

    @on(Folded, "#folders")
    def _fold(self, message: Folded) -> None:
        if message.row is not None:
            self._fold_row(message.row.id)

    def _fold_row(self, row_id: str) -> None:
        self._folded ^= {row_id}
        self.show_folders()

    @on(Opened, "#folders")
    def _open_folder_row(self, message: Opened) -> None:
        if message.row is None:
            return
        kind, _, rest = message.row.id.partition(":")
        if kind == "desk" and self.desk.places[int(rest)].lost:
            self.connect_again(self.desk.places[int(rest)])
            return
        if kind == "search":
            self.do_search_kept(rest)
            return
        if kind != "folder":
            self._fold_row(message.row.id)
            return
        account, _, folder = rest.partition(":")
        self.remove_class("-drawer")
        self.open_folder(account, folder)
        self.messages.focus()

    def kept_searches(self) -> Sequence[tuple[str, bool]]:
        """The names of the searches that were kept, and whether each can be run."""
        return ()

    def do_search_kept(self, name: str = "") -> None:
        """Carried out by the part that keeps searches."""
        raise NotImplementedError

    def connect_again(self, place: DeskPlace) -> None:
        """Carried out by the part that connects."""
        raise NotImplementedError

    # --- the open folder ----------------------------------------------------------------------------

    def open_folder(self, account: str, folder: str) -> None:
        """Show a folder's messages."""
        self.account, self.folder = account, folder
        self.show_view(
            ConversationView(account, folder, self.make_row, self.make_line)
            if self.conversations
            else FolderView(account, folder, self.make_row)
        )
        self.folders.move_to_id(folder_row_id(account, folder))

    def open_again(self) -> None:
        """Show the folder anew, as the settings are now."""
        if self.account and self.folder:
            self.open_folder(self.account, self.folder)

    def show_view(self, view: FolderView) -> None:
        """Show other messages, from the top, and fetch them."""
        self.view = view
        self._read_no_more()
        self.reading = None
        self.reader.show(())
        self.remove_class("-reading")
        self.messages.offline = self.place.offline
        self.messages.set_empty("Loading …")
        self.messages.source = view
        self.refresh_frame()
        self._first_rows = self.load(0, 0)
        self._patience_ends = asyncio.get_running_loop().time() + PATIENCE

    def load(self, first: int, last: int) -> Worker[None] | None:
        """Fetch rows; only keys that are for one of the first wait for it."""
        if self.view is None:
            return None
        return self.run_worker(self._load_and_show(self.view, first, last), group="rows")

    async def rows_there(self) -> None:
        """Return when the first rows of a folder or a search are there, or take too long."""
        if self.view is not None and not self.view.known and self._first_rows is not None:
            with contextlib.suppress(TimeoutError, WorkerFailed, WorkerCancelled):
                # One time for all keys: five of them and an Esc would else wait five times.
                async with asyncio.timeout_at(self._patience_ends):
                    # Shielded: whoever no longer waits for the rows still gets them.
                    await asyncio.shield(self._first_rows.wait())

    async def _load_and_show(self, view: FolderView, first: int, last: int) -> None:
        await self._load(view, first, last)
        if self.first_paint is not None:
            self.first_paint.show()
            self.first_paint = None

    async def _load(self, view: FolderView, first: int, last: int) -> None:
        before = view.total if view.known else -1
        try:
            fits = await self.desk.load_rows(view, first, last)
        except ShinboxError as error:
            self._load_failed(view, error)
            return
        if view is not self.view:
            return
        if not fits:
            await self.refresh_view()
            return
        if view.total == before:
            self.messages.rows_loaded(first, max(last, first + 100))
        else:
            self.messages.set_empty(self.nothing_here())
            self.messages.source_changed()
        if isinstance(view, Everywhere) and view.missing:
            self.notice.say(_not_searched(self.desk, view.missing), tone="warning")
        self.refresh_frame()

    def nothing_here(self) -> str:
        """What stands in the list where it is empty."""
        folder = self.folder_object
        return f"No messages in {folder.name}." if folder else ""

    def _load_failed(self, view: FolderView, error: ShinboxError) -> None:
        if isinstance(error, DeskUnreachable):
            self.messages.offline = True
        elif view is self.view:
            self.problem(error)

    @on(RangeWanted, "#messages")
    def _load_range(self, message: RangeWanted) -> None:
        if self.view is not None and self.view.known:
            self.load(message.first, message.last)

    async def refresh_view(self) -> None:
        """Something changed at the desk: ask again for what is on the screen, keep the rest as known."""
        view = self.view
        if view is None:
            return
        top, height = self.messages.scroll_offset.y, self.messages.size.height
        fresh = view.fresh()
        try:
            await self.desk.load_rows(fresh, max(0, top - 20), top + height + 20)
            await self._load_around_cursor(fresh, height)
        except ShinboxError as error:
            self._load_failed(view, error)
            return
        if view is self.view:
            self.overlay(fresh)
            self._older, self.view = view, fresh
            self.messages.replace_source(fresh)
            self.refresh_frame()
            self.refreshed()
        elif view is self._older:
            # Another was done first that may have asked before: nobody would tell again what came since.
            await self.refresh_view()

    async def _load_around_cursor(self, fresh: FolderView, height: int) -> None:
        """However much has come above it: the cursor stays on its message, or goes to the next one."""
        source, cursor = self.messages.source, self.messages.cursor
        near = [row.id for line in range(cursor, min(cursor + 3, source.total)) if (row := source.row(line))]
        for email_id in near:
            if fresh.index_of(email_id) is not None:
                return
            place = await self.desk.position(fresh, email_id)
            if place is not None:
                await self.desk.load_rows(fresh, max(0, place - height), place + height)
                return

    def overlay(self, view: FolderView) -> None:
        """Show in a fresh view what the desk has not answered yet. `Triage` knows what that is."""

    def refreshed(self) -> None:
        """The list shows what the desk has now. `Many` looks after what is selected."""

    # --- reading ------------------------------------------------------------------------------------

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


def _not_searched(desk: MailDesk, accounts: Sequence[str]) -> str:
    names = list(dict.fromkeys(desk.place_of(account).name for account in accounts))
    return f"Not searched, since it cannot be reached just now: {', '.join(names)}."
