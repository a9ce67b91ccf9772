"""Ask for one line. Owns the box; knows not what the line is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from shinbox.tui.keys import bindings_of
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import shown
from shinbox.tui.widgets.fields import LineField


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a line, as a sentence; one that forbids keeps the box open."""

    text: str = ""
    forbids: bool = False


Check = Callable[[str], Wrong]


class AskScreen(ModalScreen[str | None]):
    """Returns the line; None where the box was left, and for an empty line unless that may be meant."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("box.leave", "box.take", priority=True)
    DEFAULT_CSS = """
    AskScreen { align: center top; background: $background 60%; }
    AskScreen #box {
        width: 80; max-width: 90%; height: auto; margin-top: 2;
        background: $surface; border: round $ink-muted; border-title-color: $ink-accent;
        border-subtitle-color: $ink-muted;
    }
    AskScreen #problem { height: auto; color: $ink-warning; padding: 0 1; }
    AskScreen Input, AskScreen Input:focus { border: none; height: 1; background: $surface; padding: 0 1; }
    """

    def __init__(
        self,
        title: str,
        value: str = "",
        check: Check | None = None,
        *,
        may_be_empty: bool = False,
        proposed: bool = False,
    ) -> None:
        """`check` says what is wrong with the line as it is typed, and whether that forbids it.

        What is `proposed` goes with the first letter that is typed.
        """
        super().__init__()
        self._title = title
        self._value = value
        self._check = check
        self._may_be_empty = may_be_empty
        self._proposed = proposed

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = shown(self._title)
            keys = keymap_of(self)
            box.border_subtitle = shown(f"{keys.key('box.take')} is done · {keys.key('box.leave')} leaves")
            yield LineField(self._value, id="line")
            yield Static(shown(""), id="problem")

    def on_mount(self) -> None:
        self.query_one("#problem").display = False
        field = self.query_one(LineField)
        field.focus()
        if self._proposed:
            field.select_all()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._say(self._wrong(event.value).text)

    def _wrong(self, line: str) -> Wrong:
        return self._check(line.strip()) if self._check is not None and line.strip() else Wrong()

    def _say(self, text: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.update(shown(text))
        problem.display = bool(text)

    def on_click(self, event: events.Click) -> None:
        """A click beside the box leaves it."""
        if event.widget is self:
            self.action_leave()

    def action_leave(self) -> None:
        """Nothing is said."""
        self.dismiss(None)

    def action_take(self) -> None:
        """The line is meant, if nothing is wrong with it."""
        line = self.query_one(LineField).value.strip()
        wrong = self._wrong(line)
        if wrong.forbids:
            self._say(wrong.text)
        else:
            self.dismiss(line if line or self._may_be_empty else None)
