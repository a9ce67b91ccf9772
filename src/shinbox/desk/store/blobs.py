"""Raw messages and uploads as files named by their content (SHA-256).

Owns the blob folder and the order of fsyncs: a file is on disk before its name appears, its name
before `put` returns. Knows neither rows nor rights; ids of blobs are made in front.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

_NAME: Final = re.compile(r"[0-9a-f]{64}")
_UNFINISHED: Final = ".new-"
"""How the name of a file begins that has not all its bytes yet."""


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
        if not durable and self._touched(path):
            return name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    self._disk.sync_file(file.fileno())
            with self._locked(fcntl.LOCK_SH):
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

    def older(self, moment: float) -> Iterator[str]:
        """The blobs that nobody put since that moment (seconds since the epoch), read as one goes on."""
        for shelf in sorted(self.folder.iterdir()):
            for file in sorted(shelf.iterdir()) if shelf.is_dir() else ():
                with contextlib.suppress(FileNotFoundError):
                    if _NAME.fullmatch(file.name) and file.stat().st_mtime < moment:
                        yield file.name

    def remove_unfinished(self, moment: float) -> int:
        """Forget what a crash left half written before that moment; how many files. What is being written is
        younger than any moment worth asking about."""
        removed = 0
        for file in sorted(self.folder.glob(f"*/{_UNFINISHED}*")):
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < moment:
                    file.unlink()
                    removed += 1
        return removed

    def remove_if_older(self, name: str, moment: float) -> bool:
        """Forget a blob unless somebody put it since that moment, or is about to; whether it went."""
        with self._locked(fcntl.LOCK_EX), contextlib.suppress(FileNotFoundError):
            if self.path(name).stat().st_mtime < moment:
                self.path(name).unlink()
                return True
        return False

    def _touched(self, path: Path) -> bool:
        """Mark a blob as in use again, if it is there: housekeeping takes old files alone."""
        with self._locked(fcntl.LOCK_SH), contextlib.suppress(FileNotFoundError):
            os.utime(path)
            return True
        return False

    @contextlib.contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Putting (shared) and removing (exclusive) leave each other alone, across processes."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)
