"""The keys that go places: back, to a folder by its role, to the next folder, to the next message.

Owns what each means on the screen; opening and reading are `going`'s.
"""

from __future__ import annotations

from shinbox.terms import Role
from shinbox.tui.mail_rows import in_tree_order
from shinbox.tui.screens.going import Going


class Stepping(Going):
    """The main screen with the keys that go somewhere."""

    def do_go_back(self) -> None:
        """From the message to the list, from the drawer to the list, from a selection to none."""
        if self.has_class("-drawer"):
            self.remove_class("-drawer")
            self.messages.focus()
        elif not self.account and self.has_class("-reading"):
            # A welcome: behind it is nothing.
            self.notice.say("There is nothing to go back to.", offers="quit", hint="leaves", counting=False)
        elif self.reader.has_focus or self.has_class("-reading"):
            self.remove_class("-reading")
            self.messages.focus()
            self.list_may_go_on()
        elif not self.messages.clear_marks():
            self.notice.clear()

    def do_go_inbox(self) -> None:
        self._go_role(Role.INBOX)

    def do_go_sent(self) -> None:
        self._go_role(Role.SENT)

    def do_go_drafts(self) -> None:
        self._go_role(Role.DRAFTS)

    def do_go_archive(self) -> None:
        self._go_role(Role.ARCHIVE)

    def _go_role(self, role: Role) -> None:
        account = self.account_view
        folder = account.by_role(role) if account else None
        if account is None or folder is None:
            self.notice.say(f"This mailbox has no {role.value} folder.", tone="warning")
            return
        self.open_folder(account.id, folder.id)
        self.messages.focus()

    def do_go_next_folder(self) -> None:
        self._go_folder(1)

    def do_go_previous_folder(self) -> None:
        self._go_folder(-1)

    def _go_folder(self, step: int) -> None:
        places = [
            (account.id, folder.id)
            for account in self.desk.accounts.values()
            for folder, _ in in_tree_order(account.folders)
        ]
        if (self.account, self.folder) in places:
            there = places.index((self.account, self.folder)) + step
            if 0 <= there < len(places):
                self.open_folder(*places[there])

    def do_reader_next(self) -> None:
        self._read_neighbour(1)

    def do_reader_previous(self) -> None:
        self._read_neighbour(-1)

    def _read_neighbour(self, step: int) -> None:
        self.messages.move_to(self.messages.cursor + step)
        row = self.messages.cursor_row
        if row is not None:
            self.opened(row.id)
