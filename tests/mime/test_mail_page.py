"""docs/mail.md says what the program does."""

from __future__ import annotations

from tools.mail_cases import PAGE, cases, page, shown


def test_the_page_is_what_the_program_shows() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tools.mail_cases"


def test_at_least_twenty_cases_and_none_reaches_the_terminal() -> None:
    assert len(cases()) >= 20
    for title, raw in cases():
        assert not set(shown(raw)) & set("\x1b\x07\u202e\x9b"), title
