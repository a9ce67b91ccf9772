"""What a terminal of the tests shows, as SVG: a screenshot of the real app in a real terminal.

Owns the way from the terminal's cells to Rich, which draws them. Knows no screen.
"""

from __future__ import annotations

import io
import re

from pyte.screens import Char
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from tests.pty import Terminal

_REMOTE_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_IDS = re.compile(r"terminal-\d+")
_BROWN = {"brown": "yellow", "brightbrown": "bright_yellow"}
"""What pyte calls yellow."""


def drawn(terminal: Terminal, title: str) -> str:
    """The screen as SVG; nothing in it is fetched from elsewhere."""
    lines, columns = len(terminal.screen), len(terminal.screen[0])
    console = Console(
        width=columns,
        height=lines,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
    )
    segments = []
    for line in range(lines):
        cells = [terminal.cell(column, line) for column in range(columns)]
        segments += [Segment(cell.data, _style(cell)) for cell in cells if cell.data]
        segments.append(Segment.line())
    # One text a style, not one a cell.
    console.print(Segments(Segment.simplify(segments)), end="")
    svg = _REMOTE_FONTS.sub("", console.export_svg(title=title))
    return _IDS.sub("terminal", svg).replace("<svg ", '<svg xml:space="preserve" ', 1)


def _style(cell: Char) -> Style:
    return Style(
        color=_colour(cell.fg), bgcolor=_colour(cell.bg), bold=cell.bold, italic=cell.italics,
        underline=cell.underscore, reverse=cell.reverse, strike=cell.strikethrough,
    )  # fmt: skip


def _colour(name: str) -> str:
    if re.fullmatch(r"[0-9a-f]{6}", name):
        return f"#{name}"
    return _BROWN.get(name, name.replace("bright", "bright_"))
