"""The columns of the message list and in which order they give way.

Pure data. TUI.md §5: size goes first, then the assignee, then the date shrinks to an age.
"""

from __future__ import annotations

from typing import Final

from shinbox.tui.columns import Column

MESSAGE_COLUMNS: Final = (
    Column("mark", 1, tone="accent"),
    Column("flag", 1, tone="flagged"),
    Column("from", 16, flex=2),
    Column("subject", 24, flex=5, tree=True),
    Column("count", 3, align="right", drop=2, tone="muted"),
    Column("clip", 1, tone="muted"),
    Column("size", 6, align="right", drop=1, tone="muted"),
    Column("date", 12, align="right", drop=4, short=6, tone="muted"),
)
