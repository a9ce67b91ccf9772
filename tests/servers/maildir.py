"""Dovecot's Maildir on disk: where folders lie, and how to fill them faster than any protocol could.

Knows file names and owners; knows neither users nor servers.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.servers.dovecot import MAIL_UID


@dataclass(frozen=True)
class Seed:
    """A message to plant, with Maildir flags in this order: F flagged, R answered, S seen, T deleted."""

    raw: bytes
    flags: str = ""
    received: int = 1_700_000_000
    """INTERNALDATE, in seconds since 1970."""


def folder(top: Path, name: str) -> Path:
    """Where the folder `name` (ASCII, `/` between levels) lies below the Maildir `top`."""
    return top if name == "INBOX" else top / ("." + name.replace("/", "."))


def make(top: Path, name: str) -> Path:
    """Make sure that the folder exists, owned as Dovecot wants it; returns its path."""
    path = folder(top, name)
    made = [directory for directory in (top.parent, top, path) if not directory.exists()]
    for directory in (path / "cur", path / "new", path / "tmp"):
        directory.mkdir(parents=True, exist_ok=True)
        made.append(directory)
    if path != top:
        (path / "maildirfolder").touch()
        made.append(path / "maildirfolder")
    own(*made)
    return path


def own(*paths: Path) -> None:
    for path in paths:
        os.chown(path, MAIL_UID, MAIL_UID)


def write(top: Path, name: str, messages: Iterable[bytes | Seed]) -> int:
    """Write messages as already delivered ones into the folder `name` below `top`; returns how many."""
    batch, count = secrets.token_hex(4), 0
    directory = os.open(make(top, name) / "cur", os.O_RDONLY | os.O_DIRECTORY)
    try:
        for count, message in enumerate(messages, 1):
            seed = message if isinstance(message, Seed) else Seed(message)
            file_name = f"{seed.received}.M{count:09}P{batch}.seed,S={len(seed.raw)}:2,{seed.flags}"
            file = os.open(file_name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory)
            try:
                os.write(file, seed.raw)
                os.fchown(file, MAIL_UID, MAIL_UID)
                os.utime(file, (seed.received, seed.received))
            finally:
                os.close(file)
    finally:
        os.close(directory)
    return count
