"""Searches that a person keeps under a name: in a file of their own, for each desk and person apart.

Owns the file's form and what is wrong with an entry, in a sentence; the others hold. Comments stay.
Does disk work: call it off the loop. Knows no screen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shinbox.errors import ConfigError
from shinbox.tui.settings_file import rewrite

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

HEAD: Final = "# Searches that were kept in shinbox, each for one desk and one person.\n"
SCOPES: Final = ("folder", "mailbox", "everywhere")


@dataclass(frozen=True)
class SavedSearch:
    """Words to search for, and where: `mailbox` by its name, `folder` by its path."""

    name: str
    words: str
    scope: str = "mailbox"
    mailbox: str = ""
    folder: str = ""
    desk: str = ""
    user: str = ""

    def is_called(self, name: str) -> bool:
        """Whether this is its name; capital letters make no difference."""
        return self.name.casefold() == name.strip().casefold()

    def belongs_to(self, desk: str, user: str) -> bool:
        """Whether it is this person's at this desk."""
        return (self.desk, self.user) == (desk, user)


def read_searches(path: Path) -> tuple[list[SavedSearch], list[str]]:
    """The searches of a file, and a sentence for each entry that cannot be used."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("search", [])
    except FileNotFoundError:
        return [], []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return [], [f"{path} cannot be read: {error}. The searches in it are missing until it is corrected."]
    if not isinstance(entries, list):
        return [], [f"{path}: each search begins with [[search]]."]
    found: list[SavedSearch] = []
    problems: list[str] = []
    for number, entry in enumerate(entries, 1):
        problem = _why_not(entry, found)
        if problem:
            problems.append(f"{path}, search {number}: {problem} It is left out.")
        else:
            found.append(SavedSearch(**entry))
    return found, problems


def _why_not(entry: Any, before: Sequence[SavedSearch]) -> str | None:
    names = [known.name for known in fields(SavedSearch)]
    if not isinstance(entry, dict) or any(not isinstance(value, str) for value in entry.values()):
        return "every line of it is a name and a text in quotes."
    wrong = [key for key in entry if key not in names]
    if wrong:
        return f"there is no “{wrong[0]}”; there are {', '.join(names)}."
    for key in ("name", "words"):
        if not entry.get(key, "").strip():
            return f"it has no {key}."
    search = SavedSearch(**entry)
    if search.scope not in SCOPES:
        return f"scope is one of {', '.join(SCOPES)}."
    if any(other.is_called(search.name) and other.belongs_to(search.desk, search.user) for other in before):
        return f"there is another “{search.name}”."
    return None


def add_search(path: Path, search: SavedSearch) -> None:
    """Keep a search.

    :raises ConfigError: there is one of that name, or the file cannot be written.
    """

    def change(document: TOMLDocument) -> None:
        import tomlkit

        if not document.get("search"):
            # An empty array of any kind cannot take tables.
            document.pop("search", None)
            document.append("search", tomlkit.aot())
        entries: Any = document["search"]
        if _place(entries, search, search.name) is not None:
            raise ConfigError(
                f"There is a search “{search.name}” already: choose another name, or delete that one."
            )
        entries.append(tomlkit.item({key: value for key, value in asdict(search).items() if value}))

    rewrite(path, change, HEAD)


def rename_search(path: Path, search: SavedSearch, name: str) -> None:
    """Call a search otherwise.

    :raises ConfigError: there is one of that name, this one is gone, or the file cannot be written.
    """

    def change(document: TOMLDocument) -> None:
        entries: Any = document.get("search", [])
        place = _place(entries, search, search.name)
        if place is None:
            raise ConfigError(f"There is no search “{search.name}” any more.")
        if not search.is_called(name) and _place(entries, search, name) is not None:
            raise ConfigError(f"There is a search “{name}” already: choose another name.")
        entries[place]["name"] = name

    rewrite(path, change, HEAD)


def remove_search(path: Path, search: SavedSearch) -> None:
    """Keep a search no longer. One that is gone already is no failure.

    :raises ConfigError: the file cannot be written.
    """

    def change(document: TOMLDocument) -> None:
        entries: Any = document.get("search", [])
        place = _place(entries, search, search.name)
        if place is not None:
            del entries[place]
            if not entries:
                document.pop("search")

    rewrite(path, change, HEAD)


def _place(entries: Sequence[Any], search: SavedSearch, name: str) -> int | None:
    """Where in the file the search of that name is, of the same desk and person."""
    for place, entry in enumerate(entries):
        called = str(entry.get("name", "")).casefold() == name.strip().casefold()
        if called and search.belongs_to(str(entry.get("desk", "")), str(entry.get("user", ""))):
            return place
    return None
