"""How far a person has heard what became of their changes, kept from one run of the program to the next.

Owns the file and its form. Knows no desk: what is heard and what is told is tui/outcomes.py's.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

MOST: Final = 100
"""Mailboxes that are remembered, the last heard of; a demo makes new ones each time."""
MOST_REFUSED: Final = 100
"""Refusals of one mailbox that are remembered as told."""


class Mark(msgspec.Struct, frozen=True):
    """What was told of a mailbox: messages up to the state `sent`, and which changes were `refused`."""

    sent: str
    refused: tuple[str, ...] = ()


class Heard:
    """The marks of all mailboxes in one file. Does disk work: call it off the loop. `key` names a mailbox,
    its desk and the person."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, key: str) -> Mark | None:
        """What was told when the program ran last; None: it never ran."""
        return self._read().get(key)

    def note(self, key: str, mark: Mark) -> None:
        """Remember. A file that cannot be written costs a repetition at the next start, no more."""
        marks = self._read()
        marks.pop(key, None)
        marks[key] = Mark(mark.sent, mark.refused[-MOST_REFUSED:])
        kept = dict(list(marks.items())[-MOST:])
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(self._path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()

    def _read(self) -> dict[str, Mark]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Mark])
        except (OSError, msgspec.MsgspecError):
            return {}
