"""Searching: live, over a folder, a mailbox or all; the finds are the list, and Esc goes back.

Owns the search line and what was on the screen before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shinbox.client.formats import count
from shinbox.errors import InvalidArguments
from shinbox.jmap.objects import Email
from shinbox.terms import Role
from shinbox.tui.everywhere import Everywhere, split_address
from shinbox.tui.folder_view import FolderView
from shinbox.tui.found_view import FoundConversations
from shinbox.tui.labels import known_labels, labelled
from shinbox.tui.mail_rows import email_row
from shinbox.tui.rows import Row
from shinbox.tui.safe_text import plain
from shinbox.tui.screens.places import Places
from shinbox.tui.searches import (
    Completions,
    Scope,
    complete,
    folder_names,
    search_filter,
    search_filters,
    without_beginning,
)

if TYPE_CHECKING:
    from shinbox.tui.widgets.search_bar import SearchBar


@dataclass(frozen=True)
class Before:
    """Where one was when the search began: there Esc leads."""

    account: str
    folder: str
    view: FolderView
    row: str | None


@dataclass(frozen=True)
class Wanted:
    """What is searched for, and from which folder of which mailbox on."""

    account: str
    folder: str
    scope: Scope
    words: str = ""
    name: str = ""
    """What it is called, where it was kept."""


class Searching(Places):
    """The main screen with everything that finds."""

    _bar: SearchBar | None = None
    _before: Before | None = None
    _wanted: Wanted | None = None
    _wrong = ""
    """Why what is typed cannot be searched for."""

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
        refined = self._wanted if self.view is not None and self.view.is_search else None
        self.remember_where()
        self._wanted = replace(refined or Wanted(self.account, self.folder, scope), scope=scope, name="")
        self._say_scope()
        if words:
            self.search_for(replace(self._wanted, words=words))
            self.messages.focus()
            if self._wrong:
                self.notice.say(self._wrong, tone="warning", seconds=15)
        else:
            self.remove_class("-reading")
            self.list_may_go_on()
            bar.open(refined.words if refined else "")
            self.footer.add_class("-aside")

    def remember_where(self) -> None:
        """Where Esc leads from the finds."""
        if self._before is None and self.view is not None:
            row = self.messages.cursor_row
            self._before = Before(self.account, self.folder, self.view, row.id if row else None)

    async def _search_bar(self) -> SearchBar:
        if self._bar is None:
            from shinbox.tui.widgets.search_bar import SearchBar

            self._bar = SearchBar(lambda line: self._completions(line).ghost, id="search")
            await self.mount(self._bar, before=self.notice)
        return self._bar

    def _completions(self, line: str) -> Completions:
        account = self.desk.accounts.get(self._wanted.account) if self._wanted else None
        loaded = self.view.loaded if self.view is not None else ()
        emails = [email for id_ in loaded if self.view and (email := self.view.email(id_))]
        labels = known_labels(self.settings.labels, emails)
        return complete(line, folder_names(account) if account else (), labels)

    def _say_scope(self, note: str = "", tone: str = "$ink-warning") -> None:
        if self._bar is not None and self._wanted is not None:
            self._bar.say(self.where_words(self._wanted), note, tone)

    def where_words(self, wanted: Wanted) -> str:
        """What a search looks through, in words."""
        account = self.desk.accounts.get(wanted.account)
        folder = account.folders.get(wanted.folder) if account else None
        return {
            Scope.FOLDER: folder.name if folder else "folder",
            Scope.MAILBOX: self.desk.called(account) if account else "mailbox",
            Scope.EVERYWHERE: "all mailboxes",
        }[wanted.scope]

    def on_search_bar_typed(self, message: SearchBar.Typed) -> None:
        # What was typed last may come when the line has been left.
        if self._wanted is not None and self._bar is not None and self._bar.has_class("-shown"):
            self.search_for(replace(self._wanted, words=message.words))

    def on_search_bar_other_scope(self) -> None:
        if self._wanted is not None and self._bar is not None:
            self.search_for(replace(self._wanted, scope=self._wanted.scope.next, words=self._bar.words))

    def on_search_bar_left(self, message: SearchBar.Left) -> None:
        if self._bar is not None:
            if self._wrong and self._bar.words.strip() and not message.back:
                return  # The line says what is wrong with it, and can be corrected.
            self._close_bar()
        if message.back or self.view is None or not self.view.is_search:
            self.leave_search()
        self.messages.focus()

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self.footer.remove_class("-aside")

    def nothing_here(self) -> str:
        if self._wanted is None or self.view is None or not self.view.is_search:
            return super().nothing_here()
        where = self.where_words(self._wanted)
        wider = f" {self.key('search.scope')} in the search line looks further."
        return f"Nothing found in {where}.{wider if self._wanted.scope is not Scope.EVERYWHERE else ''}"

    # --- the finds ----------------------------------------------------------------------------------

    def search_for(self, wanted: Wanted) -> None:
        """Show what is found; what cannot be searched for is said beside what is typed."""
        self._wanted, self._wrong = wanted, ""
        completions = self._completions(wanted.words)
        try:
            view = self._view_for(wanted)
        except InvalidArguments as error:
            # Half a word is no mistake yet.
            self._wrong = str(error)
            note, tone = (
                (f"→ {', '.join(completions.values)}", "$ink-bar-key")
                if completions.values
                else (self._wrong, "$ink-warning")
            )
            self._say_scope(note, tone)
            return
        values = ", ".join(completions.values) if wanted.words.endswith(":") else ""
        self._say_scope(f"→ {values}" if values else "", "$ink-bar-key")
        if view is None and self._before is not None and self.view is not self._before.view:
            view = self._before.view
        if view is not None and (self.view is None or not self._same(view, self.view)):
            self.account, self.folder = wanted.account, wanted.folder
            self.show_view(view)

    @staticmethod
    def _same(one: FolderView, other: FolderView) -> bool:
        def asked(view: FolderView) -> object:
            filters = view.filters if isinstance(view, Everywhere) else None
            return view.account, view.folder, view.found, filters, view.collapsed

        return asked(one) == asked(other)

    def _view_for(self, wanted: Wanted) -> FolderView | None:
        """The finds; None where nothing is to be searched for.

        :raises InvalidArguments: with a sentence for who typed it.
        """
        account = self.desk.accounts.get(wanted.account)
        words = without_beginning(wanted.words)
        if not words.strip() or account is None:
            return None
        if wanted.scope is Scope.EVERYWHERE:
            filters = search_filters(words, self.now(), self.desk.accounts)
            return Everywhere(filters, self._found_row, self.make_line, collapsed=self.conversations)
        folder = wanted.folder if wanted.scope is Scope.FOLDER else ""
        found = search_filter(words, self.now(), account)
        if self.conversations:
            return FoundConversations(account.id, folder, self._found_row, self.make_line, found)
        return FolderView(account.id, folder, self._found_row, found)

    def search_words(self) -> str:
        if self._wanted is None or self.view is None or not self.view.is_search:
            return ""
        name = self._wanted.name or self._wanted.words
        short = name if len(name) <= 30 else name[:29] + "…"
        if not self.view.known:
            return f"searching: {short}"
        return f"{_number_found(self.view)}: {short}"

    def _found_row(self, email: Email) -> Row:
        """A find as a line: of several mailboxes it says which, outside of the inbox the folder."""
        row = labelled(email_row(email, self.now()), [email], self.settings.labels)
        mailbox, _ = split_address("", email.id)
        account = self.desk.accounts.get(mailbox or self.account)
        if account is None or self._wanted is None or self._wanted.scope is Scope.FOLDER:
            return row
        folders = [account.folders[id_] for id_ in email.mailbox_ids if id_ in account.folders]
        where = [account.name.split("@")[0]] if mailbox else []
        if folders and all(folder.role != Role.INBOX for folder in folders):
            where.append(folders[0].name)
        return replace(row, prefix=f"{plain(' / '.join(where), 24)}: {row.prefix}") if where else row

    def cursor_moved(self) -> None:
        self._follow_find()
        super().cursor_moved()

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

    def opened(self, email_id: str) -> None:
        # The cursor may have come here by the same key.
        self._follow_find()
        super().opened(email_id)

    def open_again(self) -> None:
        if self._wanted is not None and self.view is not None and self.view.is_search:
            self.search_for(self._wanted)
        else:
            super().open_again()

    def leave_search(self) -> bool:
        """Back to where one was; False if there is no search."""
        before, self._before = self._before, None
        self._close_bar()
        if before is not None and before.view.collapsed != self.conversations:
            self.open_folder(before.account, before.folder)
            return True
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
        self._close_bar()
        super().open_folder(account, folder)

    def do_go_back(self) -> None:
        if self.stop_work():
            return
        in_message = self.has_class("-drawer") or self.reader.has_focus or self.has_class("-reading")
        if in_message or self.messages.marks or not self.leave_search():
            super().do_go_back()


def _number_found(view: FolderView) -> str:
    """How many messages were found; by conversation also in how many."""
    if not isinstance(view, FoundConversations):
        return f"{view.total:,} found"
    shown = len(view.finds) if isinstance(view, Everywhere) else view.all_found
    newest = f"newest {shown:,} of " if shown < view.all_found else ""
    grouped = f" in {count(view.length, 'conversation')}" if view.length != shown else ""
    return f"{newest}{view.all_found:,} found{grouped}"
