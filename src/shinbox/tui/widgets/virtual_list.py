"""The one list of shinbox: a cursor and marks over rows that exist only where one looks.

Owns cursor, marks, folding keys, scrolling and drawing; messages, folders, picker entries and audit
lines are all rows to it. Knows no protocol: rows come from a `RowSource`, rows that are not there
yet are asked for with `RangeWanted`. A move of the cursor repaints two lines, never the widget
(measured, TUI.md §4), and no row is ever taken away because a connection is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from shinbox.tui.actions import Where
from shinbox.tui.columns import Column
from shinbox.tui.keys import bindings_for
from shinbox.tui.look import is_plain
from shinbox.tui.rows import Asking, FixedRows, Marks, Row, RowSource
from shinbox.tui.widgets.list_messages import CursorMoved, Folded, MarksChanged, Opened, RangeWanted
from shinbox.tui.widgets.row_painter import RowPainter, RowState


class VirtualList(ScrollView, can_focus=True):
    """A list of any length. Call `source_changed` whenever the source holds other rows than before."""

    COMPONENT_CLASSES: ClassVar[set[str]] = RowPainter.COMPONENT_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Where.MOTION, Where.LIST)
    DEFAULT_CSS = RowPainter.CSS

    def __init__(
        self,
        columns: Sequence[Column],
        source: RowSource | None = None,
        *,
        empty: str = "Nothing here.",
        markable: bool = True,
        one_click: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`one_click`: a single click opens, as where something is chosen; else a second one."""
        super().__init__(id=id, classes=classes)
        self._columns = columns
        self._one_click = one_click
        self._source: RowSource = source or FixedRows()
        self._empty = empty
        self._markable = markable
        self._painter = RowPainter(self)
        self._cursor = 0
        self._cursor_id: str | None = None
        self._seen: dict[int, str] = {}
        self._asking = Asking()
        self._offline = False
        self.marks = Marks()
        self.scroll_jump = 0
        """Lines to scroll when the cursor leaves the screen by a single step; 0 is half a screen."""

    # --- what it shows ---------------------------------------------------------------------------

    @property
    def source(self) -> RowSource:
        return self._source

    @source.setter
    def source(self, source: RowSource) -> None:
        """Show other rows, from the top and with nothing marked."""
        self._source = source
        self._cursor, self._cursor_id = 0, None
        self._seen.clear()
        self.marks.clear()
        self._scroll_top(0)
        self.source_changed()

    def replace_source(self, source: RowSource) -> None:
        """Take the rows from another source that shows the same things: cursor and marks stay."""
        self._source = source
        self.source_changed()

    @property
    def cursor(self) -> int:
        """The line the cursor is on; 0 where there is none."""
        return self._cursor

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor, None if there is none or it is not loaded."""
        return self._source.row(self._cursor) if self._cursor < self._source.total else None

    @property
    def offline(self) -> bool:
        """Whether rows that are missing cannot be loaded now; the others stay."""
        return self._offline

    @offline.setter
    def offline(self, offline: bool) -> None:
        if offline != self._offline:
            self._offline = offline
            self._asking.forget()
            self._redraw()
            self._want()

    def set_empty(self, text: str) -> None:
        """What to say where there are no rows."""
        self._empty = text
        self._redraw()

    def source_changed(self) -> None:
        """The source holds other rows: keep the cursor on its row, or on the next that is left."""
        old_cursor, old_top = self._cursor, self.scroll_offset.y
        total = self._source.total
        self._asking.forget()
        self._cursor = max(0, min(self._survivor(), total - 1))
        self.virtual_size = Size(self.size.width, total)
        if old_top:
            self._scroll_top(old_top + self._cursor - old_cursor)
        self._seen.clear()
        self._remember()
        self._show_cursor(whole=False)
        self._redraw()
        self._want()
        self.post_message(CursorMoved(self, self._cursor, self.cursor_row))

    def rows_loaded(self, first: int, last: int) -> None:
        """Rows that were missing are there now, at the places where they were missed."""
        top = self.scroll_offset.y
        for index in range(max(first, top), min(last, top + self._height - 1) + 1):
            self.refresh_line(index)
        self._asking.forget()
        if first <= self._cursor <= last:
            self._remember()
            self.post_message(CursorMoved(self, self._cursor, self.cursor_row))

    def _survivor(self) -> int:
        """Where the cursor's row is now; if it is gone, the nearest row of the screen that is left."""
        if self._cursor_id is not None:
            found = self._source.index_of(self._cursor_id)
            if found is not None:
                return found
        for index in sorted(self._seen, key=lambda i: (i < self._cursor, abs(i - self._cursor))):
            found = self._source.index_of(self._seen[index])
            if found is not None:
                return found if self._cursor_id is not None else found + self._cursor - index
        return self._cursor

    def _remember(self) -> None:
        row = self.cursor_row
        self._cursor_id = row.id if row else None

    # --- moving ----------------------------------------------------------------------------------

    def move_to(self, index: int, *, whole: bool = False) -> None:
        """Put the cursor on a line. `whole`: scroll so that the line stands where it stood on the screen."""
        index = max(0, min(index, self._source.total - 1))
        old = self._cursor
        if index == old:
            return
        self._cursor = index
        self._remember()
        moved = index - old
        if whole:
            self._scroll_top(self.scroll_offset.y + moved)
        self._show_cursor(whole=whole or abs(moved) > 1)
        if self.marks.extend_range(self._source, index):
            self._marks_changed()
        self.refresh_line(old)
        self.refresh_line(index)
        self._point()
        self._want()
        self.post_message(CursorMoved(self, index, self.cursor_row))

    def move_to_id(self, row_id: str) -> bool:
        """Put the cursor on a row; False if the source does not hold it."""
        index = self._source.index_of(row_id)
        if index is not None:
            self.move_to(index)
        return index is not None

    def _show_cursor(self, whole: bool) -> None:
        top, height = self.scroll_offset.y, self._height
        if top <= self._cursor < top + height:
            return
        jump = 1 if whole else self.scroll_jump or max(1, height // 2)
        above = self._cursor < top
        self._scroll_top(self._cursor - jump + 1 if above else self._cursor - height + jump)

    def _scroll_top(self, line: int) -> None:
        # Forced: until a scrollbar was laid out Textual believes that there is nothing to scroll.
        self.scroll_to(y=line, animate=False, force=True)

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._seen.clear()
            self._want()

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
            self.refresh()
        else:
            self.refresh_line(index)
        self.post_message(MarksChanged(self))

    # --- asking for rows -------------------------------------------------------------------------

    def _want(self) -> None:
        """Ask once for the missing rows in and around the screen."""
        if self.is_attached and not self._offline:
            wanted = self._asking.wanted(self._source, self.scroll_offset.y, self._height)
            if wanted:
                self.post_message(RangeWanted(self, *wanted))

    # --- drawing ---------------------------------------------------------------------------------

    def _redraw(self) -> None:
        self._painter.forget()
        self.refresh()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self._source.total)
        if self._cursor < self._height // 2:
            self._scroll_top(0)
        self._show_cursor(whole=True)
        self._want()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter.forget()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.refresh_line(self._cursor)
        self._point()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if not is_plain(self):
            return self._line(y, index, width)
        # Where colours may be missing, signs say which line is meant and which are selected.
        row = self._source.row(index) if index < self._source.total else None
        here = index == self._cursor and index < self._source.total
        signs = (">" if here else " ") + ("x" if row is not None and row.id in self.marks else " ")
        return Strip.join([Strip([Segment(signs)], len(signs)), self._line(y, index, width - len(signs))])

    def _line(self, y: int, index: int, width: int) -> Strip:
        self._painter.place(self._columns, width)
        if not self._source.total and y == 0:
            return self._painter.note(self._empty, width)
        if index >= self._source.total:
            return self._painter.blank(width)
        row = self._source.row(index)
        state = RowState(index == self._cursor, row is not None and row.id in self.marks, self.has_focus)
        if row is None:
            return self._painter.missing(width, state, offline=self._offline)
        self._seen[index] = row.id
        return self._painter.line(row, width, state)

    def _point(self) -> None:
        """Put the terminal's own cursor on the line: whoever reads aloud or in Braille follows it."""
        if is_plain(self) and self.has_focus:
            region = self.scrollable_content_region
            top = self.content_region.y + self._cursor - self.scroll_offset.y
            self.app.cursor_position = Offset(
                self.content_region.x, min(top, region.height + self.content_region.y)
            )

    def refresh_line(self, y: int) -> None:
        """Repaint one line of the list, if it is on the screen."""
        line = y - self.scroll_offset.y
        if 0 <= line < self._height:
            self.refresh(Region(0, line, self.scrollable_content_region.width, 1))

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
