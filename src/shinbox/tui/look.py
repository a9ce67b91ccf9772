"""An App with shinbox's look: our themes, no animation, no markup anywhere.

Owns what is common to the real app, the tests and the benchmarks. Knows no screen and no desk.
"""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App, ScreenStackError
from textual.await_complete import AwaitComplete
from textual.css.query import NoMatches
from textual.dom import DOMNode, NoScreen
from textual.screen import Screen
from textual.theme import Theme
from textual.widget import Widget
from textual.worker import WorkerFailed, active_worker

from shinbox.tui.hangup import end_with_the_terminal
from shinbox.tui.in_place import InPlace
from shinbox.tui.keymap import Keymap
from shinbox.tui.safe_text import plain
from shinbox.tui.themes import DEFAULT, OURS, Themes, load_themes
from shinbox.tui.workers import Workers

CRASHED: Final = 70
"""Exit code of a program that failed inside (sysexits.h: EX_SOFTWARE)."""

GONE: Final = (NoMatches, NoScreen, ScreenStackError)
"""What Textual says of a part, its screen or all screens that have been taken apart."""


class LookApp(App[None]):
    """The base of every app of ours."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, themes: Themes | None = None, **options: Any) -> None:
        self.themes = themes or load_themes()
        self.keys_now = Keymap()
        self.plain = False
        super().__init__(**options)
        self._workers = Workers(self)
        if self.console.is_dumb_terminal:
            # Rich says 80x25 of each: Textual would lay out for that and for the true size in turns for ever.
            self.console.size = shutil.get_terminal_size()
        # Smooth scrolling alone costs 273 KB and 0.8 s for one page (TUI.md §4).
        self.animation_level = "none"
        for theme in self.themes.loaded.values():
            self.register_theme(theme)
        if DEFAULT in self.themes.loaded:
            self.theme = DEFAULT

    def refresh_css(self, animate: bool = True) -> None:
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            # At the start, when the theme is chosen, nothing has been read that would be to read again.
            self.stylesheet.set_variables(self.get_css_variables())

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(
            screen, InPlace(renderable) if isinstance(renderable, CompositorUpdate) else renderable
        )

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Give the terminal away; the app goes on and what it would paint meanwhile goes nowhere.

        The thread that writes has ended by then: Textual would wait for it for ever, thirty paintings on.
        """
        with super().suspend():
            driver = self._driver
            assert driver is not None
            driver.write = lambda data: None  # type: ignore[method-assign]  # For this driver, this while.
            try:
                yield
            finally:
                del driver.write

    def pop_screen(self) -> AwaitComplete:
        """What a screen has begun ends with it: Textual ends it only after it took the screen's parts away.

        The worker that closes the screen it belongs to goes on to its next wait.
        """
        gone = {self.screen, *self.screen.walk_children()}
        popped = super().pop_screen()
        for worker in list(self.workers):
            if worker.node in gone and worker is not active_worker.get(None):
                worker.cancel()
        return popped

    async def _close_all(self) -> None:
        """Likewise at the end of the program: what the desk says meanwhile is for nobody any more."""
        self.workers.cancel_all()
        await super()._close_all()

    def _handle_exception(self, error: Exception) -> None:
        """Whoever finds a part or a screen gone because the program ends has found no fault."""
        is_ending = self._exit or not self._running
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not (is_ending and isinstance(cause, GONE)):
            super()._handle_exception(error)

    def get_theme(self, theme_name: str) -> Theme | None:
        """A theme by its name. Asked at each line that is drawn: Textual copies all themes for it, twice."""
        return self.themes.loaded.get(theme_name) or super().get_theme(theme_name)

    def on_mount(self) -> None:
        end_with_the_terminal(self)
        self.theme_changed_signal.subscribe(self, self._recolour)

    def _recolour(self, theme: Theme) -> None:
        """Draw everything anew: what is drawn in a theme's variables is in no style that Textual compares."""
        for screen in self.screen_stack:
            for widget in screen.walk_children(Widget):
                widget.refresh()

    def _fatal_error(self) -> None:
        """Textual would print a traceback with every variable: a person gets a sentence, a file the rest."""
        from rich.text import Text

        self._return_code = CRASHED
        self._exit_renderables.append(Text(_farewell(traceback.format_exc())))
        self._close_messages_no_wait()

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


def _farewell(report: str) -> str:
    from shinbox.client.crash import keep_report

    said = "shinbox: something went wrong inside shinbox, and it had to end."
    try:
        path = keep_report(report)
    except OSError as error:
        return f"{said} What went wrong could not be written down: {error.strerror}. Your drafts are kept."
    return (
        f"{said} Your drafts are kept: start it again to go on. {path} says what happened: please report it."
    )


def needs_plain(environ: Mapping[str, str]) -> bool:
    """Whether this terminal draws no lines: it says so itself, or its locale is not UTF-8."""
    if environ.get("TERM", "") in ("", "dumb", "unknown"):
        return True
    # Python sets LC_CTYPE to C.UTF-8 by itself where LANG is C (PEP 538): what the person said counts.
    said_c = environ.get("LANG", "") in ("C", "POSIX") and environ.get("LC_CTYPE", "") == "C.UTF-8"
    chosen = environ.get("LC_ALL") or ("" if said_c else environ.get("LC_CTYPE")) or environ.get("LANG")
    return "utf8" not in (chosen or "").lower().replace("-", "")


def has_few_colours(environ: Mapping[str, str]) -> bool:
    """Whether the terminal has sixteen colours or fewer, as Rich tells it."""
    many = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    return not many and environ.get("TERM", "").rpartition("-")[2] not in ("256color", "kitty", "direct")


def is_plain(node: DOMNode) -> bool:
    """Whether nothing but letters is to be drawn."""
    return isinstance(node.app, LookApp) and node.app.plain


def keymap_of(node: DOMNode) -> Keymap:
    """The keys that hold now, for whoever names one on the screen."""
    app = node.app
    return app.keys_now if isinstance(app, LookApp) else Keymap()
