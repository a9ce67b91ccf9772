"""Going on with a draft that lies at the desk, and deciding about a message that perhaps has left.

Owns what opening means in Drafts. How drafts are written and sent is in `writing`.
"""

from __future__ import annotations

import asyncio

from shinbox.errors import ShinboxError
from shinbox.jmap.objects import EmailSubmission
from shinbox.terms import Keyword, Right
from shinbox.tui.outcomes import recipients_of
from shinbox.tui.screens.resuming import Resuming


class Drafting(Resuming):
    """The main screen with everything that takes something up again."""

    def open_row(self, email_id: str) -> None:
        """A draft is gone on with, where one may send; else it is read like any message."""
        email = self.view.email(email_id) if self.view else None
        now, account = self.situation(), self.account_view
        may_write = now.rights & {Right.SUBMIT, Right.SEND_ON_BEHALF} and account and account.identities
        if email and Keyword.DRAFT in email.keywords and may_write:
            self.run_worker(self._go_on(email_id), exclusive=True, group="draft")
        else:
            super().open_row(email_id)

    async def _go_on(self, email_id: str) -> None:
        from shinbox.client.answering import continued_draft
        from shinbox.tui.message_text import body_text

        account = self.account_view
        if account is None:
            return
        try:
            under_way = await self.gone_on_with(account.id, email_id)
            if under_way is not None:
                self.go_on_there(account.id, under_way)
                return
            email = await self.desk.read(account.id, email_id)
            if email is None:
                self.notice.say("This draft is no longer here: somebody sent or deleted it.", tone="warning")
                return
            state = await self.desk.thread_state(account.id, email.thread_id) if email.in_reply_to else None
        except ShinboxError as error:
            self.problem(error)
            return
        text = await asyncio.to_thread(body_text, email)
        draft = continued_draft(account.id, email, text, account.identities)
        draft.thread_state = state
        if self.came_late():
            return
        is_html = any(part.type == "text/html" for part in email.text_body)
        self.write(draft, "This draft was HTML: it goes on as plain text." if is_html else "")

    # --- messages that perhaps have left ----------------------------------------------------------------

    async def do_compose_uncertain(self) -> None:
        """Show what is uncertain, and let the person say what became of it."""
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        account = self.account
        try:
            waiting = await self.desk.uncertain(account)
        except ShinboxError as error:
            self.problem(error)
            return
        if not waiting:
            self.notice.say("Of every message it is known whether it has left.")
            return
        if self.came_late():
            return
        choices = []
        for submission in waiting:
            to = recipients_of(submission)
            choices.append(Choice(f"yes:{submission.id}", f"It has left: {to}", "an answer came, or a copy"))
            choices.append(Choice(f"no:{submission.id}", f"It has not: {to}", "it becomes a draft again"))
        by_id = {submission.id: submission for submission in waiting}

        def chosen(choice: str | None) -> None:
            if choice:
                left, _, id_ = choice.partition(":")
                self.run_worker(self._decide(account, by_id[id_], left == "yes"))

        self.app.push_screen(ChooseScreen("Has it left?", choices), chosen)

    async def _decide(self, account: str, submission: EmailSubmission, has_left: bool) -> None:
        try:
            await self.desk.decide(account, submission, has_left)
        except ShinboxError as error:
            self.problem(error)
            return
        if has_left:
            self.notice.say("Noted: it has left.")
        else:
            self.notice.say("It is a draft again.", offers="go.drafts", counting=False)
