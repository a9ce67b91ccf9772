"""Files of the composer: choose them on this machine, give them to the desk, take them off again.

Owns the way of a file into a draft, its progress and its end, and that files follow the draft into another
mailbox. The desk holds them, so others can go on with the draft.
"""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from textual.screen import Screen
from textual.widgets import Static

from shinbox.client.drafts import Attached, Draft
from shinbox.client.formats import size
from shinbox.client.outgoing_checks import files_line
from shinbox.errors import ConfigError, ShinboxError
from shinbox.jmap.client import Client
from shinbox.text.filenames import safe_filename
from shinbox.tui.look import keymap_of
from shinbox.tui.safe_text import stacked
from shinbox.tui.screens.carrying import carried, on_their_way
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.screens.files import FilesScreen
from shinbox.tui.screens.uploading import Upload, pieces, size_of

LARGEST: Final = 50_000_000
"""Bytes of all files of a message, if the desk names no less: no mail server of today takes more."""
TOLD_EVERY: Final = 0.2
_STOP: Final = "stop:"


class Attaching:
    """What a composer does with files. `say` tells what went wrong, `changed` that the draft is another."""

    def __init__(
        self,
        screen: Screen[Any],
        draft: Draft,
        client: Client,
        say: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._draft = draft
        self._client = client
        self._say = say
        self._changed = changed
        self._last_folder = Path.cwd()
        self._uploads: list[Upload] = []
        self._largest = LARGEST
        self._carrying = False
        self._none_left = asyncio.Event()
        self._none_left.set()

    @property
    def waiting(self) -> str:
        """Why the message cannot be sent yet, as a sentence; empty if all its files are there."""
        if not self._uploads:
            return ""
        names = ", ".join(upload.path.name for upload in self._uploads)
        doing = "taken along" if self._carrying else "attached"
        return f"Still being {doing}: {names}. Wait a moment, or stop it ({self._key('compose.detach')})."

    @property
    def is_carrying(self) -> bool:
        """Whether its files are being given to another mailbox."""
        return self._carrying

    async def settle(self, seconds: float) -> None:
        """Wait for the files on their way, so long at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none_left.wait(), seconds)

    def start(self) -> None:
        """The composer is open: show what is there, learn what the desk takes."""
        self.show()
        self._screen.set_interval(TOLD_EVERY, self._tell)
        self._screen.run_worker(self._learn_limit(), group="attach-limit")

    async def _learn_limit(self) -> None:
        try:
            session = await self._client.of(self._draft.account).session()
        except ShinboxError:
            return  # The desk's own refusal says the same, later.
        self._largest = min(LARGEST, session.limits().max_size_upload)

    # --- choosing ---------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Let the person choose files."""
        if self._carrying:
            self._say(self.waiting)
            return
        screen = FilesScreen("Attach which files?", self._last_folder, too_large=self.too_large)

        def chosen(path: str | None) -> None:
            if path:
                self._last_folder = Path(path).parent
                for each in screen.paths:
                    self.begin(each)

        self._screen.app.push_screen(screen, chosen)

    def too_large(self, name: str, octets: int) -> str | None:
        """Why a file of this size cannot go along; None if it can."""
        there = sum(file.size for file in self._draft.attachments) + sum(up.octets for up in self._uploads)
        if octets > self._largest:
            return f"Larger than {size(self._largest)}, which is the most that is sent: send a link."
        if there + octets > self._largest:
            return f"Together with the other files larger than {size(self._largest)}: send a link."
        return None

    # --- on its way -------------------------------------------------------------------------------------

    def begin(self, path: Path) -> None:
        """Give a file to the desk and add it to the draft."""
        upload = Upload(path, 0)
        self._uploads.append(upload)
        self._none_left.clear()
        upload.worker = self._screen.run_worker(self._attach(upload), group="attach")

    async def _attach(self, upload: Upload) -> None:
        path = upload.path
        try:
            octets = await asyncio.to_thread(size_of, path)
            refused = self.too_large(path.name, octets)
            if refused:
                raise ConfigError(f"{path.name}: {refused}")
            upload.octets = octets
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            blob = await self._client.upload(self._draft.account, pieces(upload), kind)
        except ShinboxError as error:
            self._say(f"Not attached: {error}")
            return
        finally:
            self._arrived([upload])  # Also when it was stopped.
        attached = Attached(blob, safe_filename(path.name), kind, upload.sent)
        self._draft.attachments = [*self._draft.attachments, attached]
        self.show()
        self._changed()

    def _arrived(self, uploads: Sequence[Upload]) -> None:
        self._uploads = [upload for upload in self._uploads if upload not in uploads]
        if not self._uploads:
            self._none_left.set()
        self._tell(always=True)

    # --- into another mailbox ---------------------------------------------------------------------------

    def take_along(self, account: str, then: Callable[[list[Attached]], None]) -> None:
        """Give the draft's files to another mailbox, then go on with them as they are there.

        Until it goes on, and if one cannot be given, the draft stays as it is.
        """
        if self.waiting:
            self._say(self.waiting)
        elif not self._draft.attachments:
            then([])
        else:
            self._uploads = uploads = on_their_way(self._draft.attachments)
            self._none_left.clear()
            self._carrying = True
            worker = self._screen.run_worker(self._carry(account, uploads, then), group="attach")
            for upload in uploads:
                upload.worker = worker

    async def _carry(
        self, account: str, uploads: Sequence[Upload], then: Callable[[list[Attached]], None]
    ) -> None:
        draft, carry = self._draft, self._client
        try:
            there = [
                await carried(carry, file, draft.account, account, upload)
                for file, upload in zip(draft.attachments, uploads, strict=True)
            ]
        except ShinboxError as error:
            self._say(f"It goes out from this mailbox as before, the files cannot be taken along: {error}")
            return
        finally:
            self._carrying = False
            self._arrived(uploads)
        then(there)

    def _tell(self, *, always: bool = False) -> None:
        if self._uploads or always:
            self.show()

    # --- taking off -------------------------------------------------------------------------------------

    def remove(self) -> None:
        """Let the person choose a file that should stay here."""
        choices = [
            Choice(f"{_STOP}{at}", upload.path.name, "on its way: stop it")
            for at, upload in enumerate(self._uploads)
        ]
        choices += [
            Choice(str(at), file.name, f"{file.type}  {size(file.size)}")
            for at, file in enumerate(self._draft.attachments)
            if not self._carrying
        ]
        under_way, there = list(self._uploads), list(self._draft.attachments)

        def chosen(place: str | None) -> None:
            if place is None:
                return
            if place.startswith(_STOP):
                self._stop(under_way[int(place.removeprefix(_STOP))])
            else:
                gone = there[int(place)]
                self._draft.attachments = [file for file in self._draft.attachments if file is not gone]
                self._changed()
            self.show()

        if choices:
            self._screen.app.push_screen(ChooseScreen("Take off which file?", choices), chosen)
        else:
            self._say("No file goes along.")

    def _stop(self, upload: Upload) -> None:
        if upload.worker is not None:
            upload.worker.cancel()

    # --- what is shown ----------------------------------------------------------------------------------

    def show(self) -> None:
        """Say what goes along, and what is on its way."""
        lines = [files_line(self._draft)] if self._draft.attachments else []
        lines += [self._progress(upload) for upload in self._uploads]
        line = self._screen.query("#files")
        if line:
            line.first(Static).update(stacked(lines))
            line.first().display = bool(lines)

    def _progress(self, upload: Upload) -> str:
        percent = f"{100 * upload.sent // upload.octets}% of {size(upload.octets)}" if upload.octets else "…"
        doing = "taking along" if self._carrying else "attaching"
        return f"{doing} {upload.path.name} {percent} · {self._key('compose.detach')} stops"

    def _key(self, action: str) -> str:
        return keymap_of(self._screen).key(action)
