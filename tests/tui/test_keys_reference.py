"""The page about keys and settings says what the program does."""

from __future__ import annotations

from pathlib import Path

from shinbox.tui.actions import ACTIONS
from shinbox.tui.reference import page
from shinbox.tui.settings import HELP, parse_settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keys.md"


def test_the_page_is_what_the_program_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m shinbox.tui.reference > docs/keys.md"


def test_every_action_and_every_setting_is_on_it() -> None:
    text = page()
    assert [action.id for action in ACTIONS if action.help not in text] == []
    assert [name for name in HELP if f"* `{name}`:" not in text] == []


def test_the_example_of_the_file_is_one_that_holds() -> None:
    example = page().partition("```toml\n")[2].partition("```")[0]
    settings, problems = parse_settings(example)
    assert problems == []
    assert settings.bind == {"message.flag": ("f5", "g x")}
