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

from textual.app import App

from shinbox.errors import ConfigError, ShinboxError


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
    """Let the person edit a text in their editor; returns what was saved.

    :raises EditorFailed: the editor is not there, or said that it failed (`:cq` in vim): the text stays.
    """
    await asyncio.to_thread(_write, path, text)
    with app.suspend():
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            process = await asyncio.create_subprocess_exec(
                *command, str(path), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
            )
            status = await process.wait()
        except OSError as missing:
            raise EditorFailed(f"{command[0]} could not be started: {missing.strerror}.") from None
        finally:
            signal.signal(signal.SIGINT, before)
    if status != 0:
        raise EditorFailed(f"{command[0]} ended with an error ({status}); your text is as it was before.")
    return await asyncio.to_thread(_take, path)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _take(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace")
    path.unlink(missing_ok=True)
    return text
