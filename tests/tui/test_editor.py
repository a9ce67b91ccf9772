"""`$EDITOR`: what it saved comes back; whatever goes wrong, the text is as it was."""

from __future__ import annotations

import asyncio
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.app import App

from shinbox.errors import ConfigError
from shinbox.tui import editor
from shinbox.tui.editor import EditorFailed, edit, editor_command

TEXT = "Hello\n"


class Terminal(App[None]):
    """An app that has no terminal to give away, and so gives it at once."""

    taken_back = False

    @contextmanager
    def suspend(self) -> Iterator[None]:
        # As Textual does it: what is raised in between keeps the terminal away for ever.
        yield
        self.taken_back = True


def script(folder: Path, body: str) -> list[str]:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return [str(path)]


async def edited(folder: Path, body: str) -> str:
    command = await asyncio.to_thread(script, folder, body)
    return await edit(Terminal(), folder / "draft.txt", TEXT, command)


async def test_what_the_editor_saved_comes_back_and_the_file_stays_for_the_caller(tmp_path: Path) -> None:
    assert await edited(tmp_path, 'echo more >> "$1"') == "Hello\nmore\n"
    assert (tmp_path / "draft.txt").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("exit 1", r"ended with an error \(1\)\. Your text is as it was before\.$"),
        ('echo x > "$1"; exit 1', r"What it saved is in .*draft\.txt"),
        ("kill -9 $$", r"ended with an error \(-9\)"),
        (': > "$1"', "left an empty file"),
        ('printf "\\n \\n" > "$1"', "left an empty file"),
        ('rm "$1"', "left no file: No such file"),
        ("true", "came back at once.*code --wait"),
    ],
)
async def test_an_editor_that_fails_says_how_and_the_text_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    monkeypatch.setattr(editor, "AT_ONCE", 60.0)
    with pytest.raises(EditorFailed, match=said):
        await edited(tmp_path, body)


async def test_a_text_that_was_only_looked_at_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "AT_ONCE", 0.0)
    assert await edited(tmp_path, "true") == TEXT


async def test_an_editor_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EditorFailed, match=r"nano-ng could not be started.*Set .EDITOR"):
        await edit(terminal := Terminal(), tmp_path / "d.txt", TEXT, ["nano-ng"])
    assert terminal.taken_back


async def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(EditorFailed, match="cannot be given to"):
        await edit(Terminal(), tmp_path / "none" / "d.txt", TEXT, ["true"])


async def test_a_terminal_that_cannot_be_given_away_is_said(tmp_path: Path) -> None:
    app = App[None]()
    async with app.run_test():
        with pytest.raises(EditorFailed, match="cannot be given to another program"):
            await edit(app, tmp_path / "d.txt", TEXT, ["true"])


async def test_ctrl_c_means_what_it_meant_before(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(EditorFailed):
        await edited(tmp_path, "exit 3")
    assert signal.getsignal(signal.SIGINT) is before


def test_visual_comes_before_editor_and_a_command_may_have_options() -> None:
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor_command({"EDITOR": "nano"}) == ["nano"]
    assert editor_command({}) == ["vi"]
    with pytest.raises(ConfigError, match="cannot be read as a command"):
        editor_command({"EDITOR": "vi 'x"})
