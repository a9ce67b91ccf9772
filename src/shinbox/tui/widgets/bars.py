"""The single lines above and below a screen: title and footer.

Own their layout and colours. Know no desk: they are told what to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from shinbox.tui.actions import BY_ID, Action, Situation, why_not
from shinbox.tui.actions.action import OF_A_MAILBOX
from shinbox.tui.look import is_plain, keymap_of
from shinbox.tui.safe_text import joined, shown

_WITHOUT_A_MAILBOX: Final = tuple(BY_ID[name] for name in ("help", "settings", "quit"))
_SPARE: Final = 80
"""Place in the footer above which an action is named only where everything else has room."""
_LESS_THAN_THIS_HIDES_HINTS: Final = 20
"""Rows of the screen below which the footer gives its line away (TUI.md §5)."""


Part = tuple[str, str]
"""A part of the title: its name, and what it says."""


class TitleBar(Widget):
    """Who you are on the left; mailbox, permission, sending identity and connection on the right."""

    DEFAULT_CSS = """
    TitleBar { height: 1; background: $fill-bar; color: $ink-bar; }
    TitleBar.-offline { color: $ink-bar-muted; }
    """
    _STATES: Final = {
        "online": ("●", "$ink-success"),
        "connecting": ("◌", "$ink-warning"),
        "waiting": ("◌", "$ink-warning"),
        "offline": ("○", "$ink-error"),
    }
    _WORDS: Final = {
        "online": "",
        "connecting": " connecting …",
        "waiting": " no answer yet, {back} stops waiting",
        "offline": " offline, trying again",
    }

    class Clicked(Message):
        """A part was clicked: its name, or "state" for the connection."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left: tuple[Part, ...] = ()
        self._right: tuple[Part, ...] = ()
        self._state = "connecting"
        self._places: list[tuple[int, int, str]] = []

    def say(self, left: Sequence[Part], right: Sequence[Part], state: str) -> None:
        """`state`: online, connecting or offline. What has no room on the right is left out."""
        said = (tuple(left), tuple(right), state)
        if said != (self._left, self._right, self._state):
            self._left, self._right, self._state = said
            self.set_class(state == "offline", "-offline")
            self.refresh()

    def render(self) -> Content:
        mark, colour = self._STATES[self._state]
        words = self._WORDS[self._state].format(back=keymap_of(self).key("go.back"))
        left = joined(shown(" "), self._side(self._left))
        end = joined(shown(mark + words, colour), shown(" "))
        room = self.size.width - left.cell_length - end.cell_length - 2
        parts = self._fitting(room)
        right = self._side(parts)
        if right.cell_length > room:
            right = right.truncate(max(0, room), ellipsis=True)
        gap = max(1, self.size.width - left.cell_length - right.cell_length - end.cell_length - 1)
        state_at = left.cell_length + gap + right.cell_length + 1
        self._places = [
            *self._spans(self._left, 1),
            *self._spans(parts, left.cell_length + gap),
            (state_at, state_at + end.cell_length, "state"),
        ]
        return joined(left, shown(" " * gap), right, shown(" "), end)

    def _fitting(self, room: int) -> list[Part]:
        """The first part, and of the others those that there is room for."""
        parts = list(self._right[:1])
        for part in self._right[1:]:
            if self._side([*parts, part]).cell_length <= room:
                parts.append(part)
        return parts

    def _side(self, parts: Sequence[Part]) -> Content:
        return joined(*(self._part(text, index) for index, (_, text) in enumerate(parts)))

    def _spans(self, parts: Sequence[Part], start: int) -> Iterator[tuple[int, int, str]]:
        for index, (name, text) in enumerate(parts):
            width = self._part(text, index).cell_length
            yield start, start + width, name
            start += width

    @staticmethod
    def _part(text: str, index: int) -> Content:
        return joined(shown("  " if index else ""), shown(text, "bold" if not index else "$ink-bar-muted"))

    def on_click(self, event: events.Click) -> None:
        name = next((name for start, stop, name in self._places if start <= event.x < stop), None)
        if name:
            self.post_message(self.Clicked(name))


class KeyFooter(Widget):
    """The keys of what one can do here. What is off is grey; pressing it says why. Clicking does it.

    What is for a mailbox is left out while none is open."""

    DEFAULT_CSS = """
    KeyFooter { height: 1; background: $fill-bar; color: $ink-bar; }
    KeyFooter.-low, KeyFooter.-aside { display: none; }
    """

    class Clicked(Message):
        """An action was clicked."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    def __init__(
        self,
        actions: Sequence[Action],
        id: str | None = None,
        *,
        reading: Sequence[Action] = (),
        may_hide: bool = True,
    ) -> None:
        """`reading`: those while a message is read. `may_hide`: in a low terminal the line is given away."""
        super().__init__(id=id)
        self._may_hide = may_hide
        self._actions = actions
        self._reading = reading
        self._situation = Situation()
        self._pending = ""
        self._places: list[tuple[int, int, Action]] = []

    def situation(self, now: Situation) -> None:
        """What is on and off from now on."""
        if now != self._situation:
            self._situation = now
            self.refresh()

    def pending(self, keys: str) -> None:
        """Show the beginning of a sequence of keys; an empty string shows the actions again."""
        if keys != self._pending:
            self._pending = keys
            self.refresh()

    def on_mount(self) -> None:
        self.set_class(self._may_hide and self.app.size.height < _LESS_THAN_THIS_HIDES_HINTS, "-low")

    def render(self) -> Content:
        if self._pending:
            return joined(shown(" "), shown(f"{self._pending} …", "$ink-bar-key"))
        line, self._places = shown(" "), []
        for action, piece in self._fitting():
            start = line.cell_length
            self._places.append((start, start + piece.cell_length, action))
            line = joined(line, piece, shown("  "))
        return line

    def _fitting(self) -> list[tuple[Action, Content]]:
        """What there is room for, in the table's order."""
        actions = self._reading if self._situation.reading else self._actions
        if not self._situation.shared:
            actions = _WITHOUT_A_MAILBOX
        elif not self._situation.mailbox:
            actions = [action for action in actions if action.needs not in OF_A_MAILBOX]
        if is_plain(self):  # Whoever hears the line hears no grey.
            actions = [action for action in actions if why_not(action, self._situation) is None]
        pieces = [(action, self._piece(action)) for action in actions]
        room, taken = self.size.width - 1, set()
        for action, piece in sorted(pieces, key=lambda one: self._wanted(one[0])):
            if piece.cell_length <= room:
                room -= piece.cell_length + 2
                taken.add(action.id)
        return [(action, piece) for action, piece in pieces if action.id in taken]

    def _wanted(self, action: Action) -> int:
        """Room goes first to what one may do, then to what one may not, then to what can be done without."""
        if not (self._situation.reading and action.reading) and action.footer > _SPARE:
            return 2
        return int(why_not(action, self._situation) is not None)

    def _piece(self, action: Action) -> Content:
        key = keymap_of(self).key(action.id)
        if why_not(action, self._situation) is None:
            return joined(shown(key, "$ink-bar-key"), shown(" " + action.label))
        return shown(
            f"{key} {action.label}",
            "$ink-bar-muted strike" if self.app.current_theme.ansi else "$ink-bar-muted",
        )

    def on_click(self, event: events.Click) -> None:
        for start, stop, action in self._places:
            if start <= event.x < stop:
                self.post_message(self.Clicked(action))
