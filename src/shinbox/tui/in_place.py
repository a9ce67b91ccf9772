"""Keeps the frame whole whatever a terminal makes of a word.

Terminals differ about the cells of vowel signs, joined letters, flags and emoji, and none tells before it has
drawn them. So the room that was counted for such a word is emptied first, the word is written into it, and
what follows stands where the room ends. Owns which characters are in doubt. Knows no widget.
"""

from __future__ import annotations

import re
from typing import Final

from rich.console import Console
from textual._compositor import CompositorUpdate

from shinbox.text.cells import cell_len

_IN_DOUBT: Final = re.compile(
    "[\u0900-\u11ff\u1700-\u18af\u1900-\u1cff\u200c\u200d\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2600-\u2604\u2606-\u2712"
    "\u2714-\u27bf\u2b00-\u2bff\u302a-\u302f\u3248-\u324f\u4dc0-\u4dff\ua800-\uabff\ud7b0-\ud7ff"
    "\U00010a00-\U0001ffff][^\x00-\x20]*"
)
"""A word from its first character in doubt on: Brahmic scripts, jamo, emoji and symbols, newer planes.

Latin, Greek, Cyrillic, Hebrew, Arabic, kana, ideographs, lines and our own ★ and ✓ are the same everywhere.
"""


def in_place(drawn: str) -> str:
    """What goes to the terminal, the cursor brought back behind each word in doubt (DECSC, DECRC, CUF)."""
    return _IN_DOUBT.sub(_brought_back, drawn)


def _brought_back(word: re.Match[str]) -> str:
    cells = cell_len(word[0])
    onward = f"\x1b[{cells}C" if cells else ""
    # Kept a second time: to some a place that was gone back to is kept no longer.
    return f"\x1b7{' ' * cells}\x1b8\x1b7{word[0]}\x1b8{onward}"


class InPlace(CompositorUpdate):
    """An update of the screen, written so."""

    def __init__(self, update: CompositorUpdate) -> None:
        self._update = update

    def render_segments(self, console: Console) -> str:
        return in_place(self._update.render_segments(console))
