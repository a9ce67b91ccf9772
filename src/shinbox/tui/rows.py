"""What a list shows: rows, where they come from, and which of them are marked.

Pure: no widget, no protocol. A source answers from memory and at once; a row it does not hold yet is
None, and the list asks for it with a message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of a list. Texts may be anybody's: the list makes them safe.

    A changed row is a new object: the list keeps drawn rows and compares by identity.
    """

    id: str
    cells: Mapping[str, str]
    """Text of each column by its key; `key + "-short"` where the column can shrink."""
    tone: str = ""
    """Component style of the whole line (`unread`, `muted`, …)."""
    tones: Mapping[str, str] = field(default_factory=dict)
    """Component style of single columns."""
    prefix: str = ""
    """Tree lines before the text of the tree column; ours, not the sender's."""
    chips: Sequence[tuple[str, str]] = ()
    """Short marks before the text of the tree column, such as labels, each with its component style."""
    state: str = ""
    """What must be seen after the text of the tree column: where room is short, the text gives way."""
    fold: Literal["open", "shut"] | None = None
    """Whether lines are folded under this one; None where there are none."""


def look_alike(one: Row | None, other: Row | None) -> bool:
    """Whether two rows are of the same thing and drawn the same."""
    if one is other:
        return True
    if one is None or other is None:
        return False
    return all(getattr(one, name) == getattr(other, name) for name in Row.__slots__)


class RowSource(Protocol):
    """Rows by position. Answers at once from what it holds."""

    @property
    def total(self) -> int:
        """How many rows there are, loaded or not."""

    def row(self, index: int) -> Row | None:
        """The row at `index` (0 ≤ index < total), None while it is not loaded."""

    def index_of(self, row_id: str) -> int | None:
        """Where a row lies now, None if it is gone or not loaded."""


class FixedRows:
    """A source whose rows are all in memory: pickers, sidebars, help."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self.rows: Sequence[Row] = rows
        self._index = {row.id: index for index, row in enumerate(rows)}

    @property
    def total(self) -> int:
        return len(self.rows)

    def row(self, index: int) -> Row | None:
        return self.rows[index]

    def index_of(self, row_id: str) -> int | None:
        return self._index.get(row_id)


class Marks:
    """Which rows are marked: some, or all but some (a folder's hundred thousand are not loaded)."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self.everything = False
        """True if every row is marked except the `ids`."""
        self._range_from: str | None = None

    def __contains__(self, row_id: str) -> bool:
        return (row_id in self._ids) != self.everything

    def __bool__(self) -> bool:
        return self.everything or bool(self._ids)

    @property
    def ids(self) -> frozenset[str]:
        """The marked ids; the unmarked ones where `everything` is set."""
        return frozenset(self._ids)

    def count(self, total: int) -> int:
        """How many rows of `total` are marked."""
        return total - len(self._ids) if self.everything else len(self._ids)

    def set(self, row_ids: Collection[str], marked: bool = True) -> None:
        """Mark or unmark rows."""
        if marked != self.everything:
            self._ids.update(row_ids)
        else:
            self._ids.difference_update(row_ids)

    def toggle(self, row_id: str) -> None:
        """Mark an unmarked row, unmark a marked one."""
        self.set([row_id], row_id not in self)

    def mark_everything(self) -> None:
        """Mark all rows, loaded or not."""
        self._ids.clear()
        self.everything = True

    def begin_range(self, row_id: str) -> None:
        """Mark a row, and from now on every row up to wherever `extend_range` goes."""
        self._range_from = row_id
        self.set([row_id])

    def end_range(self) -> bool:
        """Keep what the range marked; False if there was none."""
        was_open, self._range_from = self._range_from is not None, None
        return was_open

    def extend_range(self, source: RowSource, index: int) -> bool:
        """Mark the loaded rows from the range's beginning to `index`; False where no range is open."""
        start = source.index_of(self._range_from) if self._range_from is not None else None
        if start is None:
            self._range_from = None
            return False
        first, last = sorted((start, index))
        rows = (source.row(position) for position in range(first, last + 1))
        self.set([row.id for row in rows if row is not None])
        return True

    def clear(self) -> None:
        """Mark nothing."""
        self._range_from = None
        self._ids.clear()
        self.everything = False


class Asking:
    """Which missing rows to ask for, each range once."""

    PAGES_AHEAD = 2
    """Screens before and after the visible one that are asked for along with it."""

    def __init__(self) -> None:
        self._asked: tuple[int, int] | None = None

    def forget(self) -> None:
        """Ask again: the source changed, or the connection is back."""
        self._asked = None

    def wanted(self, source: RowSource, top: int, height: int) -> tuple[int, int] | None:
        """First and last missing row around the screen; None if all are there or were asked for."""
        if not source.total:
            return None
        first = max(0, top - height * self.PAGES_AHEAD)
        last = min(source.total - 1, top + height * (1 + self.PAGES_AHEAD) - 1)
        if self._asked and self._asked[0] <= first and last <= self._asked[1]:
            return None
        missing = [index for index in range(first, last + 1) if source.row(index) is None]
        if not missing:
            return None
        self._asked = (first, last)
        return missing[0], missing[-1]
