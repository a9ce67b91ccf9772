"""The one table of actions, put together from its groups, and the ways to look into it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from shinbox.tui.actions.action import Action, Where
from shinbox.tui.actions.boxes import BOXES, SEARCHES
from shinbox.tui.actions.moving import MOTION, READING
from shinbox.tui.actions.sorting import SORTING
from shinbox.tui.actions.taking_out import TAKING_OUT
from shinbox.tui.actions.views import VIEWS
from shinbox.tui.actions.writing import REVIEWING, WRITING

ACTIONS: Final[tuple[Action, ...]] = (
    *MOTION,
    *READING,
    *SORTING,
    *WRITING,
    *REVIEWING,
    *TAKING_OUT,
    *VIEWS,
    *SEARCHES,
    *BOXES,
)

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def actions_for(*where: Where) -> list[Action]:
    """The actions that belong to a part of the screen, in the table's order."""
    return [action for action in ACTIONS if action.where in where]


def footer_actions(*where: Where, actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """The actions that the footer names, most wanted first."""
    return sorted((a for a in actions if a.where in where and a.footer), key=lambda a: a.footer)


def reading_actions(actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """The actions that the footer names while a message is read, most wanted first."""
    here = [a for a in actions if a.where in (Where.MAIN, Where.ANY) and (a.reading or a.footer)]
    return sorted(here, key=lambda a: a.reading or a.footer)


def find(typed: str, actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """Actions for what is typed into the help's search, best first: a key of theirs, or words about them."""
    words, key = typed.casefold().split(), typed.replace(" ", "")
    ranked = [
        (key not in keys, not action.label.startswith(words[0]), words[0] not in action.label, action)
        for action in actions
        for keys in [[_as_typed(each) for each in action.keys]]
        if words and (key in keys or _is_about(action, words))
    ]
    return [action for *_, action in sorted(ranked, key=lambda entry: entry[:3])]


def _as_typed(keys: str) -> str:
    return keys.replace(" ", "").replace("ctrl+", "^")


def _is_about(action: Action, words: Sequence[str]) -> bool:
    about = f"{action.label} {action.id} {action.help}".casefold()
    return all(word in about for word in words)
