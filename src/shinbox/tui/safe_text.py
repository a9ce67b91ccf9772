"""The one bridge from strings of others to the screen.

Mail, file names, folder names, names of people and errors of servers become visible only through
`shown`, `plain` or `block`. Textual and Rich strip five control codes and let ESC, C1 and bidi
overrides pass (measured, TUI.md), and a `[/]` in a string crashes a widget that reads markup: so no
widget of ours takes a string in any other way, and tests/tui/test_safe_text.py reads the source
to hold that. Refuses to know what a string means.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from shinbox.text.safe import safe, safe_block

if TYPE_CHECKING:
    from textual.style import Style

LONGEST_LINE = 4096
"""Characters of one line that are ever looked at: no screen is wider, and a sender chooses the rest."""


def plain(text: str, limit: int = LONGEST_LINE) -> str:
    """One line, fit for a terminal, as a string for widgets that draw their own segments."""
    return safe(text[:limit])


def shown(text: str, style: str | Style = "", limit: int = LONGEST_LINE) -> Content:
    """One line, fit for a terminal; never read as markup. `style` is ours, the text may be anybody's."""
    return Content.styled(plain(text, limit), style)


def block(text: str) -> str:
    """Several lines, fit for a terminal: line breaks stay, every other control character is made visible."""
    return safe_block(text)


def joined(*parts: Content | str) -> Content:
    """Put pieces side by side; a bare string counts as somebody else's text."""
    return Content("").join([part if isinstance(part, Content) else shown(part) for part in parts])


def stacked(texts: Iterable[Content | str]) -> Content:
    """Lines one below the other; a bare string as `shown` makes it."""
    return Content("\n").join([text if isinstance(text, Content) else shown(text) for text in texts])
