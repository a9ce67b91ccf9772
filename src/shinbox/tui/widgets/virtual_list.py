"""The one list of shinbox: keys, marks and mouse over its lines.

Messages, folders, picker entries and audit lines are all rows to it. Owns which rows are marked and what a
key or a click does to cursor, marks and folds. Drawing, and where the cursor is, are list_lines.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from shinbox.tui.actions import Where
from shinbox.tui.columns import Column
from shinbox.tui.keys import bindings_for
from shinbox.tui.rows import RowSource
from shinbox.tui.widgets.list_lines import ListLines
from shinbox.tui.widgets.list_messages import Folded, MarksChanged, Opened


class VirtualList(ListLines, can_focus=True):
    """A list of any length. Call `source_changed` whenever the source holds other rows than before."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Where.MOTION, Where.LIST)
    DEFAULT_CSS = """
    VirtualList {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(
        self,
        columns: Sequence[Column],
        source: RowSource | None = None,
        *,
        empty: str = "Nothing here.",
        markable: bool = True,
        one_click: bool = False,
        steered: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`one_click`: a single click opens, as where something is chosen; else a second one. `steered`: the
        field beside it moves the cursor, which is drawn as if the list had the focus.
        """
        super().__init__(columns, source, empty=empty, id=id, classes=classes)
        self._steered = steered
        self._markable = markable
        self._one_click = one_click

    # --- moving ----------------------------------------------------------------------------------

    def move_to(self, index: int, *, whole: bool = False) -> bool:
        moved = super().move_to(index, whole=whole)
        if moved and self.marks.extend_range(self._source, self._cursor):
            self._marks_changed()
        return moved

    def action_cursor_down(self) -> None:
        self.move_to(self._cursor + 1)

    def action_cursor_up(self) -> None:
        self.move_to(self._cursor - 1)

    def action_cursor_first(self) -> None:
        self.move_to(0)

    def action_cursor_last(self) -> None:
        self.move_to(self._source.total - 1)

    def action_half_down(self) -> None:
        self.move_to(self._cursor + self._height // 2, whole=True)

    def action_half_up(self) -> None:
        self.move_to(self._cursor - self._height // 2, whole=True)

    def action_page_down(self) -> None:
        self.move_to(self._cursor + self._height, whole=True)

    def action_page_up(self) -> None:
        self.move_to(self._cursor - self._height, whole=True)

    def action_open(self) -> None:
        if self._cursor < self._source.total:
            self.post_message(Opened(self, self._cursor, self.cursor_row))

    def action_fold(self) -> None:
        self._fold_if("open")

    def action_unfold(self) -> None:
        self._fold_if("shut")

    def action_toggle_fold(self) -> None:
        row = self.cursor_row
        if row is not None and row.fold:
            self.post_message(Folded(self, self._cursor, row))
        else:
            self.screen.focus_next()

    def _fold_if(self, state: str) -> None:
        row = self.cursor_row
        if row is not None and row.fold == state:
            self.post_message(Folded(self, self._cursor, row))

    # --- marks -----------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the row under the cursor and go on; ends a range that is being marked."""
        row = self.cursor_row
        if not self._markable or row is None or self.marks.end_range():
            return
        self.marks.toggle(row.id)
        self._marks_changed(self._cursor)
        self.action_cursor_down()

    def action_mark_range(self) -> None:
        """Begin or end marking every line that the cursor passes."""
        row = self.cursor_row
        if not self._markable or row is None or self.marks.end_range():
            return
        self.marks.begin_range(row.id)
        self._marks_changed(self._cursor)

    def action_mark_all(self) -> None:
        """Mark every row, also those that are not loaded; if all are marked, none."""
        if self._markable and self._source.total:
            if self.marks.everything:
                self.marks.clear()
            else:
                self.marks.mark_everything()
            self._marks_changed()

    def clear_marks(self) -> bool:
        """Mark nothing; False if nothing was marked."""
        had = bool(self.marks)
        self.marks.clear()
        if had:
            self._marks_changed()
        return had

    def _marks_changed(self, index: int | None = None) -> None:
        if index is None:
            self.repaint_changed()
        else:
            self.refresh_line(index)
        self.post_message(MarksChanged(self))

    # --- mouse -----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second opens; with Ctrl, or on the first cell, it marks; with Shift a range."""
        index = event.y + self.scroll_offset.y
        if index >= self._source.total:
            return
        here, before = index == self._cursor, self._cursor
        if self._markable and event.shift:
            self._mark_from(before, index)
            return
        self.move_to(index)
        row = self.cursor_row
        if row is None:
            return
        if self._markable and (event.ctrl or event.x == 0):
            self.marks.toggle(row.id)
            self._marks_changed(index)
        elif self._one_click or here or event.chain > 1:
            self.action_open()

    def _mark_from(self, first: int, last: int) -> None:
        """Mark the loaded rows between two lines, both included."""
        step = 1 if last >= first else -1
        for index in range(first, last + step, step):
            row = self._source.row(index)
            if row is not None and row.id not in self.marks:
                self.marks.toggle(row.id)
        self.move_to(last)
        self._marks_changed()
