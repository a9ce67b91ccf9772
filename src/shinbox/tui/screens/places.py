"""Places by their name, and the next unread message wherever it is.

Owns the box of all places and the way to an unread message; what a search found is the searches'.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shinbox.errors import DeskUnreachable, ShinboxError
from shinbox.jmap.objects import Email
from shinbox.terms import Role
from shinbox.tui.found_view import FoundConversations
from shinbox.tui.mail_rows import NEWEST_FIRST, in_tree_order, path_of
from shinbox.tui.screens.many import Many

if TYPE_CHECKING:
    from shinbox.tui.screens.choose import Choice


class Places(Many):
    """The main screen with everything that goes somewhere by name."""

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

        kept = [replace(choice, id=f"search:{choice.id}") for choice in self.kept_choices()]
        choices += kept

        def chosen(place: str | None) -> None:
            if place and place.startswith("search:"):
                self.do_search_kept(place.removeprefix("search:"))
            elif place:
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

    def kept_choices(self) -> list[Choice]:
        """The searches that were kept, to be chosen from."""
        return []

    def do_go_sidebar(self) -> None:
        self.add_class("-drawer")
        self.folders.focus()

    async def do_go_next_unread(self) -> None:
        """The next unread message below; then from the top; then in another inbox. Of finds, the next."""
        if self.view is not None and self.view.is_search:
            self._go_find(1)
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
            self._go_find(-1)
        else:
            self.notice.say("No search is on the screen: begin one first.", offers="search")

    def _go_find(self, step: int) -> None:
        """To the next find, over what was not found of a conversation that is unfolded."""
        source, line = self.messages.source, self.messages.cursor + step
        while isinstance(self.view, FoundConversations) and 0 <= line < source.total:
            row = source.row(line)
            if row is None or self.view.is_find(row.id):
                break
            line += step
        if 0 <= line < source.total:
            self.messages.move_to(line)
            self._read_on()

    def _read_on(self) -> None:
        """Whoever reads and goes to another message reads that one."""
        row = self.messages.cursor_row
        if self.reader.has_focus and row is not None:
            self.opened(row.id)

    def _go_unread_here(self) -> bool:
        source, cursor = self.messages.source, self.messages.cursor
        for line in [*range(cursor + 1, source.total), *range(cursor)]:
            row = source.row(line)
            if row is not None and row.tone == "unread":
                self.messages.move_to(line)
                self._read_on()
                return True
        return False

    async def _go_unread_in(self, account_id: str) -> bool:
        account = self.desk.accounts.get(account_id)
        inbox = account.by_role(Role.INBOX) if account else None
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
            self.messages.focus()
        view = self.view
        if view is not None:
            await self.desk.load_rows(view, max(0, where.position - 20), where.position + 20)
            self.messages.source_changed()
            self.messages.move_to_id(ids[0])
            self._read_on()
        return True
