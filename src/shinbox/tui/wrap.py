"""Long lines into lines of a width, in cells, without ever copying the rest of a line.

Pure. A message may be one line of five megabytes: work is linear, and a caller can take it in portions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shinbox.client.formats import Toned
from shinbox.text.cells import cell_len


def wrap_line(text: str, width: int) -> Iterator[str]:
    """The pieces of one line, each at most `width` cells; broken at spaces where there are any."""
    position, end = 0, len(text)
    while True:
        stop = _reach(text, position, width)
        if stop >= end:
            yield text[position:]
            return
        cut = stop if text[stop] == " " else text.rfind(" ", position, stop)
        if cut <= position:
            cut = stop
        yield text[position:cut]
        position = cut
        while position < end and text[position] == " ":
            position += 1
        if position >= end:
            return


def _reach(text: str, start: int, width: int) -> int:
    """Index after the last character that still fits; at least one character on."""
    piece = text[start : start + width]
    if piece.isascii():
        return start + len(piece) if len(piece) else start + 1
    stop, cells = start, 0
    for character in piece:
        cells += cell_len(character)
        if cells > width:
            break
        stop += 1
    while stop < len(text) and cells <= width and not cell_len(text[stop]):
        stop += 1
    return max(stop, start + 1)


def wrap_all(lines: Iterable[Toned], width: int) -> Iterator[Toned]:
    """Wrap lines one after the other; each piece keeps its line's tone."""
    for text, tone in lines:
        for piece in wrap_line(text, width):
            yield piece, tone
