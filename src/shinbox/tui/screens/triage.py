"""Changing messages: those that are meant, what is shown at once, what goes to the desk, one step back.

A change shows at once and goes to the desk behind it; if the desk refuses, the list is fetched again and the
reason is said. Every act is one undo, never a question. What can be done is in `sorting` and `filing`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from textual.worker import WorkerCancelled, WorkerFailed

from shinbox.client.formats import count
from shinbox.errors import ShinboxError
from shinbox.terms import Keyword
from shinbox.tui.changes import Deed, MailChange, by_account, patched, said, set_keyword
from shinbox.tui.everywhere import split_address
from shinbox.tui.screens.stepping import Stepping
from shinbox.tui.undo import Step

if TYPE_CHECKING:
    from shinbox.client.drafts import Draft
    from shinbox.jmap.objects import Email
    from shinbox.tui.folder_view import FolderView

UNDO_SECONDS = 8.0
LASTING: Final = frozenset({"changes", "copies", "many", "read-all", "sending", "leaving"})
"""What changes something at the desk, by the groups of its workers."""

Removed = Sequence[tuple[int, str]]
"""Places in the list that messages had before they left it."""


class Triage(Stepping):
    """The main screen with everything that changes messages."""

    _unanswered: Sequence[tuple[MailChange, Removed]] = ()
    """Changes that are shown and that the desk has not answered yet, with the places of what comes back."""
    _marked_by: frozenset[tuple[str, str]] = frozenset()
    """Drafts with the messages that they marked as answered or passed on: taking back unmarks only those."""

    # --- which messages -----------------------------------------------------------------------------

    async def selected(self) -> list[str]:
        """The selected messages, else the one under the cursor. All of a long list are known to `Many`."""
        marks, view, row = self.messages.marks, self.view, self.messages.cursor_row
        if view is None:
            return []
        if marks and not marks.everything:
            order = {id_: place for place, id_ in enumerate(view.ids())}
            return sorted(marks.ids, key=lambda id_: (order.get(id_, len(order)), id_))
        return [row.id] if row else []

    @property
    def _many_folders(self) -> bool:
        """Whether the list holds messages of several folders, as a search does."""
        return self.view is not None and not self.view.folder

    @property
    def _shown_folder(self) -> str:
        return self.view.folder if self.view is not None else self.folder

    def _known(self, ids: Iterable[str]) -> dict[str, Email]:
        if self.view is None:
            return {}
        found = ((id_, self.view.email(id_)) for id_ in ids)
        return {id_: email for id_, email in found if email is not None}

    async def known(self, ids: Sequence[str]) -> dict[str, Email]:
        """Messages as they are: from the list, and from the desk where they are out of sight."""
        known = self._known(ids)
        for account, missing in by_account(self.account, (id_ for id_ in ids if id_ not in known)).items():
            known |= await self.desk.states(account, missing)
        return {id_: known[id_] for id_ in ids if id_ in known}

    # --- doing --------------------------------------------------------------------------------------

    async def do_to(self, ids: Sequence[str], deed: Deed) -> None:
        """Do it to these messages; a mailbox where it is impossible says so, the others go on."""
        changes: list[MailChange] = []
        try:
            known = await self.known(ids)
        except ShinboxError as error:
            self.problem(error)
            return
        for account, there in by_account(self.account, known).items():
            try:
                changes.append(deed.make(account, {id_: known[id_] for id_ in there}))
            except ShinboxError as error:
                self.notice.say(str(error), tone="warning")
        self.apply(*changes)

    def mark_seen(self, email_id: str) -> None:
        known, (account, _) = self._known([email_id]), split_address(self.account, email_id)
        self.quietly(set_keyword(account, self._shown_folder, known, Keyword.SEEN, True))

    async def mark_done(self, draft: Draft, *, done: bool = True) -> None:
        """A message was sent, or taken back: mark what it answers or passes on, where one may do that."""
        kinds = ((draft.replies_to, Keyword.ANSWERED), (draft.forwards, Keyword.FORWARDED))
        try:
            # Whoever takes it back at once must find the mark, not overtake it.
            async with self.in_order:
                for address, keyword in kinds:
                    account, id_ = split_address(draft.account, address)
                    known = await self.desk.states(account, [id_]) if id_ else {}
                    change = set_keyword(account, "", known, keyword, done)
                    if done and change.patches:
                        self._marked_by |= {(draft.id, id_)}
                    if change.patches and (draft.id, id_) in self._marked_by:
                        await self.desk.change_some(account, change.patches)
        except ShinboxError:
            return  # Nobody asked for the mark; that the desk is away is said in the title.

    def quietly(self, change: MailChange) -> None:
        """Show a change that nobody asked for by itself, and send it."""
        self._show(change)
        self._carry_out([change])

    def apply(self, *changes: MailChange) -> None:
        """Show changes that are one act, offer to undo it, and send them."""
        if not changes:
            return
        done = [change for change in changes if change.patches]
        removed = [self._show(change) for change in done]
        self.messages.clear_marks()
        if done:
            self.notice.say(said(changes), offers="undo", seconds=UNDO_SECONDS)
            number = sum(len(change.undo) for change in done)
            step = self.undos.push(lambda: self._take_back(done, removed), messages=number)
            self._carry_out(done, step)
        else:
            self.notice.say("That is so already: nothing was changed.")
        self.refresh_frame()

    async def do_undo(self) -> None:
        step = self.undos.take()
        self.notice.clear("undo")
        if step is not None:
            step.run()
        elif self.undos:
            text = "It has left: it cannot be taken back"
            self.notice.say(text, offers="undo", hint="takes back what was before", seconds=UNDO_SECONDS)
        self.refresh_frame()

    def _take_back(self, changes: Sequence[MailChange], removed: Sequence[Removed]) -> None:
        back = [change.reversed() for change in changes]
        for change, places in zip(back, removed, strict=True):
            self._show(change, places)
        self.notice.say(f"Undone: {said(changes)}")
        self._carry_out(back, removed=removed)

    # --- showing ------------------------------------------------------------------------------------

    def _show(self, change: MailChange, restore: Sequence[tuple[int, str]] = ()) -> Removed:
        """What the desk will answer, at once. Returns what left the list, with its places."""
        view = self.view
        if view is None or not view.shows(change.account, change.folder):
            return []
        _put_patched(view, change)
        view.restore(restore)
        removed = view.remove(change.patches) if change.leaves else []
        self.messages.source_changed()
        return removed

    def overlay(self, view: FolderView) -> None:
        for change, places in self._unanswered:
            if view.shows(change.account, change.folder):
                view.put(self._known(id_ for _, id_ in places if view.email(id_) is None).values())
                _put_patched(view, change)
                view.restore(places)
                if change.leaves:
                    view.remove(change.patches)

    # --- sending ------------------------------------------------------------------------------------

    def _carry_out(
        self, changes: Sequence[MailChange], step: Step | None = None, removed: Sequence[Removed] = ()
    ) -> None:
        # One after the other: a move and its undo reach the desk in the order of the keys.
        places: Sequence[Removed] = removed or [()] * len(changes)
        self._unanswered = [*self._unanswered, *zip(changes, places, strict=True)]
        self.run_worker(self._send_changes(changes, step), group="changes")

    async def _send_changes(self, changes: Sequence[MailChange], step: Step | None) -> None:
        refused: list[Exception] = []
        try:
            async with self.in_order:
                for change in changes:
                    failures = await self.desk.change_some(change.account, change.patches)
                    refused += failures.values()
        except ShinboxError as error:
            refused = [error] * sum(len(change.patches) for change in changes)
        finally:
            # The same act done, undone and done again is equal to the first, which is answered before.
            done = {id(change) for change in changes}
            self._unanswered = [other for other in self._unanswered if id(other[0]) not in done]
            self.changes_answered += 1
        if refused:
            await self._was_refused(refused, sum(len(change.patches) for change in changes), step)

    async def answered(self) -> None:
        """Return when the desk has answered all that was sent to it so far."""
        async with self.in_order:
            return

    async def all_given(self) -> None:
        """Return when nothing is under way any more that changes something at the desk."""
        while works := [work for work in self.workers if work.group in LASTING and not work.is_finished]:
            with contextlib.suppress(WorkerFailed, WorkerCancelled):
                await works[0].wait()

    async def _was_refused(self, refused: Sequence[Exception], asked: int, step: Step | None) -> None:
        if len(refused) >= asked:
            self.problem(refused[0])
            if step is not None:
                self.undos.drop(step)
        else:
            text = f"{count(len(refused), 'message')} of {asked:,} could not be changed: {refused[0]}"
            self.notice.say(text, tone="error", seconds=15)
        await self.refresh_view()
        self.refresh_frame()


def _put_patched(view: FolderView, change: MailChange) -> None:
    pairs = [(view.email(id_), patch) for id_, patch in change.patches.items()]
    view.put([patched(email, patch) for email, patch in pairs if email is not None])
