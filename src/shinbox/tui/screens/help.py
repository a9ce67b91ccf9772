"""Every key, by what it is for, searchable; what is off says why.

Built from the table of actions alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input, Static

from shinbox.tui.actions import ACTIONS, Action, Group, Situation, find, why_not
from shinbox.tui.columns import Column
from shinbox.tui.keys import key_label
from shinbox.tui.rows import FixedRows, Row
from shinbox.tui.safe_text import shown
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.virtual_list import VirtualList

COLUMNS: Final = (
    Column("keys", 14, tone="accent"),
    Column("label", 16),
    Column("help", 20, flex=1, tone="muted"),
)


class HelpScreen(Screen[None]):
    """All actions. Typing finds, Esc leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(20)", show=False, priority=True),
        Binding("pageup", "move(-20)", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    HelpScreen { background: $background; }
    HelpScreen #title { height: 1; background: $fill-bar; color: $ink-bar; padding: 0 1; }
    HelpScreen Input, HelpScreen Input:focus { border: none; height: 1; padding: 0 1; background: $surface; }
    HelpScreen VirtualList { height: 1fr; }
    HelpScreen VirtualList > .list--cursor-blurred {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """

    def __init__(self, now: Situation, actions: Sequence[Action] = ACTIONS) -> None:
        super().__init__()
        self._actions = actions
        self._now = now

    def compose(self) -> ComposeResult:
        yield Static(shown("Keys · what is off here is grey, with the reason · Esc leaves"), id="title")
        yield LineField(placeholder="Type to find, e.g. move")
        yield VirtualList(COLUMNS, self._rows(""), empty="No action fits.", markable=False)

    def on_mount(self) -> None:
        self.query_one(LineField).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(VirtualList).source = self._rows(event.value)

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
        reason = why_not(action, self._now)
        keys = "  ".join(key_label(key) for key in action.keys) or key_label("ctrl+p")
        cells = {"keys": keys, "label": action.label, "help": reason or action.help}
        return Row(action.id, cells, tone="muted" if reason else "")
