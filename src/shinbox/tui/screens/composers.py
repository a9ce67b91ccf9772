"""What the main screen knows of the composers over it: which are open, and that nothing opens over them.

Owns what is said where something comes so late that its person writes by then. Opens none itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from shinbox.tui.sparing import SparingScreen

if TYPE_CHECKING:
    from shinbox.tui.screens.compose import ComposeScreen

CAME_LATE: Final = (
    "You are writing this already: what came late was not opened. Ask for it again when this is sent or left."
)


class Composers(SparingScreen):
    """A screen that composers open over; the class `-composing` says that one is open."""

    def composers(self) -> Sequence[ComposeScreen]:
        """Those that are open, the topmost last."""
        if not self.has_class("-composing"):
            return []  # Its module is not loaded for that.
        from shinbox.tui.screens.compose import ComposeScreen

        return [screen for screen in self.app.screen_stack if isinstance(screen, ComposeScreen)]

    def desk_is_back(self) -> None:
        """What was written while a desk was away, or knew nobody, is told to it now."""
        for composer in self.composers():
            composer.keeping.look()

    def came_late(self) -> bool:
        """Whether a message is being written by now, so that nothing may open over it; says so there."""
        composers = self.composers()
        for composer in composers[-1:]:
            composer.warn(CAME_LATE)
        return bool(composers)
