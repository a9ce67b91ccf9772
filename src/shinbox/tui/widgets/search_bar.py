"""The line where a search is typed: what it looks through, the words, what is wrong with them.

Owns the line only; what is found is the screen's. Made when it is wanted first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.timer import Timer
from textual.widgets import Input, Static

from shinbox.tui.actions import Where, actions_for
from shinbox.tui.keys import bindings_for
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import joined, plain, shown
from shinbox.tui.widgets.bars import KeyFooter
from shinbox.tui.widgets.fields import LineField

SEARCH_AFTER = 0.25
"""Seconds without a key until what is typed is searched for."""


class Ahead(Suggester):
    """Offers how the line may go on."""

    def __init__(self, complete: Callable[[str], str | None]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The line, completed; made safe, since names of folders may be anybody's."""
        line = self._complete(value)
        return plain(line, len(line)) if line else None


class SearchBar(Vertical):
    """Posts `Typed` while one types, `Left` on Enter, arrow down and Esc, `OtherScope` on Tab."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Where.SEARCH, priority=True)
    DEFAULT_CSS = """
    SearchBar { height: auto; background: $fill-bar; color: $ink-bar; display: none; }
    SearchBar.-shown { display: block; }
    SearchBar Horizontal { height: 1; }
    SearchBar #scope { width: auto; max-width: 60%; background: $fill-bar; }
    SearchBar #note { height: auto; max-height: 3; padding: 0 1; background: $fill-bar; display: none; }
    SearchBar #note.-shown { display: block; }
    SearchBar Input, SearchBar Input:focus {
        border: none; height: 1; padding: 0; width: 1fr; background: $surface;
    }
    """

    class Typed(Message):
        """Search for this."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Left(Message):
        """The line was left; `back`: to where one was before."""

        def __init__(self, back: bool) -> None:
            super().__init__()
            self.back = back

    class OtherScope(Message):
        """Look through something else."""

    def __init__(
        self, complete: Callable[[str], str | None] = lambda line: None, id: str | None = None
    ) -> None:
        """`complete` says how a line may go on, at once."""
        super().__init__(id=id)
        self._scope = Static(shown(""), id="scope")
        self._field = LineField(
            placeholder="words, from: to: subject: is:unread has:attachment after:7d in: label:",
            suggester=Ahead(complete),
        )
        self._note = Static(shown(""), id="note")
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._scope
            yield self._field
        yield self._note
        yield KeyFooter(actions_for(Where.SEARCH), id="search-keys")

    @property
    def words(self) -> str:
        """What was typed."""
        return self._field.value

    def open(self, text: str = "") -> None:
        """Show the line and type into it."""
        self.add_class("-shown")
        with self.prevent(Input.Changed):
            self._field.fill(text)
        self._field.cursor_position = len(self._field.value)
        self._field.focus()

    def close(self) -> None:
        """Take the line away."""
        if self._timer is not None:
            self._timer.stop()
        self.remove_class("-shown")

    def say(self, scope: str, note: str = "", tone: str = "$ink-warning") -> None:
        """What is looked through, and what is to be said about the words."""
        key = keymap_of(self).key("search.scope")
        self._scope.update(joined(shown(f" Search {scope} ", "bold"), shown(f"{key} ", "$ink-bar-key")))
        self._note.update(shown(note, tone))
        self._note.set_class(bool(note), "-shown")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SEARCH_AFTER, self._typed)

    def _typed(self) -> None:
        self.post_message(self.Typed(self._field.value))

    def on_click(self, event: events.Click) -> None:
        """A click on what is looked through changes it."""
        if event.widget is self._scope:
            self.action_other_scope()

    async def on_key_footer_clicked(self, message: KeyFooter.Clicked) -> None:
        message.stop()
        await self.run_action(message.action.run)

    def action_leave(self, back: bool) -> None:
        if self._timer is not None:
            self._timer.stop()
        if not back:
            self._typed()
        self.post_message(self.Left(back))

    def action_other_scope(self) -> None:
        self.post_message(self.OtherScope())
