"""The composer: what its keys do, and what becomes of the draft.

Owns review, editor and the choice of the sender; sending is the caller's. Knows no folder, no list.
"""

from __future__ import annotations

import asyncio
from typing import Final

from textual import events, on

from shinbox.client.answering import check_recipients
from shinbox.client.drafts import Attached
from shinbox.client.signatures import with_signature
from shinbox.errors import ShinboxError
from shinbox.tui.actions import BY_ID, Where, why_not
from shinbox.tui.look import keymap_of
from shinbox.tui.screens.attaching import Attaching
from shinbox.tui.screens.compose_frame import Composed, ComposeFrame, Source
from shinbox.tui.senders import Sender
from shinbox.tui.widgets.bars import KeyFooter
from shinbox.tui.widgets.recipient_field import PeopleList, RecipientField

__all__ = ["ComposeScreen", "Composed", "Source"]

QUICK: Final = 1.0
"""Seconds that the review waits for files before it says that they are still on their way."""
_STAYS: Final = "It goes out from this mailbox as before: choose the other one again."


class ComposeScreen(ComposeFrame):
    """Write one message. Dismissed with what should become of it."""

    # --- what the keys do -------------------------------------------------------------------------

    async def action_act(self, action_id: str) -> None:
        reason = why_not(BY_ID[action_id], self._situation())
        offering = [field for field in self.query(RecipientField) if field.is_offering]
        if reason:
            self._say_problem(reason)
        elif action_id in ("compose.review", "compose.leave") and offering:
            offering[0].close()
        elif action_id == "compose.leave" and self._is_untouched():
            await self._finish("later")
        elif action_id in ("compose.review", "compose.leave"):
            self._leave_review() if self._reviewing.is_open else self._review()
        elif action_id == "compose.editor":
            self._open_editor()
        elif action_id == "compose.spell":
            self._spelling.begin(self._text)
        elif action_id == "compose.help":
            self._show_keys()
        elif self._files is not None:
            (self._files.choose if action_id == "compose.attach" else self._files.remove)()

    def _is_untouched(self) -> bool:
        """Whether nothing was done here: there is nothing to decide about."""
        coming = self._files is not None and self._files.waiting
        return not (self._reviewing.is_open or coming or self._is_written())

    def _review(self) -> None:
        self._say_problem("")
        self._reviewing.show(self.current(), self.sender)
        if self._files is not None and self._files.waiting:
            self.run_worker(self._review_again(self._files), exclusive=True, group="review")

    async def _review_again(self, files: Attaching) -> None:
        """Count a file that was just chosen; of a large one, say that it is still on its way."""
        await files.settle(QUICK)
        if self._reviewing.is_open:
            self._say_problem(files.waiting)
            self._reviewing.show(self.current(), self.sender)

    def _show_keys(self) -> None:
        from shinbox.tui.screens.help import HelpScreen

        here = (Where.COMPOSE, Where.REVIEW, Where.BOX)
        keys = [action for action in keymap_of(self).actions() if action.where in here]
        self.app.push_screen(HelpScreen(self._situation(), keys))

    def _leave_review(self) -> None:
        self._reviewing.leave()

    @on(PeopleList.Taken)
    def _take_person(self, message: PeopleList.Taken) -> None:
        for field in self.query(RecipientField):
            if field.offers(message.people):
                field.take(message.place)
                field.focus()

    async def on_key(self, event: events.Key) -> None:
        """The keys of the review."""
        key = event.character if event.is_printable and event.character else event.key
        meant = keymap_of(self).meant(key, Where.REVIEW) if self._reviewing.is_open else None
        if meant is not None:
            event.stop()
            await self._do_reviewed(meant.id)

    async def _do_reviewed(self, action_id: str) -> None:
        if action_id == "review.leave":
            self._leave_review()
        elif action_id == "review.editor":
            self._leave_review()
            self._open_editor()
        else:
            await self._finish(action_id.removeprefix("review."))

    async def on_key_footer_clicked(self, message: KeyFooter.Clicked) -> None:
        if message.action.where is Where.REVIEW:
            await self._do_reviewed(message.action.id)
        else:
            await self.run_action(message.action.textual_action)

    async def _finish(self, outcome: str) -> None:
        if self._files is not None and outcome != "discard":
            await self._files.settle(QUICK)
        problem = self._why_not_yet(outcome)
        if problem:
            self._leave_review()
            self._say_problem(problem)
            return
        if outcome in ("send", "keep"):
            self._begun = None
        await self.save()
        if outcome == "later" and not self._on_disk:
            self._leave_review()
            return  # It would be lost: why it could not be saved is on the screen.
        await self.keeping.settled()
        if self.app.screen is self:  # Else what lies over it would be closed, and this be sent once more.
            self.dismiss(Composed(outcome, self._draft))  # type: ignore[arg-type]  # from the table above

    def _why_not_yet(self, outcome: str) -> str:
        """What keeps a draft from being sent, kept or left, as a sentence."""
        if outcome != "discard" and self._files is not None and self._files.waiting:
            return self._files.waiting
        try:
            if outcome == "send":
                check_recipients(self.current())
        except ShinboxError as error:
            return str(error)
        return ""

    def _open_editor(self) -> None:
        if self._files is not None and self._files.is_carrying:
            self._say_problem(self._files.waiting)
        else:
            self.run_worker(self._edit(), exclusive=True, group="editor")

    async def _edit(self) -> None:
        from shinbox.tui.editor import edit, editor_command

        area = self._text
        self._begun = None  # What the editor leaves behind is found beside the draft.
        await self.save()
        path = self._journal.editor_file(self._draft.id)
        try:
            await asyncio.to_thread(self._journal.begin, self._draft)
            area.fill(await edit(self.app, path, area.text, editor_command()))
        except ShinboxError as error:
            self._say_problem(str(error))
            return
        except OSError as error:
            self._say_problem(f"The text cannot be given to an editor: {error.strerror}.")
            return
        await self.save()
        if self._on_disk:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    # --- as whom ------------------------------------------------------------------------------------

    @on(events.Click, "#who")
    def _who_clicked(self) -> None:
        self.action_next_identity()

    def action_next_identity(self) -> None:
        """Send as another address: of two the other one, of more the one that is chosen."""
        others = [sender for sender in self._senders if sender != self.sender]
        if len(others) == 1 and others[0].account == self._draft.account:
            self._send_as(others[0])
        elif others:
            from shinbox.tui.screens.sender_box import choose_sender

            choose_sender(self.app, self.sender, self._senders, self.current(), self._send_as)

    def _send_as(self, new: Sender) -> None:
        if new.account != self._draft.account:
            self._go_elsewhere(new)
            return
        area = self._text
        old = self.sender
        changed = with_signature(area.text, old.identity, new.identity)
        stays = changed == area.text and old.identity.text_signature != new.identity.text_signature
        self._draft.identity = new.identity.id
        if changed != area.text:
            area.fill(changed)
        self._say_who()
        self._note("your own signature stays" if stays else "")
        self._save_soon()

    @property
    def _is_free(self) -> bool:
        """Whether it can be closed: what lies over it would be closed in its place."""
        editing = any(
            work.node is self and work.group == "editor" and not work.is_finished for work in self.workers
        )
        return not editing and self.app.screen is self and not (self._files and self._files.waiting)

    def _go_elsewhere(self, new: Sender) -> None:
        """To another mailbox: its files first, then the draft."""

        def gone(files: list[Attached]) -> None:
            self.run_worker(self._leave_for(new, files), exclusive=True, group="elsewhere")

        if self._files is None:
            gone([])
        else:
            self._files.take_along(new.account, gone)

    async def _leave_for(self, new: Sender, files: list[Attached]) -> None:
        """Nothing of the draft is the other mailbox's until it leaves: it may have to stay."""
        before = self._draft.attachments
        if not self._is_free:
            self.warn(_STAYS)
            return
        await self.save()
        await self.keeping.settled()
        if not self._is_free or self._draft.attachments is not before:
            self.warn(_STAYS)
            self._save_soon()
            return
        self._text.fill(with_signature(self._text.text, self.sender.identity, new.identity))
        self.current().attachments = files
        self.dismiss(Composed("elsewhere", self._draft, new))
