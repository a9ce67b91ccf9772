"""The line for what just happened, below the panes.

Owns how it is drawn and clicked. What it says and for how long is in `notices`.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from shinbox.tui.actions import BY_ID
from shinbox.tui.look import keymap_of
from shinbox.tui.notices import STAYS, Notice, Notices
from shinbox.tui.safe_text import joined, shown


class NoticeBar(Widget):
    """One line for what just happened, and how to undo it. Empty, it takes no space."""

    DEFAULT_CSS = """
    NoticeBar { height: auto; max-height: 6; display: none; background: $fill-bar; color: $ink-bar; }
    NoticeBar.-shown { display: block; }
    NoticeBar.-warning { color: $ink-warning; }
    NoticeBar.-error { color: $ink-error; }
    """

    class Clicked(Message):
        """What it offers was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, clock: Callable[[], float], id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._notices = Notices(lambda: self._clock(), self._is_seen)
        self._tick: Timer | None = None

    def _is_seen(self) -> bool:
        # Not `is_current`: beside a composer the screen below it is drawn as well.
        return self.is_attached and self.app.screen_stack[-1:] == [self.screen]

    def say(
        self,
        text: str,
        *,
        tone: str = "",
        offers: str = "",
        hint: str = "",
        seconds: float = STAYS,
        counting: bool = True,
    ) -> None:
        """Show a sentence, and the action that it offers: its key with the hint, else with its label.

        Behind that stand the seconds that remain, where they count.
        """
        self._notices.say(Notice(text, tone, offers, hint, seconds, counting))
        if self._tick is None:
            self._tick = self.set_interval(1.0, self._next_second)
        self._draw()

    def clear(self, offering: str = "") -> None:
        """Take the line away; with an action, only if it offers that."""
        now = self._notices.now
        if now is not None and offering in ("", now.offers):
            self._notices.clear()
            self._draw()

    @property
    def text(self) -> str:
        """What it says, empty if it says nothing."""
        return self._notices.now.text if self._notices.now is not None else ""

    def _next_second(self) -> None:
        before = self._notices.now
        self._notices.look()
        now = self._notices.now
        if now is not before:
            self._draw()
        elif now is not None and now.offers and now.counting:
            self.refresh()

    def _draw(self) -> None:
        now = self._notices.now
        if now is None and self._tick is not None:
            self._tick.stop()
            self._tick = None
        for name in ("warning", "error"):
            self.set_class(now is not None and now.tone == name, f"-{name}")
        self.set_class(now is not None, "-shown")
        # What was longer, or is, takes another number of lines.
        self.refresh(layout=self.size.height > 1 or self.render().cell_length > self.size.width)

    def render(self) -> Content:
        return joined(shown(" "), shown(self.text), shown(self.offer, "$ink-bar-key"))

    @property
    def offer(self) -> str:
        """What stands behind the sentence: a key, what it does, how long."""
        now = self._notices.now
        if now is None or not now.offers:
            return ""
        seconds = f" ({max(0, round(self._notices.left))}s)" if now.counting else ""
        return f" · {keymap_of(self).key(now.offers)} {now.hint or BY_ID[now.offers].label}{seconds}"

    def on_click(self) -> None:
        """A click takes up the offer; where there is none it takes the line away."""
        now = self._notices.now
        if now is not None and now.offers:
            self.post_message(self.Clicked(now.offers))
        else:
            self.clear()
