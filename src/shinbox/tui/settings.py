"""The person's settings: `$XDG_CONFIG_HOME/shinbox/config.toml`, each with what it is without the file.

Owns names and meaning of the settings, and a sentence for each that cannot be used: the rest holds. Writing,
which keeps the comments, is in `settings_file`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path

from shinbox.tui.themes import DEFAULT, LABEL_COLOURS

PRESETS: Final = ("gmail", "aerc", "mutt")
SIGNALS: Final = ("none", "bell", "osc9", "osc777", "desktop")
SAYS: Final = ("sender", "number")
IMAGES: Final = ("auto", "always", "off")
TONES: Final = ("accent", "warning", "error", "success", "muted", "flagged")
"""Colours of labels by their meaning in a theme, besides `LABEL_COLOURS`."""

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "keys": PRESETS,
    "notify": SIGNALS,
    "notify_says": SAYS,
    "images": IMAGES,
}


@dataclass(frozen=True)
class Settings:
    """What the person chose. Field names are the keys of the file."""

    theme: str = DEFAULT
    keys: str = "gmail"
    conversations: bool = True
    plain: bool = False
    """No box drawing and no symbols: for screen readers."""
    notify: str = "bell"
    """How new mail is told: none, bell, osc9, osc777 or desktop."""
    notify_says: str = "sender"
    """What a notification says: sender (and subject), or only the number of messages."""
    mouse: bool = True
    """Whether the mouse is shinbox's; off, the terminal selects text with it."""
    title: bool = True
    """Whether the terminal's title counts unread messages."""
    save_to: str = "~"
    open_over_ssh: bool = False
    images: str = "auto"
    """Whether pictures are shown: auto (not over SSH), always or off."""
    spelling: str = ""
    """Language of the spell-checker, as its dictionaries are named; empty for that of the locale."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Label → colour: red, orange, yellow, green, cyan, blue, violet or grey."""
    handlers: Mapping[str, str] = field(default_factory=dict)
    """Type of a file → command; in the file the table is called [open]."""
    bind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Action → keys of one's own."""


HELP: Final[Mapping[str, str]] = {
    "theme": "the colours; they change while you choose",
    "keys": "the keys of gmail, aerc or mutt",
    "bind": "keys of your own, each for one action",
    "mouse": "whether shinbox takes the mouse; off, your terminal selects text with it (from the next start)",
    "conversations": "folders by conversation",
    "plain": "no lines and symbols, one pane at a time: for screen readers",
    "notify": "how new mail is told: none, bell, by your terminal (osc9, osc777) or by your desktop",
    "notify_says": "what a notification says: the sender and the subject, or only the number of messages",
    "title": "count unread messages in the terminal's title",
    "labels": "the colours of labels",
    "save_to": "the folder that files are saved in",
    "open": "the programs that open files, by their type, e.g. application/pdf",
    "open_over_ssh": "open files and links although you are connected over SSH",
    "images": "show pictures: auto (not over SSH), always or off",
    "spelling": "the language of the spell-checker, e.g. en_GB; empty for that of your system",
}
"""Every setting, with a sentence for the screen; the names are those of the file."""

_ELSEWHERE: Final = frozenset({"desk", "desks"})
"""Keys of the same file that others read."""


def value_of(settings: Settings, key: str) -> Any:
    """A setting by its name in the file."""
    return getattr(settings, "handlers" if key == "open" else key)


def config_path() -> Path:
    """Where the settings lie."""
    return user_config_path("shinbox") / "config.toml"


def read_settings(path: Path) -> tuple[Settings, list[str]]:
    """The settings, and a sentence for each that could not be used."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), []
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), [f"{path} cannot be read: {error}. Everything is as without it."]
    settings, problems = parse_settings(text)
    return settings, [f"{path}: {problem}" for problem in problems]


def parse_settings(text: str) -> tuple[Settings, list[str]]:
    """Settings from a file's text."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Settings(), [f"this is not TOML: {error}. Everything is as without it."]
    problems: list[str] = []
    settings = Settings()
    names = {known.name for known in fields(Settings)} - {"handlers"} | {"open"}
    for key, value in values.items():
        if key in _ELSEWHERE:
            continue
        if key not in names:
            problems.append(f"{key}: there is no such setting; there are {', '.join(sorted(names))}.")
            continue
        name = "handlers" if key == "open" else key
        used, problem = _checked(name, value, getattr(settings, name))
        problems += [f"{key}: {sentence}" for sentence in problem]
        settings = replace(settings, **{name: used})
    return settings, problems


def _checked(name: str, value: Any, before: Any) -> tuple[Any, list[str]]:
    """The value to use, and what is wrong with the given one."""
    if isinstance(before, bool):
        return (value, []) if isinstance(value, bool) else (before, ["must be true or false."])
    if isinstance(before, str):
        if not isinstance(value, str):
            return before, ["must be a text in quotes."]
        if name in CHOICES and value not in CHOICES[name]:
            return before, [f"{value!r} is not known; it is one of {', '.join(CHOICES[name])}."]
        return value, []
    if not isinstance(value, dict):
        return before, ["must be a table."]
    if name == "bind":
        return _bound(value)
    good = {key.lower(): entry for key, entry in value.items() if isinstance(entry, str)}
    problems = [
        f"{key} must be a text in quotes." for key, entry in value.items() if not isinstance(entry, str)
    ]
    if name == "labels":
        wrong = [key for key, colour in good.items() if colour not in (*LABEL_COLOURS, *TONES)]
        problems += [f"{key}: the colour is one of {', '.join(LABEL_COLOURS)}." for key in wrong]
        good = {key: colour for key, colour in good.items() if key not in wrong}
    return good, problems


def _bound(value: Mapping[str, Any]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    bound: dict[str, tuple[str, ...]] = {}
    problems = []
    for action, keys in value.items():
        listed = [keys] if isinstance(keys, str) else keys
        if isinstance(listed, list) and all(isinstance(key, str) and key.strip() for key in listed):
            bound[action] = tuple(" ".join(key.split()) for key in listed)
        else:
            problems.append(f"{action}: keys are a text in quotes, or a list of them.")
    return bound, problems
