"""The command line's language: the names of the actions, and the word that some of them take.

Pure: built from the one table. `move Archive`, `search is:unread`, `theme light`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shinbox.errors import InvalidArguments
from shinbox.tui.actions import ACTIONS, Action, Where

_ALIASES = {
    "filter": "search.folder",
    "mailbox": "go.mailbox",
    "folder": "go.mailbox",
    "save": "message.save",
    "keep-search": "search.keep",
    "kept-search": "search.kept",
    "rename-search": "search.rename",
    "forget-search": "search.forget",
}


@dataclass(frozen=True)
class Command:
    """An action with what it was given."""

    action: str
    argument: str = ""


def command_names(actions: Sequence[Action] = ACTIONS) -> Mapping[str, Action]:
    """Every command by its name: the last word of the action's id, the whole where that is taken."""
    by_id = {action.id: action for action in actions}
    names = {alias: by_id[id_] for alias, id_ in _ALIASES.items() if id_ in by_id}
    for action in actions:
        if action.where in (Where.MAIN, Where.ANY) and action.id not in ("command", "palette"):
            last = action.id.rpartition(".")[2]
            names.setdefault(last, action)
            if names[last] is not action:
                names.setdefault(action.id.replace(".", "-"), action)
    return names


def offered_names(actions: Sequence[Action] = ACTIONS) -> Mapping[str, Action]:
    """One name for each command, in the table's order: what the command line offers; the others work too."""
    chosen: dict[str, str] = {}
    for name, action in command_names(actions).items():
        chosen.setdefault(action.id, name)
    return {chosen[action.id]: action for action in actions if action.id in chosen}


def parse_command(text: str) -> Command:
    """What a line asks for.

    :raises InvalidArguments: with a sentence: no such command, or it takes nothing.
    """
    word, _, rest = text.strip().partition(" ")
    action = command_names().get(word.lower())
    if action is None:
        raise InvalidArguments(f"There is no command “{word}”: “help” shows what there is.")
    if rest.strip() and not action.argument:
        raise InvalidArguments(f"“{word}” takes nothing after it.")
    return Command(action.id, rest.strip())
