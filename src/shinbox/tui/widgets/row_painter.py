"""Draws the lines of a VirtualList: columns, styles, ellipses; keeps what it has drawn.

Owns the look of a row. Knows no source, cursor or marks: it is told the state of each line. Every text
passes `plain` here, so no row can carry a byte to the terminal by another way.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from shinbox.text.cells import cell_len
from shinbox.tui.columns import GAP, Column, Placed, fit_columns, fit_text
from shinbox.tui.rows import Row, look_alike
from shinbox.tui.safe_text import plain
from shinbox.tui.widgets.tones import LABELS, Tones

KEPT_LINES = 2000
"""Drawn lines that are kept before all are thrown away."""

TONES: Final[Mapping[str, str]] = {
    "cursor": "$block-cursor-foreground on $block-cursor-background",
    "cursor-blurred": "$ink-blurred on $fill-blurred",
    "marked": "$ink-marked on $fill-marked",
    "placeholder": "$ink-muted",
    "prefix": "$ink-muted",
    "unread": "bold",
    "muted": "$ink-muted",
    "flagged": "$ink-warning",
    "accent": "$ink-accent",
    "warning": "$ink-warning",
    "error": "$ink-error",
    "success": "$ink-success",
    **LABELS,
}


@dataclass(frozen=True, slots=True)
class RowState:
    """How a line differs from its neighbours."""

    cursor: bool = False
    marked: bool = False
    focused: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn in one line of the screen. Without a row: `text`, or that the row is missing."""

    row: Row | None
    state: RowState | None = None
    text: str = ""

    def looks_like(self, other: Picture | None) -> bool:
        """Whether drawing it would change nothing."""
        if other is None or self.state != other.state or self.text != other.text:
            return False
        return look_alike(self.row, other.row)


class RowPainter:
    """Rows to strips, for one widget of the given width."""

    def __init__(self, widget: Widget) -> None:
        self._tones = Tones(widget, TONES)
        self._placed: Sequence[Placed] = ()
        self._fitted: tuple[Sequence[Column], int] = ((), 0)
        self._lines: dict[tuple[str, RowState], tuple[Row, Strip]] = {}

    def place(self, columns: Sequence[Column], width: int) -> None:
        """Use these columns from now on, in `width` cells."""
        if (columns, width) != self._fitted:
            self._fitted = (columns, width)
            self._placed = fit_columns(columns, width)
            self.forget()

    def forget(self) -> None:
        """Draw everything anew: other colours or another width."""
        self._lines.clear()
        self._tones.forget()

    def line(self, row: Row, width: int, state: RowState) -> Strip:
        """The strip of one row."""
        kept = self._lines.get((row.id, state))
        if kept is not None and kept[0] is row:
            return kept[1]
        strip = Strip(list(self._segments(row, state))).adjust_cell_length(width, self._base(row, state))
        if len(self._lines) > KEPT_LINES:
            self._lines.clear()
        self._lines[row.id, state] = (row, strip)
        return strip

    def missing(self, width: int, state: RowState, *, offline: bool) -> Strip:
        """The line of a row that is not loaded."""
        text = "   not loaded: no connection" if offline else "   …"
        style = self._tones.style(*self._state_tones(state), "" if state.cursor else "placeholder")
        return Strip([Segment(fit_text(text, width), style)], width)

    def note(self, text: str, width: int) -> Strip:
        """A sentence in place of rows."""
        return Strip([Segment(fit_text("  " + plain(text), width), self._tones.style("placeholder"))], width)

    def blank(self, width: int) -> Strip:
        """A line below the last row."""
        return Strip.blank(width, self._tones.style())

    def _segments(self, row: Row, state: RowState) -> Iterator[Segment]:
        """Neighbours of one style are one segment: each change of colour costs some 40 bytes on the wire."""
        base = self._base(row, state)
        text, style = "", base
        for piece, tone in self._pieces(row):
            its_own = style if piece.isspace() else self._tinted(row, state, tone)
            if its_own is not style and text:
                yield Segment(text, style)
                text = ""
            text, style = text + piece, its_own
        yield Segment(text, style)

    def _pieces(self, row: Row) -> Iterator[tuple[str, str]]:
        """Every column's text, cut to its width, with the tone it asks for."""
        for number, placed in enumerate(self._placed):
            if number:
                yield " " * GAP, ""
            room = placed.width
            if placed.column.tree and row.prefix:
                prefix = row.prefix[: max(0, room - 4)]
                room -= len(prefix)
                yield prefix, "prefix"
            if placed.column.tree and row.chips:
                room -= yield from self._chips(row, room // 2)
            text = plain(row.cells.get(placed.key, row.cells.get(placed.column.key, "")), 4 * room + 16)
            if placed.column.tree and row.state:
                state = f" · {row.state}"
                text = fit_text(text, min(cell_len(text), max(1, room - cell_len(state)))) + state
            tone = row.tones.get(placed.column.key, placed.column.tone)
            yield fit_text(text, room, placed.column.align), tone

    @staticmethod
    def _chips(row: Row, room: int) -> Generator[tuple[str, str], None, int]:
        """As many chips as fit, and how many do not; returns the cells they took."""
        used = 0
        for place, (text, tone) in enumerate(row.chips):
            piece = f"{plain(text, 24)} "
            width = cell_len(piece)
            if used + width > room:
                piece, tone = f"+{len(row.chips) - place} ", "muted"
                if used + len(piece) <= room:
                    used += len(piece)
                    yield piece, tone
                break
            used += width
            yield piece, tone
        return used

    def _base(self, row: Row, state: RowState) -> Style:
        tones = (row.tone, *self._state_tones(state)) if not state.cursor or row.tone == "unread" else ()
        return self._tones.style(*(tones or self._state_tones(state)))

    def _tinted(self, row: Row, state: RowState, tone: str) -> Style:
        # Colours of cursor and mark win: a muted date must stay readable on their background.
        if not tone or state.cursor or state.marked:
            return self._base(row, state)
        return self._tones.style(row.tone, *self._state_tones(state), tone)

    @staticmethod
    def _state_tones(state: RowState) -> tuple[str, ...]:
        if state.cursor:
            return ("cursor" if state.focused else "cursor-blurred",)
        return ("marked",) if state.marked else ()
