"""How many columns text takes on a terminal, and cutting and wrapping it to some.

Owns columns. Text that has passed `safe` has widths that terminals agree on. rich counts them, because it
also draws them; it is imported on first use.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

ELLIPSIS = "…"
LONGEST_LINE = 20_000
"""Characters of one line that are wrapped; the rest of such a line is cut off with an ellipsis."""

_QUOTE_MARK = re.compile(r"(?:> ?)*")
_BREAKS = re.compile(r"(?<=\s)(?=\S)|(?<=[\u3000-\u9fff\uac00-\ud7a3\uff00-\uff60])|(?<=[-/])(?=\w)")


def width(text: str) -> int:
    """Columns that `text` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return int(cell_len(text))


def cut(text: str, columns: int) -> str:
    """`text` in at most `columns`, an ellipsis in the last one if something was cut."""
    if columns <= 0:
        return ""
    if len(text) * 2 <= columns or width(text) <= columns:
        return text
    return fit(text, columns - 1)[0].rstrip() + ELLIPSIS


def pad(text: str, columns: int) -> str:
    """`text` in exactly `columns`."""
    shown = cut(text, columns)
    return shown + " " * (columns - width(shown))


def fit(text: str, columns: int) -> tuple[str, str]:
    """The longest beginning of at most `columns`, and the rest; combining marks stay with their base."""
    if text.isascii():
        return text[:columns], text[columns:]
    low, high = 0, min(len(text), columns * 4)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle]) <= columns:
            low = middle
        else:
            high = middle - 1
    while low < len(text) and low and width(text[: low + 1]) <= columns:
        low += 1
    return text[:low], text[low:]


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`, broken at spaces where there are some, quote marks repeated."""
    lines: list[str] = []
    for line in text.split("\n"):
        line = line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + ELLIPSIS
        lines.extend([line] if width(line) <= columns else _wrapped(line, max(columns, 4)))
    return lines


def _wrapped(line: str, columns: int) -> list[str]:
    """The quote mark stands before each line; without a place to break a word is cut."""
    mark = _QUOTE_MARK.match(line)
    prefix = mark[0] if mark else ""
    if len(prefix) > columns // 2:
        prefix = ""
    text = line[len(prefix) :]
    ends = _columns_before(text)
    breaks = [found.start() for found in _BREAKS.finditer(text) if found.start()]
    lines: list[str] = []
    start = 0
    while start < len(text):
        stop, following = _line_end(text, ends, breaks, start, columns - len(prefix))
        lines.append((prefix + text[start:stop]).rstrip())
        start = following
    return lines


def _line_end(text: str, ends: Sequence[int], breaks: list[int], start: int, room: int) -> tuple[int, int]:
    """Where a line that begins at `start` stops, and where the next one begins: after the space between."""
    end = max(bisect_right(ends, ends[start] + room, start) - 1, start + 1)
    if end >= len(text):
        return len(text), len(text)
    following = end
    while following < len(text) and text[following].isspace():
        following += 1
    if following > end:
        return end, following
    place = bisect_right(breaks, end)
    last = breaks[place - 1] if place else 0
    if last <= start or not text[start:last].strip():
        return end, end
    return last, last


def _columns_before(text: str) -> Sequence[int]:
    """For each place in `text`, the columns that what is before it takes."""
    if text.isascii():
        return range(len(text) + 1)
    return list(accumulate(map(_character_width, text), initial=0))


@lru_cache(maxsize=8_192)
def _character_width(character: str) -> int:
    return width(character)
