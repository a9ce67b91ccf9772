"""Ask for one line. Owns the box; knows not what the line is for."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from shinbox.tui.safe_text import shown
from shinbox.tui.widgets.fields import LineField


class AskScreen(ModalScreen[str | None]):
    """Returns the line, None for Esc or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    AskScreen { align: center top; background: $background 60%; }
    AskScreen #box {
        width: 80; max-width: 90%; height: auto; margin-top: 2;
        background: $surface; border: round $ink-muted; border-title-color: $ink-accent;
    }
    AskScreen Input, AskScreen Input:focus { border: none; height: 1; background: $surface; padding: 0 1; }
    """

    def __init__(self, title: str, value: str = "") -> None:
        super().__init__()
        self._title = title
        self._value = value

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = shown(self._title)
            yield LineField(self._value, id="line")

    def on_mount(self) -> None:
        self.query_one(LineField).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)
