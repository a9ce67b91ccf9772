"""Searching: live, over a folder, a mailbox or all; the finds are the list, and Esc goes back.

Owns the search line, what was on the screen before it, and going to the next unread message anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on

from shinbox.errors import DeskUnreachable, InvalidArguments, ShinboxError
from shinbox.jmap.objects import Email
from shinbox.terms import Role
from shinbox.tui.everywhere import Everywhere, split_address
from shinbox.tui.folder_view import FolderView
from shinbox.tui.labels import labelled
from shinbox.tui.mail_rows import NEWEST_FIRST, email_row, in_tree_order, path_of
from shinbox.tui.rows import Row
from shinbox.tui.safe_text import plain
from shinbox.tui.screens.many import Many
from shinbox.tui.searches import Scope, search_filter, search_filters
from shinbox.tui.widgets.list_messages import CursorMoved

if TYPE_CHECKING:
    from shinbox.tui.widgets.search_bar import SearchBar


@dataclass(frozen=True)
class Before:
    """Where one was when the search began."""

    account: str
    folder: str
    view: FolderView
    row: str | None


class Searching(Many):
    """The main screen with everything that finds."""

    _bar: SearchBar | None = None
    _before: Before | None = None
    _scope = Scope.MAILBOX

    # --- the line -----------------------------------------------------------------------------------

    async def do_search(self, words: str = "") -> None:
        await self._begin(Scope.MAILBOX, words)

    async def do_search_folder(self, words: str = "") -> None:
        await self._begin(Scope.FOLDER, words)

    async def do_search_everywhere(self, words: str = "") -> None:
        await self._begin(Scope.EVERYWHERE, words)

    async def _begin(self, scope: Scope, words: str) -> None:
        """With words: search for them at once; without: type them."""
        bar = await self._search_bar()
        if self._before is None and self.view is not None:
            row = self.messages.cursor_row
            self._before = Before(self.account, self.folder, self.view, row.id if row else None)
        self._scope = scope
        self._say_scope()
        if words:
            self._search(words)
            self.messages.focus()
        else:
            self.remove_class("-reading")
            bar.open(bar.words if self.view is not None and self.view.is_search else "")

    async def _search_bar(self) -> SearchBar:
        if self._bar is None:
            from shinbox.tui.widgets.search_bar import SearchBar

            self._bar = SearchBar(id="search")
            await self.mount(self._bar, before=self.notice)
        return self._bar

    def _say_scope(self, note: str = "") -> None:
        if self._bar is None or self._before is None:
            return
        account = self.desk.accounts.get(self._before.account)
        folder = account.folders.get(self._before.folder) if account else None
        names = {
            Scope.FOLDER: folder.name if folder else "folder",
            Scope.MAILBOX: account.name if account else "mailbox",
            Scope.EVERYWHERE: "all mailboxes",
        }
        self._bar.say(names[self._scope], note)

    def on_search_bar_typed(self, message: SearchBar.Typed) -> None:
        if self._before is not None:
            self._search(message.words)

    def on_search_bar_other_scope(self) -> None:
        self._scope = self._scope.next
        self._say_scope()
        if self._bar is not None and self._bar.words.strip():
            self._search(self._bar.words)

    def on_search_bar_left(self, message: SearchBar.Left) -> None:
        if self._bar is not None:
            self._bar.close()
        if message.back or self.view is None or not self.view.is_search:
            self.leave_search()
        self.messages.focus()

    # --- the finds ----------------------------------------------------------------------------------

    def _search(self, text: str) -> None:
        before = self._before
        if before is None:
            return
        try:
            view = self._view_for(text, before)
        except InvalidArguments as error:
            self._say_scope(str(error))
            return
        self._say_scope()
        if view is not None and (self.view is None or not self._same(view, self.view)):
            self.account, self.folder = before.account, before.folder
            self.show_view(view)

    @staticmethod
    def _same(one: FolderView, other: FolderView) -> bool:
        def asked(view: FolderView) -> object:
            filters = view.filters if isinstance(view, Everywhere) else None
            return view.account, view.folder, view.found, filters

        return asked(one) == asked(other)

    def _view_for(self, text: str, before: Before) -> FolderView | None:
        account = self.desk.accounts.get(before.account)
        if not text.strip() or account is None:
            return before.view if self.view is not before.view else None
        if self._scope is Scope.EVERYWHERE:
            return Everywhere(search_filters(text, self.now(), self.desk.accounts), self._found_row)
        folder = before.folder if self._scope is Scope.FOLDER else ""
        found = search_filter(text, self.now(), account)
        return FolderView(account.id, folder, self._found_row, found)

    def _found_row(self, email: Email) -> Row:
        """A find as a line: from another mailbox it says which."""
        row = labelled(email_row(email, self.now()), [email], self.settings.labels)
        account, _ = split_address("", email.id)
        if account in self.desk.accounts:
            mailbox = plain(self.desk.accounts[account].name.split("@")[0], 20)
            return replace(row, prefix=f"{mailbox}: {row.prefix}")
        return row

    @on(CursorMoved, "#messages")
    def _follow_find(self) -> None:
        """In a search the keys mean the mailbox and the folder of the message under the cursor."""
        row = self.messages.cursor_row
        email = self.view.email(row.id) if row and self.view and self.view.is_search else None
        if email is None or self.view is None:
            return
        account, _ = split_address(self.view.account, email.id)
        folders = self.desk.accounts[account].folders if account in self.desk.accounts else {}
        here = next((folder for folder in email.mailbox_ids if folder in folders), None)
        if here and (self.view.folder != here or account != self.account):
            self.account, self.folder = account, self.view.folder or here
            self.refresh_frame()

    def leave_search(self) -> bool:
        """Back to where one was; False if there is no search."""
        before, self._before = self._before, None
        if self._bar is not None:
            self._bar.close()
        if before is None or before.view is self.view:
            return False
        self.account, self.folder, self.view = before.account, before.folder, before.view
        self.messages.source = before.view
        if before.row:
            self.messages.move_to_id(before.row)
        self.refresh_frame()
        self.run_worker(self.refresh_view(), group="rows")
        return True

    def open_folder(self, account: str, folder: str) -> None:
        self._before = None
        if self._bar is not None:
            self._bar.close()
        super().open_folder(account, folder)

    def do_go_back(self) -> None:
        if self.stop_work():
            return
        in_message = self.has_class("-drawer") or self.reader.has_focus or self.has_class("-reading")
        if in_message or self.messages.marks or not self.leave_search():
            super().do_go_back()

    # --- places -------------------------------------------------------------------------------------

    def do_go_mailbox(self, name: str = "") -> None:
        """Every folder of every mailbox, found by a part of its name."""
        from shinbox.tui.screens.choose import Choice, ChooseScreen, matching

        choices = [
            Choice(f"{account.id}:{folder.id}", f"{called} / {path_of(folder, account.folders)}", note)
            for account in self.desk.accounts.values()
            for called in [self.desk.called(account)]
            for folder, _ in in_tree_order(account.folders)
            for note in [f"{folder.unread_emails:,} unread" if folder.unread_emails else ""]
        ]

        def chosen(place: str | None) -> None:
            if place:
                account, _, folder = place.partition(":")
                self.open_folder(account, folder)
                self.messages.focus()

        found = matching(choices, name) if name else []
        if found:
            chosen(found[0].id)
        elif name:
            self.notice.say(f"No mailbox or folder is called “{name}”.", tone="warning")
        else:
            self.app.push_screen(ChooseScreen("Go where?", choices), chosen)

    def do_go_sidebar(self) -> None:
        self.add_class("-drawer")
        self.folders.focus()

    async def do_go_next_unread(self) -> None:
        """The next unread message below; then from the top; then in another inbox. Of finds, the next."""
        if self.view is not None and self.view.is_search:
            self.messages.action_cursor_down()
            return
        if self._go_unread_here():
            return
        order = list(self.desk.accounts)
        start = order.index(self.account) if self.account in order else 0
        for account in order[start:] + order[:start]:
            try:
                if await self._go_unread_in(account):
                    return
            except DeskUnreachable:
                # One desk of several: its title says that it is away, the others are looked through.
                continue
            except ShinboxError as error:
                self.problem(error)
                return
        self.notice.say("No unread message in any inbox.")

    def do_go_previous_find(self) -> None:
        if self.view is not None and self.view.is_search:
            self.messages.action_cursor_up()
        else:
            self.notice.say("No search is on the screen: begin one first.", offers="search")

    def _go_unread_here(self) -> bool:
        source, cursor = self.messages.source, self.messages.cursor
        for line in [*range(cursor + 1, source.total), *range(cursor)]:
            row = source.row(line)
            if row is not None and row.tone == "unread":
                self.messages.move_to(line)
                return True
        return False

    async def _go_unread_in(self, account_id: str) -> bool:
        account = self.desk.accounts[account_id]
        inbox = account.by_role(Role.INBOX)
        if inbox is None or not inbox.unread_emails:
            return False
        unread = {"inMailbox": inbox.id, "notKeyword": "$seen"}
        found = await self.desk.client.query(
            Email, account_id, filter=unread, sort=list(NEWEST_FIRST), limit=2
        )
        row = self.messages.cursor_row
        ids = [id_ for id_ in found.ids if row is None or id_ != row.id]
        if not ids:
            return False
        where = await self.desk.client.query(
            Email, account_id, filter={"inMailbox": inbox.id}, sort=list(NEWEST_FIRST), anchor=ids[0], limit=1
        )
        if (self.account, self.folder) != (account_id, inbox.id) or (self.view and self.view.is_search):
            self.open_folder(account_id, inbox.id)
        view = self.view
        if view is not None:
            await self.desk.load_rows(view, max(0, where.position - 20), where.position + 20)
            self.messages.source_changed()
            self.messages.move_to_id(ids[0])
        return True
