"""What a terminal shows of the bytes it is fed: pyte, with what it would draw or misread kept from it.

Owns the emulation; knows nothing of ptys and programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pyte
from pyte import charsets, modes

# What pyte would draw or misread: mode questions, kitty's keyboard protocol, device control strings.
_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b\[[<=>][0-9;:]*[A-Za-z]|\x1b\[\?[0-9;]*\$p|\x1b[P_^X].*?\x1b\\", re.DOTALL
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[<=>?0-9;:$]*|[P_^X](?:(?!\x1b\\).)*)?\Z", re.DOTALL)
# pyte has one screen: entering and leaving the alternate one wipes it.
_ALTERNATE_SCREEN = re.compile(rb"\x1b\[\?1049[hl]")
_PLAIN_OR_NOT = re.compile(r"[ -~]+|[^ -~]+")
_COLOURS = re.compile(rb"\x1b\[[0-9;:]*m")


class Emulation:
    """What a terminal of `columns` x `lines` shows of what it is fed; `answer` takes its replies.

    Without `colours` only the text is followed.
    """

    def __init__(
        self,
        columns: int,
        lines: int,
        answer: Callable[[str], None] = lambda reply: None,
        *,
        colours: bool = True,
    ) -> None:
        self._colours = colours
        self.screen: pyte.Screen = _AnsweringScreen(columns, lines, answer)
        self._stream = pyte.ByteStream(self.screen)
        self._unfinished = b""
        self._lines: dict[int, str] = {}

    def lines(self) -> list[str]:
        """The screen's lines; only those are put together that changed since they were last asked for."""
        screen = self.screen
        for number in screen.dirty or ():
            self._lines.pop(number, None)
        screen.dirty.clear()
        for number in range(screen.lines):
            if number not in self._lines:
                # The cell behind a wide character holds no text.
                line = screen.buffer[number]
                self._lines[number] = "".join([line[column].data for column in range(screen.columns)])
        return [self._lines[number] for number in range(screen.lines)]

    def feed(self, data: bytes) -> None:
        """Draw the next bytes; a sequence that is not complete waits for the rest."""
        data = self._unfinished + data
        tail = _UNFINISHED.search(data)
        self._unfinished = data[tail.start() :] if tail else b""
        whole = data[: tail.start()] if tail else data
        whole = _UNKNOWN_TO_PYTE.sub(b"", whole)
        if not self._colours:
            whole = _COLOURS.sub(b"", whole)
        self._stream.feed(_ALTERNATE_SCREEN.sub(b"\x1b[2J\x1b[H", whole))


class _AnsweringScreen(pyte.Screen):
    """Answers what a program asks of its terminal (cursor position, device attributes)."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        self._answer = answer
        super().__init__(columns, lines)

    def write_process_input(self, data: str) -> None:
        self._answer(data)

    def draw(self, data: str) -> None:
        """As pyte does, which takes each character by itself: what is plain, and most is, goes by the run."""
        for run in _PLAIN_OR_NOT.findall(data):
            column, end = self.cursor.x, self.cursor.x + len(run)
            if run.isascii() and run.isprintable() and end <= self.columns and self._writes_plainly():
                line, attributes = self.buffer[self.cursor.y], self.cursor.attrs
                cells = {char: attributes._replace(data=char) for char in set(run)}
                line.update(zip(range(column, end), map(cells.__getitem__, run), strict=True))
                self.cursor.x = end
                self.dirty.add(self.cursor.y)
            else:
                super().draw(run)

    def _writes_plainly(self) -> bool:
        """Whether a character is itself and moves none aside."""
        return modes.IRM not in self.mode and not self.charset and self.g0_charset is charsets.LAT1_MAP
