"""Tones: what a line or a piece of it is, "muted" or "error", as the colours of the theme that holds now.

Owns the way from a name to a style. Textual's component classes would do the same, but works each of them out
anew, used or not, whenever a widget is mounted, resized or focused: a tenth of the start. Knows no widget's
business.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.widget import Widget

from shinbox.tui.themes import LABEL_COLOURS

LABELS = {f"label-{colour}": f"$label-{colour}" for colour in LABEL_COLOURS}
"""The tones of labels."""


class Tones:
    """The tones of one widget: a name, and its style as in `bold $foreground on $panel`."""

    def __init__(self, widget: Widget, tones: Mapping[str, str]) -> None:
        self._widget = widget
        self._tones = tones
        self._styles: dict[tuple[str, ...], Style] = {}

    def forget(self) -> None:
        """The widget's own style, or the theme, is another."""
        self._styles.clear()

    def style(self, *names: str) -> Style:
        """The widget's own style with these tones, one over the other; empty names are none."""
        style = self._styles.get(names)
        if style is None:
            style = self._widget.rich_style
            for name in filter(None, names):
                style += self._widget.app.stylesheet.parse_style(self._tones[name]).rich_style
            self._styles[names] = style
        return style
