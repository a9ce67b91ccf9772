"""`$EDITOR` inside the running app.

Owns the hand-over of the terminal and of Ctrl+C. While the editor runs the loop goes on, so drafts are
still saved and the connection lives. Ctrl+C in the editor must reach the editor alone: this process
ignores it meanwhile, and the child gets its default back (measured: else it ends the app).
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from textual.app import App, SuspendNotSupported

from shinbox.errors import ConfigError, ShinboxError

AT_ONCE: Final = 0.7
"""Seconds: nobody edits a text in less."""
_AS_BEFORE: Final = "Your text is as it was before."


class EditorFailed(ShinboxError):
    """The editor could not be started: set $EDITOR to a program that is installed."""


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """$VISUAL, $EDITOR, or vi.

    :raises ConfigError: it cannot be read as a command.
    """
    text = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        return shlex.split(text) or ["vi"]
    except ValueError as unreadable:
        raise ConfigError(f"$EDITOR cannot be read as a command: {unreadable}.") from None


async def edit(app: App[None], path: Path, text: str, command: list[str]) -> str:
    """Let the person edit a text in their editor; returns what was saved. The file stays: remove it once
    the text is kept elsewhere.

    :raises EditorFailed: the text stays as it was. The editor is not there; said that it failed (`:cq` in
        vim); left an empty file or none; or came back at once, as one does that opens a window of its own.
    """
    name = command[0]
    try:
        await asyncio.to_thread(_write, path, text)
    except OSError as full:
        raise EditorFailed(f"The text cannot be given to {name}: {full.strerror} ({path.parent}).") from None
    loop = asyncio.get_running_loop()
    began = loop.time()
    status = await _run(app, [*command, str(path)])
    try:
        written = await asyncio.to_thread(path.read_text, encoding="utf-8", errors="replace")
    except OSError as gone:
        raise EditorFailed(f"{name} left no file: {gone.strerror}. {_AS_BEFORE}") from None
    if status != 0:
        kept = f" What it saved is in {path}." if written != text else ""
        raise EditorFailed(f"{name} ended with an error ({status}). {_AS_BEFORE}{kept}")
    if not written.strip() and text.strip():
        raise EditorFailed(f"{name} left an empty file. {_AS_BEFORE}")
    if written == text and loop.time() - began < AT_ONCE:
        raise EditorFailed(
            f"{name} came back at once. If it opens a window of its own, make it wait, as in code --wait."
        )
    return written


async def _run(app: App[None], command: list[str]) -> int:
    """Give the terminal away until the program ends; its exit code."""
    try:
        with app.suspend():
            # Nothing may be raised in here: Textual would never take the terminal back.
            result = await _started(command)
    except SuspendNotSupported:
        raise EditorFailed("This terminal cannot be given to another program: write here.") from None
    if isinstance(result, OSError):
        raise EditorFailed(
            f"{command[0]} could not be started: {result.strerror}. Set $EDITOR to a program that is there."
        )
    return result


async def _started(command: list[str]) -> int | OSError:
    """Run a program to its end, with Ctrl+C its own; its exit code, or why it could not be started."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = await asyncio.create_subprocess_exec(
            *command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
        return await process.wait()
    except OSError as missing:
        return missing
    finally:
        signal.signal(signal.SIGINT, before)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
