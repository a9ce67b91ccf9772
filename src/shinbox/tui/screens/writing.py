"""Writing: compose, reply, and what became of a draft. What is taken up again is in `resuming`.

Owns the way between the main screen and the composer. How an answer looks is in `answering`, how it leaves
in `sending`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shinbox.client.drafts import Draft
from shinbox.errors import DeskUnreachable, DraftEnded, ShinboxError
from shinbox.text.dates import parse_rfc3339
from shinbox.tui.everywhere import split_address
from shinbox.tui.screens.triage import Triage
from shinbox.tui.senders import Sender, all_senders
from shinbox.tui.under_way import told_late

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shinbox.client.formats import Toned
    from shinbox.tui.screens.compose import Composed, Source
    from shinbox.tui.sending import Sent

HANDING_OVER = "Handing the message to the desk …"
LEAVES_IN = 3.0
"""Seconds that the desk has to take a draft's last words."""
ENDS_IN = 0.5
"""The same at the end of the program."""


class Writing(Triage):
    """The main screen with everything that writes."""

    writing: Draft | None = None
    """What is in the composer."""

    def do_compose(self) -> None:
        from shinbox.client.answering import new_draft

        account = self.account_view
        if account is not None and self._has_identity():
            self.write(new_draft(account.id, account.identities[0]))

    async def do_message_reply(self) -> None:
        await self._reply(everyone=False)

    async def do_message_reply_all(self) -> None:
        await self._reply(everyone=True)

    async def _reply(self, *, everyone: bool) -> None:
        from shinbox.client.answering import identity_for, reply_draft
        from shinbox.client.outgoing_checks import people_of
        from shinbox.tui.message_text import body_text

        account, row = self.account_view, self.messages.cursor_row
        if account is None or row is None or not self._has_identity():
            return
        try:
            email = await self.desk.read(account.id, row.id)
            if email is None:
                self.notice.say("This message is no longer here.", tone="warning")
                return
            state = await self.desk.thread_state(account.id, email.thread_id)
        except ShinboxError as error:
            self.problem(error)
            return
        ours = [identity.email for identity in account.identities]
        text = await asyncio.to_thread(body_text, email)
        identity = identity_for(email, account.identities)
        draft = reply_draft(account.id, email, text, identity, ours, everyone=everyone, now=self.now())
        draft.thread_state = state
        draft.people = people_of(email)
        if not self.came_late():
            self.write(draft)

    async def do_message_forward(self) -> None:
        from shinbox.client.answering import identity_for
        from shinbox.tui.forwarding import forward_draft
        from shinbox.tui.message_text import body_text

        account, row = self.account_view, self.messages.cursor_row
        if account is None or row is None or not self._has_identity():
            return
        try:
            email = await self.desk.read(account.id, row.id)
        except ShinboxError as error:
            self.problem(error)
            return
        if email is None:
            self.notice.say("This message is no longer here.", tone="warning")
            return
        text = await asyncio.to_thread(body_text, email)
        identity = identity_for(email, account.identities)
        if not self.came_late():
            self.write(forward_draft(account.id, email, text, identity, self.now()))

    def _has_identity(self) -> bool:
        account = self.account_view
        if account is not None and account.identities:
            return True
        self.notice.say("This mailbox has no address to send from: ask whoever manages it.", tone="warning")
        return False

    def write(self, draft: Draft, problem: str = "") -> None:
        """Open the composer."""
        from shinbox.tui.screens.compose import ComposeScreen

        place = self.desk.place_of(draft.account)
        draft.desk, draft.user = str(place.client.endpoint), place.who
        senders = all_senders(self.desk.accounts.values(), draft.account, self.desk.called)
        if not senders or senders[0].account != draft.account:
            text = "You may no longer write as this mailbox; the draft stays on this machine."
            self.notice.say(f"{problem} {text}".strip(), tone="warning", seconds=30)
            return
        screen = ComposeScreen(
            draft,
            senders,
            place.who,
            self.journal,
            problem,
            self.desk.client,
            source=self._answered_by(draft),
            spelling=self.settings.spelling,
        )
        self.writing = draft
        self.add_class("-composing")
        self.app.push_screen(screen, self._draft_done)
        self.call_after_refresh(self.composing)

    def composing(self) -> None:
        """The composer is open."""

    def _answered_by(self, draft: Draft) -> Source | None:
        """Fetches the conversation that a draft answers; None where it answers nothing."""
        if not draft.replies_to:
            return None

        async def source() -> Sequence[Toned]:
            from shinbox.tui.conversation_text import conversation_texts
            from shinbox.tui.printing import conversation_of

            email = await self.desk.read(draft.account, draft.replies_to)
            if email is None:
                return [("What you answer is no longer here.", "warning")]
            emails = await conversation_of(self.desk, draft.account, email)
            return (await asyncio.to_thread(conversation_texts, emails, self.now()))[0]

        return source

    def _draft_done(self, result: Composed | None) -> None:
        drafts = [composer.current() for composer in self.composers()]
        self.writing = next((one for one in drafts[::-1] if not result or one is not result.draft), None)
        self.set_class(self.writing is not None, "-composing")
        if result is None:
            return
        if result.outcome == "discard":
            self.run_worker(self._discard(result.draft), group="sending")
            self.undos.push(lambda: self.write(result.draft, "Not discarded: it is yours again."))
            self.notice.say("Discarded the draft", offers="undo")
        elif result.outcome == "later":
            self.run_worker(self._leave_for_later(result.draft), group="leaving")
            if result.draft.saved_at or result.draft.desk_id:
                text = "The draft is kept on this machine."
                self.notice.say(text, offers="compose.unfinished", counting=False)
            else:
                kept = "the draft is as it was." if result.draft.at_desk else "no draft is kept."
                self.notice.say(f"Nothing was written: {kept}")
        elif result.outcome == "keep":
            self.run_worker(self._keep(result.draft), group="sending")
        elif result.sender is not None:
            self.run_worker(self._go_on_elsewhere(result.draft, result.sender), group="sending")
        else:
            self.run_worker(self._send(result.draft), group="sending")

    async def _go_on_elsewhere(self, draft: Draft, sender: Sender) -> None:
        """The draft becomes another mailbox's, perhaps of another desk: its copy is at the first one's."""
        from shinbox.client.desk_drafts import copied
        from shinbox.tui.draft_keeping import discard

        gone = copied(draft)
        draft.part()
        if draft.forwards:
            draft.forwards = "/".join(split_address(gone.account, draft.forwards))
        draft.account, draft.identity = sender.account, sender.identity.id
        self.write(draft)
        try:
            if draft.saved_at and draft.worth_keeping:
                await asyncio.to_thread(self.journal.save, draft)
            await discard(self.desk.client, gone)
        except (ShinboxError, OSError) as error:
            self.problem(error)

    async def _discard(self, draft: Draft) -> None:
        """Away from this machine and from the desk; what is taken back begins anew at both."""
        from shinbox.client.desk_drafts import copied
        from shinbox.tui.draft_keeping import discard

        gone = copied(draft)
        draft.part()
        await asyncio.to_thread(self.journal.drop, gone.id)
        try:
            await discard(self.desk.client, gone)
        except DeskUnreachable:
            self.notice.say("Discarded here; the desk is away and still has the draft.", tone="warning")
        except ShinboxError as error:
            self.problem(error)

    async def _leave_for_later(self, draft: Draft) -> None:
        problem = await self._left(draft, LEAVES_IN)
        if problem is not None:
            self.problem(problem)

    async def _left(self, draft: Draft, seconds: float) -> Exception | None:
        """Nobody writes it for now, here and at the desk; why the desk, if it answers, has not all of it."""
        from shinbox.tui.draft_keeping import leave

        try:
            async with asyncio.timeout(seconds):
                await leave(self.desk.client, draft)
            if draft.desk_id:
                # The desk's newest revision is known here from now on.
                await asyncio.to_thread(self.journal.save, draft)
        except (DeskUnreachable, TimeoutError):
            # It is on this machine, and the desk lets go of it by itself.
            return None
        except (ShinboxError, OSError) as error:
            return error
        finally:
            await asyncio.to_thread(self.journal.release, draft.id)
        return None

    async def take_leave(self) -> None:
        """The program ends: what is in the composer is free for others at once. Nothing is drawn any more."""
        draft, self.writing = self.writing, None
        if draft is not None:
            await self._left(draft, ENDS_IN)

    async def _keep(self, draft: Draft) -> None:
        from shinbox.tui.sending import keep_at_desk

        try:
            await keep_at_desk(self.desk, draft)
        except ShinboxError as error:
            if isinstance(error, DraftEnded):
                draft.part()
            self.write(draft, str(error))
            return
        await asyncio.to_thread(self.journal.drop, draft.id)
        self.notice.say("Kept in Drafts")

    async def _send(self, draft: Draft) -> None:
        from shinbox.tui.sending import drop_at_desk, send, why_not_sent

        try:
            with told_late(self, lambda: self.notice.say(HANDING_OVER, seconds=60, counting=False)):
                sent = await send(self.desk, draft)
        except DeskUnreachable as error:
            # It may have been sent: sending it again unchanged is the same attempt, never a second message.
            self.write(draft, f"{error} Sending it again does not send it twice.")
            return
        except ShinboxError as error:
            # The draft comes back on the screen with the reason; nothing that was typed is lost.
            self.write(draft, await why_not_sent(self.desk, draft, error, self.now()))
            return
        finally:
            if self.notice.text == HANDING_OVER:
                self.notice.clear()
        await asyncio.to_thread(self.journal.drop, draft.id)
        self._offer_recall(sent)
        await self.mark_done(draft)
        try:
            await drop_at_desk(self.desk, draft)
        except ShinboxError as error:
            self.problem(error)

    def _offer_recall(self, sent: Sent) -> None:
        leaves = parse_rfc3339(sent.send_at)
        seconds = (leaves - self.now()).total_seconds() if leaves else 0.0
        if seconds < 1:
            self.notice.say("Sent")
            return
        self.undos.push(lambda: self.run_worker(self._recall(sent), group="sending"), seconds)
        self.notice.say("Sending", offers="undo", hint="takes it back", seconds=seconds)
        self.refresh_frame()

    async def _recall(self, sent: Sent) -> None:
        from shinbox.tui.sending import take_back

        try:
            await take_back(self.desk, sent)
            await self.mark_done(sent.draft, done=False)
        except ShinboxError as error:
            self.problem(error)
            return
        sent.draft.begin_anew()
        self.write(sent.draft, "Not sent: it is yours again.")
