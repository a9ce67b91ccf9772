"""Plain mode: no box drawing, no symbols, for screen readers and poor fonts.

Owns the translation of what is drawn, of whatever widget, cell by cell. Letters of any script stay.
"""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_MARKS: Final = {"●": "*", "○": "o", "◌": ".", "★": "!", "↩": "<", "▸": ">", "▾": "v", "└": " ", "…": "~"}
_ARROWS: Final = {"→": ">", "←": "<", "↑": "^", "↓": "v", "·": "-", "↔": "=", "✓": "x", "│": " ", "─": " "}
_LINES: Final = {chr(code): " " for code in range(0x2500, 0x25A0)}
"""Box drawing and block elements."""
TABLE: Final = str.maketrans(_LINES | _MARKS | _ARROWS)


class PlainFilter(LineFilter):
    """Draws lines and symbols as spaces and ASCII of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Translate every segment of a line."""
        return [
            Segment(segment.text.translate(TABLE), segment.style, segment.control) for segment in segments
        ]
