"""What reaches the person who looks elsewhere: the bell, a notification of the terminal, its title.

Owns the control sequences that we write ourselves, and that no text of others gets into one unseen:
everything passes `plain`, which lets no control character through.
"""

from __future__ import annotations

import html
import shutil
from collections.abc import Callable, Mapping

from shinbox.tui.safe_text import plain

LONGEST = 120
"""Characters of a notification or title."""


def notification(kind: str, title: str, text: str) -> str:
    """The bytes for the terminal; empty for "none"."""
    title, text = _fit(title), _fit(text)
    return {
        "bell": "\a",
        "osc9": f"\x1b]9;{title}: {text}\x1b\\",
        "osc777": f"\x1b]777;notify;{title};{text}\x1b\\",
    }.get(kind, "")


def window_title(text: str) -> str:
    """Set the terminal's title (OSC 2)."""
    return f"\x1b]2;{_fit(text)}\x1b\\"


def desktop_command(
    title: str,
    text: str,
    environ: Mapping[str, str],
    find: Callable[[str], str | None] = shutil.which,
) -> list[str]:
    """The program that tells the desktop, with its arguments; nothing over SSH or without a desktop."""
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    session = any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    program = find("notify-send") if session and not remote else None
    # What it is given may be read as markup by the desktop; the two dashes end its options.
    return [program, "--app-name=shinbox", "--", _fit(title), html.escape(_fit(text))] if program else []


SAVE_TITLE = "\x1b[22;2t"
"""Have the terminal remember its title (xterm's window operations)."""
RESTORE_TITLE = "\x1b[23;2t"
"""Give it back."""


def _fit(text: str) -> str:
    # A semicolon would end a field of OSC 777.
    return plain(text, LONGEST).replace(";", ",")
