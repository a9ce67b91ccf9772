"""What the app shows, as text that a person can read and compare: the letters, then where which colours are.

    picture = take(app)
    picture.golden()      # what is kept in tests/tui/snapshots
    svg(app)              # the same screen for the eye

Owns both forms and that nothing in them changes by chance. Knows no screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.widgets import Input, TextArea

from shinbox.tui.themes import OURS

NAMES = ("foreground", "background", "surface", *OURS)
"""The colours that have a name of ours, most telling first where two are the same."""

_REMOTE_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_IDS = re.compile(r"terminal-\d+")


@dataclass(frozen=True)
class Run:
    """Cells side by side from `column` on, in one style such as "ink-muted/background bold"."""

    column: int
    text: str
    style: str

    @property
    def end(self) -> int:
        """The column behind it."""
        return self.column + cell_len(self.text)


@dataclass(frozen=True)
class Picture:
    """A screen, line by line."""

    lines: tuple[tuple[Run, ...], ...]

    @property
    def text(self) -> str:
        """The letters, spaces at line ends removed."""
        return "\n".join("".join(run.text for run in line).rstrip() for line in self.lines)

    @property
    def colours(self) -> str:
        """For each line the columns and their style; lines that look the same stand together."""
        described = [
            ", ".join(f"{run.column}-{run.end - 1} {run.style}" for run in line) for line in self.lines
        ]
        said = []
        for what, same in groupby(enumerate(described), key=lambda pair: pair[1]):
            numbers = [number for number, _ in same]
            place = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
            said.append(f"{place}: {what}")
        return "\n".join(said)

    def golden(self) -> str:
        """As it is kept in a file."""
        return f"{self.text}\n--- colours ---\n{self.colours}\n"

    def style_of(self, words: str) -> str:
        """The style of a text on the screen. Raises LookupError if it is not there in one style."""
        for line in self.lines:
            for run in line:
                if words in run.text:
                    return run.style
        raise LookupError(f"{words!r} is nowhere in one style")


def take(app: App[None]) -> Picture:
    """The screen as it stands; boxes over it are drawn over it. A cursor that blinks is shown."""
    still(app)
    names = _names(app)
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    return Picture(tuple(_runs((s for strip in line for s in strip), names) for line in update.strips))


def svg(app: App[None], title: str = "shinbox") -> str:
    """The screen as SVG: nothing in it is fetched from elsewhere, and its ids don't change by chance."""
    still(app)
    drawn = _REMOTE_FONTS.sub("", app.export_screenshot(title=title))
    # Some viewers drop spaces at the beginning of a text otherwise.
    return _IDS.sub("terminal", drawn).replace("<svg ", '<svg xml:space="preserve" ', 1)


def still(app: App[None]) -> None:
    """No cursor blinks any more: where one is, it is shown."""
    for screen in app.screen_stack:  # Under a box there may be one, too.
        for field in (*screen.query(Input), *screen.query(TextArea)):
            field.cursor_blink = False


def _names(app: App[None]) -> dict[str, str]:
    """Colour → its name, such as #959ca8 → ink-muted."""
    variables = app.theme_variables
    return {variables[name].lower(): name for name in reversed(NAMES) if name in variables}


def _runs(segments: Iterable[Segment], names: dict[str, str]) -> tuple[Run, ...]:
    def described() -> Iterator[tuple[str, str]]:
        for segment in segments:
            if not segment.control and segment.text:
                yield segment.text, _style(segment, names)

    runs, column = [], 0
    for style, same in groupby(described(), key=lambda pair: pair[1]):
        run = Run(column, "".join(text for text, _ in same), style)
        runs.append(run)
        column = run.end
    return tuple(runs)


def _style(segment: Segment, names: dict[str, str]) -> str:
    style = segment.style
    if style is None:
        return "plain"
    words = [w for w in ("bold", "dim", "italic", "underline", "reverse", "strike") if getattr(style, w)]
    colours = "/".join(_colour(colour, names) for colour in (style.color, style.bgcolor))
    return " ".join([colours, *words])


def _colour(colour: Color | None, names: dict[str, str]) -> str:
    if colour is None or colour.is_default:
        return "default"
    if colour.triplet is None:
        return colour.name
    return names.get(colour.triplet.hex, colour.triplet.hex)
