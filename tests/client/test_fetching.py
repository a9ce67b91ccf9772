"""A file of a message on its way to the disk: counted, whole or not there, never over another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest

from shinbox.client.fetching import FileOf, fetch_into
from shinbox.errors import ConfigError, DeskUnreachable
from shinbox.jmap.client import Client
from shinbox.jmap.objects.email import EmailBodyPart

FILE = FileOf("a", EmailBodyPart(blob_id="b", name="../list.csv", type="text/csv", size=6))


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


class Desk:
    """A desk that gives a file in pieces, and may break off."""

    def __init__(self, pieces: list[bytes | Exception]) -> None:
        self.pieces = pieces
        self.waits = asyncio.Event()
        self.is_waiting = asyncio.Event()

    async def download_to(self, account: str, blob: str, file: IO[bytes], name: str, type: str) -> int:
        assert (account, blob) == ("a", "b")
        for piece in self._each():
            await asyncio.to_thread(file.write, piece)
            self.is_waiting.set()
            await self.waits.wait()
        return 0

    def _each(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


async def fetch(desk: Desk, folder: Path, came: list[int]) -> Path:
    return await fetch_into(cast(Any, desk), FILE, folder, came.append)


async def test_it_comes_under_a_safe_name_and_is_counted(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("mine")
    desk, came = Desk([b"abc", b"def"]), list[int]()
    desk.waits.set()
    path = await fetch(desk, tmp_path, came)
    assert (path.name, path.read_bytes(), came) == ("list (2).csv", b"abcdef", [3, 6])
    assert (tmp_path / "list.csv").read_text() == "mine"


async def test_what_did_not_come_whole_is_not_left_there(tmp_path: Path) -> None:
    desk = Desk([b"abc", DeskUnreachable("gone")])
    desk.waits.set()
    with pytest.raises(DeskUnreachable):
        await fetch(desk, tmp_path, [])
    assert left_in(tmp_path) == []


async def test_nor_is_what_was_stopped(tmp_path: Path) -> None:
    desk = Desk([b"abc", b"def"])
    task = asyncio.create_task(fetch(desk, tmp_path, []))
    await asyncio.wait_for(desk.is_waiting.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left_in(tmp_path) == []


async def test_a_full_disk_is_said_with_what_to_do(tmp_path: Path) -> None:
    """/dev/full takes nothing: the real error of a full disk."""

    class Full(Desk):
        async def download_to(self, account: str, blob: str, file: IO[bytes], name: str, type: str) -> int:
            with open("/dev/full", "wb", buffering=0) as full:  # noqa: ASYNC230  # a device, no disk
                full.write(b"x")
            return 0

    with pytest.raises(ConfigError, match=r"No space left on device\. Choose another folder"):
        await fetch(Full([]), tmp_path, [])
    assert left_in(tmp_path) == []


def test_the_client_has_the_method_that_is_used() -> None:
    assert callable(Client.download_to)
