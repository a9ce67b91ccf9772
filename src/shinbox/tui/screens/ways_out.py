"""The ways out of a message, whatever goes: shown in its place, saved into a folder, given to a command.

Owns what is said meanwhile, that Esc stops it, and the way back to the message. Refuses to know what goes:
files (`received_files`), links and the source (`taking_out`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from shinbox.client.formats import size
from shinbox.errors import ShinboxError
from shinbox.tui.screens.triage import Triage
from shinbox.tui.under_way import SHOWN_AFTER

if TYPE_CHECKING:
    from shinbox.jmap.objects import Email

Bytes = Callable[[], Awaitable[bytes]]
"""Fetches what goes. Raises ShinboxError."""
SaveInto = Callable[[Path], Awaitable[str]]
"""Writes into a folder, never over a file; what was written. Raises ShinboxError."""


class WaysOut(Triage):
    """The main screen with what stands in the message's place, and work that Esc stops."""

    _save_folder: Path | None = None
    _fetching = ""
    """What is said of the work under way."""
    _came = 0
    """Octets of it that are there."""
    _aside = ""
    """The message in whose place something else was put."""
    _was_read = False
    """Whether one read the message when something else took its place."""

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
        row = self.messages.cursor_row
        self._aside = row.id if row else ""
        self._read_no_more()
        self.add_class("-reading")
        self.reading = None
        self.show_lines([(title, "subject"), ("", ""), *lines])
        self.reader.focus()

    def _stands_aside(self) -> bool:
        """Whether a file, a source or what a command said stands where the message stood."""
        return self._aside != "" and self.reading is None and self.has_class("-reading")

    def _back_to_message(self) -> bool:
        """Show the message again; True if it is to be read on."""
        row = self.messages.cursor_row
        if not self._stands_aside() or row is None:
            return False
        self._aside = ""
        self.run_worker(self.show_message(row.id), exclusive=True, group="read")
        return self._was_read

    def _show_preview(self) -> None:
        row = self.messages.cursor_row
        if row is not None and row.id == self._aside and self._stands_aside():
            self._preview = None  # The list has news, but one looks at something else just now.
        else:
            super()._show_preview()

    # --- into a folder -------------------------------------------------------------------------------

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

    # --- to a command -----------------------------------------------------------------------------------

    def _ask_command(self, bytes_of: Bytes, command: str = "") -> None:
        from shinbox.tui.screens.ask import AskScreen

        def asked(line: str | None) -> None:
            if line:
                self.run_worker(self._pipe(line, bytes_of), group="out")

        if command:
            asked(command)
        else:
            self.app.push_screen(AskScreen("Pipe it to which command?"), asked)

    async def _pipe(self, line: str, bytes_of: Bytes) -> None:
        from shinbox.tui.opening import pipe

        try:
            data = await bytes_of()
            with self._telling(f"Waiting for “{line}” …"):
                said = await pipe(line, data)
        except ShinboxError as error:
            self.problem(error)
            return
        told = said.rstrip("\n")
        lines = [(text, "") for text in told.split("\n")] if told else [("It said nothing.", "muted")]
        self._show_text(line, lines)

    # --- what takes time --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _telling(self, what: str, octets: int = 0) -> Iterator[None]:
        """Say what is being done as soon as it takes long, how far it is, and that Esc stops it."""
        self._fetching, self._came = what, 0

        def tell() -> None:
            if self._fetching != what:
                return  # The screen was busy: it is over by now.
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
