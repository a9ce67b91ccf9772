"""What a ListLines tells its screen.

Only the messages: their meaning and what they carry. `control` lets `@on(…, "#id")` tell lists apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from shinbox.tui.rows import Row

if TYPE_CHECKING:
    from shinbox.tui.widgets.list_lines import ListLines


class ListMessage(Message):
    """A message from a list."""

    def __init__(self, sender: ListLines) -> None:
        super().__init__()
        self.list = sender

    @property
    def control(self) -> ListLines:
        return self.list


class RangeWanted(ListMessage):
    """Rows that the source does not hold are about to be seen: load `first` to `last`, both included."""

    def __init__(self, sender: ListLines, first: int, last: int) -> None:
        super().__init__(sender)
        self.first = first
        self.last = last

    def can_replace(self, message: Message) -> bool:
        """Someone who scrolls fast wants the last range, not each that flew by."""
        return isinstance(message, RangeWanted) and message.list is self.list


class MarksChanged(ListMessage):
    """Other rows are marked than before."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, MarksChanged) and message.list is self.list


class RowMessage(ListMessage):
    """A message about one line; `row` is None while that line is not loaded."""

    def __init__(self, sender: ListLines, index: int, row: Row | None) -> None:
        super().__init__(sender)
        self.index = index
        self.row = row


class CursorMoved(RowMessage):
    """The cursor is on another line, or its line shows another row."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, CursorMoved) and message.list is self.list


class Opened(RowMessage):
    """Enter, or a click on the line under the cursor."""


class Folded(RowMessage):
    """The line should be folded or unfolded; whoever owns the source does it and calls `source_changed`."""
