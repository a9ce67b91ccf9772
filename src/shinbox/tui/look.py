"""An App with shinbox's look: our themes, no animation, no markup anywhere.

Owns what is common to the real app, the tests and the benchmarks. Knows no screen and no desk.
"""

from __future__ import annotations

from typing import Any, Literal

from textual.app import App
from textual.dom import DOMNode

from shinbox.tui.keymap import Keymap
from shinbox.tui.safe_text import plain
from shinbox.tui.themes import DEFAULT, OURS, Themes, load_themes


class LookApp(App[None]):
    """The base of every app of ours."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, themes: Themes | None = None, **options: Any) -> None:
        self.themes = themes or load_themes()
        self.keys_now = Keymap()
        super().__init__(**options)
        # Smooth scrolling alone costs 273 KB and 0.8 s for one page (TUI.md §4).
        self.animation_level = "none"
        for theme in self.themes.loaded.values():
            self.register_theme(theme)
        if DEFAULT in self.themes.loaded:
            self.theme = DEFAULT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our variables, for Textual's own themes, which do not name them."""
        dark = self.themes.loaded.get(DEFAULT)
        return {key: dark.variables[key] for key in OURS} if dark else {}

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a passing note. The text may be anybody's: it is made safe and never read as markup."""
        super().notify(plain(message), title=plain(title), severity=severity, timeout=timeout, markup=False)


def keymap_of(node: DOMNode) -> Keymap:
    """The keys that hold now, for whoever names one on the screen."""
    app = node.app
    return app.keys_now if isinstance(app, LookApp) else Keymap()
