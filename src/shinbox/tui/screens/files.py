"""Choose files, or a folder, of this machine: type a part of a name, Enter goes into folders.

Owns the walk through folders. Reads names and sizes, never contents, and never on the screen's own time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from shinbox.client.formats import count, size
from shinbox.tui.keys import bindings_of
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import plain, shown
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.typed_ahead import PATIENCE
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.list_messages import MarksChanged
from shinbox.tui.widgets.virtual_list import VirtualList

MOST: Final = 5000
"""Entries of a folder that are shown."""
HERE: Final = "."
UP: Final = ".."
HIDDEN: Final = "hidden"
PROMPT: Final = "type to find, or a path: / ~"

TooLarge = Callable[[str, int], str | None]
"""Why a file of this name and size cannot be taken, None if it can."""


class FilesScreen(ChooseScreen):
    """Returns a path; `paths` are all that are meant. `folders`: a folder is what is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("box.complete", priority=True)

    def __init__(
        self, title: str, start: Path, *, folders: bool = False, too_large: TooLarge = lambda name, size: None
    ) -> None:
        self._folder = start if start.is_dir() else Path.home()
        self._wants_folder = folders
        self._too_large = too_large
        self._shows_hidden = False
        self._listed: list[Choice] = []
        self._reading: Worker[None] | None = None
        self.several = not folders
        self.paths: list[Path] = []
        super().__init__(title, [], "")

    def on_mount(self) -> None:
        # Textual calls the handler of the base by itself.
        self._show_folder(self._folder)

    def height_of(self, choices: int) -> int:
        """As many lines as there may be, for the next folder as well."""
        return 16

    # --- what is offered --------------------------------------------------------------------------------

    def _go(self, folder: Path) -> None:
        self.query_one(LineField).fill("")
        self._show_folder(folder)

    def _show_folder(self, folder: Path) -> None:
        """Read a folder. Until then nothing is offered: Enter must not take a file of the one before."""
        self._folder = folder
        self._listed = []
        self.query_one(VirtualList).set_empty("Reading the folder …")
        self.replace([])
        self._reading = self.run_worker(self._read(folder), group="folder")

    async def _read(self, folder: Path) -> None:
        listed = await asyncio.to_thread(
            entries, folder, files=not self._wants_folder, too_large=self._too_large
        )
        if folder != self._folder or not self.is_current:
            return  # Somebody has gone on to another one, or left.
        self._listed = listed
        field = self.query_one(LineField)
        field.placeholder = plain(f"in {from_home(folder)} · {PROMPT}")
        self.query_one(VirtualList).set_empty("Nothing fits.")
        self.replace(self._offered())
        # What has been typed meanwhile counts, not what was typed when the reading began.
        self.typed(field.value)
        self._say()

    def _offered(self) -> list[Choice]:
        shows = [choice for choice in self._listed if self._shows_hidden or not _is_hidden(choice)]
        number = len(self._listed) - len(shows)
        more = [Choice(HIDDEN, f"… {number:,} hidden", "shows them, as a dot does")] if number else []
        first = [Choice(HERE, "here", "this folder")] if self._wants_folder else []
        above = [] if self._folder.parent == self._folder else [Choice(UP, "..", "the folder above")]
        return [*first, *above, *shows, *more]

    def typed(self, value: str) -> None:
        if value.startswith(("/", "~")):
            self._typed_path(value)
            return
        self._find(value)

    def _typed_path(self, value: str) -> None:
        """A path: the folder is shown that it names so far, and what begins as it goes on."""
        before, _, rest = value.rpartition("/")
        folder = _path(f"{before}/") or self._folder
        if folder != self._folder and folder.is_dir():
            self._shows_hidden = rest.startswith(".")
            self._show_folder(folder)
        else:
            self._find(rest)

    def _find(self, value: str) -> None:
        if value.startswith(".") and not self._shows_hidden:
            self._show_hidden(value)
        else:
            super().typed(value)

    def _show_hidden(self, find: str = "") -> None:
        self._shows_hidden = True
        self.replace(self._offered())
        super().typed(find)

    def _say(self) -> None:
        """What one can do, below the box."""
        marked = count(len(self._marked()), "file") + " marked · " if self._marked() else ""
        keymap = keymap_of(self)
        take, several, leave = (keymap.key(f"box.{name}") for name in ("take", "complete", "leave"))
        said = (
            f"{take} chooses" if self._wants_folder else f"{marked}{several} marks several · {take} attaches"
        )
        self.query_one("#box").border_subtitle = shown(f"{said} · {leave} leaves")

    # --- what is meant ----------------------------------------------------------------------------------

    def _marked(self) -> list[str]:
        return sorted(self.query_one(VirtualList).marks.ids)

    def action_complete(self) -> None:
        """Mark the file under the cursor, or no longer, and go on."""
        found = self.query_one(VirtualList)
        row = found.cursor_row
        if row is not None and self.several and self._is_file(row.id):
            found.action_mark()

    @on(MarksChanged)
    def _marks_changed(self) -> None:
        found = self.query_one(VirtualList)
        wrong = [id_ for id_ in found.marks.ids if not self._is_file(id_)]
        found.marks.set(wrong, False)
        self._say()

    def _is_file(self, choice: str) -> bool:
        known = self.offered(choice)
        return known is None or (known.off is None and not known.name.endswith("/") and choice not in _OTHERS)

    def choose_id(self, choice: str) -> None:
        if choice == HIDDEN:
            self._show_hidden()
        elif choice == HERE:
            self._done([self._folder])
        elif choice == UP:
            self._go(self._folder.parent.resolve())
        elif choice.endswith("/"):
            self._go(Path(choice))
        else:
            marked = [Path(path) for path in self._marked()]
            self._done(marked or [Path(choice)])

    async def action_take(self) -> None:
        """What is under the cursor once the folder is read; of a path that was typed whole, that."""
        if self._reading is not None:
            with contextlib.suppress(TimeoutError, WorkerFailed, WorkerCancelled):
                await asyncio.wait_for(asyncio.shield(self._reading.wait()), PATIENCE)
        path = _path(self.value)
        if path is not None and (path.is_dir() if self._wants_folder else path.is_file()):
            self._done([path])
        elif self._marked() and not self._is_folder_under_cursor():
            self._done([Path(marked) for marked in self._marked()])
        elif path is not None and not path.exists() and self.query_one(VirtualList).cursor_row is None:
            self.notify(f"There is no {path}: type on, or delete letters.", severity="warning")
        else:
            super().action_take()

    def _is_folder_under_cursor(self) -> bool:
        row = self.query_one(VirtualList).cursor_row
        return row is not None and (row.id.endswith("/") or row.id in (HERE, UP))

    def _done(self, paths: list[Path]) -> None:
        self.paths = paths
        self.dismiss(str(paths[0]))


_OTHERS: Final = (HERE, UP, HIDDEN)


def _path(typed: str) -> Path | None:
    """What was typed, if it is a path: from the root, or from somebody's home."""
    if not typed.startswith(("/", "~")):
        return None
    try:
        return Path(typed).expanduser()
    except RuntimeError:  # There is nobody of that name.
        return None


def from_home(folder: Path) -> str:
    """As a shell's prompt shows it: what lies in the home folder begins with `~`."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}".removesuffix("/.") if folder.is_relative_to(home) else str(folder)


def _is_hidden(choice: Choice) -> bool:
    return choice.name.startswith(".") and choice.name != UP


def entries(folder: Path, *, files: bool, too_large: TooLarge = lambda name, size: None) -> list[Choice]:
    """What is in a folder, folders first; what is hidden comes last. A folder that cannot be read says so.

    A choice's id is its whole path, of a folder with a `/` at the end. Disk work: call it off the loop.
    """
    found: list[tuple[tuple[bool, bool, str], Choice]] = []
    try:
        with os.scandir(folder) as scanned:
            for entry in scanned:
                choice = _choice(entry, files, too_large)
                if choice is not None:
                    hidden, is_folder = entry.name.startswith("."), choice.id.endswith("/")
                    found.append(((hidden, not is_folder, entry.name.casefold()), choice))
                if len(found) >= MOST:
                    break
    except OSError as error:
        return [Choice(UP, "..", off=f"This folder cannot be read: {error.strerror}.")]
    return [choice for _, choice in sorted(found, key=lambda pair: pair[0])]


def _choice(entry: os.DirEntry[str], files: bool, too_large: TooLarge) -> Choice | None:
    """One entry; None for what cannot be chosen: a broken link, a device, a socket."""
    try:
        if entry.is_dir():
            return Choice(f"{entry.path}/", f"{entry.name}/", "folder")
        if not files or not entry.is_file():
            return None
        octets = entry.stat().st_size
    except OSError:
        return None
    return Choice(entry.path, entry.name, size(octets), off=too_large(entry.name, octets))
