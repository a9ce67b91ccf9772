"""Bytes of a message on their way into a file of this machine, counted as they come.

Owns that a file which did not come whole is removed again. Draws nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from shinbox.client.saving import new_file, not_saved
from shinbox.jmap.client import Client
from shinbox.jmap.objects import EmailBodyPart


@dataclass(frozen=True)
class FileOf:
    """A file of a message: which mailbox it lies in, and the part."""

    account: str
    part: EmailBodyPart

    @property
    def name(self) -> str:
        """Its name as the sender gave it."""
        return self.part.name or ""


class _Counted:
    """A file to write to that says how much has come. Written to by a thread."""

    def __init__(self, file: IO[bytes], came: Callable[[int], None]) -> None:
        self._file = file
        self._came = came
        self._bytes = 0

    def write(self, data: bytes) -> int:
        self._bytes += len(data)
        self._came(self._bytes)
        return self._file.write(data)


def _unwatched(number: int) -> None:
    """Nobody looks how much has come."""


async def fetch_into(
    client: Client, file: FileOf, folder: Path, came: Callable[[int], None] = _unwatched
) -> Path:
    """Save a file of a message in a folder, under a safe name and over nothing; returns its path.

    `came` is told how many bytes there are, from a thread.

    :raises ConfigError: it cannot be written.
    :raises ShinboxError: it cannot be fetched. Nothing is left in the folder then, nor if this is cancelled.
    """
    path, out = await asyncio.to_thread(new_file, folder, file.name)
    whole = False
    try:
        with out:
            counted = cast(Any, _Counted(out, came))
            await client.download_to(file.account, file.part.blob_id or "", counted, "file", file.part.type)
        whole = True
    except OSError as error:
        raise not_saved(path, error) from None
    finally:
        if not whole:
            path.unlink(missing_ok=True)
    return path
