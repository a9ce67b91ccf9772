"""Choose a label, or type a new one."""

from __future__ import annotations

from collections.abc import Sequence

from shinbox.errors import InvalidArguments
from shinbox.jmap.words import keyword_for
from shinbox.tui.screens.choose import Choice, ChooseScreen


class LabelScreen(ChooseScreen):
    """Returns the label."""

    def __init__(self, labels: Sequence[str], on: frozenset[str]) -> None:
        self._labels = [
            Choice(label, label, "on: choosing it takes it off" if label in on else "") for label in labels
        ]
        super().__init__("Which label?", self._labels, "Type to find, or a new label")

    def typed(self, value: str) -> None:
        word = value.strip().lower()
        new = word and word not in {choice.id for choice in self._labels}
        self._choices = [
            *self._labels,
            *([Choice(word, word, "a new label", off=_why_not(word))] if new else []),
        ]
        self._by_id = {choice.id: choice for choice in self._choices}
        super().typed(value)


def _why_not(word: str) -> str | None:
    try:
        keyword_for(f"+{word}")
    except InvalidArguments as error:
        return str(error)
    return None
