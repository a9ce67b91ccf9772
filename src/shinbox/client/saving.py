"""Files that are written for the person: a safe name, a chosen folder, never over a file that is there.

Owns that rule. Disk work: call it off the loop.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Final

from shinbox.errors import ConfigError
from shinbox.text.filenames import safe_filename

_TRIES: Final = 1000


def new_file(folder: Path, name: str) -> tuple[Path, BinaryIO]:
    """Open a new file under a safe form of `name`, with a number if there is one of that name.

    :raises ConfigError: the folder cannot be written to.
    """
    safe = Path(safe_filename(name))
    for number in range(1, _TRIES):
        path = folder / (safe.name if number == 1 else f"{safe.stem} ({number}){safe.suffix}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            raise ConfigError(f"Not saved in {folder}: {error.strerror}. Choose another folder.") from None
        return path, os.fdopen(descriptor, "wb")
    raise ConfigError(f"There are too many files called {safe.name} in {folder}: choose another folder.")


def save(folder: Path, name: str, data: bytes) -> Path:
    """Write a new file; see `new_file`.

    :raises ConfigError: the folder cannot be written to, or is full; nothing is left there then.
    """
    path, file = new_file(folder, name)
    try:
        with file:
            file.write(data)
    except OSError as error:
        raise not_saved(path, error) from None
    return path


def not_saved(path: Path, error: OSError) -> ConfigError:
    """What to say of a file that could not be written to its end; what there is of it goes."""
    path.unlink(missing_ok=True)
    return ConfigError(f"Not saved in {path.parent}: {error.strerror}. Choose another folder.")
