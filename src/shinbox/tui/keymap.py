"""Which keys mean what: a preset, one's own keys over it, and a sentence for each conflict.

Pure: the table of actions keeps its default keys (Gmail's letters, vim's motion); a keymap replaces the
keys of some actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shinbox.tui.actions import ACTIONS, BY_ID, Action, Needs, Where
from shinbox.tui.keys import first_key, is_key, key_label

Keys = Mapping[str, tuple[str, ...]]

_GO_KEYS: Final[Keys] = {
    # `u` takes back there.
    "go.back": ("escape", "q"),
    # Where `g` is a key of its own, what began with it begins with an apostrophe, vim's "go to the mark".
    "go.inbox": ("' i",),
    "go.sent": ("' t",),
    "go.drafts": ("' d",),
    "go.archive": ("' e",),
    "go.sidebar": ("' b",),
    "connect": ("' c",),
    "search.everywhere": ("' /",),
    "search.keep": ("' k",),
    "search.kept": ("' v",),
    "compose.unfinished": ("' u",),
    "message.source": ("' s",),
}

PRESETS: Final[Mapping[str, Keys]] = {
    "gmail": {},
    "aerc": {
        **_GO_KEYS,
        "list.first": ("g", "home"),
        "list.mark": ("space", "v"),
        "list.toggle-fold": ("z a", "tab"),
        "go.mailbox": ("c",),
        "compose": ("C", "m"),
        "message.reply": ("R r",),
        "message.reply-all": ("r r",),
        "message.archive": ("a",),
        "message.delete": ("d", "D", "delete"),
        "message.move": ("M",),
        "message.attachments": ("O", "S"),
        "message.save": ("E",),
        "undo": ("u",),
    },
    "mutt": {
        **_GO_KEYS,
        "list.first": ("=", "home"),
        "list.last": ("*", "end"),
        "list.half-down": ("]",),
        "list.half-up": ("[",),
        "list.mark": ("t", "space"),
        "list.all": ("T",),
        "list.toggle-fold": ("alt+v",),
        "go.mailbox": ("c",),
        "go.previous-find": (),
        "conversations": ("W",),
        "compose": ("m",),
        "message.reply-all": ("g",),
        "message.move": ("s",),
        "message.copy": ("C",),
        "message.flag": ("F",),
        "message.delete": ("d", "delete"),
        "message.label": ("Y",),
        "message.attachments": ("v",),
        "message.seen": ("N",),
        "search.folder": ("l",),
        "undo": ("u",),
        "review.keep": ("P",),
    },
}

_TOGETHER: Final = (
    frozenset({Where.ANY, Where.MAIN, Where.MOTION, Where.LIST}),
    frozenset({Where.ANY, Where.MAIN, Where.MOTION, Where.READER}),
    frozenset({Where.ANY, Where.COMPOSE}),
    frozenset({Where.REVIEW}),
    frozenset({Where.SEARCH}),
    frozenset({Where.BOX}),
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

    def key(self, action_id: str) -> str:
        """An action's first key as people write it; without one, what the command line takes."""
        action = BY_ID[action_id]
        return first_key(replace(action, keys=self.of(action)))

    def meant(self, key: str, where: Where) -> Action | None:
        """The action that a key means in a part of the screen."""
        return next((action for action in ACTIONS if action.where is where and key in self.of(action)), None)

    def means_a_line(self, key: str) -> bool:
        """Whether a key of the list does something with a line, or goes to one."""
        return any(key in self.of(action) for action in ACTIONS if _takes_a_line(action))

    def actions(self) -> tuple[Action, ...]:
        """The table with these keys."""
        return tuple(replace(action, keys=self.of(action)) for action in ACTIONS)

    def for_bindings(self) -> dict[str, str]:
        """Single keys by action, as Textual's `set_keymap` takes them; sequences are not its own."""
        return {
            id_: ",".join(key for key in keys if " " not in key) or f"unbound-{id_.replace('.', '-')}"
            for id_, keys in self.keys.items()
        }


def _takes_a_line(action: Action) -> bool:
    if action.where is Where.MAIN:
        return action.needs is Needs.MESSAGE or action.id in ("go.next-unread", "go.previous-find")
    return action.where in (Where.MOTION, Where.LIST)


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
        wrong = [key for key in wanted if not is_key(key)]
        problems += [f"bind: {problem}" for problem in key_problems(wrong)]
        keys[id_] = tuple(key for key in wanted if key not in wrong)
        for other, key in _clashes(BY_ID[id_], keys[id_], Keymap(keys)):
            keys[other.id] = tuple(kept for kept in Keymap(keys).of(other) if kept != key)
            problems.append(
                f"bind: {key_label(key)} now means “{BY_ID[id_].label}”, no longer “{other.label}”."
            )
    return Keymap(keys), problems


def key_problems(keys: Sequence[str]) -> list[str]:
    """A sentence for each that no terminal sends."""
    return [
        f"“{key}” is no key: write a letter, a name such as ctrl+s, f2, enter or space, or several with"
        " spaces between."
        for key in keys
        if not is_key(key)
    ]


def taken_from(action_id: str, keys: Sequence[str], keymap: Keymap) -> list[str]:
    """What other actions would lose if this one had these keys, as sentences."""
    action = BY_ID[action_id]
    return [
        f"{key_label(key)} means “{other.label}” now: it would lose it."
        for other, key in _clashes(action, tuple(keys), keymap)
    ]


def _clashes(action: Action, wanted: tuple[str, ...], keymap: Keymap) -> list[tuple[Action, str]]:
    return [
        (other, key)
        for other in ACTIONS
        if other.id != action.id and _meet(action, other)
        for key in keymap.of(other)
        for mine in wanted
        if key == mine or key.startswith(mine + " ") or mine.startswith(key + " ")
    ]


def _meet(one: Action, other: Action) -> bool:
    """Whether both could be meant by a key in one place."""
    pair = (one.where, other.where)
    if pair in _HIDES or pair[::-1] in _HIDES:
        return False
    return any(set(pair) <= together for together in _TOGETHER)
