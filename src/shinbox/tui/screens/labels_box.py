"""Choose a label, or type a new one: each in its colour, with how many messages have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.widgets import Input

from shinbox.client.formats import count
from shinbox.errors import InvalidArguments
from shinbox.jmap.words import keyword_for
from shinbox.tui.labels import tone_of
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.widgets.virtual_list import VirtualList


class LabelScreen(ChooseScreen):
    """Returns the label."""

    def __init__(
        self, labels: Sequence[str], on: Mapping[str, int], messages: int, colours: Mapping[str, str]
    ) -> None:
        """`on`: how many of the `messages` that are meant have which label."""
        self._on = on
        self._messages = messages
        self._colours = colours
        self._counts: dict[str, int] = {}
        self._labels = [self._choice(label) for label in labels]
        super().__init__("Which label?", self._labels, "Type to find, or a new label")

    def tell(self, counts: Mapping[str, int]) -> None:
        """How many messages of the mailbox have which label; those that were unknown are offered as well."""
        if not self.is_current:
            return  # The box has been left meanwhile.
        self._counts = dict(counts)
        known = [choice.id for choice in self._labels]
        self._labels = [self._choice(label) for label in [*known, *sorted(set(counts) - set(known))]]
        self.typed(self.query_one(Input).value)
        found = self.query_one(VirtualList)
        found.set_empty("No label is in use yet: type one.")
        found.styles.height = max(3, min(16, len(self._labels)))

    def typed(self, value: str) -> None:
        word = value.strip().lower()
        new = word and word not in {choice.id for choice in self._labels}
        self._choices = [
            *self._labels,
            *([Choice(word, word, "a new label", off=_why_not(word))] if new else []),
        ]
        self._by_id = {choice.id: choice for choice in self._choices}
        super().typed(value)

    def _choice(self, label: str) -> Choice:
        on, notes = self._on.get(label, 0), []
        if on and on == self._messages:
            notes.append("on: choosing it takes it off")
        elif on:
            notes.append(f"on {on:,} of these {self._messages:,}")
        if label in self._counts:
            notes.append(count(self._counts[label], "message"))
        return Choice(label, label, ", ".join(notes), tone=tone_of(label, self._colours))


def _why_not(word: str) -> str | None:
    try:
        keyword_for(f"+{word}")
    except InvalidArguments as error:
        return str(error)
    return None
