"""Sorting messages: read, flag, archive, delete, junk. What each key means, as deeds; doing them is `Many`'s.

Owns the words and where messages go by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from shinbox.errors import NotFound, ShinboxError
from shinbox.terms import Keyword, Role
from shinbox.tui.changes import Deed, Known, MailChange, move, set_keyword
from shinbox.tui.screens.many import Many

_MISSING = {Role.ARCHIVE: "archive", Role.TRASH: "trash", Role.JUNK: "junk"}


class Sorting(Many):
    """The main screen with everything that sorts."""

    async def do_message_archive(self) -> None:
        await self._move_to_role(Role.ARCHIVE)

    async def do_message_delete(self) -> None:
        await self._move_to_role(Role.TRASH)

    async def do_message_junk(self) -> None:
        await self._move_to_role(Role.JUNK)

    async def _move_to_role(self, role: Role) -> None:
        folder = self.folder_object
        if folder is not None and folder.role == role and not self._many_folders:
            self.notice.say(f"This is in {folder.name} already.", tone="warning")
            return
        source = self._shown_folder

        def make(account_id: str, known: Known) -> MailChange:
            account = self.desk.accounts.get(account_id)
            if account is None:
                raise NotFound("This mailbox is no longer shared with you.")
            target = account.by_role(role)
            if target is None:
                raise NotFound(
                    f"{account.name} has no {_MISSING[role]} folder: choose another one to move to."
                )
            return move(account_id, known, source, target.id, target.name)

        await self.do_to_selected(Deed(make, "Moving"))

    async def do_message_flag(self) -> None:
        await self._toggle(Keyword.FLAGGED, "Flagging")

    async def do_message_seen(self) -> None:
        await self._toggle(Keyword.SEEN, "Marking")

    async def do_message_read(self) -> None:
        await self._set(Keyword.SEEN, True, "Marking")

    async def do_message_unread(self) -> None:
        await self._set(Keyword.SEEN, False, "Marking")

    async def _toggle(self, keyword: str, doing: str) -> None:
        await self.on_selection(lambda ids: self.toggle_of(ids, keyword, doing))

    async def toggle_of(self, ids: Sequence[str], keyword: str, doing: str) -> None:
        """Set a keyword of these messages, or take it away where every one has it."""
        try:
            on = not await self.all_have(ids, keyword)
        except ShinboxError as error:
            self.problem(error)
            return
        await self.do_to(ids, self._keyword_deed(keyword, on, doing))

    async def _set(self, keyword: str, on: bool, doing: str) -> None:
        await self.do_to_selected(self._keyword_deed(keyword, on, doing))

    def _keyword_deed(self, keyword: str, on: bool, doing: str) -> Deed:
        shown = self._shown_folder
        return Deed(lambda account, known: set_keyword(account, shown, known, keyword, on), doing)
