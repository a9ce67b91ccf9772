"""Lines are wrapped at spaces, in cells, and in linear time."""

from __future__ import annotations

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical

from shinbox.tui.look import LookApp
from shinbox.tui.widgets.fields import TextField
from shinbox.tui.wrap import wrap_all, wrap_line
from tests.tui.picture import take

TEXTS = st.text(alphabet="ab cdé田中 \u0301", max_size=80)


def test_a_line_is_broken_at_its_spaces() -> None:
    assert list(wrap_line("the quick brown fox", 10)) == ["the quick", "brown fox"]


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert list(wrap_line("x" * 25, 10)) == ["x" * 10, "x" * 10, "x" * 5]


def test_an_empty_line_stays_one_line_and_indentation_stays() -> None:
    assert list(wrap_line("", 10)) == [""]
    assert list(wrap_line("  > quoted", 20)) == ["  > quoted"]


@given(TEXTS, st.integers(min_value=2, max_value=20))
def test_no_piece_is_wider_than_the_line_and_no_letter_is_lost(text: str, width: int) -> None:
    pieces = list(wrap_line(text, width))
    assert all(cell_len(piece) <= width for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


def test_every_piece_keeps_the_tone_of_its_line() -> None:
    assert list(wrap_all([("a b", "quote"), ("c", "")], 1)) == [("a", "quote"), ("b", "quote"), ("c", "")]


class Typed(LookApp):
    def compose(self) -> ComposeResult:
        with Vertical():
            yield TextField(" ".join(f"word{number:02}" for number in range(15)))


async def test_a_field_that_gets_narrower_shows_every_word_though_it_has_as_many_lines() -> None:
    """Textual draws it before it hears of its width, and leaves that: cut at the new one."""
    app = Typed()
    async with app.run_test() as pilot:
        field = app.query_one(TextField)
        before = field.wrapped_document.height
        take(app)
        wide = field.size.width
        app.query_one(Vertical).styles.margin = (0, 0, 0, 14)
        async with asyncio.timeout(60):
            while field.size.width == wide:
                await pilot.pause()
        await pilot.pause()
        assert field.wrapped_document.height == before
        assert [word for word in take(app).text.split() if word.startswith("word")] == field.text.split()


def test_one_line_of_two_megabytes_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        start = time.process_time()
        assert sum(1 for _ in wrap_line("x" * size, 80)) == size // 80
        return time.process_time() - start

    small = min(seconds(160_000) for _ in range(3))
    assert seconds(1_600_000) < small * 40
