"""Writing: compose, reply, what became of a draft, and what an earlier shinbox left behind.

Owns the way between the main screen and the composer. How an answer looks is in `answering`, how it leaves
in `sending`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shinbox.client.drafts import Draft
from shinbox.client.formats import count
from shinbox.errors import DeskUnreachable, ShinboxError
from shinbox.text.dates import parse_rfc3339
from shinbox.tui.screens.triage import Triage
from shinbox.tui.senders import all_senders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shinbox.client.formats import Toned
    from shinbox.tui.screens.compose import Composed, Source
    from shinbox.tui.sending import Sent

LOST_SECONDS = 60.0
"""How long the line about unfinished drafts stays."""


class Writing(Triage):
    """The main screen with everything that writes."""

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
        here = [each for each in self.desk.accounts.values() if self.desk.place_of(each.id) is place]
        senders = all_senders(here, draft.account)
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
        self.app.push_screen(screen, self._draft_done)

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
        if result is None:
            return
        if result.outcome == "discard":
            self.run_worker(asyncio.to_thread(self.journal.drop, result.draft.id))
            self.undos.push(lambda: self.write(result.draft))
            self.notice.say("Discarded the draft", offers="undo")
        elif result.outcome == "later":
            self.run_worker(asyncio.to_thread(self.journal.release, result.draft.id))
            self.notice.say("The draft is kept on this machine.", offers="compose.unfinished", counting=False)
        elif result.outcome == "keep":
            self.run_worker(self._keep(result.draft))
        elif result.sender is not None:
            result.draft.account, result.draft.identity = result.sender.account, result.sender.identity.id
            self.write(result.draft)
        else:
            self.run_worker(self._send(result.draft))

    async def _keep(self, draft: Draft) -> None:
        from shinbox.tui.sending import keep_at_desk

        try:
            await keep_at_desk(self.desk, draft)
        except ShinboxError as error:
            self.write(draft, str(error))
            return
        await asyncio.to_thread(self.journal.drop, draft.id)
        self.notice.say("Kept in Drafts")

    async def _send(self, draft: Draft) -> None:
        from shinbox.tui.sending import drop_at_desk, send

        try:
            sent = await send(self.desk, draft)
        except DeskUnreachable as error:
            # It may have been sent: sending it again unchanged is the same attempt, never a second message.
            self.write(draft, f"{error} Sending it again does not send it twice.")
            return
        except ShinboxError as error:
            draft.begin_anew()
            # The draft comes back on the screen with the reason; nothing that was typed is lost.
            self.write(draft, str(error))
            return
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
        self.undos.push(lambda: self.run_worker(self._recall(sent)), seconds)
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

    # --- what was left behind -----------------------------------------------------------------------

    async def _lost_drafts(self) -> list[Draft]:
        drafts: list[Draft] = []
        for place in self.desk.places:
            found = await asyncio.to_thread(self.journal.lost, str(place.client.endpoint), place.who)
            for draft in found:
                # It may have been written when there were other desks, or this one alone.
                draft.account = place.key(draft.account)
            drafts += [draft for draft in found if draft.account in place.accounts]
        return drafts

    async def offer_lost_drafts(self) -> None:
        """Say that an earlier shinbox left drafts. A line, no box: somebody may be typing already."""
        drafts = await self._lost_drafts()
        if drafts:
            found = f"{count(len(drafts), 'unfinished draft')} found on this machine"
            self.notice.say(found, offers="compose.unfinished", seconds=LOST_SECONDS, counting=False)

    async def do_compose_unfinished(self) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        drafts = {draft.id: draft for draft in await self._lost_drafts()}
        if not drafts:
            self.notice.say("There is no unfinished draft on this machine.")
            return
        choices = [
            Choice(draft.id, draft.subject or "(no subject)", f"to {draft.to or 'nobody yet'}")
            for draft in reversed(drafts.values())
        ]

        def chosen(draft_id: str | None) -> None:
            if draft_id:
                self.notice.clear()
                self.write(drafts[draft_id], "Found again after shinbox ended.")

        self.app.push_screen(ChooseScreen("Which draft?", choices), chosen)
