"""docs/writing-and-files.md says the keys and settings that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shinbox.tui.actions import BY_ID
from shinbox.tui.settings import parse_settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "writing-and-files.md").read_text(encoding="utf-8")
KEYS = {
    "compose.identity": "F2",
    "compose.editor": "Ctrl+E",
    "compose.attach": "Ctrl+O",
    "compose.detach": "Ctrl+R",
    "compose.spell": "F7",
    "compose.review": "Ctrl+S",
    "review.send": "y",
    "review.keep": "p",
    "review.later": "l",
    "review.discard": "d",
    "message.attachments": "A",
    "message.save": "S",
    "message.source": "g s",
    "message.links": "Ctrl+L",
    "message.pipe": "|",
}


@pytest.mark.parametrize("action", sorted(KEYS))
def test_every_key_of_the_page_is_the_tables_first_one(action: str) -> None:
    assert f"`{KEYS[action]}`" in PAGE.replace("\\|", "|")
    assert BY_ID[action].keys[0].lower() == KEYS[action].lower() or BY_ID[action].keys[0] == KEYS[action]


def test_the_settings_of_the_page_can_be_used() -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    settings, problems = parse_settings(example)
    assert problems == []
    assert settings.handlers["application/pdf"] == "zathura"
