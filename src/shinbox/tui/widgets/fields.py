"""Fields to type in, into which no control character gets: not by a draft, a quotation, an editor or a paste.

Own nothing but that gate: Textual's own fields draw a raw ESC to the terminal (TUI.md), and the quotation
in a reply is a stranger's text.
"""

from __future__ import annotations

from typing import Any

from textual import events
from textual.widgets import Input, TextArea

from shinbox.tui.safe_text import block, plain
from shinbox.tui.typed_ahead import FocusedAtOnce


class LineField(FocusedAtOnce, Input):
    """One line."""

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value=plain(value), select_on_focus=False, **options)

    def fill(self, text: str) -> None:
        """Replace the text."""
        self.value = plain(text)

    def on_paste(self, event: events.Paste) -> None:
        # Handlers of a subclass run before those of its base: Input pastes what is left here.
        event.text = plain(" ".join(event.text.splitlines()))


class TextField(FocusedAtOnce, TextArea):
    """Several lines."""

    def __init__(self, text: str = "", **options: Any) -> None:
        super().__init__(block(text), **options)

    def fill(self, text: str) -> None:
        """Replace the text; the cursor goes to its beginning."""
        self.text = block(text)

    def on_resize(self) -> None:
        # TextArea wraps anew then, but draws that only where the number of lines is another.
        self.refresh()

    def on_paste(self, event: events.Paste) -> None:
        # Terminals send the ends of pasted lines as the Return key does.
        event.text = block(event.text.replace("\r\n", "\n").replace("\r", "\n"))
