"""The files of a message: which of them, and whether to look at it, save it or hand it to a program.

Owns what is offered for a file and how it is fetched. What is shown goes into the reader or onto a screen of
its own. Refuses to know the ways that other things take too (`ways_out`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shinbox.client.fetching import FileOf, fetch_into
from shinbox.client.formats import about_file, kind, size
from shinbox.client.showing import files
from shinbox.errors import ConfigError, ShinboxError
from shinbox.tui.everywhere import split_address
from shinbox.tui.opened_files import OpenedFiles
from shinbox.tui.screens.ways_out import WaysOut

if TYPE_CHECKING:
    from shinbox.jmap.objects import Email
    from shinbox.tui.screens.choose import Choice

LOOKED_AT: Final = 5_000_000
"""Bytes of a text that are looked at."""
_NO_PREVIEW: Final = "No preview ({}): save or open it."


class ReceivedFiles(WaysOut):
    """The main screen with everything that is done with the files of a message."""

    _opened: OpenedFiles | None = None

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

        self.app.push_screen(ChooseScreen(f"What to do with {file.name or 'this file'}?", choices), chosen)

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
        part, start = file.part, data[:LOOKED_AT]
        lines = await asyncio.to_thread(preview, file.name, part.type, start, width, part.charset or "")
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

    # --- opening ----------------------------------------------------------------------------------------

    async def _open_file(self, file: FileOf) -> None:
        from shinbox.tui.opening import ended, launch, not_opened, open_command

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
        elif process.returncode:
            self.problem(not_opened(command[0], file.part.type))


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
