"""What a command prints: aligned columns and sentences for people, JSON for programs.

Owns widths and the gate to the terminal: every text goes through safe(). Knows no command.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TextIO

import msgspec

from shinbox.text.safe import safe, safe_block
from shinbox.text.width import pad, width

_GAP: Final = "  "
_LEAST: Final = 6
"""Columns: no narrower than this is a column made to fit the terminal."""


class Output:
    """Where a command's result goes."""

    def __init__(
        self, *, as_json: bool = False, stream: TextIO | None = None, width: int | None = None
    ) -> None:
        self.as_json = as_json
        self.stream = stream or sys.stdout
        self._width = width

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None when the output goes elsewhere, and nothing is cut."""
        if self._width is None and self.stream.isatty():
            return shutil.get_terminal_size().columns
        return self._width

    def say(self, text: str) -> None:
        """A sentence; nothing with --json, where the result stands alone."""
        if not self.as_json:
            print(safe(text), file=self.stream)

    def block(self, text: str) -> None:
        """Text of several lines."""
        print(safe_block(text), file=self.stream)

    def data(self, value: Any) -> None:
        """JSON, in ASCII: escapes are lossless, and no control character reaches a terminal."""
        plain = msgspec.to_builtins(value)
        print(json.dumps(plain, indent=2).replace("\x7f", "\\u007f"), file=self.stream)

    def table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], *, shrink: int = -1, empty: str = ""
    ) -> None:
        """Aligned columns; the column `shrink` gives way first when the terminal is narrow."""
        if not rows:
            self.say(empty)
            return
        lines = [list(head), *([safe(cell) for cell in row] for row in rows)]
        widths = fit([max(map(width, column)) for column in zip(*lines, strict=True)], self.width, shrink)
        for line in lines:
            padded = [pad(cell, columns) for cell, columns in zip(line, widths, strict=True)]
            print(_GAP.join(padded).rstrip(), file=self.stream)


def fit(widths: list[int], whole: int | None, shrink: int) -> list[int]:
    """The widths of columns cut to fit into `whole`: `shrink` first, then the widest."""
    if whole is None:
        return widths
    widths = list(widths)
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - whole
    order = [shrink % len(widths), *sorted(range(len(widths)), key=lambda column: -widths[column])]
    for column in order:
        if over <= 0:
            break
        cut = max(0, min(over, widths[column] - _LEAST))
        widths[column] -= cut
        over -= cut
    return widths


def local_time(utc: str | None) -> str:
    """A UTC date of the wire as local time to the minute; what is no date stays as it is."""
    if not utc:
        return ""
    try:
        return datetime.fromisoformat(utc).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return utc
