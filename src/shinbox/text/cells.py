"""How many cells of a terminal a text takes.

Owns what rich's table has otherwise than terminals: the vowel signs that stand beside their letter (spacing
marks, Mc, of Hindi, Tamil, Bengali, Burmese …) are nothing there and a cell in xterm, tmux, glibc and most
others. Room for them is counted: where a terminal needs less, some of it stays empty; where it needs more,
letters would be lost. Textual measures, cuts and wraps with rich, so rich's own table is put right, here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Final

import rich.cells
from rich._unicode_data import load
from rich.cells import CellTable, cell_len, set_cell_size

__all__ = ["cell_len", "set_cell_size"]

_NUMBERS_ON_BLACK: Final = (0x3248, 0x324F, 2)
"""Unicode leaves them open; two cells in glibc and tmux."""


@cache
def _table(unicode_version: str = "auto") -> CellTable:
    table = load(unicode_version)
    return table._replace(widths=sorted((*_widths(table), _NUMBERS_ON_BLACK)))


def _widths(table: CellTable) -> Iterator[tuple[int, int, int]]:
    for first, last, width in table.widths:
        if width:
            yield first, last, width
            continue
        for cells, codes in groupby(range(first, last + 1), key=_cells_of_a_mark):
            run = list(codes)
            yield run[0], run[-1], cells


def _cells_of_a_mark(code: int) -> int:
    """Cells of what rich counts as nothing; a tone of skin (Sk) without an emoji is a square of its own."""
    mark = chr(code)
    if unicodedata.category(mark) not in ("Mc", "Sk"):
        return 0
    return 2 if unicodedata.east_asian_width(mark) == "W" else 1


setattr(rich.cells, "load_cell_table", _table)  # noqa: B010 -- not an export of rich.
