"""Writing one setting into the person's file: everything else in it, comments too, stays as it was.

Owns the file's form, and that nothing is written over which somebody changed there meanwhile. A new version
takes the old one's place in one step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shinbox.errors import ConfigError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

HEAD = "# Settings of shinbox: what is not here is as shinbox thinks best.\n"
_TRIES: Final = 3
"""How often a file is read again that somebody is just writing."""


class SettingChanged(ConfigError):
    """Somebody changed this setting in the file meanwhile: what the file says holds now. Choose again."""


def write_setting(path: Path, key: str, value: str | bool, shown: str | bool | None = None) -> None:
    """Set a key at the file's top level; the file is made if there is none.

    `shown` is the value that the person saw and means to change.

    :raises SettingChanged: the file says something else by now; it was left as it is.
    :raises ConfigError: the file is no TOML, or cannot be written.
    """

    def change(document: TOMLDocument) -> None:
        there = document.get(key)
        if shown is not None and there is not None and there not in (shown, value):
            raise SettingChanged(
                f"{path} says {key} = {there} by now, and that holds. Choose again to change it."
            )
        document[key] = value

    rewrite(path, change)


def write_entry(path: Path, table: str, key: str, value: str | Sequence[str] | None) -> None:
    """Set a key of a table such as [labels], or take it out (None).

    :raises ConfigError: the file is no TOML, or cannot be written.
    """

    def change(document: TOMLDocument) -> None:
        import tomlkit

        entries: Any = document.setdefault(table, tomlkit.table())
        if value is None:
            entries.pop(key, None)
        else:
            entries[key] = value if isinstance(value, str) else list(value)

    rewrite(path, change)


def rewrite(path: Path, change: Callable[[TOMLDocument], None], head: str = HEAD) -> None:
    """Change a TOML file; with this head it begins if there is none.

    :raises ConfigError: the file is no TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    # Where the file is a link, the file that it leads to is the person's.
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        for _ in range(_TRIES):
            before = _text(path)
            document = tomlkit.parse(head if before is None else before)
            change(document)
            fresh.write_text(tomlkit.dumps(document), encoding="utf-8")
            if _text(path) == before:
                os.replace(fresh, path)
                return
        fresh.unlink()
    except TOMLKitError as error:
        raise ConfigError(
            f"{path} is not TOML, so it was left as it is: {error}. Correct it first."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be written: {error}.") from None
    raise ConfigError(f"{path} is being written by somebody else: try again when they are done.")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
