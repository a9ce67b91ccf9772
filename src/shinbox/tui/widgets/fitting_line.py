"""A line that is never cut in the middle of what it says: of several wordings the longest that fits.

Owns the choice. What is said is its caller's.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static


class FittingLine(Static):
    """One line in one of several wordings, the longest first."""

    _wordings: Sequence[Content] = (Content(""),)

    def say(self, wordings: Sequence[Content]) -> None:
        """Say it in the first of these that fits; if none does, the last one is cut."""
        self._wordings = wordings
        self.refresh()

    def render(self) -> Content:
        """See Widget."""
        width = self.content_size.width
        fitting = (words for words in self._wordings if words.cell_length <= width)
        return next(fitting, self._wordings[-1])
