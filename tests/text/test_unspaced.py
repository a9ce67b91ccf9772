"""Scripts without spaces in the form of an index: pairs of characters; everything else as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.text.unspaced import sought, spread


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("取り付け", "取り り付 付け け"),
        ("付", "付"),
        ("LEDライトの件", "LED ライ イト トの の件 件"),
        ("2026年11月22日", "2026 年 11 月 22 日"),
        ("你好，吊灯。", "你好 好 , 吊灯 灯 。"),
        ("ﾗｲﾄ ﾊﾞﾗ", "ライ イト ト バラ ラ"),
        ("ＡＢＣ１２", "ABC12"),
        ("か\u3099き", "がき き"),
        ("取り\r\n付け", "取り り付 付け け"),
        ("取り\n\n付け", "取り り 付け け"),
        ("取り\nab", "取り り ab"),
        ("葛\U000e0100城", "葛城 城"),
        ("取\u200bり", "取り り"),
        ("\U00020bb7野家", "\U00020bb7野 野家 家"),
        ("㈱山田", "( 株 ) 山田 田"),
    ],
)
def test_a_run_is_overlapping_pairs_and_its_last_character(text: str, pieces: str) -> None:
    assert spread(text).split() == pieces.split()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The lamp is here.",
        "Größe – „Zoë“ ½ m² x\u00adx",
        "램프를 교환",
        "Ирина",
        "مرحبا",
        "हिन्दी",
        "🙂 ok\nok",
    ],
)
def test_text_of_other_scripts_stays_as_it_is(text: str) -> None:
    assert spread(text) == text


@pytest.mark.parametrize(
    ("words", "form", "goes_on"),
    [
        ("lamp", "lamp", False),
        ("付け", "付け", True),
        ("け", "け", True),
        ("取り付け", "取り り付 付け", True),
        ("付け。", "付け", True),
        ("LEDの", "LED の", True),
        ("の LED", "の LED", False),
        ("り、付け", "り 、 付け", True),
        ("램프", "램프", False),
        ("。", None, False),
        ("", None, False),
    ],
)
def test_words_are_looked_for_in_the_same_form_but_for_the_end_of_their_last_run(
    words: str, form: str | None, goes_on: bool
) -> None:
    found, beginning = sought(words)
    assert (found if found is None else " ".join(found.split()), beginning) == (form, goes_on)


def test_a_sign_above_or_below_a_letter_is_a_letter_of_the_index() -> None:
    """FTS5 takes categories L, N and Co for parts of words, and the vowels of these scripts for spaces."""
    for text in ("ที่นี่", "ភាសាខ្មែរ", "ပြည်", "ຢູ່"):
        pieces = spread(text).split()
        assert len(pieces) == len(text)
        assert all(
            unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Co" for c in "".join(pieces)
        )


@given(st.text())
def test_any_text_can_be_spread_and_looked_for(text: str) -> None:
    spread(text)
    form, goes_on = sought(text)
    assert form is not None or not goes_on
