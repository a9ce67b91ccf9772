"""Files that a command reads: texts and attachments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from shinbox.errors import InvalidArguments

MAX_TEXT: Final = 10_000_000


def read_text(path: Path | None) -> str:
    """The text in a file, or of standard input for `-` and None.

    :raises InvalidArguments: it cannot be read, is no UTF-8 text, or is larger than 10 MB.
    """
    shown = "Standard input" if path is None or str(path) == "-" else str(path)
    try:
        if path is None or str(path) == "-":
            data = sys.stdin.buffer.read(MAX_TEXT + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MAX_TEXT + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidArguments(f"{shown} is no UTF-8 text: save it as UTF-8.") from None
    except OSError as unreadable:
        raise InvalidArguments(f"{shown} cannot be read: {unreadable.strerror}.") from None
    if len(data) > MAX_TEXT:
        raise InvalidArguments(f"{shown} is larger than 10 MB: give less, or attach it.")
    return text.replace("\r\n", "\n")
