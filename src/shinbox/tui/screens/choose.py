"""Choose one of many by typing a part of its name: folders, actions, themes.

Owns the box with its search line and list. Knows nothing of what is chosen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from shinbox.text.cells import cell_len
from shinbox.tui.columns import Column
from shinbox.tui.keys import bindings_of
from shinbox.tui.look import keymap_of
from shinbox.tui.rows import FixedRows, Row
from shinbox.tui.safe_text import plain, shown
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.list_messages import Opened
from shinbox.tui.widgets.virtual_list import VirtualList

_LEAST: Final = {"name": 12, "note": 8}
_MOST: Final = {"name": 80, "note": 40, "key": 12}
"""Cells of a column: what it keeps in a narrow terminal, and what it may take from the others."""

BOX_KEYS: Final = ("box.leave", "box.take", "box.next", "box.previous", "box.page-down", "box.page-up")


@dataclass(frozen=True)
class Choice:
    """One thing to choose. `off` is why it cannot be chosen, as a sentence."""

    id: str
    name: str
    note: str = ""
    key: str = ""
    off: str | None = None
    tone: str = ""
    """Component style of the name."""
    short: str = ""
    """`off` in the few words that a line has room for."""


def matching(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices that hold the typed letters in this order, best first; all for nothing typed."""
    if not typed.strip():
        return list(choices)
    from textual.fuzzy import Matcher

    matcher = Matcher(typed.strip())
    # What is found in a name comes before what is found in a note.
    scored = [(10 * matcher.match(choice.name) + matcher.match(choice.note), choice) for choice in choices]
    return [choice for score, choice in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def columns_for(choices: Sequence[Choice]) -> tuple[Column, ...]:
    """Columns that share the width as what they hold needs it; a key stands whole, and none takes no room."""
    rows = [_row(choice).cells for choice in choices]
    need = {
        key: min(most, max((cell_len(plain(cells[key])) for cells in rows), default=0))
        for key, most in _MOST.items()
    }
    name, note = (max(1, need[key] - _LEAST[key]) for key in ("name", "note"))
    columns = (
        Column("name", _LEAST["name"], flex=name),
        Column("note", _LEAST["note"], flex=note, tone="muted", drop=1),
        Column("key", need["key"], align="right", tone="accent", drop=2),
    )
    return tuple(column for column in columns if column.key == "name" or need[column.key])


class ChooseScreen(ModalScreen[str | None]):
    """Returns the id of the choice, None if nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(*BOX_KEYS, priority=True)
    columns: ClassVar[Sequence[Column]] = ()
    """Empty: as wide as what is to be chosen asks for."""
    DEFAULT_CSS = """
    ChooseScreen { align: center top; background: $background 60%; }
    ChooseScreen #box {
        width: 80; max-width: 90%; height: auto; max-height: 80%; margin-top: 2;
        background: $surface; border: round $ink-muted; border-title-color: $ink-accent;
        border-subtitle-color: $ink-muted;
    }
    ChooseScreen Input, ChooseScreen Input:focus {
        border: none; height: 1; background: $surface; padding: 0 1;
    }
    ChooseScreen VirtualList { height: 16; background: $surface; padding-left: 1; }
    """

    several = False
    """Whether more than one can be marked."""

    def __init__(self, title: str, choices: Sequence[Choice], prompt: str = "Type to find") -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._prompt = prompt
        self._by_id = {choice.id: choice for choice in choices}

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = shown(self._title)
            yield LineField(placeholder=plain(self._prompt), id="typed")
            keys = keymap_of(self)
            box.border_subtitle = shown(f"{keys.key('box.take')} chooses · {keys.key('box.leave')} leaves")
            yield VirtualList(
                self._columns(),
                self._rows(""),
                empty="Nothing fits.",
                markable=self.several,
                one_click=True,
                steered=True,
                id="choices",
            )

    def on_mount(self) -> None:
        self.query_one(LineField).focus()
        self.query_one(VirtualList).styles.height = self.height_of(len(self._choices))

    def on_unmount(self) -> None:
        """A reason that was told in the box goes with it, and hides nothing below."""
        self.app.clear_notifications()

    def height_of(self, choices: int) -> int:
        """Lines of the list."""
        return max(3, min(16, choices))

    def _rows(self, typed: str) -> FixedRows:
        return FixedRows([_row(choice) for choice in matching(self._choices, typed)])

    def on_input_changed(self, event: Input.Changed) -> None:
        self.typed(event.value)

    def typed(self, value: str) -> None:
        """Show what fits."""
        self._show(self._rows(value))

    @property
    def value(self) -> str:
        """What is typed."""
        return self.query_one(LineField).value

    def offered(self, choice: str) -> Choice | None:
        """The choice of an id, if it is offered just now."""
        return self._by_id.get(choice)

    def replace(self, choices: Sequence[Choice]) -> None:
        """Offer something else to what is being typed; who marks, keeps the marks."""
        self._choices = choices
        self._by_id = {choice.id: choice for choice in choices}
        self._show(self._rows(""))

    def _columns(self) -> Sequence[Column]:
        return self.columns or columns_for(self._choices)

    def _show(self, rows: FixedRows) -> None:
        found = self.query_one(VirtualList)
        found.columns = self._columns()
        marked = found.marks.ids
        found.source = rows
        if self.several:
            found.marks.set(marked)

    def take(self, choices: Sequence[Choice], prompt: str) -> None:
        """Offer something else, with nothing typed yet."""
        self._prompt = prompt
        self._choices = choices
        self._by_id = {choice.id: choice for choice in choices}
        field = self.query_one(LineField)
        field.placeholder = plain(prompt)
        field.fill("")
        self._show(self._rows(""))

    def action_leave(self) -> None:
        """Nothing is chosen."""
        self.dismiss(None)

    def action_take(self) -> Awaitable[None] | None:
        """What is under the cursor is meant."""
        self._choose(self.query_one(VirtualList).cursor_row)
        return None

    def on_click(self, event: events.Click) -> None:
        """A click beside the box leaves it."""
        if event.widget is self:
            self.action_leave()

    def on_opened(self, message: Opened) -> None:
        self._choose(message.row)

    def _choose(self, row: Row | None) -> None:
        if row is None:
            return
        reason = self._by_id[row.id].off
        if reason:
            self.notify(reason, severity="warning")
        else:
            self.choose_id(row.id)

    def choose_id(self, choice: str) -> None:
        """Something was chosen."""
        self.dismiss(choice)

    def action_move(self, lines: int) -> None:
        found = self.query_one(VirtualList)
        found.move_to(found.cursor + lines)


def _row(choice: Choice) -> Row:
    cells = {"name": choice.name, "note": choice.short or choice.off or choice.note, "key": choice.key}
    tones = {"name": choice.tone} if choice.tone and not choice.off else {}
    return Row(choice.id, cells, tone="muted" if choice.off else "", tones=tones)
