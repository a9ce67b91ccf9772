"""Going on with unfinished drafts: one's own, of this machine or another terminal, and colleagues'.

Owns the box that lists them and the question before a colleague's is taken over. What a draft at the desk is
stands in `client.desk_drafts`.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from textual.worker import WorkerCancelled, WorkerFailed

from shinbox.client.drafts import Draft
from shinbox.client.formats import count
from shinbox.errors import DeskUnreachable, DraftLocked, ShinboxError
from shinbox.tui.screens.writing import Writing

if TYPE_CHECKING:
    from shinbox.jmap.objects import Draft as DeskDraft
    from shinbox.tui.screens.choose import Choice

LOST_SECONDS = 60.0
"""How long the line about unfinished drafts stays."""


class Resuming(Writing):
    """The main screen with everything that takes up a draft again."""

    async def _lost_drafts(self) -> list[Draft]:
        drafts: list[Draft] = []
        for place in self.desk.places:
            found = await asyncio.to_thread(self.journal.lost, str(place.client.endpoint), place.who)
            for draft in found:
                # It may have been written when there were other desks, or this one alone.
                draft.account = place.key(draft.account)
            drafts += [draft for draft in found if draft.account in place.accounts]
        return drafts

    async def _at_the_desk(self, local: list[Draft]) -> list[tuple[str, DeskDraft]]:
        """The desk's drafts that this machine has not, newest first; none where no desk answers."""
        from shinbox.client.desk_drafts import only_at_desk
        from shinbox.tui.draft_keeping import unfinished

        try:
            found = await unfinished(self.desk.client, self.desk.accounts)
        except DeskUnreachable:
            return []
        known = {id(one) for one in only_at_desk(local, [one for _, one in found])}
        return [(account, one) for account, one in found if id(one) in known]

    async def gone_on_with(self, account: str, email_id: str) -> DeskDraft | None:
        """Who already goes on with a message in Drafts, and where: two must not have it without knowing."""
        from shinbox.tui.draft_keeping import unfinished

        found = await unfinished(self.desk.client, {account: None})
        return next((one for _, one in found if one.replaces_id == email_id), None)

    async def _all_unfinished(self) -> tuple[list[Draft], list[tuple[str, DeskDraft]]]:
        """What waits on this machine, and what waits at the desks, as far as they can be asked."""
        local = await self._lost_drafts()
        try:
            return local, await self._at_the_desk(local)
        except ShinboxError as error:
            self.problem(error)
            return local, []

    async def offer_lost_drafts(self) -> None:
        """Say that unfinished drafts wait. A line, no box: somebody may be typing already."""
        local, there = await self._all_unfinished()
        own = [one for account, one in there if self._is_own(account, one) and one.writer is None]
        if local or own:
            where = "" if own else " on this machine"
            found = f"{count(len(local) + len(own), 'unfinished draft')} found{where}"
            self.notice.say(found, offers="compose.unfinished", seconds=LOST_SECONDS, counting=False)

    def _is_own(self, account: str, one: DeskDraft) -> bool:
        me = self.desk.place_of(account).who
        return any(person is not None and person.name == me for person in (one.started_by, one.edited_by))

    async def do_compose_unfinished(self) -> None:
        from shinbox.tui.screens.choose import ChooseScreen

        # What was left just now is still being let go.
        for leaving in [worker for worker in self.workers if worker.group == "leaving"]:
            with contextlib.suppress(WorkerFailed, WorkerCancelled):
                await leaving.wait()
        local, there = await self._all_unfinished()
        if not local and not there:
            self.notice.say("There is no unfinished draft.")
            return
        if self.came_late():
            return

        def chosen(key: str | None) -> None:
            if key is None:
                return
            kind, _, number = key.partition(":")
            self.notice.clear("compose.unfinished")
            if kind == "here":
                self._go_on_here(local[int(number)])
            else:
                self.go_on_there(*there[int(number)])

        self.app.push_screen(ChooseScreen("Which draft?", self._choices(local, there)), chosen)

    def _choices(self, local: list[Draft], there: list[tuple[str, DeskDraft]]) -> list[Choice]:
        from shinbox.client.desk_drafts import said_of
        from shinbox.tui.screens.choose import Choice

        choices = [
            Choice(f"here:{number}", _named(draft.subject), f"on this machine · {_to(draft.to)}")
            for number, draft in reversed(list(enumerate(local)))
        ]
        for number, (account, one) in enumerate(there):
            said = said_of(one, self.desk.place_of(account).who)
            choices.append(Choice(f"there:{number}", _named(one.subject), f"{said} · {_to(one.to)}"))
        return choices

    def _go_on_here(self, draft: Draft) -> None:
        note = "Found again after shinbox ended."
        if draft.parted:
            note = "Your own text: the draft at the desk is another by now."
            draft.part()
        self.write(draft, note)

    def go_on_there(self, account: str, one: DeskDraft) -> None:
        """Take it up; while somebody is writing it, ask first: it ends under their hands."""
        if one.writer is None:
            self.run_worker(self._take_up(account, one, take_over=False))
            return
        if self.came_late():
            return
        from shinbox.client.desk_drafts import said_of
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        me = self.desk.place_of(account).who
        who = "you, in another window" if one.writer.name == me else one.writer.name
        choices = [
            Choice("no", "Leave it", f"{who}: may go on writing"),
            Choice("yes", "Take it over", "their text stays on their machine"),
        ]

        def chosen(answer: str | None) -> None:
            if answer == "yes":
                self.run_worker(self._take_up(account, one, take_over=True))

        title = said_of(one, me)
        self.app.push_screen(ChooseScreen(f"{title[:1].upper()}{title[1:]}. Take it over?", choices), chosen)

    async def _take_up(self, account: str, one: DeskDraft, *, take_over: bool) -> None:
        from shinbox.client.desk_drafts import hand_over_note
        from shinbox.tui.draft_keeping import let_go, take_up

        try:
            draft = await take_up(self.desk.client, account, one.id, take_over=take_over)
            if self.came_late():
                await let_go(self.desk.client, draft)
                return
        except DraftLocked as error:
            # Somebody was faster: what the box said is no longer so.
            self.notice.say(str(error), tone="warning", seconds=15)
            return
        except ShinboxError as error:
            self.problem(error)
            return
        self.write(draft, hand_over_note(one, self.desk.place_of(account).who))


def _named(subject: str) -> str:
    return subject.strip() or "(no subject)"


def _to(line: str) -> str:
    return f"to {line.strip() or 'nobody yet'}"
