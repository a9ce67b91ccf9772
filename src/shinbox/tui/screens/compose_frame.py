"""The composer's frame: its lines and fields, the draft as it stands, and saving it as it grows.

Owns layout and the journal. What the keys do is in `compose`; the review, the files, the spelling and the
desk's copy have helpers of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from shinbox.client.desk_drafts import text_of
from shinbox.client.drafts import Draft, DraftJournal
from shinbox.client.formats import Toned, full_address
from shinbox.errors import ShinboxError
from shinbox.jmap.client import Client, Connectivity
from shinbox.jmap.objects import EmailAddress, Identity
from shinbox.tui.actions import Situation, Where, footer_actions
from shinbox.tui.completion import Recipients
from shinbox.tui.keys import bindings_for
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import joined, shown
from shinbox.tui.screens.attaching import Attaching
from shinbox.tui.screens.keeping import Keeping
from shinbox.tui.screens.reviewing import Reviewing
from shinbox.tui.screens.spelling_box import Spelling
from shinbox.tui.senders import Sender
from shinbox.tui.spelling import find_checker
from shinbox.tui.widgets.bars import KeyFooter
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.fitting_line import FittingLine
from shinbox.tui.widgets.reader import Reader
from shinbox.tui.widgets.recipient_field import PeopleList, RecipientField
from shinbox.tui.widgets.writing_field import WritingField

SAVE_AFTER = 0.5
"""Seconds after a key until the draft is on the disk."""

Outcome = Literal["send", "keep", "discard", "later", "elsewhere"]
PEOPLE = ("to", "cc", "bcc")

Source = Callable[[], Awaitable[Sequence[Toned]]]
"""Fetches what the draft answers, as lines."""


@dataclass(frozen=True)
class Composed:
    """What became of a draft. "later": it stays in the journal; "elsewhere": it goes on as `sender`."""

    outcome: Outcome
    draft: Draft
    sender: Sender | None = None


class ComposeFrame(Screen[Composed]):
    """One message that is being written.

    `senders`: the addresses that one may send as, those of the draft's mailbox first.
    """

    CSS_PATH = "../compose.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-mid"), (160, "-wide")]  # noqa: RUF012  # Textual's form
    BINDINGS: ClassVar[list[BindingType]] = [
        # Prior to the fields' own keys: in the text ^E would be the end of the line.
        *bindings_for(Where.COMPOSE, priority=True),
        # Prior to the fields' own keys: what is typed ahead must not land in the field before.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(
        self,
        draft: Draft,
        senders: Sequence[Sender],
        who: str,
        journal: DraftJournal,
        problem: str = "",
        client: Client | None = None,
        *,
        source: Source | None = None,
        spelling: str = "",
    ) -> None:
        super().__init__()
        self._draft = draft
        self._senders = senders
        self._who = who
        self._journal = journal
        self._problem = problem
        self._client = client
        self._source = source
        self._completes = Recipients(client, draft.account) if client else None
        self._files = Attaching(self, draft, client, self.warn, self._save_soon) if client else None
        self._reviewing = Reviewing(self, self._completes, who)
        self._spelling = Spelling(self, find_checker(spelling), self._note, self.warn)
        self._saving = asyncio.Lock()
        self.keeping = Keeping(self, draft, client, time.monotonic, self._note, self._parted, self._save_soon)
        self._timer: Timer | None = None
        self._on_disk = True
        self._is_over = False
        self._begun: dict[str, Any] | None = None
        """What stood here first, until something is written: what one only opens is no draft."""
        # Made here and not looked up: what was typed is still there when the screen is being closed.
        self._offers = {name: PeopleList() for name in PEOPLE}
        fitting = self._completes.fitting if self._completes else None
        self._fields: dict[str, LineField] = {
            name: RecipientField(getattr(draft, name), self._offers[name], fitting, id=name)
            for name in PEOPLE
        }
        self._fields["subject"] = LineField(draft.subject, id="subject")
        self._text = WritingField(draft.body, id="text", soft_wrap=True, tab_behavior="focus")
        self._offline = False

    @property
    def sender(self) -> Sender:
        """The address that it goes out under."""
        own = [sender for sender in self._senders if sender.account == self._draft.account]
        return next((sender for sender in own if sender.identity.id == self._draft.identity), own[0])

    def compose(self) -> ComposeResult:
        with Horizontal(id="desk-top"):
            with Vertical(id="sheet"):
                with Horizontal(id="top"):
                    yield FittingLine(id="who")
                    yield Static(shown(""), id="state")
                yield Static(shown(""), id="others")
                for name, field in self._fields.items():
                    with Horizontal(classes="line"):
                        yield Static(shown(name.capitalize()), classes="label")
                        yield field
                    if name in self._offers:
                        yield self._offers[name]
                yield self._text
                yield Static(shown(""), id="files")
                yield Static(shown(""), id="problem")
                yield Static(shown(""), id="warnings")
                yield Static(shown(""), id="review")
            yield Reader(id="source")
        yield KeyFooter(footer_actions(Where.REVIEW), id="review-keys", may_hide=False)
        yield KeyFooter(footer_actions(Where.COMPOSE), id="keys")

    def on_mount(self) -> None:
        if not self._draft.identity:
            self._draft.identity = self.sender.identity.id
        if not (self._draft.saved_at or self._draft.desk_id):
            self._begun = text_of(self.current())
        self._say_who()
        self._say_problem(self._problem)
        self.keeping.start()
        if self._files is not None:
            self._files.start()
        self.set_interval(1.0, self._look_at_connection)
        self.query_one("#keys", KeyFooter).situation(self._situation())
        (self._text if self._draft.to else self._fields["to"]).focus()
        if self._source is not None:
            self.run_worker(self._show_source(self._source), group="source")

    def on_resize(self, event: events.Resize) -> None:
        """From 100 columns on the list shows through; nobody tells it the size while this hides it."""
        beneath = self.app.screen_stack[:-1]
        if self in beneath[1:]:
            beneath[beneath.index(self) - 1].post_message(event)

    def dismiss(self, result: Composed | None = None) -> AwaitComplete:
        """What becomes of the draft is the caller's from now on: it is not saved here once more."""
        self._is_over = True
        return super().dismiss(result)

    async def on_unmount(self) -> None:
        """shinbox is being left: what was typed since the last save is saved now."""
        if self._timer is not None and not self._is_over and self._is_written():
            # Nobody is there any more to be told that the disk is full; the save before has said so.
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._journal.save, self.current())

    async def _show_source(self, source: Source) -> None:
        """What is answered stands beside the draft, where there is room."""
        try:
            lines = await source()
        except ShinboxError:
            return  # The quotation says what is answered.
        if not self.query("#source"):
            return  # The composer has been closed meanwhile.
        self.query_one("#source", Reader).show(lines)
        self.add_class("-source")

    # --- what stands above and below ----------------------------------------------------------------

    def _say_who(self) -> None:
        """As whom, who one is, and the key for another: what room there is decides how wordy."""
        sender, who = self.sender, self._who
        names = (full_address(_address(sender.identity)), sender.identity.email)
        you = shown(f"  you: {who}, Sender: {who}" if sender.on_behalf else f"  you: {who}")
        key = keymap_of(self).key("compose.identity")
        offers = (f"  {key} changes", f"  {key}") if len(self._senders) > 1 else ("",)
        self.query_one("#who", FittingLine).say(
            [
                joined(shown(f"From {name}", "bold"), you, shown(offer, "$ink-bar-muted"))
                for name in names
                for offer in offers
            ]
        )

    def _note(self, note: str) -> None:
        """Say what goes on; nothing: when it was saved."""
        if not self.query("#state"):
            return  # A composer that is just opening or closing has no lines yet, or no longer.
        parts = ["offline" if self._offline else "", note or self.keeping.words]
        state = self.query_one("#state", Static)
        state.set_class(self._offline, "-offline")
        state.update(shown(" · ".join(part for part in parts if part)))

    def _say_problem(self, text: str) -> None:
        """What is wrong stays on the screen until the draft is reviewed again."""
        problem = self.query_one("#problem", Static)
        problem.update(shown(text))
        problem.display = bool(text)

    def warn(self, text: str) -> None:
        """Something happened outside that whoever writes here must know."""
        if self.query("#problem"):
            self._say_problem(text)

    def _parted(self, why: str) -> None:
        """The desk no longer keeps this draft: that is noted on this machine, too."""
        self.warn(why)
        self._save_soon()

    def _look_at_connection(self) -> None:
        client = self._client.of(self._draft.account) if self._client else None
        # Between two attempts to reach a lost desk the state is "connecting": it is away all the same.
        away = (Connectivity.CONNECTING, Connectivity.OFFLINE)
        offline = client is not None and client.connectivity in away
        if offline != self._offline and self.query("#keys"):
            self._offline = offline
            self._note("")
            self.query_one("#keys", KeyFooter).situation(self._situation())

    def _situation(self) -> Situation:
        return Situation(connected=not self._offline, has_speller=self._spelling.is_there)

    # --- the draft --------------------------------------------------------------------------------

    def current(self) -> Draft:
        """The draft as it stands on the screen."""
        for name, field in self._fields.items():
            setattr(self._draft, name, field.value)
        self._draft.body = self._text.text
        return self._draft

    def _is_written(self) -> bool:
        """Whether anything was written here, even if it was taken away again."""
        if self._begun is not None and text_of(self.current()) != self._begun:
            self._begun = None
        return self._begun is None

    def on_input_changed(self) -> None:
        self._save_soon()

    def on_text_area_changed(self) -> None:
        self._save_soon()

    def _save_soon(self) -> None:
        if self._timer is None:
            self._timer = self.set_timer(SAVE_AFTER, self.save)

    async def save(self) -> None:
        """Put the draft on the disk."""
        self._timer = None
        draft = self.current()
        async with self._saving:
            if self._is_over or not (draft.worth_keeping and self._is_written()):
                return
            draft.saved_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            try:
                await asyncio.to_thread(self._journal.save, draft)
            except OSError as error:
                self._on_disk = False
                self.warn(f"Not saved: {error.strerror}. Make room in {self._journal.folder}.")
            else:
                self._on_disk = True
                self.keeping.saved_here()


def _address(identity: Identity) -> EmailAddress:
    return EmailAddress(identity.email, identity.name or None)
