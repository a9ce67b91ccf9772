"""Raw messages and uploads as files named by their content (SHA-256).

Owns the blob folder and the order of fsyncs: a file is on disk before its name appears, its name
before `put` returns. Knows neither rows nor rights; ids of blobs are made in front.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """What a blob store asks of the disk; a test hands in one that notes the order."""

    def sync_file(self, descriptor: int) -> None:
        """Force a file's bytes to the disk."""

    def sync_folder(self, path: Path) -> None:
        """Force a folder's names to the disk."""


class RealDisk:
    """The disk itself."""

    def sync_file(self, descriptor: int) -> None:
        """See Disk."""
        os.fsync(descriptor)

    def sync_folder(self, path: Path) -> None:
        """See Disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Blobs:
    """A folder of blobs."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or RealDisk()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: bytes, *, durable: bool = True) -> str:
        """Keep these bytes; their hash.

        `durable`: the bytes and the name are on the disk when this returns. Only a copy of what a mail
        server still holds may be put without it.
        """
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        if path.exists() and not durable:
            os.utime(path)  # in use again: housekeeping takes old files alone
            return name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    self._disk.sync_file(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        if durable:
            self._disk.sync_folder(path.parent)
            self._disk.sync_folder(self.folder)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of that hash.

        :raises FileNotFoundError: no such blob.
        """
        return self.path(name).read_bytes()

    def path(self, name: str) -> Path:
        """Where that blob lies, whether it exists or not."""
        return self.folder / name[:2] / name

    def has(self, name: str) -> bool:
        """Whether that blob is held."""
        return self.path(name).exists()

    def remove(self, name: str) -> None:
        """Forget a blob; nothing happens if it is not there."""
        self.path(name).unlink(missing_ok=True)
