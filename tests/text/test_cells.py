"""Text is counted as most terminals count it, and what Textual cuts and pads by is the same count."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from shinbox.text.cells import cell_len, set_cell_size
from shinbox.text.safe import safe
from shinbox.text.width import pad, width

COUNTED = [
    ("Grüße", 5), ("e\u0301", 1), ("日本語", 6), ("שלום", 4), ("الضمانِ", 6), ("สวัสดี", 4), ("น้ำ", 2),
    ("नमस्ते", 4), ("शर्मा", 4), ("லிங்கம்", 5), ("রবি", 3), ("ශ්‍රී", 2), ("🎉", 2), ("🇩🇪", 2), ("1️⃣", 1),
    ("👩‍💻", 4), ("👍🏽", 2), ("🏽", 2), ("㉈", 2), ("…", 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cells"), COUNTED)
def test_a_vowel_sign_beside_its_letter_takes_a_cell(text: str, cells: int) -> None:
    assert cell_len(safe(text)) == cells
    assert width(safe(text)) == cells


@pytest.mark.parametrize(("text", "cells"), COUNTED)
def test_textual_counts_cuts_and_pads_alike(text: str, cells: int) -> None:
    text = safe(text)
    assert Content(text).cell_length == Strip([Segment(text)]).cell_length == cells
    assert Segment(text).split_cells(cells)[0].text == text
    assert set_cell_size(text, cells + 3) == text + "   " == pad(text, cells + 3)
