"""Themes from files: the packaged ones and the user's own.

Owns how a TOML file becomes a Textual theme and which of our own colours a theme must name. A bad
colour would crash Textual when the theme is switched to, so every value is read before a theme is
registered, and an error names the file and the key. Knows no screen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path
from textual.color import Color, ColorParseError
from textual.theme import Theme

from shinbox.errors import ConfigError

DEFAULT: Final = "shinbox-dark"

_COLOURS: Final = (
    "primary",
    "secondary",
    "accent",
    "warning",
    "error",
    "success",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_FLAGS: Final = ("dark", "ansi")
_STYLE_WORDS: Final = frozenset({"none", "bold", "dim", "italic", "underline", "reverse", "strike"})

LABEL_COLOURS: Final = ("red", "orange", "yellow", "green", "cyan", "blue", "violet", "grey")
"""Colours that a person may give to a label; each theme has its own of that name."""

OURS: Final[Mapping[str, str]] = {
    "fill-marked": "panel",
    "fill-blurred": "panel",
    "fill-bar": "panel",
    "ink-marked": "foreground",
    "ink-blurred": "foreground",
    "ink-bar": "foreground",
    "ink-bar-muted": "foreground",
    "ink-bar-key": "accent",
    "ink-muted": "foreground",
    "ink-accent": "accent",
    "ink-warning": "warning",
    "ink-error": "error",
    "ink-success": "success",
    "ink-quote": "foreground",
    "ink-link": "accent",
    "label-red": "error",
    "label-orange": "warning",
    "label-yellow": "warning",
    "label-green": "success",
    "label-cyan": "accent",
    "label-blue": "accent",
    "label-violet": "secondary",
    "label-grey": "foreground",
    "block-cursor-background": "primary",
    "block-cursor-foreground": "background",
    "block-cursor-text-style": "",
}
"""Our own variables, each with the colour of the theme that stands in where a file leaves it out."""


@dataclass
class Themes:
    """What was found: themes to register, and what is wrong with the files that were left out."""

    loaded: dict[str, Theme] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def packaged_folder() -> Traversable:
    """The themes that come with shinbox: inside the package when installed, beside `src` in a source tree."""
    inside = resources.files("shinbox") / "themes"
    if inside.is_dir():
        return inside
    return Path(__file__).resolve().parents[3] / "themes"


def user_folder() -> Path:
    """Where a user's own themes lie: `$XDG_CONFIG_HOME/shinbox/themes`."""
    return user_config_path("shinbox") / "themes"


def load_themes(folders: Iterable[Traversable] | None = None) -> Themes:
    """Read every `*.toml`; a later folder's theme replaces an earlier one of the same name."""
    found = Themes()
    for folder in folders if folders is not None else (packaged_folder(), user_folder()):
        if not folder.is_dir():
            continue
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if not file.name.endswith(".toml"):
                continue
            try:
                theme = parse_theme(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"))
            except (ConfigError, OSError, UnicodeDecodeError) as error:
                found.problems.append(f"{file}: {error}")
            else:
                found.loaded[theme.name] = theme
    return found


def parse_theme(name: str, text: str) -> Theme:
    """A theme from a file's text. Raises ConfigError that names the key and what is wrong with it."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"this is not TOML: {error}") from None
    variables = values.pop("variables", {})
    if not isinstance(variables, dict):
        raise ConfigError("variables: must be a table, [variables]")
    for key, value in values.items():
        _check(key, value)
    for key, value in variables.items():
        _check_variable(f"variables.{key}", value)
    for required in ("primary", "foreground", "background"):
        if required not in values:
            raise ConfigError(f"{required}: is missing")
    # Textual's own style sheet names these two in themes of sixteen colours.
    sixteen = {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"} if values.get("ansi") else {}
    return Theme(name=name, variables={**sixteen, **_derived(values), **variables}, **values)


def _check(key: str, value: Any) -> None:
    if key in _FLAGS:
        if not isinstance(value, bool):
            raise ConfigError(f"{key}: must be true or false, not {value!r}")
    elif key in _COLOURS:
        _check_colour(key, value)
    else:
        raise ConfigError(f"{key}: a theme has no such key; it may set {', '.join((*_FLAGS, *_COLOURS))}")


def _check_variable(key: str, value: Any) -> None:
    if not key.endswith("-style"):
        _check_colour(key, value)
    elif not isinstance(value, str) or not _STYLE_WORDS.issuperset(value.split()):
        raise ConfigError(f"{key}: {value!r} is not a text style ({', '.join(sorted(_STYLE_WORDS))})")


def _check_colour(key: str, value: Any) -> None:
    try:
        Color.parse(value)
    except (ColorParseError, TypeError, AttributeError):
        raise ConfigError(f'{key}: {value!r} is not a colour (like "#5B9BD5" or "ansi_blue")') from None


def _derived(values: Mapping[str, Any]) -> dict[str, str]:
    def stand_in(colour: str) -> str:
        fallback = "background" if colour in ("panel", "surface") else "foreground"
        return str(values.get(colour, values[fallback]))

    return {key: stand_in(colour) if colour else "none" for key, colour in OURS.items()}
