"""Which columns of a list fit into a width, and how a text is cut to its column.

Pure: knows cells, not screens. Columns leave in the order of their `drop` number (TUI.md §5: size,
assignee, then the date shrinks to an age), flexible ones share what remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from shinbox.text.cells import cell_len, set_cell_size

GAP = 1
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. Widths are in cells."""

    key: str
    width: int
    """Fixed width; the least width of a flexible column."""
    flex: int = 0
    """Share of the cells that remain; 0 is a fixed column."""
    align: Literal["left", "right"] = "left"
    drop: int = 0
    """Lower numbers give way first; 0 never does."""
    short: int = 0
    """Width it shrinks to instead of leaving; its text is then the row's `key + "-short"`."""
    tone: str = ""
    """Name of the component style the column is drawn in, where the row names none."""
    tree: bool = False
    """The row's tree prefix is drawn in this column."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with the width it got."""

    column: Column
    width: int
    key: str


def fit_columns(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """Choose the columns that fit into `width` cells and share the rest among the flexible ones."""
    kept = [Placed(column, column.width, column.key) for column in columns]
    for column in sorted((c for c in columns if c.drop), key=lambda c: c.drop):
        if _needed(kept) <= width:
            break
        kept = _give_way(kept, column)
    return _share(kept, width)


def _needed(kept: Sequence[Placed]) -> int:
    return sum(placed.width for placed in kept) + GAP * max(0, len(kept) - 1)


def _give_way(kept: Sequence[Placed], column: Column) -> list[Placed]:
    if not column.short:
        return [placed for placed in kept if placed.column is not column]
    shorter = Placed(column, column.short, f"{column.key}-short")
    return [shorter if placed.column is column else placed for placed in kept]


def _share(kept: Sequence[Placed], width: int) -> tuple[Placed, ...]:
    spare = width - _needed(kept)
    shares = sum(placed.column.flex for placed in kept)
    result: list[Placed] = []
    for placed in kept:
        extra = 0
        if shares and placed.column.flex:
            extra = spare * placed.column.flex // shares
            spare, shares = spare - extra, shares - placed.column.flex
        result.append(Placed(placed.column, max(0, placed.width + extra), placed.key))
    return tuple(result)


@lru_cache(maxsize=8192)
def fit_text(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """Exactly `width` cells of text, an ellipsis where it was cut."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    pad = " " * (width - size)
    return pad + text if align == "right" else text + pad
