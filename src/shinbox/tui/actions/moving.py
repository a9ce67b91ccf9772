"""Actions that move through lists and messages, and that select. Pure data."""

from __future__ import annotations

from typing import Final

from shinbox.tui.actions.action import Action, Group, Where


def _motion(name: str, keys: tuple[str, ...], label: str, text: str, run: str) -> Action:
    return Action(f"list.{name}", keys, label, Group.MOVING, text, where=Where.MOTION, run=run)


def _in_list(name: str, keys: tuple[str, ...], label: str, text: str, run: str) -> Action:
    return Action(f"list.{name}", keys, label, Group.MOVING, text, where=Where.LIST, run=run)


def _select(name: str, keys: tuple[str, ...], label: str, text: str, run: str, footer: int = 0) -> Action:
    return Action(
        f"list.{name}", keys, label, Group.SELECTING, text, where=Where.LIST, run=run, footer=footer
    )


MOTION: Final = (
    _motion("down", ("j", "down"), "next", "Go to the next line.", "cursor_down"),
    _motion("up", ("k", "up"), "previous", "Go to the previous line.", "cursor_up"),
    _motion("first", ("g g", "home"), "first", "Go to the first line.", "cursor_first"),
    _motion("last", ("G", "end"), "last", "Go to the last line.", "cursor_last"),
    _motion("half-down", ("ctrl+d",), "half down", "Go half a screen down.", "half_down"),
    _motion("half-up", ("ctrl+u",), "half up", "Go half a screen up.", "half_up"),
    _motion("page-down", ("pagedown", "ctrl+f"), "page down", "Go one screen down.", "page_down"),
    _motion("page-up", ("pageup", "ctrl+b"), "page up", "Go one screen up.", "page_up"),
    _in_list("open", ("enter", "o"), "open", "Open the line under the cursor.", "open"),
    _in_list("unfold", ("right",), "unfold", "Show what is folded under this line.", "unfold"),
    _in_list("fold", ("left",), "fold", "Fold what is under this line.", "fold"),
    _in_list(
        "toggle-fold",
        ("tab", "g f"),
        "fold or unfold",
        "Fold or unfold a conversation or a mailbox (vim's za); where nothing folds, go to the next pane.",
        "toggle_fold",
    ),
    _select("mark", ("x", "space"), "select", "Select the line, or leave it out again.", "mark", 60),
    _select("range", ("V",), "select range", "Select every line from here to where you go.", "mark_range"),
    _select("all", ("*",), "select all", "Select every line of the folder; again: none.", "mark_all"),
)


READING: Final = (
    Action(
        "reader.page",
        ("space",),
        "page down",
        Group.MOVING,
        "In a message: one screen down.",
        where=Where.READER,
        run="page_down",
    ),
    Action(
        "reader.unfold",
        ("right",),
        "show quotes",
        Group.MOVING,
        "In a message: show the quotations that are folded.",
        where=Where.READER,
        run="screen.act('reader.unfold')",
    ),
    Action(
        "reader.fold",
        ("left",),
        "fold quotes",
        Group.MOVING,
        "In a message: fold long quotations again.",
        where=Where.READER,
        run="screen.act('reader.fold')",
    ),
    Action(
        "reader.next",
        ("J",),
        "next message",
        Group.MOVING,
        "In a message: go to the next one.",
        where=Where.READER,
        run="screen.act('reader.next')",
    ),
    Action(
        "reader.previous",
        ("K",),
        "previous message",
        Group.MOVING,
        "In a message: go to the one before.",
        where=Where.READER,
        run="screen.act('reader.previous')",
    ),
)
