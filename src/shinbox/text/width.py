"""How many columns text takes on a terminal, and cutting and wrapping it to some.

Owns columns. Text that has passed `safe` has widths that terminals agree on. rich counts them, because it
also draws them; it is imported on first use.
"""

from __future__ import annotations

import re
from itertools import pairwise

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
    mark = _QUOTE_MARK.match(line)
    prefix = mark[0] if mark else ""
    if len(prefix) > columns // 2:
        prefix = ""
    room = columns - width(prefix)
    lines: list[str] = []
    current = ""
    for word in _words(line[len(prefix) :]):
        if current and width(current + word.rstrip()) > room:
            lines.append(prefix + current.rstrip())
            current = ""
            word = word.lstrip()
        while len(word) > room * 4 or width(word.rstrip()) > room:
            head, word = fit(word, room)
            if not head:
                head, word = word[:1], word[1:]
            lines.append(prefix + head)
        current += word
    if current.strip() or not lines:
        lines.append(prefix + current.rstrip())
    return lines


def _words(text: str) -> list[str]:
    """Pieces between which a line may be broken; joined they are `text`."""
    cuts = [0, *(found.start() for found in _BREAKS.finditer(text) if found.start()), len(text)]
    return [text[start:end] for start, end in pairwise(dict.fromkeys(cuts)) if end > start]
