"""From the table of actions to keys: bindings of single keys, sequences such as `g g`, names to show.

Textual binds single keys; a sequence is held here until it is complete, wrong, or abandoned. Pure but
for the Binding type. Knows no screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from textual.binding import Binding, BindingType

from shinbox.tui.actions import BY_ID, Action, Where, actions_for

_NAMES: Final[Mapping[str, str]] = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "tab": "Tab",
    "backspace": "Backspace",
    "insert": "Ins",
    "comma": ",",
}


_NAMED_KEYS: Final = frozenset({*_NAMES, *(f"f{number}" for number in range(1, 25))})


def key_label(keys: str) -> str:
    """A key, or a sequence of keys, as people write it: `ctrl+d` is `^D`."""
    return " ".join(_one_label(key) for key in keys.split(" "))


def _one_label(key: str) -> str:
    if key.startswith("ctrl+"):
        return "^" + _one_label(key.removeprefix("ctrl+")).upper()
    for modifier in ("shift+", "alt+"):
        if key.startswith(modifier):
            return modifier.capitalize() + _one_label(key.removeprefix(modifier))
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


def first_key(action: Action) -> str:
    """The key that the footer names; without one, what the command line takes."""
    return key_label(action.keys[0]) if action.keys else f":{action.id.rpartition('.')[2]}"


def bindings_for(*where: Where, priority: bool = False) -> list[BindingType]:
    """Bindings of the single keys of a part of the screen. Sequences are left to `Sequences`.

    `priority`: before the keys of the widget that has the focus, as where one types.
    """
    return [binding for action in actions_for(*where) for binding in _bindings(action, priority)]


def bindings_of(*ids: str, priority: bool = False) -> list[BindingType]:
    """Bindings of single actions."""
    return [binding for id_ in ids for binding in _bindings(BY_ID[id_], priority)]


def _bindings(action: Action, priority: bool) -> list[BindingType]:
    return [
        Binding(key, action.textual_action, action.label, show=False, priority=priority, id=action.id)
        for key in _single_keys(action)
    ]


def _single_keys(action: Action) -> list[str]:
    """An action of sequences alone is bound to a key that does not exist: a keymap may give it a real one."""
    single = [key for key in action.keys if " " not in key]
    return single or [f"unbound-{action.id.replace('.', '-')}"]


def is_key(text: str) -> bool:
    """Whether a terminal can send this key, or these one after the other."""
    return bool(text) and all(_is_one_key(key) for key in text.split(" "))


def _is_one_key(key: str) -> bool:
    if len(key) == 1:
        return key.isprintable()
    *modifiers, name = key.split("+")
    known = name in _NAMED_KEYS or (len(name) == 1 and name.isprintable() and bool(modifiers))
    return known and set(modifiers) <= {"ctrl", "shift", "alt"}


class Sequences:
    """Recognises keys that are typed one after the other.

    `take` returns the action that a key completes, PENDING while more is expected, None if the key
    belongs to no sequence (it then means what it always means).
    """

    PENDING: Final = "pending"

    def __init__(self, actions: Iterable[Action]) -> None:
        self._actions = {
            tuple(keys.split(" ")): action for action in actions for keys in action.keys if " " in keys
        }
        self._prefixes = {keys[:length] for keys in self._actions for length in range(1, len(keys))}
        self.typed: tuple[str, ...] = ()

    def take(self, key: str) -> Action | str | None:
        """Feed one key. A key that continues no sequence is swallowed together with the beginning."""
        typed = (*self.typed, key)
        self.typed = ()
        if typed in self._actions:
            return self._actions[typed]
        if typed in self._prefixes:
            self.typed = typed
            return self.PENDING
        return self.PENDING if len(typed) > 1 else None
