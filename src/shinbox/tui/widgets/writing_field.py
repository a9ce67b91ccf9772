"""The composer's text, in which words can be marked that a spell-checker does not know.

Owns the marks: they belong to words, not to places, so they stay right while one types. Quotations, the
signature and what is forwarded are never marked: they are not the writer's. Knows no spell-checker.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual.widgets.text_area import Selection

from shinbox.client.own_words import own_lines, words_in
from shinbox.tui.widgets.fields import TextField


class WritingField(TextField):
    """Several lines of one's own and of others."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"writing--unknown"}
    DEFAULT_CSS = "WritingField > .writing--unknown { color: $ink-warning; text-style: underline; }"

    def __init__(self, text: str = "", **options: Any) -> None:
        self._unknown: frozenset[str] = frozenset()
        self._own: frozenset[int] = frozenset()
        super().__init__(text, **options)

    def mark(self, words: Iterable[str]) -> None:
        """Mark these words, and no others."""
        self._unknown = frozenset(words)
        self._find_own()

    @property
    def marked(self) -> frozenset[str]:
        """The words that are marked."""
        return self._unknown

    def own_words(self) -> list[tuple[tuple[int, int], str]]:
        """The writer's own words with line and column, in order."""
        return [
            ((number, place), word) for number, line in own_lines(self.text) for place, word in words_in(line)
        ]

    def exchange(self, word: str, other: str) -> None:
        """Write another word wherever this one stands among one's own, as one step for the undo key."""
        found = [place for place, own in self.own_words() if own == word]
        for line, column in reversed(found):
            self.replace(other, (line, column), (line, column + len(word)))

    def point_at(self, word: str) -> None:
        """Select the first place of a word, so that it is seen."""
        for (line, column), own in self.own_words():
            if own == word:
                self.selection = Selection((line, column), (line, column + len(word)))
                self.scroll_cursor_visible()
                return

    def on_text_area_changed(self) -> None:
        if self._unknown:
            self._find_own()

    def _find_own(self) -> None:
        self._own = frozenset(number for number, _ in own_lines(self.text)) if self._unknown else frozenset()
        # Textual keeps drawn lines: this is its way to draw them anew.
        self.notify_style_update()
        self.refresh()

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        if line_index in self._own:
            style = self.get_component_rich_style("writing--unknown", partial=True)
            for place, word in words_in(line.plain):
                if word in self._unknown:
                    line.stylize(style, place, place + len(word))
        return line
