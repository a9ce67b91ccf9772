"""The line where a search is typed: what it looks through, the words, what is wrong with them.

Owns the line only; what is found is the screen's. Made when it is wanted first.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from shinbox.tui.actions import Where
from shinbox.tui.keys import bindings_for
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import joined, shown
from shinbox.tui.widgets.fields import LineField

SEARCH_AFTER = 0.25
"""Seconds without a key until what is typed is searched for."""


class SearchBar(Horizontal):
    """Posts `Typed` while one types, `Left` on Enter, arrow down and Esc, `OtherScope` on Tab."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Where.SEARCH, priority=True)
    DEFAULT_CSS = """
    SearchBar { height: 1; background: $fill-bar; color: $ink-bar; display: none; }
    SearchBar.-shown { display: block; }
    SearchBar Static { width: auto; background: $fill-bar; }
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

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._scope = Static(shown(""))
        self._field = LineField(placeholder="words, from: to: subject: is:unread has:attachment after:7d in:")
        self._note = Static(shown(""))
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._scope
        yield self._field
        yield self._note

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

    def say(self, scope: str, note: str = "") -> None:
        """What is looked through, and what is to be said about the words."""
        key = keymap_of(self).key("search.scope")
        self._scope.update(joined(shown(f" Search {scope} ", "bold"), shown(f"{key} ", "$ink-bar-key")))
        self._note.update(shown(f" {note} " if note else "", "$ink-warning"))

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

    def action_leave(self, back: bool) -> None:
        if self._timer is not None:
            self._timer.stop()
        if not back:
            self._typed()
        self.post_message(self.Left(back))

    def action_other_scope(self) -> None:
        self.post_message(self.OtherScope())
