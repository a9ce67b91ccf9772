"""Taking things out of a message: its links, its source, itself; to the disk, a program, the clipboard.

Owns these ways out; those of its files are in `received_files`. What is written is never over a file.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from shinbox.client.formats import count
from shinbox.errors import ConfigError, ShinboxError
from shinbox.tui.everywhere import split_address
from shinbox.tui.screens.received_files import ReceivedFiles

if TYPE_CHECKING:
    from shinbox.jmap.objects import Email
    from shinbox.tui.links import MailLink

SOURCE_LIMIT = 5_000_000
"""Bytes of a source that are shown."""


class TakingOut(ReceivedFiles):
    """The main screen with everything that leaves a message."""

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
        if self.came_late():
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
        from shinbox.tui.opening import ended, launch, not_opened, open_command

        try:
            kind = "x-scheme-handler/" + target.partition(":")[0].lower()
            command = open_command(kind, self.settings.handlers, over_ssh=self.settings.open_over_ssh)
            process = await launch(command, target)
        except ShinboxError as error:
            self.problem(error)
            return
        self.notice.say(f"Opened {target} with {command[0]}")
        if not await ended(process) and process.returncode:
            self.problem(not_opened(command[0], kind))

    # --- the message itself -----------------------------------------------------------------------------

    async def _source(self) -> bytes:
        email = await self._message()
        if email is None:
            raise ConfigError("There is no message here to do this with.")
        return await self._source_of(email)

    async def _source_of(self, email: Email) -> bytes:
        account, _ = split_address(self.account, email.id)
        with self._telling("Fetching the message …"):
            return await self.desk.client.download(account, email.blob_id, "message.eml", "message/rfc822")

    def do_message_source(self) -> None:
        self.run_worker(self._show_source(), group="out")

    async def _show_source(self) -> None:
        try:
            source = await self._source()
        except ShinboxError as error:
            self.problem(error)
            return
        text = source[:SOURCE_LIMIT].decode("utf-8", "replace").replace("\r\n", "\n")
        lines = [(line, "") for line in text.split("\n")]
        if len(source) > SOURCE_LIMIT:
            lines.append(("[The source is longer than this: save the message to see all of it.]", "warning"))
        self._show_text("Source", lines)

    def do_message_pipe(self, command: str = "") -> None:
        self._ask_command(self._source, command)

    async def do_message_save(self) -> None:
        from shinbox.tui.screens.choose import Choice, ChooseScreen

        email = await self._message()
        if email is None or self.came_late():
            return

        def chosen(choice: str | None) -> None:
            if choice:
                whole, kind = choice.split()
                self._choose_folder(lambda folder: self._save_mail(folder, email, whole == "all", kind))

        choices = [
            Choice("one eml", "EML", "the whole message"),
            Choice("one txt", "text", "as the reader shows it"),
            Choice("all eml", "conversation, EML", "every message of it, a file each"),
            Choice("all txt", "conversation, text", "every message of it, in one file"),
        ]
        self.app.push_screen(ChooseScreen("Save the message as?", choices), chosen)

    async def _save_mail(self, folder: Path, email: Email, whole: bool, kind: str) -> str:
        """Write it down; returns what was written.

        :raises ShinboxError: it could not be fetched or written.
        """
        from shinbox.client.saving import save
        from shinbox.tui.printing import as_text, conversation_of

        account, _ = split_address(self.account, email.id)
        emails = await conversation_of(self.desk, account, email) if whole else [email]
        name = (email.subject or "").strip()[:80] or "message"
        if kind == "txt":
            data = await asyncio.to_thread(as_text, emails, self.now())
            return (await asyncio.to_thread(save, folder, f"{name}.txt", data)).name
        saved = [
            (await asyncio.to_thread(save, folder, f"{name}.eml", await self._source_of(one))).name
            for one in emails
        ]
        return saved[0] if len(saved) == 1 else count(len(saved), "message")
