"""The session of docs/session.md, keystroke by keystroke: its keys are pressed, what it says is looked for.

The document is the program of this test. In its tables the first column holds the keys, the second what one
sees: each text in code marks must be on the screen then, each that is struck out must go away. A picture
behind a table is of that moment; they are made anew by

    SHINBOX_SNAPSHOTS=write .venv/bin/python -m pytest tests/tui/test_session_pty.py
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Account
from shinbox.terms import DESK
from tests.pty import Terminal
from tests.tui.pty_picture import drawn

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "session.md"
SIZES = [(80, 24), (200, 60)]
WRITE = os.environ.get("SHINBOX_SNAPSHOTS") == "write"
NAMED = {"Enter": "enter", "Esc": "escape", "Tab": "tab", "Space": "space", "Up": "up", "Down": "down",
         "Left": "left", "Right": "right", "PgDn": "pagedown", "PgUp": "pageup"}  # fmt: skip

_ROW = re.compile(r"^\| (?P<keys>`.*?) +\| (?P<see>.*?) +\|$")
_PICTURE = re.compile(r"^!\[.*\]\((?P<file>session/[a-z-]+-(?P<size>\d+x\d+)\.svg)\)$")
_CODE = re.compile(r"`` (.+?) ``|`(.+?)`")
_GONE = re.compile(r"~~`(.+?)`~~")


@dataclass(frozen=True)
class Step:
    """A row of a table."""

    line: int
    keys: tuple[str, ...]
    seen: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A picture of the moment."""

    file: str
    size: str


def codes(text: str) -> tuple[str, ...]:
    return tuple(one or other for one, other in _CODE.findall(text))


def script() -> Iterator[Step | Picture]:
    """The document's steps and pictures, in order."""
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if row := _ROW.match(line):
            seen = _GONE.sub("", row["see"])
            yield Step(number, codes(row["keys"]), codes(seen), tuple(_GONE.findall(row["see"])))
        elif picture := _PICTURE.match(line):
            yield Picture(picture["file"], picture["size"])


def press(terminal: Terminal, key: str) -> None:
    """One code mark of the first column."""
    if key.startswith('"'):
        terminal.send(key.strip('"'))
    elif key.startswith("^"):
        terminal.press(f"ctrl+{key[1:].lower()}")
    else:
        terminal.press(NAMED.get(key, key))


def play(terminal: Terminal, size: str) -> None:
    """The whole session."""
    for moment in script():
        if isinstance(moment, Picture):
            if WRITE and moment.size == size:
                terminal.wait_quiet(0.3)
                (DOCS / moment.file).parent.mkdir(exist_ok=True)
                (DOCS / moment.file).write_text(drawn(terminal, f"shinbox {size}"), "utf-8")
            continue
        # People press a key when the screen has settled.
        terminal.wait_quiet(0.2)
        for key in moment.keys:
            press(terminal, key)
        try:
            terminal.wait_for(*moment.seen)
            for text in moment.gone:
                terminal.wait_gone(text)
        except TimeoutError as error:
            raise AssertionError(f"{PAGE.name}, line {moment.line}: {error}") from None


async def give_time_to_take_back(socket: Path) -> None:
    """A minute rather than five seconds until a message leaves: a busy machine is slower than a person."""
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in("ada", PASSWORD)
        ids = [account.id for account in (await client.get(Account, DESK)).objects]
        (await client.set_(Account, DESK, update={id_: {"undoSeconds": 60} for id_ in ids})).checked()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("columns", "lines"), SIZES, ids=["80x24", "200x60"])
def test_the_session_goes_as_it_is_written(
    columns: int, lines: int, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    homes = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(tmp_path))
    (tmp_path / "offer.txt").write_text("Forty lamps, delivered in two lots.\n")
    # Short: a socket's path must be.
    desks = tmp_path_factory.mktemp("t")
    env = {**homes, "TMPDIR": str(desks), "SHINBOX_DEMO_PAUSE": "3600"}
    with Terminal(
        [sys.executable, "-m", "shinbox", "demo"], columns, lines, env=env, cwd=tmp_path
    ) as terminal:
        terminal.wait_for("choose who you are")
        [socket] = desks.glob("shinbox-demo-*/desk.sock")
        asyncio.run(give_time_to_take_back(socket))
        play(terminal, f"{columns}x{lines}")
        assert terminal.wait() == 0
    assert (tmp_path / "positions.csv").read_text().startswith("pos;article;pieces")


def test_every_picture_of_the_session_is_there_and_shown() -> None:
    shown = {moment.file for moment in script() if isinstance(moment, Picture)}
    assert shown == {f"session/{path.name}" for path in (DOCS / "session").iterdir()}
    assert {file.rpartition("-")[2] for file in shown} == {"80x24.svg", "200x60.svg"}
