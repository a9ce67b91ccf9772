"""Taking things out of a message: its files, its links, its source; to the disk, a program, the clipboard.

Owns the ways out. What is shown goes into the reader; what is written is never over a file.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from shinbox.client.formats import size
from shinbox.errors import ConfigError, ShinboxError
from shinbox.tui.everywhere import split_address
from shinbox.tui.screens.triage import Triage

if TYPE_CHECKING:
    from shinbox.jmap.objects import Email, EmailBodyPart
    from shinbox.tui.links import MailLink

Bytes = Callable[[], Awaitable[bytes]]
SaveInto = Callable[[Path], Awaitable[str]]
SOURCE_LIMIT = 5_000_000
"""Bytes of a source that are shown."""


class TakingOut(Triage):
    """The main screen with everything that leaves a message."""

    _save_folder: Path | None = None

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
        self.add_class("-reading")
        self.reading = None
        self.show_lines([(title, "subject"), ("", ""), *lines])
        self.reader.focus()

    # --- files ----------------------------------------------------------------------------------------

    async def do_message_attachments(self) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        email = await self._message()
        if email is None:
            return
        parts = [part for part in email.attachments if part.blob_id]
        if not parts:
            self.notice.say("This message has no files.")
            return
        choices = [
            Choice(str(number), f"{number} {part.name or '(no name)'}", f"{part.type}  {size(part.size)}")
            for number, part in enumerate(parts, 1)
        ]
        if len(parts) > 1:
            choices.append(Choice("all", "save all", "into one folder"))

        def chosen(choice: str | None) -> None:
            if choice == "all":
                self._ask_folder(parts)
            elif choice:
                self._ask_what(parts[int(choice) - 1])

        self.app.push_screen(ChooseScreen("Which file?", choices), chosen)

    def _ask_what(self, part: EmailBodyPart) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        choices = [
            Choice("preview", "look at it", "text, CSV, invitations"),
            Choice("save", "save", "into a folder that you choose"),
            Choice("open", "open", "with its program"),
            Choice("pipe", "pipe", "to a command"),
        ]

        def chosen(choice: str | None) -> None:
            if choice == "preview":
                self.run_worker(self._preview_part(part), group="out")
            elif choice == "save":
                self._ask_folder([part])
            elif choice == "open":
                self.run_worker(self._open_part(part), group="out")
            elif choice == "pipe":
                self._ask_command(lambda: self._part_bytes(part))

        self.app.push_screen(ChooseScreen(f"{part.name or 'This file'}:", choices), chosen)

    async def _part_bytes(self, part: EmailBodyPart) -> bytes:
        return await self.desk.client.download(self.account, part.blob_id or "", "file", part.type)

    async def _preview_part(self, part: EmailBodyPart) -> None:
        from shinbox.tui.previews import preview

        try:
            data = await self._part_bytes(part)
        except ShinboxError as error:
            self.problem(error)
            return
        lines = await asyncio.to_thread(preview, part.name or "", part.type, data)
        if lines is None:
            self.notice.say(f"There is no preview of {part.type}: save or open it.", tone="warning")
        else:
            self._show_text(part.name or "(no name)", lines)

    def _ask_folder(self, parts: list[EmailBodyPart]) -> None:
        async def save_them(folder: Path) -> str:
            from shinbox.tui.saving import save

            paths = [
                await asyncio.to_thread(save, folder, part.name or "", await self._part_bytes(part))
                for part in parts
            ]
            return ", ".join(path.name for path in paths)

        self._choose_folder(save_them)

    async def _open_part(self, part: EmailBodyPart) -> None:
        from shinbox.tui.opening import launch, open_command
        from shinbox.tui.saving import save

        try:
            command = open_command(part.type, self.settings.handlers, over_ssh=self.settings.open_over_ssh)
            folder = Path(tempfile.mkdtemp(prefix="shinbox-"))
            path = await asyncio.to_thread(save, folder, part.name or "", await self._part_bytes(part))
            await launch(command, str(path))
        except ShinboxError as error:
            self.problem(error)
            return
        self.notice.say(f"Opened {path.name} with {command[0]}")

    # --- links ----------------------------------------------------------------------------------------

    async def do_message_links(self) -> None:
        from shinbox.tui.links import links_of
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        email = await self._message()
        if email is None:
            return
        links = await asyncio.to_thread(links_of, email)
        if not links:
            self.notice.say("This message has no links.")
            return
        choices = [Choice(str(link.number), f"{link.number} {link.target}", link.words) for link in links]

        def chosen(number: str | None) -> None:
            if number:
                self._ask_link(links[int(number) - 1])

        self.app.push_screen(ChooseScreen("Which link? Each is shown as where it leads", choices), chosen)

    def _ask_link(self, link: MailLink) -> None:
        from shinbox.tui.links import OPENABLE
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        off = None if link.target.lower().startswith(OPENABLE) else "Only web and mail links are opened."
        choices = [
            Choice("copy", "copy", "to the clipboard of your terminal"),
            Choice("open", "open", "with your browser", off=off),
        ]

        def chosen(choice: str | None) -> None:
            if choice == "copy":
                self.app.copy_to_clipboard(link.target)
                self.notice.say(f"Copied {link.target}")
            elif choice == "open":
                self.run_worker(self._open_link(link.target), group="out")

        self.app.push_screen(ChooseScreen(link.target, choices), chosen)

    async def _open_link(self, target: str) -> None:
        from shinbox.tui.opening import launch, open_command

        try:
            kind = "x-scheme-handler/" + target.partition(":")[0].lower()
            command = open_command(kind, self.settings.handlers, over_ssh=self.settings.open_over_ssh)
            await launch(command, target)
        except ShinboxError as error:
            self.problem(error)

    # --- the message itself -----------------------------------------------------------------------------

    async def _source(self) -> bytes:
        email = await self._message()
        if email is None:
            raise ConfigError("There is no message here to do this with.")
        account, _ = split_address(self.account, email.id)
        return await self.desk.client.download(account, email.blob_id, "message.eml", "message/rfc822")

    async def do_message_source(self) -> None:
        try:
            source = await self._source()
        except ShinboxError as error:
            self.problem(error)
            return
        text = source[:SOURCE_LIMIT].decode("utf-8", "replace").replace("\r\n", "\n")
        self._show_text("Source", [(line, "") for line in text.split("\n")])

    def do_message_pipe(self, command: str = "") -> None:
        self._ask_command(self._source, command)

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
            said = await pipe(split_command(line), await bytes_of())
        except ShinboxError as error:
            self.problem(error)
            return
        self._show_text(line, [(text, "") for text in said.split("\n")])

    async def do_message_save(self) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        email = await self._message()
        if email is None:
            return
        name = (email.subject or "message").strip() or "message"

        async def save_it(folder: Path, as_text: bool) -> str:
            from shinbox.tui.message_text import message_lines
            from shinbox.tui.safe_text import block
            from shinbox.tui.saving import save

            if as_text:
                lines = await asyncio.to_thread(message_lines, email, self.now())
                data = block("\n".join(text for text, _ in lines)).encode()
            else:
                data = await self._source()
            ending = "txt" if as_text else "eml"
            return (await asyncio.to_thread(save, folder, f"{name[:80]}.{ending}", data)).name

        def chosen(choice: str | None) -> None:
            if choice:
                self._choose_folder(lambda folder: save_it(folder, choice == "text"))

        choices = [
            Choice("eml", "EML", "the whole message"),
            Choice("text", "text", "as the reader shows it"),
        ]
        self.app.push_screen(ChooseScreen("Save the message as?", choices), chosen)

    def _choose_folder(self, save_into: SaveInto) -> None:
        from shinbox.tui.screens.files import FilesScreen

        start = self._save_folder or Path(self.settings.save_to).expanduser()

        def chosen(folder: str | None) -> None:
            if folder:
                self._save_folder = Path(folder)
                self.run_worker(self._save(Path(folder), save_into), group="out")

        self.app.push_screen(FilesScreen("Save into which folder?", start, folders=True), chosen)

    async def _save(self, folder: Path, save_into: SaveInto) -> None:
        try:
            names = await save_into(folder)
        except ShinboxError as error:
            self.problem(error)
            return
        self.notice.say(f"Saved {names} in {folder}")
