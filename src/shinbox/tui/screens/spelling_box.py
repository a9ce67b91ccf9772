"""Unknown words of a draft, one box after the other: take a suggestion, ignore it, or add it to one's words.

Owns the way through the words. The program is `spelling`'s, the marks are the text field's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from textual.screen import Screen

from shinbox.client.formats import count
from shinbox.errors import ShinboxError
from shinbox.tui.actions.action import NO_SPELLER
from shinbox.tui.screens.choose import Choice, ChooseScreen
from shinbox.tui.spelling import SpellChecker, Suggestions, with_a_dictionary
from shinbox.tui.widgets.writing_field import WritingField

IGNORE: Final = "ignore:"
ADD: Final = "add:"
OTHER: Final = "language:"


class Spelling:
    """For one composer. `say` shows what goes on, and what went wrong."""

    def __init__(
        self,
        screen: Screen[Any],
        checker: SpellChecker | None,
        say: Callable[[str], None],
        problem: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._checker = checker
        self._say = say
        self._problem = problem
        self._ignored: set[str] = set()

    @property
    def is_there(self) -> bool:
        """Whether this machine has a spell-checker."""
        return self._checker is not None

    def begin(self, field: WritingField) -> None:
        """Check the text, mark what is unknown, and ask about it."""
        if self._checker is None:
            self._problem(NO_SPELLER)
        else:
            self._screen.run_worker(self._check(field, self._checker), exclusive=True, group="spelling")

    async def _check(self, field: WritingField, checker: SpellChecker) -> None:
        self._say("checking the spelling …")
        try:
            self._checker = checker = await with_a_dictionary(checker)
            found = await checker.check([word for _, word in field.own_words()])
            others = [name for name in await checker.dictionaries() if name != checker.language]
        except ShinboxError as error:
            field.mark(())
            self._problem(str(error))
            return
        finally:
            self._say("")
        unknown = {word: ideas for word, ideas in found.items() if word not in self._ignored}
        field.mark(unknown)
        if unknown:
            self._ask(field, checker, unknown, len(unknown), others)
        else:
            self._say(f"no unknown word ({checker.language})")

    def _ask(
        self, field: WritingField, checker: SpellChecker, left: Suggestions, total: int, others: list[str]
    ) -> None:
        """Ask about the first word that is left."""
        if not left:
            self._say(f"{count(total, 'word')} looked at ({checker.language})")
            return
        word, ideas = next(iter(left.items()))
        field.point_at(word)
        choices = [
            *(Choice(idea, idea) for idea in ideas),
            Choice(IGNORE, "ignore", "in this message"),
            Choice(ADD, "add", f"to your own words of {checker.name}"),
            *(Choice(OTHER + name, f"check in {name}", "another language") for name in others),
        ]

        def chosen(choice: str | None) -> None:
            if choice is None:
                self._say(f"{count(len(left), 'unknown word')} marked")
                return
            if choice.startswith(OTHER):
                self._checker = checker.speaking(choice.removeprefix(OTHER))
                self.begin(field)
                return
            self._settle(field, checker, word, choice)
            rest = {other: more for other, more in left.items() if other != word}
            self._ask(field, checker, rest, total, others)

        title = f"“{word}” is unknown ({total - len(left) + 1} of {total}, {checker.language})"
        self._screen.app.push_screen(ChooseScreen(title, choices, _context(field, word)), chosen)

    def _settle(self, field: WritingField, checker: SpellChecker, word: str, choice: str) -> None:
        field.mark(field.marked - {word})
        if choice == IGNORE:
            self._ignored.add(word)
        elif choice == ADD:
            self._ignored.add(word)
            self._screen.run_worker(self._add(checker, word), group="own words")
        else:
            field.exchange(word, choice)

    async def _add(self, checker: SpellChecker, word: str) -> None:
        try:
            await checker.add(word)
        except ShinboxError as error:
            self._problem(str(error))


def _context(field: WritingField, word: str) -> str:
    """The line that the word stands in."""
    lines = field.text.split("\n")
    return next((f"… {lines[line].strip()} …" for (line, _), own in field.own_words() if own == word), "")
