"""Sorting messages: read, flag, archive, delete, move, and one step back.

A change shows at once and goes to the desk behind it; if the desk refuses, the list is fetched again and the
reason is said. Every change is one undo line, never a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shinbox.errors import ShinboxError
from shinbox.terms import Keyword, Right, Role
from shinbox.tui.changes import MailChange, move, move_found, patched, set_keyword
from shinbox.tui.mail_rows import in_tree_order, path_of
from shinbox.tui.permission import rights_of
from shinbox.tui.screens.going import Going
from shinbox.tui.undo import Step

if TYPE_CHECKING:
    from shinbox.jmap.objects import Email, Mailbox
    from shinbox.tui.screens.choose import Choice

UNDO_SECONDS = 8.0


class Triage(Going):
    """The main screen with everything that sorts."""

    async def selected(self) -> list[str]:
        """The marked messages, else the one under the cursor."""
        marks, view, row = self.messages.marks, self.view, self.messages.cursor_row
        if view is None:
            return []
        if marks.everything:
            return [id_ for id_ in await self.desk.all_ids(view) if id_ in marks]
        if marks:
            return [id_ for id_ in view.ids() if id_ in marks] or sorted(marks.ids)
        return [row.id] if row else []

    # --- the keys -----------------------------------------------------------------------------------

    async def do_message_archive(self) -> None:
        await self._move_to_role(Role.ARCHIVE, "an archive")

    async def do_message_delete(self) -> None:
        await self._move_to_role(Role.TRASH, "a trash")

    async def _move_to_role(self, role: Role, words: str) -> None:
        account = self.account_view
        target = account.by_role(role) if account else None
        if account is None or target is None:
            self.notice.say(f"This mailbox has no {words.split()[-1]} folder.", tone="warning")
        elif target.id == self.folder and not self._many_folders:
            self.notice.say(f"This is in {target.name} already.", tone="warning")
        else:
            ids = await self.selected()
            self.move_to(ids, target)

    async def do_message_move(self) -> None:
        from shinbox.tui.screens.choose import ChooseScreen

        ids = await self.selected()
        number = len(ids)
        title = "Move to which folder?" if number == 1 else f"Move {number:,} messages to which folder?"

        def chosen(folder: str | None) -> None:
            account = self.account_view
            if folder and account:
                self.move_to(ids, account.folders[folder])

        self.app.push_screen(ChooseScreen(title, self._targets()), chosen)

    @property
    def _many_folders(self) -> bool:
        """Whether the list holds messages of several folders, as a search does."""
        return self.view is not None and not self.view.folder

    @property
    def _shown_folder(self) -> str:
        return self.view.folder if self.view is not None else self.folder

    def move_to(self, ids: Sequence[str], target: Mailbox) -> None:
        """Move messages into a folder of their mailbox."""
        if self._many_folders:
            self.apply(move_found(self.account, self._known(ids), target.id, target.name))
        else:
            self.apply(move(self.account, ids, self.folder, target.id, target.name))

    def _targets(self) -> list[Choice]:
        from shinbox.tui.screens.choose import Choice

        account = self.account_view
        if account is None:
            return []
        found = []
        for folder, _ in in_tree_order(account.folders):
            if folder.id == self.folder:
                continue
            rights = rights_of(folder)
            may = rights & ({Right.ADD} if folder.role == Role.TRASH else {Right.ADD, Right.MOVE})
            off = None if may else "You may not put messages there."
            found.append(Choice(folder.id, path_of(folder, account.folders), off=off))
        return found

    async def do_message_flag(self) -> None:
        ids = await self.selected()
        known = self._known(ids)
        on = not all(Keyword.FLAGGED in email.keywords for email in known.values())
        self.apply(set_keyword(self.account, self._shown_folder, ids, known, Keyword.FLAGGED, on))

    async def do_message_read(self) -> None:
        await self._set_seen(True)

    async def do_message_unread(self) -> None:
        await self._set_seen(False)

    async def do_message_seen(self) -> None:
        ids = await self.selected()
        known = self._known(ids)
        on = not all(Keyword.SEEN in email.keywords for email in known.values())
        self.apply(set_keyword(self.account, self._shown_folder, ids, known, Keyword.SEEN, on))

    async def _set_seen(self, on: bool) -> None:
        ids = await self.selected()
        self.apply(set_keyword(self.account, self._shown_folder, ids, self._known(ids), Keyword.SEEN, on))

    def mark_seen(self, email_id: str) -> None:
        change = set_keyword(
            self.account, self._shown_folder, [email_id], self._known([email_id]), Keyword.SEEN, True
        )
        self.quietly(change)

    def quietly(self, change: MailChange) -> None:
        """Show a change that nobody asked for by itself, and send it."""
        self._show(change)
        self._carry_out(change)

    def _known(self, ids: Sequence[str]) -> dict[str, Email]:
        if self.view is None:
            return {}
        found = ((id_, self.view.email(id_)) for id_ in ids)
        return {id_: email for id_, email in found if email is not None}

    async def do_undo(self) -> None:
        step = self.undos.take()
        self.notice.clear()
        if step is not None:
            step.run()
        self.refresh_frame()

    # --- carrying out -------------------------------------------------------------------------------

    def apply(self, change: MailChange) -> None:
        """Show a change, offer to undo it, and send it."""
        if not change.patches:
            return
        removed = self._show(change)
        self.messages.clear_marks()
        step = self.undos.push(lambda: self._take_back(change, removed))
        self.notice.say(change.said, offers="undo", seconds=UNDO_SECONDS)
        self._carry_out(change, step)
        self.refresh_frame()

    def _take_back(self, change: MailChange, removed: list[tuple[int, str]]) -> None:
        self._show(change.reversed(), removed)
        self.notice.say(f"Undone: {change.said}")
        self._carry_out(change.reversed())

    def _show(self, change: MailChange, restore: Sequence[tuple[int, str]] = ()) -> list[tuple[int, str]]:
        """What the desk will answer, at once. Returns what left the list, with its places."""
        view = self.view
        if view is None or not view.shows(change.account, change.folder):
            return []
        view.put(
            patched(email, patch)
            for email, patch in [(view.email(id_), patch) for id_, patch in change.patches.items()]
            if email is not None
        )
        view.restore(restore)
        removed = view.remove(change.patches) if change.leaves else []
        self.messages.source_changed()
        return removed

    def _carry_out(self, change: MailChange, step: Step | None = None) -> None:
        # One after the other: a move and its undo reach the desk in the order of the keys.
        self.run_worker(self._send_change(change, step), group="changes")

    async def _send_change(self, change: MailChange, step: Step | None) -> None:
        async with self.in_order:
            try:
                await self.desk.change(change.account, change.patches)
            except ShinboxError as error:
                self.problem(error)
                if step is not None:
                    self.undos.drop(step)
                await self.refresh_view()
