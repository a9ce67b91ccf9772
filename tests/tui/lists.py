"""A folder in memory whose rows load in pieces, and an app that shows it: what the list's tests share."""

from __future__ import annotations

from typing import TypeVar

import pytest
from textual.app import ComposeResult
from textual.strip import Strip

from shinbox.tui.columns import Column
from shinbox.tui.look import LookApp
from shinbox.tui.rows import Row, RowSource
from shinbox.tui.widgets.list_messages import ListMessage
from shinbox.tui.widgets.virtual_list import VirtualList

COLUMNS = (Column("subject", 10, flex=1, tree=True), Column("date", 5, align="right", drop=1))
Heard = TypeVar("Heard", bound=ListMessage)


class Folder:
    """Rows by id; those in `missing` are not loaded yet."""

    def __init__(self, ids: list[str]) -> None:
        self.ids = ids
        self.missing: set[str] = set()
        self.rows = {row_id: Row(row_id, {"subject": f"about {row_id}", "date": "Tue"}) for row_id in ids}

    @property
    def total(self) -> int:
        return len(self.ids)

    def row(self, index: int) -> Row | None:
        row_id = self.ids[index]
        return None if row_id in self.missing else self.rows[row_id]

    def index_of(self, row_id: str) -> int | None:
        return self.ids.index(row_id) if row_id in self.ids and row_id not in self.missing else None

    def insert(self, index: int, row_id: str) -> None:
        self.ids.insert(index, row_id)
        self.rows[row_id] = Row(row_id, {"subject": f"about {row_id}", "date": "now"})


def folder(count: int) -> Folder:
    return Folder([f"m{index}" for index in range(count)])


class ListApp(LookApp):
    """One list; keeps the messages it posts."""

    def __init__(self, source: RowSource, empty: str = "Nothing here.") -> None:
        super().__init__()
        self.list = VirtualList(COLUMNS, source, empty=empty)
        self.heard: list[ListMessage] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_range_wanted(self, message: ListMessage) -> None:
        self.heard.append(message)

    on_opened = on_folded = on_cursor_moved = on_marks_changed = on_range_wanted

    def all_heard(self, kind: type[Heard]) -> list[Heard]:
        return [message for message in self.heard if isinstance(message, kind)]

    def lines(self) -> list[str]:
        """What the list shows, line by line."""
        return [self.list.render_line(y).text.rstrip() for y in range(self.list.size.height)]


def lines_drawn(app: ListApp, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the number of each line of the screen that is drawn from now on."""
    drawn: list[int] = []
    draw = app.list.render_line

    def watched(y: int) -> Strip:
        drawn.append(y)
        return draw(y)

    monkeypatch.setattr(app.list, "render_line", watched)
    return drawn
