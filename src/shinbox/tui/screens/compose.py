"""The composer: one draft, saved as it grows, sent as the mailbox's identity.

Owns the fields, the review line and `$EDITOR`. What is typed goes into the journal by itself; sending is
the caller's. Knows no folder and no message list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from shinbox.client.answering import check_recipients
from shinbox.client.drafts import Draft, DraftJournal
from shinbox.client.formats import count, full_address
from shinbox.client.outgoing_checks import warnings
from shinbox.client.signatures import with_signature
from shinbox.errors import ShinboxError
from shinbox.jmap.client import Client
from shinbox.jmap.objects import EmailAddress, Identity
from shinbox.tui.actions import Where, footer_actions
from shinbox.tui.completion import Recipients
from shinbox.tui.keys import bindings_for
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import joined, shown
from shinbox.tui.screens.attaching import Attaching
from shinbox.tui.widgets.bars import KeyFooter
from shinbox.tui.widgets.fields import LineField, TextField

SAVE_AFTER = 0.5
"""Seconds after a key until the draft is on the disk."""

Outcome = Literal["send", "keep", "discard", "later"]
FIELDS = ("to", "cc", "bcc", "subject")


@dataclass(frozen=True)
class Composed:
    """What became of a draft. "later": it stays in the journal."""

    outcome: Outcome
    draft: Draft


class ComposeScreen(Screen[Composed]):
    """Write one message. Dismissed with what should become of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # Prior to the fields' own keys: in the text ^E would be the end of the line.
        *bindings_for(Where.COMPOSE, priority=True),
        # Prior to the fields' own keys: what is typed ahead must not land in the field before.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    ComposeScreen { background: $background; }
    ComposeScreen #who { height: 1; background: $fill-bar; color: $ink-bar; padding: 0 1; }
    ComposeScreen .line { height: 1; }
    ComposeScreen .label { width: 9; padding: 0 1; color: $ink-muted; }
    ComposeScreen Input, ComposeScreen Input:focus {
        border: none; height: 1; padding: 0; background: $background; width: 1fr;
    }
    ComposeScreen Input:focus { background: $surface; }
    ComposeScreen TextArea, ComposeScreen TextArea:focus {
        border: none; border-top: solid $ink-muted; height: 1fr; padding: 0 1; background: $background;
    }
    ComposeScreen #review {
        height: 1; background: $fill-marked; color: $ink-marked; display: none; padding: 0 1;
    }
    ComposeScreen #files { height: 1; color: $ink-accent; padding: 0 1; }
    ComposeScreen #warnings { height: auto; color: $ink-warning; padding: 0 1; display: none; }
    ComposeScreen #problem { height: auto; color: $ink-error; background: $fill-bar; padding: 0 1; }
    ComposeScreen.-review #review { display: block; }
    ComposeScreen #review-keys { display: none; }
    ComposeScreen.-review #review-keys { display: block; }
    ComposeScreen.-review #keys { display: none; }
    """

    def __init__(
        self,
        draft: Draft,
        identities: Sequence[Identity],
        who: str,
        journal: DraftJournal,
        problem: str = "",
        client: Client | None = None,
    ) -> None:
        super().__init__()
        self._files = Attaching(self, draft, client) if client else None
        self._completes = Recipients(client, draft.account) if client else None
        self._draft = draft
        self._identities = identities
        self._who = who
        self._journal = journal
        self._problem = problem
        self._saving = asyncio.Lock()
        self._timer: Timer | None = None

    @property
    def identity(self) -> Identity:
        """The identity that it goes out under."""
        chosen = [identity for identity in self._identities if identity.id == self._draft.identity]
        return (chosen or list(self._identities))[0]

    def compose(self) -> ComposeResult:
        yield Static(shown(""), id="who")
        for name in FIELDS:
            with Horizontal(classes="line"):
                yield Static(shown(name.capitalize()), classes="label")
                completes = self._completes if name != "subject" else None
                yield LineField(value=getattr(self._draft, name), id=name, suggester=completes)
        yield TextField(self._draft.body, id="text", soft_wrap=True, tab_behavior="focus")
        yield Static(shown(""), id="files")
        yield Static(shown(self._problem), id="problem")
        yield Static(shown(""), id="warnings")
        yield Static(shown(""), id="review")
        yield KeyFooter(footer_actions(Where.REVIEW), id="review-keys", may_hide=False)
        yield KeyFooter(footer_actions(Where.COMPOSE), id="keys")

    def on_mount(self) -> None:
        self._say_who()
        self._say_problem(self._problem)
        self.query_one("#files").display = False
        if self._files is not None:
            self._files.show()
        self.query_one("#text" if self._draft.to else "#to").focus()

    def _say_who(self, note: str = "") -> None:
        changes = keymap_of(self).key("compose.identity")
        more = f" ({changes} changes)" if len(self._identities) > 1 else ""
        sender = shown(f"From {full_address(_address(self.identity))}", "bold")
        line = joined(sender, shown(f"{more}  you: {self._who}  "))
        self.query_one("#who", Static).update(joined(line, shown(note, "$ink-warning")))

    def _say_problem(self, text: str) -> None:
        """What is wrong stays on the screen until the draft is reviewed again."""
        problem = self.query_one("#problem", Static)
        problem.update(shown(text))
        problem.display = bool(text)

    def warn(self, text: str) -> None:
        """Something happened outside that whoever writes here must know."""
        # A composer that is just opening or closing has no lines yet, or no longer.
        if self.query("#problem"):
            self._say_problem(text)

    # --- the draft --------------------------------------------------------------------------------

    def current(self) -> Draft:
        """The draft as it stands on the screen."""
        for name in FIELDS:
            setattr(self._draft, name, self.query_one(f"#{name}", LineField).value)
        self._draft.body = self.query_one("#text", TextField).text
        return self._draft

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
            if not draft.worth_keeping:
                return
            draft.saved_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            try:
                await asyncio.to_thread(self._journal.save, draft)
            except OSError as error:
                self._say_problem(f"Not saved: {error.strerror}. Make room in {self._journal.folder}.")
            else:
                self._say_who("saved")

    # --- what the keys do -------------------------------------------------------------------------

    def action_act(self, action_id: str) -> None:
        if action_id == "compose.editor":
            self.run_worker(self._edit(), exclusive=True)
        elif action_id in ("compose.attach", "compose.detach") and self._files is not None:
            (self._files.choose if action_id == "compose.attach" else self._files.remove)()
        elif self.has_class("-review"):
            self._leave_review()
        else:
            self._review()

    def _review(self) -> None:
        draft = self.current()
        try:
            people = count(check_recipients(draft), "recipient")
        except ShinboxError as error:
            people = str(error)
        files = f" with {count(len(draft.attachments), 'file')}" if draft.attachments else ""
        text = f"As {self.identity.email} to {people}{files}"
        look_again = warnings(draft, self.identity)
        self.query_one("#warnings", Static).update(shown("! " + "  ".join(look_again)))
        self.query_one("#warnings").display = bool(look_again)
        self.query_one("#review", Static).update(shown(text, "bold"))
        self._say_problem("")
        self.add_class("-review")
        self.set_focus(None)

    def _leave_review(self) -> None:
        self.remove_class("-review")
        self.query_one("#warnings").display = False
        self.query_one("#text").focus()

    async def on_key(self, event: events.Key) -> None:
        """The keys of the review."""
        key = event.character if event.is_printable and event.character else event.key
        meant = keymap_of(self).meant(key, Where.REVIEW) if self.has_class("-review") else None
        if meant is not None:
            event.stop()
            await self._do_reviewed(meant.id)

    async def _do_reviewed(self, action_id: str) -> None:
        if action_id == "review.leave":
            self._leave_review()
        elif action_id == "review.editor":
            self._leave_review()
            self.run_worker(self._edit(), exclusive=True)
        else:
            await self._finish(action_id.removeprefix("review."))

    async def on_key_footer_clicked(self, message: KeyFooter.Clicked) -> None:
        if message.action.where is Where.REVIEW:
            await self._do_reviewed(message.action.id)
        else:
            await self.run_action(message.action.textual_action)

    async def _finish(self, outcome: str) -> None:
        if outcome == "send":
            try:
                check_recipients(self.current())
            except ShinboxError as error:
                self._leave_review()
                self._say_problem(str(error))
                return
        await self.save()
        self.dismiss(Composed(outcome, self._draft))  # type: ignore[arg-type]  # from the table above

    async def _edit(self) -> None:
        from shinbox.tui.editor import edit, editor_command

        area = self.query_one("#text", TextField)
        await self.save()
        path = self._journal.editor_file(self._draft.id)
        try:
            await asyncio.to_thread(self._journal.begin, self._draft)
            area.fill(await edit(self.app, path, area.text, editor_command()))
        except ShinboxError as error:
            self._say_problem(str(error))
        await self.save()

    def action_next_identity(self) -> None:
        """Go to the next identity that one may send as; the signature goes with it."""
        old = self.identity
        place = list(self._identities).index(old)
        new = self._identities[(place + 1) % len(self._identities)]
        area = self.query_one("#text", TextField)
        self._draft.identity = new.id
        area.fill(with_signature(area.text, old, new))
        self._say_who()
        self._save_soon()


def _address(identity: Identity) -> EmailAddress:
    return EmailAddress(identity.email, identity.name or None)
