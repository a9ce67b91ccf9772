"""The frame stands in its columns, whatever a terminal makes of the words in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Final

import pytest
import wcwidth
from textual._compositor import ChopsUpdate, CompositorUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.widgets import Static

from shinbox.text.safe import safe
from shinbox.tui.in_place import InPlace, in_place
from shinbox.tui.look import LookApp
from tests.emulation import Emulation
from tests.tui.person import until

WORDS: Final = (
    "बल्ब के बारे में प्रश्न",
    "விளக்கு பற்றிய கேள்வி",
    "বাতি সম্পর্কে প্রশ্ন",
    "น้ำหนักและกำหนดส่ง",
    "استفسار عن الضمانِ",
    "မေးခွန်း တစ်ခု",
    "ශ්‍රී ලංකාව",
    "👨‍👩‍👧‍👦 👍🏽 ❤️ 1️⃣ 🏳️‍🌈",
    "🇩🇪 🇫🇷 ☰ ㉈",
    "日本語 – Grüße, Łódź ★",
)
COLUMN: Final = 40


def _otherwise(cells: Callable[[str], int | None]) -> Callable[[str], int]:
    return lambda letter: wcwidth.wcwidth(letter) if (own := cells(letter)) is None else own


TERMINALS: Final[Mapping[str, Callable[[str], int]]] = {
    "a vowel sign is nothing": wcwidth.wcwidth,
    "a vowel sign is a cell": _otherwise(lambda letter: 1 if unicodedata.category(letter) == "Mc" else None),
    "an emoji is one cell": _otherwise(lambda letter: 1 if letter > "\uffff" else None),
    "a symbol is two cells": _otherwise(lambda letter: 2 if "\u2606" <= letter <= "\u27bf" else None),
}


class Beside(LookApp):
    CSS = "#words { width: 40; height: 100%; } #frame { width: 2; height: 100%; } #more { width: 1fr; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("\n".join(f"{safe(words)} end" for words in WORDS), id="words", markup=False)
            yield Static("│ \n" * len(WORDS), id="frame")
            yield Static("\n".join(safe(words) for words in WORDS), id="more", markup=False)


@pytest.fixture(params=list(TERMINALS))
def terminal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Emulation:
    monkeypatch.setattr("pyte.screens.wcwidth", TERMINALS[request.param])
    # pyte drops the rest of what is written after a mark of no width that is in no combining class.
    marks = SimpleNamespace(combining=unicodedata.category, normalize=unicodedata.normalize)
    monkeypatch.setattr("pyte.screens.unicodedata", marks)
    made = Emulation(100, len(WORDS))
    made.feed(b"\x1b[?7l" + b"x" * 100 + b"\r\n")
    return made


async def test_what_stands_beside_a_word_keeps_its_column(terminal: Emulation) -> None:
    async with Beside().run_test(size=(100, len(WORDS))) as pilot:
        await until(pilot, lambda: pilot.app.query_one("#words").size.width == COLUMN)
        compositor = pilot.app.screen._compositor
        _draw(terminal, compositor.render_full_update(), pilot.app)
        assert _frame(terminal) == ["│ "] * len(WORDS)
        compositor.update_widgets({pilot.app.query_one("#words")})
        compositor._dirty_regions.add(Region(0, 0, COLUMN, len(WORDS)))
        part = compositor.render_partial_update()
        assert isinstance(part, ChopsUpdate)
        _draw(terminal, part, pilot.app)
        assert _frame(terminal) == ["│ "] * len(WORDS)


async def test_what_stands_behind_a_word_in_the_same_line_is_read_as_it_was_written(
    terminal: Emulation,
) -> None:
    async with Beside().run_test(size=(100, len(WORDS))) as pilot:
        await until(pilot, lambda: pilot.app.query_one("#words").size.width == COLUMN)
        _draw(terminal, pilot.app.screen._compositor.render_full_update(), pilot.app)
        assert all(" end " in line[:COLUMN] for line in terminal.lines())


def _draw(terminal: Emulation, update: CompositorUpdate, app: App[None]) -> None:
    terminal.feed(InPlace(update).render_segments(app.console).encode())


def _frame(terminal: Emulation) -> list[str]:
    rows = (terminal.screen.buffer[row] for row in range(len(WORDS)))
    return [row[COLUMN].data + row[COLUMN + 1].data for row in rows]


def test_what_every_terminal_counts_alike_is_written_as_it_is() -> None:
    for drawn in ("\x1b[1mGrüße\x1b[0m │ ── ★ ✓ ● …", "Ирина Ελένη שלום أحمد", "日本語 ｱ 각 é"):
        assert in_place(drawn) == drawn


def test_a_words_room_is_emptied_before_it_is_written() -> None:
    assert in_place("\x1b[1mab शर्मा\x1b[0m|") == "\x1b[1mab \x1b7    \x1b8\x1b7शर्मा\x1b8\x1b[4C\x1b[0m|"
