"""While another program has the terminal (`$EDITOR`, ssh), shinbox goes on and paints nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.pty import Terminal

PROGRAM = """
import asyncio
from textual.widgets import Static
from shinbox.tui.look import LookApp

class Counter(LookApp):
    def compose(self):
        yield Static("ready")

    async def key_e(self):
        said = self.query_one(Static)
        with self.suspend():
            for number in range(200):
                said.update(f"painted {number}")
                said.screen._compositor_refresh()
                self._driver.write("written to nobody")
                await asyncio.sleep(0)
            print("THE EDITOR HAS IT", flush=True)
            await asyncio.to_thread(input)
        said.update("here again")

Counter().run()
"""


def test_what_changes_while_an_editor_has_the_terminal_is_painted_when_it_comes_back(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", PROGRAM], 60, 10, env={"HOME": str(tmp_path)}) as terminal:
        terminal.wait_for("ready")
        terminal.press("e")
        # Before, the thirtieth thing to paint waited for ever for a thread that had ended.
        terminal.wait_for("THE EDITOR HAS IT")
        assert b"written to nobody" not in terminal.raw
        assert b"painted" not in terminal.raw
        terminal.press("enter")
        terminal.wait_for("here again")
