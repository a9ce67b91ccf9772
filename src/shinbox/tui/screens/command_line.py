"""The command line: a command by any part of its name, then what it needs, both completed.

Owns typing and completing. What a command does is the action's handler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType

from shinbox.tui.actions import Action
from shinbox.tui.keys import bindings_of
from shinbox.tui.screens.choose import Choice, ChooseScreen, matching
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.virtual_list import VirtualList


class CommandScreen(ChooseScreen):
    """Returns a line for `parse_command`."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("box.complete", priority=True)

    def __init__(
        self,
        commands: Sequence[Choice],
        names: Mapping[str, Action],
        complete: Callable[[str], Sequence[Choice]],
        completing: str,
    ) -> None:
        super().__init__("Command", commands, f"a command, e.g. move Archive · {completing} completes")
        self._commands = commands
        self._names = names
        self._complete = complete

    def typed(self, value: str) -> None:
        word, space, rest = value.lstrip().partition(" ")
        action = self._names.get(word.lower())
        if space and action is not None and action.argument:
            fitting = matching(self._complete(action.argument), rest)
            self.replace([Choice(f"{word} {c.id}", c.name, c.note, off=c.off) for c in fitting])
        else:
            self.replace(self._exact(matching(self._commands, value), word))

    @staticmethod
    def _exact(found: Sequence[Choice], word: str) -> list[Choice]:
        return sorted(found, key=lambda choice: choice.id != word.lower())

    def action_take(self) -> None:
        line = self.query_one(LineField).value.strip()
        word, space, _ = line.partition(" ")
        row = self.query_one(VirtualList).cursor_row
        known = self._names.get(word.lower())
        if known is not None and known.argument and space and row is None:
            self.dismiss(line)
        elif row is not None:
            self._choose(row)
        elif line:
            self.dismiss(line)

    def action_complete(self) -> None:
        """Put what is under the cursor into the line."""
        row = self.query_one(VirtualList).cursor_row
        if row is not None:
            field = self.query_one(LineField)
            name = row.id.partition(" ")
            whole = f"{name[0]} {row.cells['name']}" if name[1] else f"{row.id} "
            field.fill(whole)
            field.cursor_position = len(field.value)
