"""Acting on all that was found, however much it is: in portions, with progress, stoppable, one undo for all.

Owns what “all” means: the messages that were found when all were selected, also those not loaded; what comes
later was not seen by anybody and is not touched.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from textual import on
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from shinbox.errors import ShinboxError
from shinbox.tui.changes import Deed, MailChange, Patch, by_account, said
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.folder_view import FolderView
from shinbox.tui.screens.triage import UNDO_SECONDS, Triage
from shinbox.tui.widgets.list_messages import MarksChanged

PORTION: Final = 200
"""Messages changed at once: single changes that a person makes meanwhile go in between."""

DRAWN_EVERY: Final = 2.0
"""Seconds between two drawings of the list while something is done to many messages."""

Undo = dict[str, dict[str, Patch]]
"""What takes back a deed, by mailbox and message."""


@dataclass
class Work:
    """A deed that is under way."""

    doing: str
    total: int
    done: int = 0
    stopped: bool = False
    drawn_at: float = 0.0
    """When the list was drawn anew last."""
    touched: set[str] = field(default_factory=set)
    """Messages that a person changed meanwhile: the later word counts."""


class Many(Triage):
    """The main screen with everything that is done to very many messages."""

    _found: Worker[dict[str, None]] | None = None
    """The messages that “all” means."""
    _work: Work | None = None

    # --- what all means -----------------------------------------------------------------------------

    @on(MarksChanged, "#messages")
    def _look_for_all(self) -> None:
        if not self.messages.marks.everything:
            self._found = None
        elif self._found is None and self.view is not None:
            self._found = self.run_worker(self._find_all(self.view), group="find-all", exit_on_error=False)

    async def _find_all(self, view: FolderView) -> dict[str, None]:
        found = dict.fromkeys(await self.desk.all_ids(view))
        self.call_later(self.refreshed)
        return found

    def refreshed(self) -> None:
        super().refreshed()
        if self.messages.marks:
            self.run_worker(self._look_after_marks(), exclusive=True, group="marks")

    async def _look_after_marks(self) -> None:
        """What others moved away is no longer selected; what came after all were selected is not selected."""
        view, marks = self.view, self.messages.marks
        if view is None:
            return
        if marks.everything:
            found = self._found.result if self._found is not None else None
            if found is not None:
                marks.set([id_ for id_ in view.ids() if id_ not in found], False)
        else:
            try:
                await self._forget_gone(view)
            except ShinboxError:
                return  # The title says that the desk is away; what is selected is looked at when it is back.
        self.messages.refresh()
        self.refresh_frame()

    async def _forget_gone(self, view: FolderView) -> None:
        marks = self.messages.marks
        lines = {id_: view.index_of(id_) for id_ in marks.ids}
        for account, ids in by_account(view.account, (id_ for id_ in lines if lines[id_] is None)).items():
            states = await self.desk.states(account, ids)
            here = [id_ for id_, email in states.items() if view.folder in ("", *email.mailbox_ids)]
            marks.set(set(ids) - set(here), False)
        for id_, line in lines.items():
            row = view.row(line) if line is not None else None
            if row is not None and row.id != id_:
                # Of a folded conversation another message is the newest now.
                marks.set([id_], False)
                marks.set([row.id])

    def selection_words(self) -> str:
        marks = self.messages.marks
        if not marks:
            return ""
        if marks.everything:
            found = self._found.result if self._found is not None else None
            if found is None:
                return "all selected"
            left_out = sum(id_ in found for id_ in self._left_out())
            return f"all {len(found):,} selected" if not left_out else f"{len(found) - left_out:,} selected"
        lines, view = marks.count(self.messages.source.total), self.view
        number = lines
        if isinstance(view, ConversationView):
            number = sum(len(view.stands_for(id_)) for id_ in marks.ids)
        return f"{lines:,} selected" + (f", {number:,} messages" if number != lines else "")

    def _left_out(self) -> set[str]:
        ids, view = self.messages.marks.ids, self.view
        if isinstance(view, ConversationView):
            # Also those that are not known to be found: of very many finds only the newest are.
            return {one for id_ in ids for one in (view.members(id_) if view.is_shut(id_) else [id_])}
        return set(ids)

    async def everything(self) -> list[str]:
        """The messages that “all” means, without those that were left out.

        :raises ShinboxError: the desk cannot be asked.
        """
        if self._found is None and self.view is not None:
            self._found = self.run_worker(self._find_all(self.view), group="find-all", exit_on_error=False)
        looking = self._found
        if looking is None:
            return []
        try:
            found = await looking.wait()
        except (WorkerFailed, WorkerCancelled):
            if self._found is looking:  # Else somebody has given the selection up, or begun another one.
                self._found = None
            if isinstance(looking.error, ShinboxError):
                raise looking.error from None
            raise
        left_out = self._left_out()
        return [id_ for id_ in found if id_ not in left_out]

    async def selected(self) -> list[str]:
        if not self.messages.marks.everything:
            return await super().selected()
        try:
            return await self.everything()
        except ShinboxError as error:
            self.problem(error)
            return []

    async def on_selection(self, act: Callable[[Sequence[str]], Awaitable[None]]) -> None:
        """Do something with the selected messages; while all are still being looked for, keys go on."""

        async def go() -> None:
            ids = await self.selected()
            if ids:
                await act(ids)

        if self.messages.marks.everything:
            self.run_worker(go(), group="selection")
        else:
            await go()

    async def all_have(self, ids: Sequence[str], keyword: str) -> bool:
        """Whether every one of these messages has a keyword; of very many, whether all that were found have.

        :raises ShinboxError: the desk cannot be asked.
        """
        if len(ids) > PORTION and self.view is not None:
            return not await self.desk.any_without(self.view, keyword)
        known = await self.known(ids)
        return bool(known) and all(keyword in email.keywords for email in known.values())

    # --- doing it -----------------------------------------------------------------------------------

    async def do_to_selected(self, deed: Deed) -> None:
        await self.on_selection(lambda ids: self.do_to(ids, deed))

    async def do_to(self, ids: Sequence[str], deed: Deed) -> None:
        if len(ids) <= PORTION:
            await super().do_to(ids, deed)
        elif self._work is not None:
            self._say_work()
        else:
            self._work = Work(deed.doing, len(ids))
            self.messages.clear_marks()
            self.run_worker(self._do_many(by_account(self.account, ids), deed, self._work), group="many")

    async def _do_many(self, wanted: Mapping[str, Sequence[str]], deed: Deed, work: Work) -> None:
        done: list[MailChange] = []
        undo: Undo = {}
        problems: list[Exception] = []
        for account, ids in wanted.items():
            try:
                for start in range(0, len(ids), PORTION):
                    if work.stopped:
                        break
                    portion = [id_ for id_ in ids[start : start + PORTION] if id_ not in work.touched]
                    change = deed.make(account, await self.desk.states(account, portion))
                    problems += await self._send_portion(account, change.patches)
                    undo[account] = {**undo.get(account, {}), **change.undo}
                    # Of what is sent only the words and the number are kept.
                    done.append(MailChange(account, "", {}, {}, change.words, change.number))
                    work.done += len(ids[start : start + PORTION])
                    self._say_work()
            except ShinboxError as error:
                problems.append(error)
        self._work = None
        await self._tell_many(done, undo, problems, work)

    async def _send_portion(self, account: str, patches: Mapping[str, Patch]) -> list[Exception]:
        async with self.in_order:
            return list((await self.desk.change_some(account, patches)).values()) if patches else []

    async def _tell_many(
        self, done: Sequence[MailChange], undo: Undo, problems: Sequence[Exception], work: Work
    ) -> None:
        text = said(done) if done else ""
        if work.stopped:
            text = f"Stopped. {text}" if text else "Stopped: nothing was changed."
        number = sum(len(patches) for patches in undo.values())
        if number:
            self.undos.push(lambda: self._undo_many(undo, text), messages=number)
        if problems:
            text = f"{text}. Not all could be changed: {problems[0]}" if text else str(problems[0])
        self.notice.say(
            text, tone="error" if problems else "", offers="undo" if number else "", seconds=UNDO_SECONDS
        )
        await self.refresh_view()
        self.refresh_frame()

    # --- taking it back -----------------------------------------------------------------------------

    def _undo_many(self, undo: Undo, text: str) -> None:
        self._work = work = Work("Taking back", sum(len(patches) for patches in undo.values()))
        self.run_worker(self._take_many_back(undo, text, work), group="many")

    async def _take_many_back(self, undo: Undo, text: str, work: Work) -> None:
        problems: list[Exception] = []
        for account, patches in undo.items():
            ids = list(patches)
            try:
                for start in range(0, len(ids), PORTION):
                    if work.stopped:
                        break
                    portion = {id_: patches.pop(id_) for id_ in ids[start : start + PORTION]}
                    problems += await self._send_portion(account, portion)
                    work.done += len(portion)
                    self._say_work()
            except ShinboxError as error:
                problems.append(error)
        self._work = None
        left = sum(len(patches) for patches in undo.values())
        if left:
            self.undos.push(lambda: self._undo_many(undo, text), messages=left)
            self.notice.say(f"Stopped: {left:,} are still to be taken back.", offers="undo")
        elif problems:
            self.problem(problems[0])
        else:
            self.notice.say(f"Undone: {text}")
        await self.refresh_view()
        self.refresh_frame()

    # --- meanwhile ----------------------------------------------------------------------------------

    async def refresh_view(self) -> None:
        # Each portion is news to this screen as well: it is drawn anew now and then, and at the end.
        work = self._work
        if work is not None and monotonic() < work.drawn_at + DRAWN_EVERY:
            return
        if work is not None:
            work.drawn_at = monotonic()
        await super().refresh_view()

    def apply(self, *changes: MailChange) -> None:
        if self._work is not None:
            self._work.touched.update(id_ for change in changes for id_ in change.patches)
        super().apply(*changes)

    def _say_work(self) -> None:
        work = self._work
        if work is not None:
            text = f"{work.doing} {work.done:,} of {work.total:,} messages …"
            self.notice.say(text, hint=f"{self.key('go.back')} stops", seconds=120, counting=False)

    def stop_work(self) -> bool:
        """Stop what is under way, after the portion that is on its way; False if there is nothing."""
        if self._work is None or self._work.stopped:
            return False
        self._work.stopped = True
        return True
