"""Actions of what is typed into: boxes to choose from, and the line of a search. Pure data."""

from __future__ import annotations

from typing import Final

from shinbox.tui.actions.action import Action, Group, Where


def _box(name: str, keys: tuple[str, ...], label: str, text: str, run: str = "") -> Action:
    return Action(f"box.{name}", keys, label, Group.CHOOSING, text, where=Where.BOX, run=run)


def _search(name: str, keys: tuple[str, ...], label: str, text: str, run: str) -> Action:
    return Action(f"search.{name}", keys, label, Group.SEARCHING, text, where=Where.SEARCH, run=run)


BOXES: Final = (
    _box("leave", ("escape",), "leave", "Leave the box; nothing happens.", "leave"),
    _box("take", ("enter",), "choose", "Choose the line under the cursor.", "take"),
    _box("next", ("down", "ctrl+n"), "next", "Go to the next line.", "move(1)"),
    _box("previous", ("up", "ctrl+p"), "previous", "Go to the line before.", "move(-1)"),
    _box("page-down", ("pagedown",), "page down", "Go ten lines down.", "move(10)"),
    _box("page-up", ("pageup",), "page up", "Go ten lines up.", "move(-10)"),
    _box(
        "complete",
        ("tab",),
        "complete",
        "In a command: write out the line under the cursor; among files: mark it.",
        "complete",
    ),
)

SEARCHES: Final = (
    _search("finds", ("enter", "down"), "to the finds", "Go to what was found.", "leave(False)"),
    _search("leave", ("escape",), "leave", "Go back to where the search began.", "leave(True)"),
    _search("scope", ("tab",), "elsewhere", "Look through this folder, this mailbox or all.", "other_scope"),
)
