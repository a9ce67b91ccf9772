"""The lines of a list: a cursor over rows that exist only where one looks, and their drawing.

Owns the place of the cursor, scrolling, asking for rows and drawing them. Knows no protocol: rows come from
a `RowSource`, rows that are not there yet are asked for with `RangeWanted`. Only lines that look different
are painted: a move of the cursor repaints two, never the widget (measured, TUI.md §4), news from elsewhere
those that changed. No row goes because a connection is gone. Keys and mouse are virtual_list.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from rich.segment import Segment
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from shinbox.tui.columns import Column
from shinbox.tui.look import is_plain
from shinbox.tui.rows import Asking, FixedRows, Marks, Row, RowSource
from shinbox.tui.typed_ahead import FocusedAtOnce
from shinbox.tui.widgets.list_messages import CursorMoved, RangeWanted
from shinbox.tui.widgets.row_painter import Picture, RowPainter, RowState
from shinbox.tui.wrap import wrap_line

BESIDE: Final = 3
"""Lines before and after the cursor that it may go to when its own is gone."""


class ListLines(FocusedAtOnce, ScrollView):
    """The lines of a list of any length. Call `source_changed` whenever the source holds other rows."""

    def __init__(
        self,
        columns: Sequence[Column],
        source: RowSource | None = None,
        *,
        empty: str = "Nothing here.",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = columns
        self._source: RowSource = source or FixedRows()
        self._empty = empty
        self._painter = RowPainter(self)
        self._cursor = 0
        self._cursor_id: str | None = None
        self._seen: dict[int, str] = {}
        self._drawn: dict[int, Picture] = {}
        """By line of the screen: what was drawn there last."""
        self._asking = Asking()
        self._offline = False
        self._steered = False
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
            self.repaint_changed()
            self._want()

    def set_empty(self, text: str) -> None:
        """What to say where there are no rows."""
        self._empty = text
        self.repaint_changed()

    def source_changed(self) -> None:
        """The source holds other rows: keep the cursor on its row, or on the next that is left."""
        old_cursor, old_top = self._cursor, self.scroll_offset.y
        # Who scrolled away from the cursor with the wheel is left where they look.
        follows = old_top <= old_cursor < old_top + self._height
        total = self._source.total
        self._asking.forget()
        self._cursor = max(0, min(self._survivor(), total - 1))
        self.virtual_size = Size(self.size.width, total)
        if old_top:
            self._scroll_top(old_top + self._cursor - old_cursor)
        self._seen.clear()
        self._remember()
        if follows:
            self._show_cursor(whole=False)
        self.repaint_changed()
        self._want()
        self._tell()

    def rows_loaded(self, first: int, last: int) -> None:
        """Rows that were missing are there now, at the places where they were missed."""
        self.repaint_changed()
        self._asking.forget()
        if first <= self._cursor <= last:
            self._remember()
            self._tell()

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
        """What is under the cursor and beside it: a list that a message hides draws none of its lines."""
        row = self.cursor_row
        self._cursor_id = row.id if row else None
        for index in range(max(0, self._cursor - BESIDE), min(self._cursor + BESIDE + 1, self._source.total)):
            row = self._source.row(index)
            if row is not None:
                self._seen[index] = row.id

    # --- moving ----------------------------------------------------------------------------------

    def move_to(self, index: int, *, whole: bool = False) -> bool:
        """Put the cursor on a line; False if it is there. `whole`: it keeps its place on the screen."""
        index = max(0, min(index, self._source.total - 1))
        old = self._cursor
        if index == old:
            return False
        self._cursor = index
        self._remember()
        moved = index - old
        if whole:
            self._scroll_top(self.scroll_offset.y + moved)
        self._show_cursor(whole=whole or abs(moved) > 1)
        self.refresh_line(old, index)
        self._point()
        self._tell()
        return True

    def _tell(self) -> None:
        """Say where the cursor is: past the panes between, each of which would look if it is concerned."""
        listener = self.screen if self.is_attached else self
        listener.post_message(CursorMoved(self, self._cursor, self.cursor_row))

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
            self._remember()
            self._want()

    # --- asking for rows -------------------------------------------------------------------------

    def _want(self) -> None:
        """Ask once for the missing rows in and around the screen."""
        if self.is_attached and not self._offline:
            wanted = self._asking.wanted(self._source, self.scroll_offset.y, self._height)
            if wanted:
                self.post_message(RangeWanted(self, *wanted))

    # --- drawing ---------------------------------------------------------------------------------

    def repaint_changed(self) -> None:
        """Paint the lines that no longer look as they were drawn."""
        width, top = self.scrollable_content_region.width, self.scroll_offset.y
        for y in range(self._height):
            picture = self._picture(top + y)
            if picture.row is not None:
                self._seen[top + y] = picture.row.id
            if not picture.looks_like(self._drawn.get(y)):
                self.refresh(Region(0, y, width, 1))

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

    def _picture(self, index: int) -> Picture:
        if index >= self._source.total:
            y = index - self.scroll_offset.y
            return Picture(None, text="" if self._source.total else self._empty_line(y))
        row, here = self._source.row(index), index == self._cursor
        focused = self.has_focus or self._steered or not here
        state = RowState(here, row is not None and row.id in self.marks, focused)
        return Picture(row, state, "offline" if row is None and self._offline else "")

    def _empty_line(self, y: int) -> str:
        """A sentence may be longer than a line: why a desk cannot be reached must not be cut."""
        lines = wrap_line(self._empty, max(1, self.scrollable_content_region.width - 4))
        return next(islice(lines, y, None), "")

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        picture = self._drawn[y] = self._picture(index)
        if picture.row is not None:
            self._seen[index] = picture.row.id
        if not is_plain(self):
            return self._strip(picture, width)
        # Where colours may be missing, signs say which line is meant and which are selected.
        state = picture.state or RowState()
        signs = (">" if state.cursor else " ") + ("x" if state.marked else " ")
        beginning = Strip([Segment(signs, self.rich_style)], len(signs))
        return Strip.join([beginning, self._strip(picture, width - len(signs))])

    def _strip(self, picture: Picture, width: int) -> Strip:
        self._painter.place(self.columns, width)
        if picture.row is not None and picture.state is not None:
            return self._painter.line(picture.row, width, picture.state)
        if picture.state is not None:
            return self._painter.missing(width, picture.state, offline=bool(picture.text))
        return self._painter.note(picture.text, width) if picture.text else self._painter.blank(width)

    def _point(self) -> None:
        """Put the terminal's own cursor on the line: whoever reads aloud or in Braille follows it."""
        if is_plain(self) and self.has_focus:
            region = self.scrollable_content_region
            top = self.content_region.y + self._cursor - self.scroll_offset.y
            self.app.cursor_position = Offset(
                self.content_region.x, min(top, region.height + self.content_region.y)
            )

    def refresh_line(self, y: int, *more: int) -> None:
        """Repaint a line of the list, and others, as far as they are on the screen."""
        (width, height), top = self.scrollable_size, self.scroll_offset.y
        lines = [index - top for index in (y, *more) if 0 <= index - top < height]
        if lines:
            self.refresh(*(Region(0, line, width, 1) for line in lines))
