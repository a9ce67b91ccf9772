"""What safe() lets through to the terminal, and what it shows instead."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.text.filenames import MAX_BYTES, safe_filename
from shinbox.text.safe import BIDI_MARK, HIDDEN_MARK, NO_CHARACTER, safe, safe_block

anything = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\x1b\x9b\u202e\u200d\ufe0f👩💻🏽❤می\ud800")
)


def _acts_on_a_terminal(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or unicodedata.bidirectional(character) in {
        *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
    }


@given(anything)
def test_nothing_that_a_terminal_acts_on_survives(text: str) -> None:
    assert not [c for c in safe(text) if _acts_on_a_terminal(c)]
    assert not [c for c in safe_block(text) if c != "\n" and _acts_on_a_terminal(c)]


@given(anything)
def test_safe_text_stays_as_it_is(text: str) -> None:
    assert safe(safe(text)) == safe(text)
    assert safe_block(safe_block(text)) == safe_block(text)


def test_every_code_point_alone_is_shown_or_marked() -> None:
    for code in range(sys.maxunicode + 1):
        shown = safe(chr(code))
        assert len(shown) == 1
        assert not _acts_on_a_terminal(shown), hex(code)
        assert unicodedata.category(shown) not in {"Zl", "Zp"}, hex(code)


@pytest.mark.parametrize(
    ("arrives", "shown"),
    [
        ("a\x1b]52;c;ZXZpbA==\x07b", "a␛]52;c;ZXZpbA==␇b"),
        ("\x1b[2J", "␛[2J"),
        ("\x9b2J\x9d0;title\x9c", f"{NO_CHARACTER}2J{NO_CHARACTER}0;title{NO_CHARACTER}"),
        ("invoice\u202efdp.exe", f"invoice{BIDI_MARK}fdp.exe"),
        ("pay\u200bpal", f"pay{HIDDEN_MARK}pal"),
        ("a\tb\r\nc\nd\u2028e", "a b␤c␤d␤e"),
        ("\x7f\x00\x08", "␡␀␈"),
        ("\ud83d", NO_CHARACTER),
        ("hi\U000e0068\U000e0069", f"hi{HIDDEN_MARK}{HIDDEN_MARK}"),
        ("a\ufe0f\ufe0f", f"a{HIDDEN_MARK}{HIDDEN_MARK}"),
    ],
)
def test_what_a_terminal_would_act_on_is_shown_as_a_mark(arrives: str, shown: str) -> None:
    assert safe(arrives) == shown


@pytest.mark.parametrize(
    "text", ["Grüße", "日本語", "שלום", "می‌خواهم", "नमस्ते", "葛\U000e0100", "e\u0301", "\ue000", "🇩🇪"]
)
def test_real_text_is_left_alone(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("emoji", "shown"), [("👩‍💻", "👩💻"), ("👍🏽", "👍"), ("❤️", "❤"), ("1️⃣", "1⃣"), ("🏽", "🏽")]
)
def test_emoji_are_shown_as_sequences_of_one_known_width(emoji: str, shown: str) -> None:
    assert safe(emoji) == shown


def test_a_block_keeps_its_lines_and_aligns_its_tabs() -> None:
    assert safe_block("a\tb\r\n\tc\u2029d\x1b") == "a       b\n        c\nd␛"


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\note.doc", "note.doc"),
        ("..", "attachment"),
        ("", "attachment"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("aux.txt", "_aux.txt"),
        ("photo\u202egpj.exe", "photo_gpj.exe"),
        ("a\x1b[2Jb\nc.pdf", "a_[2Jb_c.pdf"),
        ("Bericht für März.pdf", "Bericht für März.pdf"),
    ],
)
def test_a_file_name_leads_nowhere_hides_nothing_and_stays_readable(name: str, saved: str) -> None:
    assert safe_filename(name) == saved


@given(anything)
def test_any_file_name_is_one_short_component(name: str) -> None:
    saved = safe_filename(name)
    assert saved
    assert saved not in {".", ".."}
    assert "/" not in saved
    assert not saved.startswith((".", "-"))
    assert len(saved.encode()) <= MAX_BYTES + 1


def test_a_long_file_name_keeps_its_extension() -> None:
    assert safe_filename("ü" * 300 + ".pdf").endswith("ü.pdf")
