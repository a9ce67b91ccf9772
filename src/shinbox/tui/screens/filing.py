"""Filing: labels, junk, and moving or copying into any folder, also of another mailbox.

Owns where messages may be put. Between mailboxes they are copied down and up; a move then puts what was here
into the trash, so that one key takes all of it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from shinbox.client.formats import count
from shinbox.errors import ShinboxError
from shinbox.terms import Right, Role
from shinbox.tui.changes import Deed, MailChange, by_account, copy_into, move
from shinbox.tui.labels import known_labels, labels_of
from shinbox.tui.mail_rows import in_filing_order, path_of
from shinbox.tui.permission import rights_of
from shinbox.tui.screens.many import Work
from shinbox.tui.screens.sorting import Sorting
from shinbox.tui.screens.triage import UNDO_SECONDS, Removed

if TYPE_CHECKING:
    from shinbox.jmap.objects import Mailbox
    from shinbox.tui.mail_desk import AccountView
    from shinbox.tui.screens.choose import Choice
    from shinbox.tui.screens.labels_box import LabelScreen

    Put = Callable[[Sequence[str], AccountView, Mailbox], Awaitable[None]]

AT_ONCE: Final = 10
"""Messages copied to another mailbox between two looks at whether to stop."""

_NOT_THERE: Final = "You may not put messages there."
_ANOTHER_DESK: Final = (
    "This is at another desk, which keeps its own record: copy them there, then delete them here."
)


class Filing(Sorting):
    """The main screen with everything that files."""

    _filed_last: Mapping[str, str] = MappingProxyType({})
    """The place that messages of each mailbox were put into last: it is offered first."""

    # --- labels -----------------------------------------------------------------------------------------

    async def do_message_label(self, label: str = "") -> None:
        await self.on_selection(lambda ids: self._label(ids, label))

    async def _label(self, ids: Sequence[str], label: str) -> None:
        if label:
            await self._toggle_label(ids, label)
            return
        if self.came_late():
            return
        from shinbox.tui.screens.labels_box import LabelScreen

        on = Counter(word for email in self._known(ids).values() for word in labels_of(email))
        box = LabelScreen(self.labels_here(), on, len(ids), self.settings.labels)

        async def taken(word: str | None) -> None:
            if word:
                await self._toggle_label(ids, word)

        self.app.push_screen(box, taken)
        self.run_worker(self._count_labels(box, self.account), group="labels", exclusive=True)

    def labels_here(self) -> list[str]:
        """The labels of the settings, then those that messages of the list have."""
        emails = [email for id_ in self.view.loaded if (email := self.view.email(id_))] if self.view else []
        return known_labels(self.settings.labels, emails)

    async def _count_labels(self, box: LabelScreen, account: str) -> None:
        await self.answered()  # What was labelled just now counts.
        try:
            found = {label for email in await self.desk.newest(account) for label in labels_of(email)}
            counts = await self.desk.counts(account, sorted(found.union(self.settings.labels)))
        except ShinboxError:
            return  # The box works without them, and the title says that the desk is away.
        box.tell(counts)

    async def _toggle_label(self, ids: Sequence[str], label: str) -> None:
        from shinbox.jmap.words import keyword_for

        try:
            keyword, _ = keyword_for(f"+{label.lower()}")
        except ShinboxError as error:
            self.problem(error)
            return
        await self.toggle_of(ids, keyword, "Labelling")

    # --- into any folder --------------------------------------------------------------------------------

    async def do_message_move(self, name: str = "") -> None:
        await self._file("Move", self._move_into, name)

    async def do_message_copy(self, name: str = "") -> None:
        await self._file("Copy", self._copy_into, name)

    async def _file(self, verb: str, put: Put, name: str) -> None:
        await self.on_selection(lambda ids: self._file_them(ids, verb, put, name))

    async def _file_them(self, ids: Sequence[str], verb: str, put: Put, name: str) -> None:
        from shinbox.tui.screens.choose import ChooseScreen, matching

        elsewhere = self._why_not_from_here(ids)
        if elsewhere:
            self.notice.say(elsewhere, tone="warning")
            return
        choices = self._places_to_file(verb == "Copy")
        if not name and all(choice.off for choice in choices):
            self.notice.say(_nowhere(choices), tone="warning")
            return
        if not name and self.came_late():
            return

        async def chosen(place: str | None) -> None:
            if place:
                await self._put_into(place, ids, put)

        if not name:
            what = "" if len(ids) == 1 else f" {len(ids):,} messages"
            self.app.push_screen(ChooseScreen(f"{verb}{what} to which folder?", choices), chosen)
            return
        fitting = matching(choices, name)
        off = fitting[0].off if fitting else f"No folder is called “{name}”."
        if off:
            self.notice.say(off, tone="warning")
        else:
            await chosen(fitting[0].id)

    def _places_to_file(self, copying: bool) -> list[Choice]:
        """The folder of last time first, as far as one may; see `places`."""
        last = self._filed_last.get(self.account)
        return sorted(self.places(copying), key=lambda choice: choice.off is not None or choice.id != last)

    async def _put_into(self, place: str, ids: Sequence[str], put: Put) -> None:
        account_id, _, folder = place.partition(":")
        account = self.desk.accounts.get(account_id)
        if account is None or folder not in account.folders:
            self.notice.say("This folder is no longer shared with you.", tone="warning")
            return
        if account.folders[folder].role not in (Role.SENT, Role.DRAFTS):
            self._filed_last = {**self._filed_last, self.account: place}
        await put(ids, account, account.folders[folder])

    def _why_not_from_here(self, ids: Sequence[str]) -> str:
        """What to do first where not all lie in the open mailbox, as after a search everywhere."""
        there = by_account(self.account, ids)
        if len(there) > 1:
            return "These lie in several mailboxes: select those of one."
        return "" if self.account in there else "These lie in another mailbox: put the cursor on one of them."

    def places(self, copying: bool = False) -> list[Choice]:
        """Every folder, the likeliest first: this mailbox's, then those of others; last where one may not."""
        from shinbox.tui.screens.choose import Choice

        here = self.account_view
        others = [account for account in self.desk.accounts.values() if account is not here]
        found = []
        for account in [*([here] if here else []), *others]:
            for folder in in_filing_order(account.folders):
                if account is here and folder.id == self.folder and not self._many_folders:
                    continue
                path = path_of(folder, account.folders)
                name = path if account is here else f"{self.desk.called(account)} / {path}"
                far = here is not None and self.desk.place_of(account.id) is not self.place
                off = self._why_not_there(folder, account is here, copying) or (
                    _ANOTHER_DESK if far and not copying else None
                )
                found.append(Choice(f"{account.id}:{folder.id}", name, off=off))
        return sorted(found, key=lambda choice: choice.off is not None)

    def _why_not_there(self, folder: Mailbox, same: bool, copying: bool) -> str | None:
        rights = rights_of(folder)
        enough = {Right.ADD} if copying or not same or folder.role == Role.TRASH else {Right.ADD, Right.MOVE}
        if not rights & enough:
            return _NOT_THERE
        if not same and not copying and Right.REMOVE not in self.situation().rights:
            return "You may not take messages out of this mailbox: copy them."
        return None

    async def _move_into(self, ids: Sequence[str], account: AccountView, folder: Mailbox) -> None:
        here, source = self.account_view, self._shown_folder
        # Once more: while the box was open somebody may have changed what one may do.
        off = self._why_not_there(folder, account is here, copying=False)
        trash = here.by_role(Role.TRASH) if here is not None else None
        if off:
            self.notice.say(off, tone="warning")
        elif account is here:
            await self.do_to(
                ids,
                Deed(lambda there, known: move(there, known, source, folder.id, folder.name), "Moving"),
            )
        elif here is None or trash is None or Right.ADD not in rights_of(trash):
            self.notice.say(
                "From here messages can only be copied to another mailbox.",
                tone="warning",
                offers="message.copy",
                counting=False,
            )
        else:
            self._copy_soon(ids, account, folder, trash)

    async def _copy_into(self, ids: Sequence[str], account: AccountView, folder: Mailbox) -> None:
        shown = self._shown_folder
        if account is not self.account_view:
            self._copy_soon(ids, account, folder, None)
            return
        await self.do_to(
            ids, Deed(lambda there, known: copy_into(there, known, shown, folder.id, folder.name), "Copying")
        )

    def _copy_soon(
        self, ids: Sequence[str], account: AccountView, folder: Mailbox, trash: Mailbox | None
    ) -> None:
        if self._work is not None:
            self._say_work()
        else:
            self.run_worker(self._copy_away(ids, account, folder, trash), group="copies")

    async def _copy_away(
        self, ids: Sequence[str], account: AccountView, folder: Mailbox, trash: Mailbox | None
    ) -> None:
        """Copy into another mailbox, some at a time; then, to move them, put those here into the trash."""
        here, source = self.account, self._shown_folder
        copied, made, problem = await self._copied(ids, here, account.id, folder.id)
        gone: list[MailChange] = []
        if trash is not None and copied:
            gone = [move(here, await self.known(copied), source, trash.id, trash.name)]
        removed = [self._show(change) for change in gone]
        self._carry_out(gone)
        self.messages.clear_marks()
        if made:
            back = partial(self._take_copies_back, account.id, made, gone, removed)
            self.undos.push(back, messages=len(made) + len(copied))
        number = count(len(made), "message")
        text = f"{'Moved' if trash else 'Copied'} {number} to {account.name} / {folder.name}"
        if problem is not None and not made:
            self.problem(problem)
        elif len(made) < len(ids):
            self.notice.say(f"{text}. {problem or 'Stopped.'}", tone="warning", offers="undo", seconds=15)
        else:
            self.notice.say(text, offers="undo", seconds=UNDO_SECONDS)
        self.refresh_frame()

    async def _copied(
        self, ids: Sequence[str], source: str, target: str, folder: str
    ) -> tuple[list[str], list[str], Exception | None]:
        """What was copied, the copies, and why not more."""
        from shinbox.tui.elsewhere import copy_to

        copied, made = list[str](), list[str]()
        self._work = work = Work("Copying", len(ids))
        self._say_work()
        try:
            for start in range(0, len(ids), AT_ONCE):
                if work.stopped:
                    break
                some = ids[start : start + AT_ONCE]
                made += await copy_to(self.desk.client, source, some, target, folder)
                copied += some
                work.done = len(copied)
                self._say_work()
        except ShinboxError as error:
            return copied, made, error
        finally:
            self._work = None
        return copied, made, None

    def _take_copies_back(
        self, account: str, made: list[str], gone: Sequence[MailChange], removed: Sequence[Removed]
    ) -> None:
        back = [change.reversed() for change in gone]
        for change, places in zip(back, removed, strict=True):
            self._show(change, places)
        self._carry_out(back, removed=removed)
        self.run_worker(self._remove_copies(account, made), group="changes")
        self.notice.say("Undone: the copies are taken away")

    async def _remove_copies(self, account: str, made: list[str]) -> None:
        from shinbox.tui.elsewhere import remove

        async with self.in_order:
            try:
                await remove(self.desk.client, account, made)
            except ShinboxError as error:
                self.problem(error)


def _nowhere(choices: Sequence[Choice]) -> str:
    """Why there is no folder to choose."""
    reasons = [*dict.fromkeys(choice.off for choice in choices if choice.off)]
    if reasons == [_NOT_THERE]:
        return "You may not put messages into any other folder. Whoever manages the mailbox can change that."
    return " ".join(["There is no other folder to choose.", *reasons])
