"""Choose a file, or a folder, of this machine: type a part of its name, Enter goes into folders.

Owns the walk through folders. Reads names and sizes, never contents.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from shinbox.client.formats import size
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.widgets.virtual_list import VirtualList

MOST: Final = 5000
"""Entries of a folder that are shown."""
HERE: Final = "."
UP: Final = ".."


class FilesScreen(ChooseScreen):
    """Returns a path. `folders`: a folder is what is wanted."""

    def __init__(self, title: str, start: Path, *, folders: bool = False) -> None:
        self._folder = start if start.is_dir() else Path.home()
        self._wants_folder = folders
        super().__init__(title, self._entries(), f"in {self._folder} · type to find, / or ~ for a path")

    def _entries(self) -> list[Choice]:
        first = [Choice(HERE, "here", "this folder")] if self._wants_folder else []
        above = [] if self._folder.parent == self._folder else [Choice(UP, "..", "the folder above")]
        return [*first, *above, *entries(self._folder, files=not self._wants_folder)]

    def choose_id(self, choice: str) -> None:
        path = self._folder / choice
        if choice == HERE:
            self.dismiss(str(self._folder))
        elif path.is_dir():
            self._go(path.resolve() if choice == UP else path)
        else:
            self.dismiss(str(path))

    def typed(self, value: str) -> None:
        if value.startswith(("/", "~")):
            path = Path(value).expanduser()
            if value.endswith("/") and path.is_dir():
                self._go(path)
                return
        super().typed(value)

    def _go(self, folder: Path) -> None:
        self._folder = folder
        self.take(self._entries(), f"in {folder} · type to find, / or ~ for a path")
        self.query_one(VirtualList).styles.height = 16


def entries(folder: Path, *, files: bool) -> list[Choice]:
    """What is in a folder, folders first; what is hidden comes last. A folder that cannot be read says so."""
    found: list[tuple[tuple[bool, bool, str], Choice]] = []
    try:
        for entry in folder.iterdir():
            is_folder = entry.is_dir()
            if not is_folder and not (files and entry.is_file()):
                continue
            note = "folder" if is_folder else size(entry.stat().st_size)
            order = (entry.name.startswith("."), not is_folder, entry.name.casefold())
            found.append((order, Choice(entry.name, entry.name + ("/" if is_folder else ""), note)))
            if len(found) >= MOST:
                break
    except OSError as error:
        return [Choice(UP, "..", off=f"This folder cannot be read: {error.strerror}.")]
    return [choice for _, choice in sorted(found, key=lambda pair: pair[0])]
