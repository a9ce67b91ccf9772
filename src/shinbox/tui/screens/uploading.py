"""A file of this machine on its way to the desk: its bytes, counted as they go.

Owns reading. Knows no screen, no draft and no desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from textual.worker import Worker

from shinbox.errors import ConfigError

PIECE: Final = 65_536


@dataclass(eq=False)
class Upload:
    """A file on its way to the desk."""

    path: Path
    octets: int
    sent: int = 0
    worker: Worker[None] | None = field(default=None, repr=False)


def size_of(path: Path) -> int:
    """A file's size.

    :raises ConfigError: it cannot be read.
    """
    try:
        with path.open("rb"):
            return path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from None


async def pieces(upload: Upload) -> AsyncIterator[bytes]:
    """A file's bytes, counted as they go.

    :raises ConfigError: it cannot be read to its end.
    """
    try:
        file = await asyncio.to_thread(upload.path.open, "rb")
        try:
            async for piece in read_through(file, upload):
                yield piece
        finally:
            await asyncio.to_thread(file.close)
    except OSError as error:
        raise _unreadable(upload.path, error) from None


async def read_through(file: BinaryIO, upload: Upload) -> AsyncIterator[bytes]:
    """The bytes of an open file from where it stands, counted as they go."""
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece
        upload.sent += len(piece)


def _unreadable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path.name} cannot be read: {error.strerror}.")
