"""Actions that take something out of a message: files, links, source. Pure data."""

from __future__ import annotations

from typing import Final

from shinbox.tui.actions.action import Action, Group, Needs


def _out(
    name: str,
    keys: tuple[str, ...],
    label: str,
    text: str,
    *,
    argument: str = "",
    needs: Needs = Needs.MESSAGE,
    footer: int = 0,
    reading: int = 0,
) -> Action:
    return Action(
        f"message.{name}",
        keys,
        label,
        Group.TAKING_OUT,
        text,
        needs=needs,
        desk=True,
        footer=footer,
        reading=reading,
        argument=argument,
    )


TAKING_OUT: Final = (
    _out(
        *("attachments", ("A",), "files", "Look at, save or open the files of the message."),
        needs=Needs.FILES,
        footer=85,
        reading=7,
    ),
    _out("links", ("ctrl+l",), "links", "See where the links lead; copy or open one."),
    _out("save", ("S",), "save message", "Save the message as EML or text."),
    _out("source", ("g s",), "source", "Show the message as it came over the wire."),
    _out(
        "pipe",
        ("|",),
        "pipe",
        "Give the message to a command of the shell and show what it says.",
        argument="command",
    ),
)
