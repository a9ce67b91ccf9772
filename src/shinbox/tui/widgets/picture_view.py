"""A picture in cells: two pixels in each, above and below (▀). Every terminal with colours can draw it.

Owns scaling and drawing of pixels that are safe already. Terminals that can do better are given
textual-image's widgets, by `better_view`.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import SuspendNotSupported
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.app import App

    from shinbox.tui.pictures import Picture


class PictureView(Widget):
    """Shows one picture as large as there is room, never larger than it is."""

    DEFAULT_CSS = "PictureView { width: 1fr; height: 1fr; background: $background; }"

    def __init__(self, picture: Picture, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picture = picture
        self._scaled: tuple[tuple[int, int], bytes] = ((0, 0), b"")

    def on_resize(self) -> None:
        self._scaled = self._scale(self.size.width, self.size.height * 2)
        self.refresh()

    def _scale(self, width: int, height: int) -> tuple[tuple[int, int], bytes]:
        from PIL import Image

        picture = self._picture
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.pixels)
        image.thumbnail((max(1, width), max(2, height)))
        return image.size, image.tobytes()

    def render_line(self, y: int) -> Strip:
        (width, height), pixels = self._scaled
        room = self.size.width
        top = 2 * (y - (self.size.height - (height + 1) // 2) // 2)
        if not 0 <= top < height:
            return Strip.blank(room, self.rich_style)
        left = (room - width) // 2
        segments = [Segment(" " * left, self.rich_style)]
        for x in range(width):
            upper = _colour(pixels, top * width + x)
            lower = _colour(pixels, (top + 1) * width + x) if top + 1 < height else self.rich_style.bgcolor
            segments.append(Segment("▀", Style(color=upper, bgcolor=lower)))
        return Strip([*segments, Segment(" " * (room - left - width), self.rich_style)], room)


def _colour(pixels: bytes, place: int) -> Color:
    return Color.from_rgb(*pixels[3 * place : 3 * place + 3])


def better_view(app: App[None], picture: Picture) -> Widget | None:
    """The picture in the terminal's own graphics (kitty's protocol, Sixel); None where it has none.

    textual-image asks the terminal what it can do when it is imported, and reads the answer from the
    keyboard: the app must let go of both for that moment, which is the first picture of a sitting.
    """
    try:
        with nullcontext() if "textual_image" in sys.modules else app.suspend():
            from textual_image import renderable
            from textual_image import widget as widgets
    except SuspendNotSupported:
        return None
    if renderable.Image not in (renderable.TGPImage, renderable.SixelImage):
        return None
    from PIL import Image

    view: Widget = widgets.Image(Image.frombytes("RGB", (picture.width, picture.height), picture.pixels))
    view.styles.width, view.styles.height = "auto", "auto"
    return view
