"""Which keys mean what: a preset, one's own keys over it, and a sentence for each conflict.

Pure: the table of actions keeps its default keys (Gmail's letters, vim's motion); a keymap replaces the
keys of some actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from shinbox.tui.actions import ACTIONS, BY_ID, Action, Where

Keys = Mapping[str, tuple[str, ...]]

PRESETS: Final[Mapping[str, Keys]] = {
    "gmail": {},
    "aerc": {
        "message.reply": ("R r",),
        "message.reply-all": ("r r",),
        "compose": ("C", "m"),
        "message.archive": ("a",),
        "message.delete": ("d", "delete"),
        "message.move": ("M",),
        "list.mark": ("v", "space"),
        "go.mailbox": ("c",),
        "message.attachments": ("O",),
        "message.save": ("E",),
        "undo": ("u",),
        "list.all": ("*",),
    },
    "mutt": {
        "list.first": ("=", "home"),
        "list.half-down": ("]",),
        "list.half-up": ("[",),
        "compose": ("m",),
        "message.move": ("s",),
        "message.copy": ("C",),
        "message.flag": ("F",),
        "message.delete": ("d", "delete"),
        "message.label": ("Y",),
        "message.attachments": ("v",),
        "message.unread": ("N",),
        "list.mark": ("t", "space"),
        "list.all": ("T",),
        "list.last": ("*", "end"),
        "conversations": ("W",),
        "search.folder": ("l",),
        "undo": ("u",),
        "go.mailbox": ("c",),
    },
}

_TOGETHER: Final = (
    frozenset({Where.ANY, Where.MAIN, Where.MOTION, Where.LIST}),
    frozenset({Where.ANY, Where.MAIN, Where.MOTION, Where.READER}),
    frozenset({Where.ANY, Where.COMPOSE}),
)
_HIDES: Final = {(Where.READER, Where.MAIN), (Where.READER, Where.MOTION)}
"""A message's own keys come before those of the screen around it: no conflict."""


@dataclass(frozen=True)
class Keymap:
    """The keys of those actions whose keys are not the table's."""

    keys: Keys = field(default_factory=dict)

    def of(self, action: Action) -> tuple[str, ...]:
        """An action's keys."""
        return self.keys.get(action.id, action.keys)

    def actions(self) -> tuple[Action, ...]:
        """The table with these keys."""
        return tuple(replace(action, keys=self.of(action)) for action in ACTIONS)

    def for_bindings(self) -> dict[str, str]:
        """Single keys by action, as Textual's `set_keymap` takes them; sequences are not its own."""
        return {
            id_: ",".join(key for key in keys if " " not in key) or f"unbound-{id_.replace('.', '-')}"
            for id_, keys in self.keys.items()
        }


def make_keymap(preset: str, own: Keys) -> tuple[Keymap, list[str]]:
    """The keymap, and a sentence for each key that another action had, or that is not known.

    One's own key takes the key from whatever had it.
    """
    keys = dict(PRESETS.get(preset, {}))
    problems = []
    for id_, wanted in own.items():
        if id_ not in BY_ID:
            problems.append(f"bind: there is no action “{id_}”; the help (?) shows them.")
            continue
        keys[id_] = wanted
        for other, key in _clashes(BY_ID[id_], wanted, Keymap(keys)):
            keys[other.id] = tuple(kept for kept in Keymap(keys).of(other) if kept != key)
            problems.append(f"bind: {key} now means “{BY_ID[id_].label}”, no longer “{other.label}”.")
    return Keymap(keys), problems


def _clashes(action: Action, wanted: tuple[str, ...], keymap: Keymap) -> list[tuple[Action, str]]:
    return [
        (other, key)
        for other in ACTIONS
        if other.id != action.id and _meet(action, other)
        for key in keymap.of(other)
        for mine in wanted
        if key == mine or key.startswith(mine + " ") or mine.startswith(key + " ")
    ]


def conflicts(keymap: Keymap) -> list[str]:
    """Pairs of actions that one key would mean in one place: empty for a good preset."""
    actions = keymap.actions()
    return [
        f"{key}: {action.id} and {other.id}"
        for place, action in enumerate(actions)
        for other, key in _clashes(action, action.keys, keymap)
        if other.id in {later.id for later in actions[place + 1 :]}
    ]


def _meet(one: Action, other: Action) -> bool:
    """Whether both could be meant by a key in one place."""
    pair = (one.where, other.where)
    if pair in _HIDES or pair[::-1] in _HIDES:
        return False
    return any(set(pair) <= together for together in _TOGETHER)
