"""Sign in with name and password, where the desk does not know you by your Unix login.

Owns the form. The password is never kept: the caller keeps the token that came back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Button, Static

from shinbox.errors import ShinboxError
from shinbox.tui.columns import Column
from shinbox.tui.demo import Demo
from shinbox.tui.look import keymap_of
from shinbox.tui.rows import FixedRows, Row
from shinbox.tui.safe_text import shown
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.list_messages import Opened
from shinbox.tui.widgets.virtual_list import VirtualList

PEOPLE = (Column("name", 10, tone="accent"), Column("about", 20, flex=1))
SignIn = Callable[[str, str], Awaitable[None]]


class PeopleList(VirtualList):
    """The demo's people: typed letters go to whose name begins with them, and open nobody."""

    def __init__(self, people: Sequence[tuple[str, str]]) -> None:
        rows = [Row(name, {"name": name, "about": about}) for name, about in people]
        super().__init__(PEOPLE, FixedRows(rows), markable=False, id="people")
        self._names = [name for name, _ in people]
        self._typed = ""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are for `on_key`, not for the list's keys."""
        return character is not None and character.isprintable() and not character.isspace()

    def on_key(self, event: events.Key) -> None:
        # Before the list's own keys: in "bob" the o would open the first line.
        character = event.character
        if not event.is_printable or not character or character.isspace():
            self._typed = ""
            return
        event.stop()
        event.prevent_default()
        for typed in (self._typed + character.lower(), character.lower()):
            found = next((name for name in self._names if name.lower().startswith(typed)), None)
            if found is not None:
                self._typed = typed
                self.move_to_id(found)
                return


class LoginScreen(Screen[bool]):
    """Dismissed with True when the desk knows you, with False when you give up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", show=False),
        # Prior to the field's own keys: what is typed ahead is a password, and must not land in the name.
        Binding("enter", "to_password", show=False, priority=True),
        Binding("tab", "app.focus_next", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    LoginScreen { align: center middle; background: $background; }
    LoginScreen #box {
        width: 72; max-width: 100%; height: auto; padding: 1 2;
        background: $surface; border: round $ink-muted;
    }
    LoginScreen .label { color: $ink-muted; height: 1; }
    LoginScreen Input, LoginScreen Input:focus {
        border: none; height: 1; padding: 0 1; background: $background; margin-bottom: 1;
    }
    LoginScreen #title { text-style: bold; margin-bottom: 1; }
    LoginScreen #status { color: $ink-error; height: auto; min-height: 1; }
    LoginScreen #people { margin-bottom: 1; background: $surface; }
    LoginScreen Button { width: 14; }
    """

    def __init__(
        self, desk: str, sign_in: SignIn, demo: Demo | None = None, *, who: str = "", why: str = ""
    ) -> None:
        """`why` somebody who was in, as `who`, must sign in."""
        super().__init__()
        self._who, self._why = who, why
        self._desk = desk
        self._sign_in = sign_in
        self._demo = demo or Demo()

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(shown("shinbox"), id="title")
            yield Static(shown(f"Desk  {self._desk}"), classes="label")
            if self._demo.people:
                takes = keymap_of(self).key("box.take")
                yield Static(shown(f"The demo: choose who you are, {takes} signs you in."), id="choose")
                yield PeopleList(self._demo.people)
            yield Static(shown("Name"), classes="label")
            yield LineField(self._who, id="name")
            yield Static(shown("Password"), classes="label")
            yield LineField(password=True, id="password")
            yield Button(shown("Sign in"), variant="primary", id="go", compact=True)
            yield Static(shown(self._why), id="status")

    def on_mount(self) -> None:
        if self._demo.people:
            people = self.query_one("#people", VirtualList)
            people.styles.height = len(self._demo.people)
            people.focus()
        else:
            self.query_one("#password" if self._who else "#name", LineField).focus()
        if self._demo.sign_in_as:
            self._as(self._demo.sign_in_as)

    def on_opened(self, message: Opened) -> None:
        if message.row is not None:
            self._as(message.row.id)

    def _as(self, name: str) -> None:
        self.query_one("#name", LineField).fill(name)
        self.query_one("#password", LineField).fill(self._demo.password)
        self._go()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key that goes on means the password only while the name is typed."""
        # Not `has_focus`: that follows later, and the next key may be here already.
        return action != "to_password" or self.focused is self.query_one("#name", LineField)

    def action_to_password(self) -> None:
        """Go on to the password, before the next key is looked at."""
        self.set_focus(self.query_one("#password", LineField))

    def on_input_submitted(self) -> None:
        self._go()

    def on_button_pressed(self) -> None:
        self._go()

    def _go(self) -> None:
        self.run_worker(self._try(), exclusive=True, group="sign-in")

    async def _try(self) -> None:
        name, password = self.query_one("#name", LineField), self.query_one("#password", LineField)
        status, button = self.query_one("#status", Static), self.query_one(Button)
        status.update(shown(f"Signing in … ({keymap_of(self).key('box.leave')} cancels)", "$ink-muted"))
        button.disabled = True
        try:
            await self._sign_in(name.value.strip(), password.value)
        except ShinboxError as error:
            status.update(shown(str(error)))
            password.value = ""
            password.focus()
        else:
            self.dismiss(True)
        finally:
            button.disabled = False

    def action_give_up(self) -> None:
        """Cancels an attempt; without one it leaves."""
        status = self.query_one("#status", Static)
        if self.query_one(Button).disabled:
            self.workers.cancel_group(self, "sign-in")
            status.update(shown(""))
        else:
            self.dismiss(False)
