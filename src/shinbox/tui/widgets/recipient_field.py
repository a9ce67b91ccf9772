"""A line of recipients, and the people it offers while one types, by keys and by mouse.

Owns the list below the line: Down and Up go through it, Enter takes, Esc and leaving the line close it. Tab
takes nothing: an address that was typed whole stays what it is. Knows no desk: it is told who fits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from shinbox.client.formats import full_address
from shinbox.jmap.objects import EmailAddress
from shinbox.tui.completion import completed, fits
from shinbox.tui.safe_text import plain, shown
from shinbox.tui.widgets.fields import LineField

PAUSE: Final = 0.12
"""Seconds without a key after which one is helped."""

Fitting = Callable[[str], Awaitable[Sequence[EmailAddress]]]


class PeopleList(Widget):
    """The people that are offered, one a line."""

    DEFAULT_CSS = """
    PeopleList { height: auto; padding-left: 9; background: $surface; color: $foreground; display: none; }
    PeopleList.-open { display: block; }
    """

    class Taken(Message):
        """Somebody was clicked."""

        def __init__(self, people: PeopleList, place: int) -> None:
            super().__init__()
            self.people = people
            self.place = place

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.people: Sequence[EmailAddress] = ()
        self.cursor = 0

    def offer(self, people: Sequence[EmailAddress]) -> None:
        """Offer these; nobody closes it. The cursor stays on whoever is offered again."""
        meant = self.people[self.cursor] if self.people else None
        self.people, self.cursor = people, people.index(meant) if meant in people else 0
        self.set_class(bool(people), "-open")
        self.refresh(layout=True)

    def move(self, lines: int) -> None:
        """Go to another line."""
        self.cursor = max(0, min(self.cursor + lines, len(self.people) - 1))
        self.refresh()

    def render(self) -> Content:
        lines = [
            shown(
                f"{'›' if place == self.cursor else ' '} {full_address(person)}",
                "bold" if place == self.cursor else "",
            )
            for place, person in enumerate(self.people)
        ]
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self.people):
            self.post_message(self.Taken(self, event.y))


class RecipientField(LineField):
    """One line of recipients. `fitting` says who is meant by the end of a line."""

    def __init__(self, value: str, people: PeopleList, fitting: Fitting | None, **options: Any) -> None:
        super().__init__(value, **options)
        self._people = people
        self._fitting = fitting
        self._as_completed = value

    @property
    def is_offering(self) -> bool:
        """Whether somebody is offered just now."""
        return bool(self._people.people)

    def offers(self, people: PeopleList) -> bool:
        """Whether this list is this line's."""
        return people is self._people

    def close(self) -> None:
        """Offer nobody any more, nor whoever is just being looked for."""
        self.workers.cancel_group(self, "people")
        self._people.offer(())

    def on_paste(self, event: events.Paste) -> None:
        """Of a list, one below the other, each is one recipient."""
        lines = (line.strip().rstrip(",;") for line in event.text.splitlines())
        event.text = plain(", ".join(line for line in lines if line))

    def on_input_changed(self) -> None:
        if self._fitting is None or not self.has_focus or self.value == self._as_completed:
            return
        if self.is_offering:
            # The next key may take one of them, before the next are found.
            self._people.offer([person for person in self._people.people if fits(self.value, person)])
        self.run_worker(self._help(self._fitting), exclusive=True, group="people")

    async def _help(self, fitting: Fitting) -> None:
        await asyncio.sleep(PAUSE)
        line = self.value
        people = await fitting(line)
        if line == self.value and self.has_focus:
            self._people.offer([person for person in people if completed(line, person) != line])

    def on_key(self, event: events.Key) -> None:
        if not self.is_offering or event.key not in ("down", "up", "enter"):
            return
        # Not for Input, which would submit the line.
        event.prevent_default()
        event.stop()
        if event.key == "enter":
            self.take(self._people.cursor)
        else:
            self._people.move(1 if event.key == "down" else -1)

    def take(self, place: int) -> None:
        """This one is meant."""
        line = completed(self.value, self._people.people[place])
        self._as_completed = plain(line)
        self.fill(line)
        self.cursor_position = len(self.value)
        self.close()

    def on_blur(self) -> None:
        self.close()
