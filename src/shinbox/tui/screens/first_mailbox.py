"""The form for the first mailbox of one's own desk: five fields, and a test that names the step that fails.

Owns the form. What is made at the desk is in `new_mailbox`; the password is kept by the desk alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from shinbox.client.new_mailbox import NewMailbox, check_address, server, usual_servers
from shinbox.errors import ShinboxError
from shinbox.tui.look import keymap_of
from shinbox.tui.new_mailbox import FirstMailbox, Step
from shinbox.tui.safe_text import joined, plain, shown, stacked
from shinbox.tui.screens.first_run import BOX_CSS
from shinbox.tui.widgets.fields import LineField

NONE: Final = "-"
_FIELDS: Final = (
    ("address", "Address of the mailbox"),
    ("imap", "Server its mail is read from (name or name:port)"),
    ("smtp", f"Server it sends through ({NONE} for none)"),
    ("user", "User name at the servers"),
    ("password", "Password"),
)
_HINT: Final = "{take} goes on and connects, {leave} leaves this for later."


class FirstMailboxScreen(Screen[bool]):
    """Dismissed with True when a mailbox is connected, with False when somebody leaves it for later."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        # Prior to the fields' own: what is typed ahead is a password, and must not land in the address.
        Binding("enter", "next", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    DEFAULT_CSS = (
        BOX_CSS.format(name="FirstMailboxScreen")
        + """
    FirstMailboxScreen Input, FirstMailboxScreen Input:focus { margin-bottom: 0; }
    """
    )

    def __init__(self, mailbox: FirstMailbox) -> None:
        super().__init__()
        self._mailbox = mailbox
        self.fields = {name: LineField(id=name, password=name == "password") for name, _ in _FIELDS}
        self.status = Static(id="status")

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(shown("Your first mailbox"), id="title")
            for name, label in _FIELDS:
                yield Static(shown(label), classes="label")
                yield self.fields[name]
            yield self.status
            yield Static(shown(self._hint(), "$ink-muted"))

    def on_mount(self) -> None:
        self.fields["address"].focus()

    def on_input_changed(self, message: Input.Changed) -> None:
        if message.input is self.fields["address"]:
            self._guess(message.value)

    def _guess(self, address: str) -> None:
        """Show what servers and user are usually called: it holds where nothing is typed."""
        imap, smtp = usual_servers(address)
        for name, usual in (("imap", imap), ("smtp", smtp), ("user", address.strip())):
            self.fields[name].placeholder = plain(usual)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the last field, Enter is the field's: it means all that was typed there."""
        return action != "next" or self.focused is not self.fields["password"]

    def action_next(self) -> None:
        """Go on to the next field, before the next key is looked at; what is missing is said here."""
        try:
            self._check_here()
        except ShinboxError as error:
            self._say(str(error), "$ink-error")
            return
        self._say("", "")
        order = list(self.fields.values())
        here = next((place for place, one in enumerate(order) if one is self.focused), -1)
        self.set_focus(order[here + 1])

    def _check_here(self) -> None:
        said = self.typed()
        if self.focused is self.fields["address"]:
            check_address(said.address)
        elif self.focused is self.fields["imap"]:
            server(said.imap, "imap", said.user)
        elif self.focused is self.fields["smtp"] and said.smtp:
            server(said.smtp, "smtp", said.user)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        self.run_worker(self._connect(), exclusive=True, group="connect")

    def typed(self) -> NewMailbox:
        """What stands in the fields."""
        said = {name: place.value.strip() or str(place.placeholder) for name, place in self.fields.items()}
        smtp = "" if said["smtp"] == NONE else said["smtp"]
        password = self.fields["password"].value
        return NewMailbox(said["address"], said["imap"], smtp, said["user"], password)

    def _hint(self) -> str:
        keys = keymap_of(self)
        return _HINT.format(take=keys.key("box.take"), leave=keys.key("box.leave"))

    async def _connect(self) -> None:
        try:
            wanted = self.typed()
            wanted.check()
            self._say(f"Connecting … ({keymap_of(self).key('box.leave')} cancels)", "$ink-muted")
            await self._mailbox.make(wanted)
            steps = await self._mailbox.test(self._show)
        except ShinboxError as error:
            self._say(str(error), "$ink-error")
            return
        self._show(steps)
        if all(step.ok for step in steps):
            self.dismiss(True)

    def _say(self, text: str, style: str) -> None:
        self.status.update(shown(text, style))

    def _show(self, steps: Sequence[Step]) -> None:
        lines = []
        for step in steps:
            mark, colour = ("ok      ", "$ink-success") if step.ok else ("failed  ", "$ink-error")
            why = f": {step.reason}" if step.reason else ""
            lines.append(joined(shown(mark, colour), shown(f"{step.name}{why}")))
        self.status.update(stacked(lines))

    def action_leave(self) -> None:
        """Stop an attempt; without one, leave the form."""
        running = [worker for worker in self.workers if worker.group == "connect" and worker.is_running]
        if running:
            self.workers.cancel_group(self, "connect")
            self._say("Cancelled.", "$ink-muted")
        else:
            self.dismiss(False)
