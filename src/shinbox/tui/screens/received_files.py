"""The files of a message: look at them, save them, hand them to a program.

Owns the ways of a file out of a message, with what is said meanwhile and that Esc stops it. What is shown
goes into the reader or onto a screen of its own; what is written is never over a file.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shinbox.client.fetching import FileOf, fetch_into
from shinbox.client.formats import about_file, kind, size
from shinbox.client.showing import files
from shinbox.errors import ConfigError, ShinboxError
from shinbox.tui.everywhere import split_address
from shinbox.tui.opened_files import OpenedFiles
from shinbox.tui.screens.triage import Triage
from shinbox.tui.under_way import SHOWN_AFTER

if TYPE_CHECKING:
    from shinbox.jmap.objects import Email
    from shinbox.tui.screens.choose import Choice

Bytes = Callable[[], Awaitable[bytes]]
SaveInto = Callable[[Path], Awaitable[str]]
LOOKED_AT: Final = 5_000_000
"""Bytes of a text that are looked at."""
_NO_PREVIEW: Final = "No preview ({}): save or open it."


class ReceivedFiles(Triage):
    """The main screen with everything that is done with the files of a message."""

    _save_folder: Path | None = None
    _fetching = ""
    _came = 0
    _opened: OpenedFiles | None = None
    _aside = False
    _was_read = False

    async def _message(self) -> Email | None:
        """The message under the cursor, whole."""
        row = self.messages.cursor_row
        if row is None:
            return None
        if self.reading is not None and self.reading.id == row.id:
            return self.reading
        try:
            email = await self.desk.read(self.account, row.id)
        except ShinboxError as error:
            self.problem(error)
            return None
        if email is None:
            self.notice.say("This message is no longer here.", tone="warning")
        return email

    def _show_text(self, title: str, lines: list[tuple[str, str]]) -> None:
        if not self._stands_aside():
            self._was_read = self.has_class("-reading")
        self._aside = True
        self.add_class("-reading")
        self.reading = None
        self.show_lines([(title, "subject"), ("", ""), *lines])
        self.reader.focus()

    def _stands_aside(self) -> bool:
        """Whether a file, a source or what a command said stands where the message stood."""
        return self._aside and self.reading is None and self.has_class("-reading")

    def _back_to_message(self) -> bool:
        """Show the message again; True if it is to be read on."""
        row = self.messages.cursor_row
        if not self._stands_aside() or row is None:
            return False
        self._aside = False
        self.run_worker(self.show_message(row.id), exclusive=True, group="read")
        return self._was_read

    # --- which file, and what with it -------------------------------------------------------------------

    async def do_message_attachments(self) -> None:
        from shinbox.tui.screens.choose import ChooseScreen

        email = await self._message()
        if email is None:
            return
        try:
            found = await self._files_of(email)
        except ShinboxError as error:
            self.problem(error)
            return
        if not found:
            self.notice.say("This message has no files.")
            return

        def chosen(choice: str | None) -> None:
            if choice == "all":
                self._ask_folder(found)
            elif choice:
                self._ask_what(found[int(choice) - 1])

        if not self.came_late():
            self.app.push_screen(ChooseScreen("Which file?", _choices(found)), chosen)

    async def _files_of(self, email: Email) -> list[FileOf]:
        """The files of a message, of a folded conversation those of all its messages."""
        account, _ = split_address(self.account, email.id)
        emails = await self.read_together(email)
        return [FileOf(account, part) for one in emails for part in files(one) if part.blob_id]

    def _ask_what(self, file: FileOf) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        what = "as a picture" if self._is_picture(file) else "text, CSV, invitations"
        choices = [
            Choice("preview", "look at it", what, off=self._no_preview(file)),
            Choice("save", "save", "into a folder that you choose"),
            Choice("open", "open", f"with the program for {file.part.type}"),
            Choice("pipe", "pipe", "to a command"),
        ]

        def chosen(choice: str | None) -> None:
            if choice == "preview":
                show = self._show_picture if self._is_picture(file) else self._read_file
                self.run_worker(show(file), group="out")
            elif choice == "save":
                self._ask_folder([file])
            elif choice == "open":
                self.run_worker(self._open_file(file), group="out")
            elif choice == "pipe":
                self._ask_command(lambda: self._bytes_of(file))

        self.app.push_screen(ChooseScreen(f"{file.name or 'This file'}:", choices), chosen)

    def _is_picture(self, file: FileOf) -> bool:
        from shinbox.tui.pictures import is_picture

        return is_picture(file.name, file.part.type)

    def _no_preview(self, file: FileOf) -> str | None:
        from shinbox.tui.pictures import why_no_pictures
        from shinbox.tui.previews import can_preview

        if self._is_picture(file):
            return why_no_pictures(self.settings.images)
        if can_preview(file.name, file.part.type):
            return None
        return _NO_PREVIEW.format(kind(file.part.type))

    # --- looking ----------------------------------------------------------------------------------------

    async def _bytes_of(self, file: FileOf) -> bytes:
        with self._telling(f"Fetching {file.name or 'the file'} …"):
            part = file.part
            return await self.desk.client.download(file.account, part.blob_id or "", "file", part.type)

    async def _read_file(self, file: FileOf) -> None:
        from shinbox.tui.previews import preview

        try:
            data = await self._bytes_of(file)
        except ShinboxError as error:
            self.problem(error)
            return
        # A reader that is not on the screen yet will be as wide as the screen.
        width = (self.reader.size.width or self.size.width) - 3
        lines = await asyncio.to_thread(preview, file.name, file.part.type, data[:LOOKED_AT], width)
        if lines is None:
            self.notice.say(_NO_PREVIEW.format(kind(file.part.type)), tone="warning")
            return
        if len(data) > LOOKED_AT:
            lines = [*lines, ("[The file is longer than this: save it to see all of it.]", "warning")]
        self._show_text(file.name or "(no name)", lines)

    async def _show_picture(self, file: FileOf) -> None:
        from shinbox.tui.pictures import decode
        from shinbox.tui.screens.picture import PictureScreen
        from shinbox.tui.widgets.picture_view import better_view

        try:
            data = await self._bytes_of(file)
            with self._telling("Looking at the picture …"):
                picture = await decode(data)
        except ShinboxError as error:
            self.problem(error)
            return
        if self.came_late():
            return
        width, height = picture.original
        about = f"{width} x {height} {picture.kind}  {size(len(data))}"
        better = better_view(self.app, picture)
        self.app.push_screen(PictureScreen(file.name or "(no name)", about, picture, better))

    # --- saving -----------------------------------------------------------------------------------------

    def _ask_folder(self, wanted: list[FileOf]) -> None:
        async def save_them(folder: Path) -> str:
            return ", ".join([(await self._fetch(file, folder)).name for file in wanted])

        self._choose_folder(save_them)

    async def _fetch(self, file: FileOf, folder: Path) -> Path:
        def came(octets: int) -> None:
            self._came = octets

        with self._telling(f"Fetching {file.name or 'the file'} …", file.part.size):
            return await fetch_into(self.desk.client, file, folder, came)

    def _choose_folder(self, save_into: SaveInto) -> None:
        from shinbox.tui.screens.files import FilesScreen

        start = self._save_folder or Path(self.settings.save_to).expanduser()

        def chosen(folder: str | None) -> None:
            if folder:
                self._save_folder = Path(folder)
                self.run_worker(self._save(Path(folder), save_into), group="out")

        self.app.push_screen(FilesScreen("Save into which folder?", start, folders=True), chosen)

    async def _save(self, folder: Path, save_into: SaveInto) -> None:
        from shinbox.tui.screens.files import from_home

        try:
            names = await save_into(folder)
        except ShinboxError as error:
            self.problem(error)
            return
        self.notice.say(f"Saved {names} in {from_home(folder)}")

    # --- opening ----------------------------------------------------------------------------------------

    async def _open_file(self, file: FileOf) -> None:
        from shinbox.tui.opening import ended, launch, open_command

        self._opened = opened = self._opened or OpenedFiles()
        try:
            command = open_command(
                file.part.type, self.settings.handlers, over_ssh=self.settings.open_over_ssh
            )
            folder = await asyncio.to_thread(opened.new_folder)
            path = await self._fetch(file, folder)
            process = await launch(command, str(path))
        except OSError as error:
            self.problem(ConfigError(f"Not opened: {error.strerror}. Make room for temporary files."))
            return
        except ShinboxError as error:
            self.problem(error)
            return
        self.notice.say(f"Opened {path.name} with {command[0]}; to keep it or what you change, save it.")
        if await ended(process):
            await asyncio.to_thread(opened.remove, folder)

    # --- what takes time --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _telling(self, what: str, octets: int = 0) -> Iterator[None]:
        """Say what is being done as soon as it takes long, how far it is, and that Esc stops it."""
        self._fetching, self._came = what, 0

        def tell() -> None:
            far = f" {size(self._came)} of {size(octets)}" if octets else ""
            self.notice.say(f"{what}{far}", offers="go.back", hint="stops", counting=False)

        timer = self.set_interval(SHOWN_AFTER, tell)
        try:
            yield
        finally:
            timer.stop()
            self._fetching = ""
            if self.notice.text.startswith(what):
                self.notice.clear()

    def do_go_back(self) -> None:
        """What is being fetched is stopped first."""
        if self._fetching:
            self.workers.cancel_group(self, "out")
            self.notice.say("Stopped.")
        elif not self._back_to_message():
            super().do_go_back()

    # --- to a command -----------------------------------------------------------------------------------

    def _ask_command(self, bytes_of: Bytes, command: str = "") -> None:
        from shinbox.tui.screens.ask import AskScreen

        def asked(line: str | None) -> None:
            if line:
                self.run_worker(self._pipe(line, bytes_of), group="out")

        if command:
            asked(command)
        else:
            self.app.push_screen(AskScreen("Pipe it to which command? (no shell)"), asked)

    async def _pipe(self, line: str, bytes_of: Bytes) -> None:
        from shinbox.tui.opening import pipe, split_command

        try:
            command = split_command(line)
            data = await bytes_of()
            with self._telling(f"Waiting for {command[0]} …"):
                said = await pipe(command, data)
        except ShinboxError as error:
            self.problem(error)
            return
        told = said.rstrip("\n")
        lines = [(text, "") for text in told.split("\n")] if told else [("It said nothing.", "muted")]
        self._show_text(line, lines)


def _choices(found: Sequence[FileOf]) -> list[Choice]:
    from shinbox.tui.screens.choose import Choice

    choices = [
        Choice(
            str(number),
            f"{number} {file.name or '(no name)'}",
            about_file(file.part.type, file.part.size),
        )
        for number, file in enumerate(found, 1)
    ]
    if len(found) > 1:
        total = size(sum(file.part.size for file in found))
        choices.append(Choice("all", "save all", f"into one folder, {total}"))
    return choices
