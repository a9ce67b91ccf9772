"""Files of the composer: choose one of this machine, give it to the desk, take one off again.

Owns the way of a file into a draft. The desk holds it from then on, so others can go on with the draft.
"""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from typing import Any, Final

from textual.screen import Screen
from textual.widgets import Static

from shinbox.client.drafts import Attached, Draft
from shinbox.client.outgoing_checks import files_line
from shinbox.errors import ConfigError, ShinboxError
from shinbox.jmap.client import Client
from shinbox.text.filenames import safe_filename
from shinbox.tui.safe_text import shown
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.screens.files import FilesScreen

_LARGEST: Final = 50_000_000
"""Bytes of a file that may go along: no mail server of today takes more."""


class Attaching:
    """What a composer does with files. `say` tells what went wrong, `changed` that the draft is another."""

    def __init__(self, screen: Screen[Any], draft: Draft, client: Client) -> None:
        self._screen = screen
        self._draft = draft
        self._client = client
        self._last_folder = Path.cwd()

    def choose(self) -> None:
        """Let the person choose a file."""
        self._screen.app.push_screen(FilesScreen("Attach which file?", self._last_folder), self._chosen)

    def _chosen(self, path: str | None) -> None:
        if path:
            self._last_folder = Path(path).parent
            self._screen.run_worker(self.attach(Path(path)), group="attach")

    async def attach(self, path: Path) -> None:
        """Give a file to the desk and add it to the draft."""
        self._show(f"Attaching {path.name} …")
        try:
            name = safe_filename(path.name)
            data = await asyncio.to_thread(read_file, path)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            blob = await self._client.upload(self._draft.account, data, kind)
        except ShinboxError as error:
            self.show()
            self._screen.notify(str(error), severity="error", timeout=15)
            return
        self._draft.attachments = [*self._draft.attachments, Attached(blob, name, kind, len(data))]
        self.show()

    def remove(self) -> None:
        """Let the person choose a file that should stay here."""
        choices = [Choice(str(at), file.name, file.type) for at, file in enumerate(self._draft.attachments)]

        def chosen(place: str | None) -> None:
            if place:
                kept = [file for at, file in enumerate(self._draft.attachments) if at != int(place)]
                self._draft.attachments = kept
                self.show()

        if choices:
            self._screen.app.push_screen(ChooseScreen("Take off which file?", choices), chosen)

    def show(self) -> None:
        """Say what goes along."""
        self._show(files_line(self._draft))

    def _show(self, text: str) -> None:
        line = self._screen.query_one("#files", Static)
        line.update(shown(text))
        line.display = bool(text)


def read_file(path: Path) -> bytes:
    """A file's bytes.

    :raises ConfigError: it cannot be read, or is too large for mail.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path.name} is larger than 50 MB: no mail server takes that. Send a link.")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}.") from None
