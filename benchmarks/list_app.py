"""The list alone: a folder of 100,000 messages that are made up on demand. `bench_list` runs it in a pty."""

from __future__ import annotations

import sys
from functools import lru_cache

from textual.app import ComposeResult

from shinbox.tui.look import LookApp
from shinbox.tui.message_columns import MESSAGE_COLUMNS
from shinbox.tui.rows import Row
from shinbox.tui.widgets.virtual_list import VirtualList

_SENDERS = ("Bob Roy", "Ann Li", "ACME Logistics", "Søren Kjær", "田中 太郎", "noreply@example.net")
_SUBJECTS = (
    "Invoice 4411: the total is wrong",
    "Re: Delivery to the warehouse in Bremen, second attempt",
    "Quarterly report and what we should say about it",
    "Order 20931 – confirmation",
    "Können Sie uns bitte ein Angebot machen?",
)


@lru_cache(maxsize=4096)
def message_row(index: int) -> Row:
    """The row of a made-up message."""
    unread = index % 5 == 0
    cells = {
        "mark": "●" if unread else "",
        "flag": "★" if index % 17 == 0 else "",
        "from": _SENDERS[index % len(_SENDERS)],
        "subject": f"{_SUBJECTS[index % len(_SUBJECTS)]} ({index})",
        "size": f"{index % 900} K",
        "date": "21 Nov 14:02",
        "date-short": "2d",
    }
    return Row(f"m{index}", cells, tone="unread" if unread else "")


class MadeUpFolder:
    """A source of any length."""

    def __init__(self, total: int) -> None:
        self.total = total

    def row(self, index: int) -> Row | None:
        return message_row(index)

    def index_of(self, row_id: str) -> int | None:
        return int(row_id[1:])


class ListApp(LookApp):
    """One list and nothing else."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.total = total

    def compose(self) -> ComposeResult:
        yield VirtualList(MESSAGE_COLUMNS, MadeUpFolder(self.total))


if __name__ == "__main__":
    ListApp(int(sys.argv[1])).run()
