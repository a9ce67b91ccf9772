"""Every key, by what it is for, searchable; what is off says why.

Built from the table of actions alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static

from shinbox.tui.actions import ACTIONS, BY_ID, Action, Group, Situation, Where, find, why_not
from shinbox.tui.columns import Column, fit_columns
from shinbox.tui.keys import bindings_of, first_key, key_label
from shinbox.tui.look import is_plain, keymap_of
from shinbox.tui.rows import FixedRows, Row
from shinbox.tui.safe_text import shown
from shinbox.tui.screens.choose import BOX_KEYS
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.virtual_list import VirtualList
from shinbox.tui.wrap import wrap_line

COLUMNS: Final = (
    Column("keys", 14, tone="accent"),
    Column("label", 16),
    Column("help", 20, flex=1, tone="muted"),
)
MORE: Final = "+"
"""In the id of a line that goes on with the action above it."""


class HelpScreen(Screen[str | None]):
    """All actions. Typing finds."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(*BOX_KEYS, priority=True)
    DEFAULT_CSS = """
    HelpScreen { background: $background; }
    HelpScreen #title { height: 1; background: $fill-bar; color: $ink-bar; padding: 0 1; }
    HelpScreen Input, HelpScreen Input:focus { border: none; height: 1; padding: 0 1; background: $surface; }
    HelpScreen VirtualList { height: 1fr; }
    HelpScreen #about { height: auto; max-height: 3; background: $surface; padding: 0 1; }
    """

    def __init__(self, now: Situation, actions: Sequence[Action] = ACTIONS) -> None:
        super().__init__()
        self._actions = actions
        self._now = now
        self._rows: Sequence[Row] = ()

    def compose(self) -> ComposeResult:
        leaves = f"{keymap_of(self).key('box.leave')} leaves"
        yield Static(shown(f"Keys · what is off here is grey, with the reason · {leaves}"), id="title")
        yield LineField(placeholder="Type to find a word or a key, e.g. move")
        yield VirtualList(COLUMNS, empty="No action fits.", markable=False, steered=True)
        yield Static(shown(""), id="about")

    def on_mount(self) -> None:
        self.query_one(LineField).focus()

    def on_resize(self) -> None:
        """The sentences are wrapped for another width; the cursor stays on its action."""
        here = self._under_cursor()
        self._show()
        if here in BY_ID:
            self.query_one(VirtualList).move_to_id(here)

    def on_input_changed(self) -> None:
        self._show()

    def on_cursor_moved(self) -> None:
        """The whole reason of what is off: in the list there is room for some words of it."""
        action = BY_ID.get(self._under_cursor())
        reason = why_not(action, self._now) if action is not None else None
        about = self.query_one("#about", Static)
        about.display = bool(reason)
        about.update(shown(f"{action.help} {reason}" if action is not None and reason else ""))

    def _under_cursor(self) -> str:
        """The action that the line under the cursor is of."""
        row = self.query_one(VirtualList).cursor_row
        return row.id.partition(MORE)[0] if row is not None else ""

    def action_leave(self) -> None:
        """Back to where one was."""
        self.dismiss(None)

    def action_take(self) -> None:
        """Do what is under the cursor, where it can be done from here."""
        action = BY_ID.get(self._under_cursor())
        if action is not None and action.where in (Where.MAIN, Where.ANY) and action.id != "help":
            self.dismiss(action.id)

    def on_opened(self) -> None:
        self.action_take()

    def action_move(self, lines: int) -> None:
        """So many actions on, over headings and the lines that a sentence goes on in."""
        found = self.query_one(VirtualList)
        starts = [line for line, row in enumerate(self._rows) if row.id in BY_ID]
        if starts:
            there = bisect_right(starts, found.cursor) - 1 + lines
            self._go_to(starts[max(0, min(there, len(starts) - 1))])

    def _go_to(self, line: int) -> None:
        """All lines of an action on the screen, the cursor on the first."""
        found, last = self.query_one(VirtualList), line
        while last + 1 < len(self._rows) and MORE in self._rows[last + 1].id:
            last += 1
        found.move_to(last)
        found.move_to(line)

    # --- the lines --------------------------------------------------------------------------------------

    def _show(self) -> None:
        typed = self.query_one(LineField).value
        sign = 2 if is_plain(self) else 0
        widths = [placed.width for placed in fit_columns(COLUMNS, max(1, self.size.width - 1 - sign))]
        self._rows = list(self._found(typed, widths) if typed.strip() else self._by_group(widths))
        found = self.query_one(VirtualList)
        found.source = FixedRows(self._rows)
        found.move_to(0 if typed.strip() else 1)

    def _found(self, typed: str, widths: Sequence[int]) -> Iterator[Row]:
        for action in find(typed, self._actions):
            yield from self._lines(action, widths)

    def _by_group(self, widths: Sequence[int]) -> Iterator[Row]:
        for group in Group:
            actions = [action for action in self._actions if action.group is group]
            for number, words in enumerate(wrap_line(group.value, widths[1]) if actions else ()):
                yield Row(f"group:{group}{MORE}{number}", {"label": words}, tone="unread")
            for action in actions:
                yield from self._lines(action, widths)

    def _lines(self, action: Action, widths: Sequence[int]) -> Iterator[Row]:
        """An action, each of its texts whole: in as many lines as the longest takes."""
        reason = why_not(action, self._now, briefly=True)
        keys = "  ".join(key_label(key) for key in action.keys) or first_key(action)
        texts = (keys, action.label, reason or action.help)
        columns = [wrap_line(text, width) for text, width in zip(texts, widths, strict=True)]
        for number, pieces in enumerate(zip_longest(*columns, fillvalue="")):
            cells = dict(zip(("keys", "label", "help"), pieces, strict=True))
            row_id = f"{action.id}{MORE}{number}" if number else action.id
            yield Row(row_id, cells, tone="muted" if reason else "")
