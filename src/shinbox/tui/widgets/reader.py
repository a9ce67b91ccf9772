"""The reader: a text of any length, wrapped as far as one has come.

Owns scrolling and drawing of one text. Knows no mail: lines come with a tone. A long text is wrapped in
portions between keys, so five megabytes never stall one (a Static stalls for seconds, TUI.md §4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from shinbox.client.formats import Toned
from shinbox.tui.actions import Where
from shinbox.tui.columns import fit_text
from shinbox.tui.keys import bindings_for
from shinbox.tui.safe_text import plain
from shinbox.tui.typed_ahead import FocusedAtOnce
from shinbox.tui.widgets.tones import LABELS, Tones
from shinbox.tui.wrap import wrap_all

PORTION = 2000
"""Lines wrapped at once: some 5 ms."""

_LINK = re.compile(r"\[\d+\]|(?:https?://|mailto:)\S+")
"""What in a text stands for a link: its number, or where it leads."""

MARGIN = 1
"""Empty cells left of the text."""

TONES: Final[Mapping[str, str]] = {
    "header": "$ink-muted",
    "muted": "$ink-muted",
    "file": "$ink-muted",
    "quote": "$ink-quote",
    "subject": "bold",
    "warning": "$ink-warning",
    "error": "$ink-error",
    "link": "$ink-link",
    **LABELS,
}


class Reader(FocusedAtOnce, ScrollView, can_focus=True):
    """Shows one text at a time; `show` replaces it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Where.READER, Where.MOTION)
    WIDEST = 100
    """Cells of the widest line of text: longer ones are hard to read."""
    DEFAULT_CSS = """
    Reader {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text: Sequence[Toned] = ()
        self._note = ""
        self._wrapped: list[Toned] = []
        self._rest: Iterator[Toned] = iter(())
        self._width = 0
        self._tones = Tones(self, TONES)

    def show(self, text: Sequence[Toned]) -> None:
        """Show these lines from the top; those that are shown are not drawn again. Texts may be anybody's."""
        is_shown = bool(text) and list(text) == list(self._text)
        self._text = text
        if not text:
            self._note = ""
        self.scroll_to(0, 0, animate=False, force=True)
        if not is_shown:
            self._rewrap()

    def note(self, text: str) -> None:
        """Say something above the text; empty: nothing. What one reads stays where it is."""
        if text == self._note:
            return
        more = bool(text) - bool(self._note)
        self._note = text
        top = self.scroll_offset.y
        self._rewrap()
        # As far as one had come: what is portioned else comes too late for the place to be kept.
        self._wrapped.extend(islice(self._rest, max(0, top + self.size.height - len(self._wrapped))))
        self.virtual_size = Size(self._width, len(self._wrapped))
        if top:
            self.scroll_to(y=top + more, animate=False, force=True)

    @property
    def lines(self) -> int:
        """Lines wrapped so far."""
        return len(self._wrapped)

    def _rewrap(self) -> None:
        self._wrapped = []
        self._width = self.scrollable_content_region.width
        width = max(10, min(self.WIDEST, self._width - MARGIN - 1))
        above = [(self._note, "warning")] if self._note else []
        # A safe text has no fewer cells than a raw one, so it is made safe before it is cut.
        whole = ((plain(text, len(text)), tone) for text, tone in chain(above, self._text))
        self._rest = wrap_all(whole, width)
        self._wrap_more()

    def _wrap_more(self) -> None:
        """Wrap a portion; the rest after whatever is waiting."""
        before = len(self._wrapped)
        self._wrapped.extend(islice(self._rest, PORTION))
        self.virtual_size = Size(self._width, len(self._wrapped))
        if before < self.scroll_offset.y + self.size.height:
            self.refresh()
        if len(self._wrapped) - before == PORTION:
            self.set_timer(0.005, self._wrap_more)

    def on_resize(self) -> None:
        if self._width != self.scrollable_content_region.width:
            self._rewrap()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._tones.forget()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        text, tone = self._wrapped[index] if index < len(self._wrapped) else ("", "")
        return Strip([Segment(fit_text(" " * MARGIN + text, width), self._tones.style(tone))], width)

    # --- mouse ----------------------------------------------------------------------------------

    class Clicked(Message):
        """A file's line ("file") or the number of a link, or its address ("link"), was clicked."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        text, tone = self._wrapped[at] if at < len(self._wrapped) else ("", "")
        if tone == "file":
            self.post_message(self.Clicked("file"))
        elif any(link.start() <= event.x - MARGIN < link.end() for link in _LINK.finditer(text)):
            self.post_message(self.Clicked("link"))

    # --- moving: the names are the list's, so that one table of keys serves both --------------------

    def _by(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_cursor_down(self) -> None:
        self._by(1)

    def action_cursor_up(self) -> None:
        self._by(-1)

    def action_half_down(self) -> None:
        self._by(self.size.height // 2)

    def action_half_up(self) -> None:
        self._by(-(self.size.height // 2))

    def action_page_down(self) -> None:
        self._by(self.size.height - 1)

    def action_page_up(self) -> None:
        self._by(1 - self.size.height)

    def action_cursor_first(self) -> None:
        self.scroll_to(y=0, animate=False)

    def action_cursor_last(self) -> None:
        self.scroll_to(y=len(self._wrapped), animate=False)
