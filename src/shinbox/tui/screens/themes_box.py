"""Choose the colours: each theme is shown as the cursor passes it; leaving brings the old one back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import App

from shinbox.tui.columns import Column
from shinbox.tui.look import LookApp
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.widgets.list_messages import CursorMoved


class ThemeScreen(ChooseScreen):
    """Returns the theme, which holds then."""

    DEFAULT_CSS = """
    ThemeScreen { align: right top; background: $background 0%; }
    ThemeScreen #box { width: 40; margin-top: 1; }
    """

    columns: ClassVar[Sequence[Column]] = (
        Column("name", 12, flex=1),
        Column("note", 3, align="right", tone="muted"),
    )

    def __init__(self) -> None:
        super().__init__("Which colours?", [])
        self._before = ""

    def on_mount(self) -> None:
        self._before = self.app.theme
        names = in_order(self.app, self._before)
        self.take(
            [Choice(name, name, "now" if name == self._before else "") for name in names], "Type to find"
        )
        super().on_mount()

    def on_cursor_moved(self, message: CursorMoved) -> None:
        if message.row is not None and message.row.id in self.app.available_themes:
            self.app.theme = message.row.id

    def action_leave(self) -> None:
        """The old colours again."""
        self.app.theme = self._before
        super().action_leave()

    def choose_id(self, choice: str) -> None:
        self.app.theme = choice
        super().choose_id(choice)


def in_order(app: App[object], now: str) -> list[str]:
    """The themes there are: the one that holds, then ours and the person's own, then those of the library."""
    ours = app.themes.loaded if isinstance(app, LookApp) else {}
    return sorted(app.available_themes, key=lambda name: (name != now, name not in ours))
