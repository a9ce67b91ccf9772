"""One picture, alone on the screen. Owns the frame around it; any usual key of leaving leaves."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Middle
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from shinbox.tui.look import keymap_of
from shinbox.tui.pictures import Picture
from shinbox.tui.safe_text import shown
from shinbox.tui.widgets.picture_view import PictureView


class PictureScreen(Screen[None]):
    """Shows a picture; `better` is a widget that draws it finer, if the terminal can."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,space", "leave", show=False)]
    DEFAULT_CSS = """
    PictureScreen { background: $background; }
    PictureScreen #about, PictureScreen #keys {
        height: 1; background: $fill-bar; color: $ink-bar; padding: 0 1;
    }
    """

    def __init__(self, name: str, about: str, picture: Picture, better: Widget | None = None) -> None:
        super().__init__()
        self._about = f"{name}  {about}"
        self._picture = picture
        self._better = better

    def compose(self) -> ComposeResult:
        yield Static(shown(self._about), id="about")
        if self._better is None:
            yield PictureView(self._picture)
        else:
            with Middle(), Center():
                yield self._better
        yield Static(shown(f"{keymap_of(self).key('box.leave')} leaves"), id="keys")

    def on_click(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        """Back to the message."""
        self.dismiss(None)
