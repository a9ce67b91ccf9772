"""format=flowed as its senders meant it."""

from __future__ import annotations

import pytest

from shinbox.text.flowed import flow_of, unflow


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> quoted \n> more\nown", "> quoted more\nown"),
        (">> deep \n> less", ">> deep\n> less"),
        (" >not a quote", ">not a quote"),
        (" From here", "From here"),
        ("text \n-- \nJane", "text\n-- \nJane"),
        ("a\n\nb", "a\n\nb"),
    ],
)
def test_soft_breaks_are_taken_back(sent: str, meant: str) -> None:
    assert unflow(sent) == meant


def test_delsp_takes_the_space_with_it() -> None:
    assert unflow("日本 \n語", delsp=True) == "日本語"


def test_the_content_type_says_how() -> None:
    assert flow_of("text/plain; charset=utf-8; Format=Flowed; delsp=yes") == (True, True)
    assert flow_of('text/plain; format="fixed"') == (False, False)
