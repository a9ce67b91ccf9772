"""The main screen's frame: its panes, its lines, and how a key becomes an action.

Owns layout, the situation (what is on and off) and the way to a handler `do_<action>`. What the handlers
do is in the modules beside it: `going`, `triage`, `writing`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from shinbox.client.drafts import DraftJournal
from shinbox.client.showing import files
from shinbox.jmap.objects import Email, EmailBodyPart, Mailbox
from shinbox.tui.actions import BY_ID, Situation, Where, footer_actions, reading_actions, why_not
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.everywhere import split_address
from shinbox.tui.folder_view import FolderView
from shinbox.tui.keys import bindings_for
from shinbox.tui.labels import labelled
from shinbox.tui.look import keymap_of
from shinbox.tui.mail_desk import AccountView, MailDesk
from shinbox.tui.mail_rows import FOLDER_COLUMNS, conversation_row, email_row, path_of
from shinbox.tui.message_columns import MESSAGE_COLUMNS
from shinbox.tui.permission import in_words, rights_of
from shinbox.tui.rows import Row
from shinbox.tui.safe_text import plain
from shinbox.tui.screens.composers import Composers
from shinbox.tui.settings import Settings
from shinbox.tui.typed_ahead import PATIENCE
from shinbox.tui.undo import Undos
from shinbox.tui.widgets.bars import KeyFooter, TitleBar
from shinbox.tui.widgets.notice_bar import NoticeBar
from shinbox.tui.widgets.reader import Reader
from shinbox.tui.widgets.virtual_list import VirtualList

_TITLE_LEADS_TO: Final = {
    "name": "help",
    "who": "permission",
    "selected": "go.back",
    "search": "search",
    "place": "go.mailbox",
    "level": "permission",
    "sender": "compose",
    "counts": "go.next-unread",
    "state": "connection",
}
"""Which action a click on a part of the title means."""


class MainFrame(Composers):
    """Mailboxes │ messages │ reader, with a title above and notice and keys below."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  # Textual declares it so
        (0, "-narrow"),
        (100, "-mid"),
        (160, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Where.MAIN, Where.ANY)
    settings = Settings()
    settings_path = Path("config.toml")
    take_settings: Callable[[Settings], Sequence[str]] = staticmethod(lambda settings: ())
    """The app's: settings that were changed on the screen hold from now on."""

    def __init__(self, desk: MailDesk, journal: DraftJournal, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.desk = desk
        self.journal = journal
        self.now = now
        self.account = ""
        self.folder = ""
        self.view: FolderView | None = None
        self.reading: Email | None = None
        self.undos = Undos(time.monotonic)
        self.in_order = asyncio.Lock()

        # Made here and not looked up: a worker that ends while the screen is being closed still finds them.
        self.title_bar = TitleBar(id="title")
        self.folders = VirtualList(FOLDER_COLUMNS, empty="", markable=False, one_click=True, id="folders")
        self.messages = VirtualList(MESSAGE_COLUMNS, empty="", id="messages")
        self.reader = Reader(id="reader")
        self.notice = NoticeBar(time.monotonic, id="notice")
        hints = footer_actions(Where.LIST, Where.MAIN, Where.ANY)
        self.footer = KeyFooter(hints, id="keys", reading=reading_actions())

    def compose(self) -> ComposeResult:
        yield self.title_bar
        with Horizontal(id="panes"):
            yield self.folders
            with Vertical(id="mail"):
                yield self.messages
                yield self.reader
        yield self.notice
        yield self.footer

    def one_pane(self, always: bool) -> None:
        """Show one pane at a time in a terminal of any width: what is read aloud has one order."""
        every = type(self).HORIZONTAL_BREAKPOINTS
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow")] if always else every
        if self.is_mounted:
            fits = [name for width, name in self.HORIZONTAL_BREAKPOINTS if self.size.width >= width][-1]
            for _, name in every:
                self.set_class(name == fits, name)

    # --- the parts --------------------------------------------------------------------------------

    @property
    def narrow(self) -> bool:
        """Whether there is room for one pane only."""
        return self.has_class("-narrow")

    @property
    def place(self) -> DeskPlace:
        """The desk of the open mailbox."""
        return self.desk.place_of(self.account)

    @property
    def who(self) -> str:
        """One's own name at the desk of the open mailbox."""
        return self.place.who

    @property
    def account_view(self) -> AccountView | None:
        """The open mailbox."""
        return self.desk.accounts.get(self.account)

    @property
    def folder_object(self) -> Mailbox | None:
        """The open folder."""
        account = self.account_view
        return account.folders.get(self.folder) if account else None

    def make_row(self, email: Email) -> Row:
        """A message as a line of the open folder."""
        folder = self.folder_object
        row = email_row(email, self.now(), folder.role if folder else None)
        row = labelled(row, [email], self.settings.labels)
        account = self.account_view
        if folder is None or account is None or folder.id in email.mailbox_ids:
            return row
        there = next((account.folders[id_].name for id_ in email.mailbox_ids if id_ in account.folders), "")
        return replace(row, prefix=f"{plain(there, 20)}: {row.prefix}" if there else row.prefix)

    def make_line(self, row: Row, emails: Sequence[Email], meant: Sequence[Email]) -> Row:
        """A folded conversation as a line; `meant`: those of its messages that the line stands for."""
        account = self.desk.accounts.get(split_address(self.account, row.id)[0])
        ours = (
            {account.name.lower(), *(own.email.lower() for own in account.identities)} if account else set()
        )
        return labelled(conversation_row(row, emails, meant, ours), meant, self.settings.labels)

    # --- what is on and off -----------------------------------------------------------------------

    def selection_words(self) -> str:
        """What is selected, in words; empty for nothing."""
        return ""

    def search_words(self) -> str:
        """What the list was searched for, in words; empty for a folder."""
        return ""

    def situation(self) -> Situation:
        """What is on the screen just now."""
        account, folder = self.account_view, self.folder_object
        rights = rights_of(folder) if folder else frozenset()
        marked = self.messages.marks.count(self.messages.source.total)
        here = marked or int(self.messages.cursor_row is not None)
        return Situation(
            rights=rights,
            mailbox=account.name if account else "",
            shared=bool(self.desk.accounts) or not all(place.started for place in self.desk.places),
            level=in_words(rights) if folder else "",
            messages=here,
            connected=not (self.place.offline or self.place.failed),
            undoable=bool(self.undos),
            reading=self.reader.has_focus,
            has_files=bool(self.files_shown()) or not self.reader.has_focus or self.reading is None,
        )

    def files_shown(self) -> Sequence[EmailBodyPart]:
        """The files of what stands in the reader, by their numbers there."""
        return files(self.reading) if self.reading else ()

    async def read_together(self, email: Email) -> Sequence[Email]:
        """What is read together with a message, oldest first: `Conversing` knows conversations.

        :raises ShinboxError: the desk does not give it.
        """
        return [email]

    @on(events.DescendantFocus)
    def _hints_follow_the_focus(self) -> None:
        if self.is_mounted:
            self.footer.situation(self.situation())

    def refresh_frame(self) -> None:
        """Say in the title and the footer what holds now."""
        now = self.situation()
        account, folder = self.account_view, self.folder_object
        here = f"{account.name} / {path_of(folder, account.folders)}" if account and folder else ""
        right = {
            "selected": self.selection_words(),
            "search": self.search_words(),
            "place": here,
            "level": now.level,
            "sender": self._sends_as(account, now),
            "counts": self._counts(folder),
        }
        parts = [(name, text) for name, text in right.items() if text]
        at = f"{self.who} at {self.place.name}" if len(self.desk.places) > 1 else self.who
        left = [("name", "shinbox"), ("who", at)]
        self.title_bar.say(left, parts, self.place.client.connectivity.value)
        self.footer.situation(now)

    @staticmethod
    def _sends_as(account: AccountView | None, now: Situation) -> str:
        if account and account.identities and "send" in now.level:
            return f"as {account.identities[0].email}"
        return ""

    @staticmethod
    def _counts(folder: Mailbox | None) -> str:
        return f"{folder.unread_emails:,}/{folder.total_emails:,}" if folder else ""

    def show_pending(self, keys: str) -> None:
        """Show the beginning of a sequence of keys in the footer."""
        self.footer.pending(keys)

    def say_no_such_key(self, keys: str) -> None:
        """Say that a key means nothing, and where one sees those that do."""
        self.notice.say(f"The key {plain(keys)} does nothing here.", offers="help", seconds=3, counting=False)

    # --- from a key to a handler --------------------------------------------------------------------

    async def action_act(self, action_id: str, argument: str = "") -> None:
        """Carry out an action of the table, or say why not; with what the command line gave it."""
        action = BY_ID[action_id]
        reason = why_not(action, self.situation())
        if reason:
            self.notice.say(reason, tone="warning", offers=self.way_on(), counting=False)
            return
        handler = getattr(self, action.handler)
        work = handler(argument) if argument else handler()
        if inspect.iscoroutine(work):
            await self._held_up_by(self.run_worker(work, group="act"))

    def way_on(self) -> str:
        """The action for whoever has no mailbox open: the way to one, or what there is to do without."""
        if self.account:
            return ""
        return "go.mailbox" if self.situation().shared else "help"

    async def _held_up_by(self, work: Worker[None]) -> None:
        """Keep the next keys until an action is done; if it takes long, take them while it goes on."""
        with contextlib.suppress(TimeoutError, WorkerFailed, WorkerCancelled):
            await asyncio.wait_for(asyncio.shield(work.wait()), PATIENCE)

    async def on_key_footer_clicked(self, message: KeyFooter.Clicked) -> None:
        if message.action.run:
            await self.messages.run_action(message.action.run)
        else:
            await self.action_act(message.action.id)

    async def on_reader_clicked(self, message: Reader.Clicked) -> None:
        await self.action_act("message.attachments" if message.what == "file" else "message.links")

    async def on_notice_bar_clicked(self, message: NoticeBar.Clicked) -> None:
        await self.action_act(message.action)

    async def on_title_bar_clicked(self, message: TitleBar.Clicked) -> None:
        await self.action_act(_TITLE_LEADS_TO[message.name])

    def key(self, action_id: str) -> str:
        """An action's key, to be named in a sentence."""
        return keymap_of(self).key(action_id)

    def problem(self, error: Exception) -> None:
        """Say what went wrong, in the error's own sentence."""
        self.notice.say(str(error), tone="error", seconds=15)
