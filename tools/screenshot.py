"""Makes docs/shinbox.svg: the program's own picture of bob reading mail as support@, at 120x40.

`python -m tools.screenshot [FILE]`. The demo's mail at a fixed hour and the real front, so that the same
program gives the same picture. Knows no widget: it presses keys and lets Textual write the SVG.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.app import ShinboxApp
from shinbox.tui.demo import Demo
from tests.tui.demo_front import NEWEST, demo_front

TARGET = Path("docs/shinbox.svg")
SIZE = (120, 40)
WORTH_SHOWING = re.compile(r"[A-Za-z0-9 ,.?'-]+")
"""What the subject of the message looks like that is read: a plain one."""
NOT_THE_FIRST = 2
"""Rows above it, so that one sees a list."""
PATIENCE = 60.0

_REMOTE_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def picture(socket: Path, drafts: Path) -> str:
    """The screen as SVG, once the message is shown. Nothing in it is fetched from elsewhere."""
    demo = Demo([("bob", "")], PASSWORD, "bob")
    app = ShinboxApp(Endpoint(socket=socket), demo=demo, drafts=drafts, now=lambda: NEWEST)
    async with app.run_test(size=SIZE) as pilot:
        main = app.main
        await _until(pilot, lambda: main.view is not None and main.messages.cursor_row is not None)
        source = main.messages.source
        rows = [source.row(index) for index in range(min(source.total, 40))]
        place = next(
            index
            for index, row in enumerate(rows)
            if index >= NOT_THE_FIRST and row and WORTH_SHOWING.fullmatch(row.cells["subject"])
        )
        await pilot.press(*["j"] * place)
        row = main.messages.cursor_row
        await _until(pilot, lambda: row and main.reading is not None and main.reading.id == row.id)
        await _until(pilot, lambda: main.reader.lines > 3)
        main.notice.clear()
        await pilot.pause(0.3)
        svg = _REMOTE_FONTS.sub("", app.export_screenshot(title="shinbox"))
        # Some viewers drop spaces at the beginning of a text otherwise.
        return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)


async def _until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("the picture did not come about: the screen never showed the message")
        await pilot.pause(0.05)


def main(target: Path) -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder, demo_front(Path(folder)) as socket:
        target.write_text(asyncio.run(picture(socket, Path(folder) / "drafts")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
