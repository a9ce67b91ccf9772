"""What the start loads: nothing that only a later key needs."""

from __future__ import annotations

import subprocess
import sys

LATER = (
    "inscriptis",
    "lxml",
    "selectolax",
    "shinbox.text.parts",
    "shinbox.text.phishing",
    "shinbox.tui.message_text",
    "httpx",
    "starlette",
    "sqlite_utils",
    "email.utils",
    "textual.widgets._text_area",
    "shinbox.tui.screens.compose",
    "shinbox.tui.screens.choose",
    "shinbox.tui.screens.help",
    "shinbox.tui.screens.login",
)


def test_the_start_loads_no_html_no_database_and_no_screen_that_comes_later() -> None:
    code = f"import sys, shinbox.tui.app; print(*[m for m in {LATER!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split() == []
