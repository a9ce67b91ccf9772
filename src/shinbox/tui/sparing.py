"""A screen that renders no more than it paints.

Textual renders in a batch as well and throws that away, and where one line has changed it goes through every
line of every pane that the line crosses, and of all that lies behind. Owns these savings, in private corners
of Textual 8: the picture stays the same. Knows no screen of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual._compositor import Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip


class SparingCompositor(Compositor):
    """Renders of each widget the lines that are painted, and of what one widget covers nothing."""

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        whole = self.visible_widgets
        # Made of the widgets there are when they are first asked for, and kept: let that be all of them.
        _ = self.cuts
        # Whole lines: the chops of a line begin at the edges of widgets.
        lines = Region(0, crop.y, self.size.width, crop.height)
        seen = {}
        for widget, (region, clip) in whole.items():  # From the front to the back.
            part = region.intersection(clip)
            if part.overlaps(crop):
                seen[widget] = (region, clip.intersection(lines))
                if part.contains_region(crop):
                    break  # What lies behind it would be painted over.
        self._visible_widgets = seen
        try:
            return super()._render_chops(crop, is_rendered_line)
        finally:
            self._visible_widgets = whole


class SparingScreen(Screen[None]):
    """The base of a screen that is repainted at each key."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()

    def _compositor_refresh(self) -> None:
        if not self.app._batch_count:
            super()._compositor_refresh()
