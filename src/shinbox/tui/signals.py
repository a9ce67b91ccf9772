"""What reaches the person who looks elsewhere: the bell, a notification of the terminal, its title.

Owns the control sequences that we write ourselves, and that no text of others gets into one unseen:
everything passes `plain`, which lets no control character through.
"""

from __future__ import annotations

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


def _fit(text: str) -> str:
    # A semicolon would end a field of OSC 777.
    return plain(text, LONGEST).replace(";", ",")
