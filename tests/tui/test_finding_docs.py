"""The page about finding and sorting names what there is: operators, colours, commands, keys."""

from __future__ import annotations

import re
from pathlib import Path

from shinbox.text.search import OPERATORS
from shinbox.tui.actions import BY_ID
from shinbox.tui.commands import command_names
from shinbox.tui.keys import key_label
from shinbox.tui.themes import LABEL_COLOURS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "finding-and-sorting.md").read_text(encoding="utf-8")


def test_every_operator_and_every_colour_is_named() -> None:
    assert [name for name in OPERATORS if f"{name}:" not in PAGE] == []
    assert [colour for colour in LABEL_COLOURS if colour not in PAGE] == []


def test_every_command_that_is_named_exists() -> None:
    assert set(re.findall(r"`:([a-z-]+)`", PAGE)) <= set(command_names())


def test_the_keys_are_those_of_the_table() -> None:
    named = (
        "list.toggle-fold",
        "conversations",
        "list.range",
        "list.all",
        "search",
        "search.keep",
        "search.kept",
    )
    assert [id_ for id_ in named if f"`{key_label(BY_ID[id_].keys[0])}`" not in PAGE] == []
