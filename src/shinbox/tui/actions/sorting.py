"""Actions that sort messages: each takes a right and can be undone. Pure data."""

from __future__ import annotations

from typing import Final

from shinbox.terms import Right
from shinbox.tui.actions.action import Action, Group, Needs

_MOVE_OUT: Final = (Right.MOVE, Right.REMOVE)


def _sort(
    name: str,
    keys: tuple[str, ...],
    label: str,
    rights: tuple[Right, ...],
    text: str,
    footer: int = 0,
    argument: str = "",
) -> Action:
    return Action(
        f"message.{name}",
        keys,
        label,
        Group.SORTING,
        text,
        rights=rights,
        needs=Needs.MESSAGE,
        desk=True,
        footer=footer,
        argument=argument,
    )


SORTING: Final = (
    _sort("archive", ("e",), "archive", _MOVE_OUT, "Move the message to the archive.", 30),
    _sort("delete", ("#", "delete"), "delete", (Right.REMOVE,), "Move the message to the trash.", 50),
    _sort(
        "move", ("m", "v"), "move", _MOVE_OUT, "Move the message to a folder that you choose.", 40, "place"
    ),
    _sort("flag", ("s",), "flag", (Right.SET_KEYWORDS,), "Set or take away the flag.", 45),
    _sort("read", ("I",), "mark read", (Right.SET_SEEN,), "Mark the message as read."),
    _sort("unread", ("U",), "mark unread", (Right.SET_SEEN,), "Mark the message as unread."),
    _sort("seen", (), "read or unread", (Right.SET_SEEN,), "Mark as read; what is read as unread."),
    _sort("junk", ("!",), "junk", _MOVE_OUT, "Move the message to the junk folder."),
    _sort("copy", ("Y",), "copy", (Right.READ,), "Copy into another folder or mailbox.", argument="place"),
    _sort(
        "label", ("l",), "label", (Right.SET_KEYWORDS,), "Put a label on, or take it off.", argument="label"
    ),
    Action(
        "undo", ("z",), "undo", Group.SORTING, "Take back what you did last.", needs=Needs.UNDO, desk=True
    ),
)
