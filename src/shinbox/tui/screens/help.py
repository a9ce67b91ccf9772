"""Every key, by what it is for, searchable; what is off says why.

Built from the table of actions alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input, Static

from shinbox.tui.actions import ACTIONS, BY_ID, Action, Group, Situation, Where, find, why_not
from shinbox.tui.columns import Column
from shinbox.tui.keys import bindings_of, first_key, key_label
from shinbox.tui.look import keymap_of
from shinbox.tui.rows import FixedRows, Row
from shinbox.tui.safe_text import shown
from shinbox.tui.screens.choose import BOX_KEYS
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.list_messages import CursorMoved, Opened
from shinbox.tui.widgets.virtual_list import VirtualList

COLUMNS: Final = (
    Column("keys", 14, tone="accent"),
    Column("label", 16),
    Column("help", 20, flex=1, tone="muted"),
)


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

    def compose(self) -> ComposeResult:
        leaves = f"{keymap_of(self).key('box.leave')} leaves"
        yield Static(shown(f"Keys · what is off here is grey, with the reason · {leaves}"), id="title")
        yield LineField(placeholder="Type to find, e.g. move")
        yield VirtualList(COLUMNS, self._rows(""), empty="No action fits.", markable=False, steered=True)
        yield Static(shown(""), id="about")

    def on_mount(self) -> None:
        self.query_one(LineField).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(VirtualList).source = self._rows(event.value)

    def on_cursor_moved(self, message: CursorMoved) -> None:
        """A narrow terminal cuts the sentences: that of the line under the cursor is there whole."""
        action = BY_ID.get(message.row.id) if message.row is not None else None
        about = (why_not(action, self._now) or action.help) if action is not None else ""
        self.query_one("#about", Static).update(shown(about))

    def action_leave(self) -> None:
        """Back to where one was."""
        self.dismiss(None)

    def action_take(self) -> None:
        """Do what is under the cursor, where it can be done from here."""
        row = self.query_one(VirtualList).cursor_row
        self._take(row.id if row else "")

    def on_opened(self, message: Opened) -> None:
        self._take(message.row.id if message.row else "")

    def _take(self, action_id: str) -> None:
        action = BY_ID.get(action_id)
        if action is not None and action.where in (Where.MAIN, Where.ANY) and action_id != "help":
            self.dismiss(action_id)

    def action_move(self, lines: int) -> None:
        found = self.query_one(VirtualList)
        found.move_to(found.cursor + lines)

    def _rows(self, typed: str) -> FixedRows:
        if typed.strip():
            return FixedRows([self._row(action) for action in find(typed, self._actions)])
        rows: list[Row] = []
        group = None
        for action in sorted(self._actions, key=lambda action: list(Group).index(action.group)):
            if action.group is not group:
                group = action.group
                rows.append(Row(f"group:{group}", {"label": group.value}, tone="unread"))
            rows.append(self._row(action))
        return FixedRows(rows)

    def _row(self, action: Action) -> Row:
        reason = why_not(action, self._now, briefly=True)
        keys = "  ".join(key_label(key) for key in action.keys) or first_key(action)
        cells = {"keys": keys, "label": action.label, "help": reason or action.help}
        return Row(action.id, cells, tone="muted" if reason else "")
