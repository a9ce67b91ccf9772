"""Files that were handed to another program: where they lie, and that they go again.

Owns one folder a sitting, locked while it lasts: it goes when shinbox ends, and what a killed shinbox left
goes when the next one opens a file. Disk work: call it off the loop.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PREFIX: Final = "shinbox-opened-"
_YOUNG: Final = 60.0
"""Seconds that a folder may be without its lock: another shinbox is just making it."""


class OpenedFiles:
    """The folders of this sitting."""

    def __init__(self, base: Path | None = None) -> None:
        self._base = base or Path(tempfile.gettempdir())
        self._home: Path | None = None
        self._lock = -1

    def new_folder(self) -> Path:
        """An empty folder that only the person can look into.

        :raises OSError: there is no room for it.
        """
        if self._home is None:
            self._remove_left_behind()
            self._home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._base))
            self._lock = os.open(self._home, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            atexit.register(self.close)
        return Path(tempfile.mkdtemp(dir=self._home))

    def remove(self, folder: Path) -> None:
        """The program has ended."""
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """The sitting ends."""
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            os.close(self._lock)
            self._home = None
            atexit.unregister(self.close)

    def _remove_left_behind(self) -> None:
        for folder in self._own_folders():
            try:
                lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            except OSError:
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # Another shinbox is at work.
            else:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)

    def _own_folders(self) -> Iterator[Path]:
        with os.scandir(self._base) as entries:
            for entry in entries:
                if not entry.name.startswith(_PREFIX):
                    continue
                about = entry.stat(follow_symlinks=False)
                if about.st_uid == os.getuid() and time.time() - about.st_mtime > _YOUNG:
                    yield Path(entry.path)
