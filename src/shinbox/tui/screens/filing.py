"""Filing: labels, junk, and moving or copying into any folder, also of another mailbox.

Owns where messages may be put. Between mailboxes they are copied down and up; a move then puts what was here
into the trash, so that one key takes all of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shinbox.client.formats import count
from shinbox.errors import ShinboxError
from shinbox.terms import Right, Role
from shinbox.tui.changes import MailChange, move
from shinbox.tui.mail_rows import in_tree_order, path_of
from shinbox.tui.permission import rights_of
from shinbox.tui.screens.triage import UNDO_SECONDS, Triage

if TYPE_CHECKING:
    from shinbox.jmap.objects import Mailbox
    from shinbox.tui.mail_desk import AccountView
    from shinbox.tui.screens.choose import Choice


class Filing(Triage):
    """The main screen with everything that files."""

    # --- labels -----------------------------------------------------------------------------------------

    async def do_message_label(self, label: str = "") -> None:
        from shinbox.tui.labels import known_labels, labels_of
        from shinbox.tui.screens.labels_box import LabelScreen

        ids = await self.selected()
        known = self._known(ids)
        each = [frozenset(labels_of(email)) for email in known.values()]
        on = frozenset.intersection(*each) if each else frozenset()

        def chosen(label: str | None) -> None:
            if label:
                self._label(ids, label, label not in on)

        if label:
            chosen(label.lower())
            return
        emails = [email for id_ in self.view.loaded if (email := self.view.email(id_))] if self.view else []
        self.app.push_screen(LabelScreen(known_labels(self.settings.labels, emails), on), chosen)

    def _label(self, ids: Sequence[str], label: str, on: bool) -> None:
        from shinbox.jmap.words import keyword_for
        from shinbox.tui.labels import set_label

        try:
            keyword, _ = keyword_for(f"+{label}")
        except ShinboxError as error:
            self.problem(error)
            return
        self.apply(set_label(self.account, self._shown_folder, ids, self._known(ids), keyword, on))

    async def do_message_junk(self) -> None:
        await self._move_to_role(Role.JUNK, "a junk")

    # --- into any folder --------------------------------------------------------------------------------

    async def do_message_move(self, name: str = "") -> None:
        await self._file("Move", self._move_into, name)

    async def do_message_copy(self, name: str = "") -> None:
        await self._file("Copy", self._copy_into, name)

    async def _file(
        self, verb: str, put: Callable[[list[str], AccountView, Mailbox], None], name: str
    ) -> None:
        from shinbox.tui.screens.choose import ChooseScreen, matching

        ids = await self.selected()
        choices = self.places(verb == "Copy")
        if not ids or not choices:
            return

        def chosen(place: str | None) -> None:
            account_id, _, folder = (place or "").partition(":")
            account = self.desk.accounts.get(account_id)
            if account is not None and folder in account.folders:
                put(ids, account, account.folders[folder])

        fitting = matching(choices, name) if name else []
        if fitting:
            if fitting[0].off:
                self.notice.say(fitting[0].off, tone="warning")
            else:
                chosen(fitting[0].id)
        elif name:
            self.notice.say(f"No folder is called “{name}”.", tone="warning")
        else:
            title = (
                f"{verb} to which folder?"
                if len(ids) == 1
                else f"{verb} {len(ids):,} messages to which folder?"
            )
            self.app.push_screen(ChooseScreen(title, choices), chosen)

    def places(self, copying: bool = False) -> list[Choice]:
        """Every folder messages can go to: this mailbox's first, then those of others with their names."""
        from shinbox.tui.screens.choose import Choice

        here = self.account_view
        others = [account for account in self.desk.accounts.values() if account is not here]
        found = []
        for account in [*([here] if here else []), *others]:
            for folder, _ in in_tree_order(account.folders):
                if account is here and folder.id == self.folder and not self._many_folders:
                    continue
                path = path_of(folder, account.folders)
                name = path if account is here else f"{account.name} / {path}"
                off = self._why_not_there(folder, account is here, copying)
                found.append(Choice(f"{account.id}:{folder.id}", name, off=off))
        return found

    def _why_not_there(self, folder: Mailbox, same: bool, copying: bool) -> str | None:
        rights = rights_of(folder)
        enough = {Right.ADD} if copying or not same or folder.role == Role.TRASH else {Right.ADD, Right.MOVE}
        if not rights & enough:
            return "You may not put messages there."
        if not same and not copying and Right.REMOVE not in self.situation().rights:
            return "You may not take messages out of this mailbox: copy them."
        return None

    def _move_into(self, ids: list[str], account: AccountView, folder: Mailbox) -> None:
        here = self.account_view
        if account is here:
            self.move_to(ids, folder)
        elif here is not None:
            trash = here.by_role(Role.TRASH)
            if trash is None or self._many_folders:
                self.notice.say(
                    "From here messages can only be copied to another mailbox.",
                    tone="warning",
                    offers="message.copy",
                    counting=False,
                )
                return
            gone = move(here.id, ids, self.folder, trash.id, trash.name)
            self.run_worker(self._copy_away(ids, account, folder, gone), group="changes")

    def _copy_into(self, ids: list[str], account: AccountView, folder: Mailbox) -> None:
        if account is not self.account_view:
            self.run_worker(self._copy_away(ids, account, folder, None), group="changes")
            return
        patch, undo = {f"mailboxIds/{folder.id}": True}, {f"mailboxIds/{folder.id}": None}
        said = f"Copied {count(len(ids), 'message')} to {folder.name}"
        new = [id_ for id_ in ids if folder.id not in getattr(self._known([id_]).get(id_), "mailbox_ids", {})]
        self.apply(
            MailChange(
                account.id,
                self._shown_folder,
                {id_: dict(patch) for id_ in new},
                {id_: dict(undo) for id_ in new},
                said,
            )
        )

    async def _copy_away(
        self, ids: list[str], account: AccountView, folder: Mailbox, gone: MailChange | None
    ) -> None:
        from shinbox.tui.elsewhere import copy_to

        number = count(len(ids), "message")
        place = f"{account.name} / {folder.name}"
        self.notice.say(f"Copying {number} to {place} …", seconds=60, counting=False)
        async with self.in_order:
            try:
                made = await copy_to(self.desk.client, self.account, ids, account.id, folder.id)
            except ShinboxError as error:
                self.problem(error)
                return
        removed = self._show(gone) if gone else []
        if gone:
            self._carry_out(gone)
        self.messages.clear_marks()
        self.undos.push(lambda: self._take_copies_back(account.id, made, gone, removed))
        self.notice.say(
            f"{'Moved' if gone else 'Copied'} {number} to {place}", offers="undo", seconds=UNDO_SECONDS
        )
        self.refresh_frame()

    def _take_copies_back(
        self, account: str, made: list[str], gone: MailChange | None, removed: list[tuple[int, str]]
    ) -> None:
        if gone:
            self._show(gone.reversed(), removed)
            self._carry_out(gone.reversed())
        self.run_worker(self._remove_copies(account, made), group="changes")
        self.notice.say("Undone: the copies are taken away")

    async def _remove_copies(self, account: str, made: list[str]) -> None:
        from shinbox.tui.elsewhere import remove

        async with self.in_order:
            try:
                await remove(self.desk.client, account, made)
            except ShinboxError as error:
                self.problem(error)
