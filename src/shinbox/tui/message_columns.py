"""The columns of the message list and in which order they give way.

Pure data. TUI.md §5: size goes first, then the date shrinks to an
age; below 50 cells, where nobody works for long, the marks leave too.
"""

from __future__ import annotations

from typing import Final

from shinbox.tui.columns import Column

MESSAGE_COLUMNS: Final = (
    Column("mark", 1, tone="accent"),
    Column("flag", 1, tone="flagged"),
    Column("from", 14, flex=2),
    Column("subject", 33, flex=5, tree=True),
    Column("done", 1, drop=6, tone="muted"),
    Column("count", 4, align="right", drop=7, tone="muted"),
    Column("clip", 1, drop=5, tone="muted"),
    Column("size", 6, align="right", drop=1, tone="muted"),
    Column("date", 12, align="right", drop=4, short=4, tone="muted"),
)
"""Below what even the narrow form needs, who and what it is about share the loss."""
