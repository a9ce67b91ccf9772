"""Plain mode: no box drawing, no symbols, for screen readers, poor fonts and poor terminals.

Owns the translation of what is drawn, of whatever widget, cell by cell. Letters of any script
stay, where the terminal can be sent them.
"""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from shinbox.text.cells import cell_len

_MARKS: Final = {
    "●": "*",
    "○": "o",
    "◌": ".",
    "★": "!",
    "↩": "<",
    "▸": ">",
    "▾": "v",
    "▼": "v",
    "►": ">",
    "└": " ",
    "…": "~",
}
_ARROWS: Final = {"→": ">", "←": "<", "↑": "^", "↓": "v", "·": "-", "↔": "=", "✓": "x", "│": " ", "─": " "}
_LINES: Final = {chr(code): " " for code in range(0x2500, 0x25A0)}
"""Box drawing and block elements."""
TABLE: Final = str.maketrans(_LINES | _MARKS | _ARROWS)


class PlainFilter(LineFilter):
    """Draws lines and symbols as spaces and ASCII of the same width."""

    def __init__(self, encoding: str = "utf-8") -> None:
        """`encoding`: that of the terminal; what it has no letter for is a question mark."""
        super().__init__()
        self._encoding = encoding

    def _fit(self, text: str) -> str:
        text = text.translate(TABLE)
        if self._encoding.lower().replace("-", "") in ("utf8", "") or text.isascii():
            return text
        return "".join(map(self._letter, text))

    def _letter(self, letter: str) -> str:
        try:
            letter.encode(self._encoding)
        except UnicodeEncodeError:
            return "?" * cell_len(letter)
        return letter

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Translate every segment of a line."""
        return [Segment(self._fit(segment.text), segment.style, segment.control) for segment in segments]
