"""The first thing somebody sees who has no desk yet: what that means, and three ways on.

Owns the words and what is typed. What becomes of a choice is the caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from shinbox.errors import ConfigError
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.columns import Column
from shinbox.tui.look import keymap_of
from shinbox.tui.rows import FixedRows, Row
from shinbox.tui.safe_text import shown
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.list_messages import CursorMoved, Opened
from shinbox.tui.widgets.virtual_list import VirtualList

BOX_CSS: Final = """
{name} {{ align: center middle; background: $background; }}
{name} #box {{
    width: 76; max-width: 100%; height: auto; padding: 1 2;
    background: $surface; border: round $ink-muted;
}}
{name} .label {{ color: $ink-muted; height: 1; }}
{name} Input, {name} Input:focus {{
    border: none; height: 1; padding: 0 1; background: $background; margin-bottom: 1;
}}
{name} #title {{ text-style: bold; margin-bottom: 1; }}
{name} #text {{ margin-bottom: 1; }}
{name} #status {{ height: auto; min-height: 1; }}
"""


class Way(StrEnum):
    """What somebody without a desk can do."""

    DEMO = "demo"
    OWN = "own"
    HOST = "host"


@dataclass(frozen=True)
class Chosen:
    """What they chose; `address` is the host's."""

    way: Way
    address: str = ""


_ROWS: Final = (
    Row(Way.DEMO, {"name": "Try the demo", "about": "made-up mail, gone when you leave"}),
    Row(Way.OWN, {"name": "A desk of your own", "about": "your mailboxes, kept on this machine"}),
    Row(Way.HOST, {"name": "Connect to a host", "about": "a desk or mail server that others run"}),
)
_COLUMNS: Final = (Column("name", 20, tone="accent"), Column("about", 20, flex=1))
_TEXT: Final = (
    "shinbox shows the mailboxes that a desk keeps. There is none on this machine, and your settings name"
    " none elsewhere."
)


class FirstRunScreen(Screen[Chosen | None]):
    """Dismissed with the choice, or with None when somebody leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
    ]
    DEFAULT_CSS = (
        BOX_CSS.format(name="FirstRunScreen")
        + """
    FirstRunScreen VirtualList { height: 3; margin-bottom: 1; background: $surface; }
    FirstRunScreen #where { display: none; }
    FirstRunScreen.-host #where { display: block; height: auto; }
    """
    )

    def __init__(self, said: str = "", address: str = "") -> None:
        super().__init__()
        self._said = said
        self._address = address
        self.ways = VirtualList(_COLUMNS, FixedRows(_ROWS), markable=False, id="ways")
        self.address = LineField(address or "ssh://", id="address")
        self.status = Static(id="status")

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(shown("No desk yet"), id="title")
            yield Static(shown(_TEXT), id="text")
            yield self.ways
            with Vertical(id="where"):
                yield Static(shown("Address: ssh://host, ssh://user@host or https://host"), classes="label")
                yield self.address
            yield self.status
            keys = keymap_of(self)
            said = f"{keys.key('box.take')} chooses, {keys.key('box.leave')} leaves."
            yield Static(shown(said, "$ink-muted"))

    def on_mount(self) -> None:
        self.say(self._said)
        if self._address:
            self.ways.move_to_id(Way.HOST)
            self._ask_address()
        else:
            self.ways.focus()

    def say(self, text: str) -> None:
        """Say what went wrong."""
        self.status.update(shown(text, "$ink-error"))

    def on_cursor_moved(self, message: CursorMoved) -> None:
        row = self.ways.cursor_row
        self.set_class(row is not None and row.id == Way.HOST, "-host")

    def on_opened(self, message: Opened) -> None:
        if message.row is None:
            return
        if message.row.id == Way.HOST:
            self._ask_address()
        else:
            self.dismiss(Chosen(Way(message.row.id)))

    def _ask_address(self) -> None:
        self.add_class("-host")
        self.address.focus()
        self.address.action_end()

    def on_input_submitted(self) -> None:
        try:
            address = str(Endpoint.parse(self.address.value))
        except ConfigError as error:
            self.say(str(error))
        else:
            self.dismiss(Chosen(Way.HOST, address))

    def action_leave(self) -> None:
        """From the address back to the choice; from there out."""
        if self.focused is self.address:
            self.ways.focus()
        else:
            self.dismiss(None)
