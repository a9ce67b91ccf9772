"""Going places: mailboxes and folders; loading what comes into view.

Owns the sidebar's rows and the open folder. Changes nothing at the desk.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from textual import on
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from shinbox.errors import DeskUnreachable, ShinboxError
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.everywhere import Everywhere
from shinbox.tui.first_paint import FirstPaint
from shinbox.tui.folder_view import FolderView
from shinbox.tui.mail_desk import MailDesk
from shinbox.tui.mail_rows import folder_row_id
from shinbox.tui.rows import FixedRows
from shinbox.tui.safe_text import plain
from shinbox.tui.screens.reading import Reading
from shinbox.tui.sidebar import sidebar_rows
from shinbox.tui.typed_ahead import PATIENCE
from shinbox.tui.widgets.list_messages import Folded, Opened, RangeWanted


class Going(Reading):
    """The main screen with everything that only looks."""

    _folded: set[str]
    """Ids of the sidebar's rows that are shut."""
    conversations = True
    """Whether folders are shown by conversation."""
    changes_answered = 0
    """How many of one's own changes the desk has answered."""
    _older: FolderView | None = None
    """What the list showed before it was refreshed last."""
    _reads_on = ""
    """The message one reads, where the desk's list holds it no more."""
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
        self.view, self._reads_on = view, ""
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
            if not view.known:
                self.messages.set_empty(plain(str(error)))
            self.problem(error)

    @on(RangeWanted, "#messages")
    def _load_range(self, message: RangeWanted) -> None:
        if self.view is not None and self.view.known:
            self.load(message.first, message.last)

    async def refresh_view(self) -> None:
        """Something changed at the desk: ask again for what is on the screen, keep the rest as known."""
        while (view := self.view) is not None:
            top, height = self.messages.scroll_offset.y, self.messages.size.height
            first, last = view.positions(max(0, top - 20), top + height + 20)
            fresh, answered = view.fresh(), self.changes_answered
            try:
                await self.desk.load_rows(fresh, first, last)
                await self._load_around_cursor(fresh, height)
            except ShinboxError as error:
                self._load_failed(view, error)
                return
            if view is self.view and answered == self.changes_answered:
                self._keep_what_is_read(view, fresh)
                self.overlay(fresh)
                self._older, self.view = view, fresh
                self.messages.set_empty(self.nothing_here())
                self.messages.replace_source(fresh)
                self.refresh_frame()
                self.refreshed()
                return
            if view not in (self.view, self._older):
                return
            # It may have been asked before a change that is shown, or before what another that was done first
            # shows: nobody would tell again what came since.

    def _keep_what_is_read(self, old: FolderView, fresh: FolderView) -> None:
        """The message that one has opened stays in the list, also if it is gone from there, as it goes from a
        search for unread ones by being read. Another in its place would be what the next key means.
        """
        cursor, row = self.messages.cursor, self.messages.cursor_row
        is_gone = self.has_class("-reading") and row is not None and fresh.index_of(row.id) is None
        email = old.email(row.id) if is_gone and row is not None else None
        self._reads_on = email.id if email is not None else ""
        if email is not None:
            fresh.put([email])
            fresh.restore([(_place_in(fresh, old, cursor), email.id)])

    def list_may_go_on(self) -> None:
        """What was read is left: it goes from a list that does not hold it any more."""
        if self._reads_on:
            self._reads_on = ""
            self.run_worker(self.refresh_view(), group="rows")

    def cursor_moved(self) -> None:
        row = self.messages.cursor_row
        if row is None or row.id != self._reads_on:
            self.list_may_go_on()
        super().cursor_moved()

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


def _place_in(fresh: FolderView, old: FolderView, line: int) -> int:
    """The position of what stood on a line: behind the nearest line above that is still there."""
    above = (
        row.id for other in range(line - 1, max(-1, line - 50), -1) if (row := old.row(other)) is not None
    )
    lines = (at for row_id in above if (at := fresh.index_of(row_id)) is not None)
    behind = next(lines, None)
    return old.positions(line, line)[0] if behind is None else fresh.positions(behind, behind)[0] + 1


def _not_searched(desk: MailDesk, accounts: Sequence[str]) -> str:
    names = list(dict.fromkeys(desk.place_of(account).name for account in accounts))
    return f"Not searched, since it cannot be reached just now: {', '.join(names)}."
