"""What the whole client costs at a running desk: launch to the list; Down and PageDown with the preview open.

The demo's mail behind the real front. `python -m benchmarks.bench_client`: name, value, unit, aim a line.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.pty_app import PtyApp
from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.tokens import save_token
from tests.tui.demo_front import demo_front

BEFORE_PREVIEW = 0.06
"""Seconds of silence that end what a key causes at once; the preview follows after it."""
SENDER = b"mallory@evil.example"
"""In the newest line of the list."""


def _sign_in(folder: Path, endpoint: Endpoint) -> dict[str, str]:
    """Bob's token where the client looks for it; the environment that says so."""

    async def token() -> str:
        async with Client(endpoint) as client:
            return await client.sign_in("bob", PASSWORD)

    save_token(endpoint, asyncio.run(token()), folder / "state" / "shinbox" / "tokens.json")
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return {**terminal, "XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder)}


def _report(name: str, value: float, unit: str, aim: str) -> None:
    print(f"{name:<44} {value:>9.1f} {unit:<3} (aim {aim})", flush=True)


def bench_start(command: list[str], environment: dict[str, str], rounds: int = 7) -> None:
    """From exec to the first line of the list, beside a bare import of textual.app."""
    bare, launch = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
        bare.append(time.perf_counter() - start)
        with PtyApp(command, 120, 40, environment) as app:
            app.read(quiet=0.0, until=SENDER)
            launch.append(time.perf_counter() - app.started)
    _report("client: exec to list painted", statistics.median(launch) * 1000, "ms", "<= 700")
    _report("client: exec to list painted, best", min(launch) * 1000, "ms", "<= 700")
    ratio = statistics.median(launch) / statistics.median(bare)
    _report("client: ratio to import textual.app", ratio, "x", "-")


def bench_keys(command: list[str], environment: dict[str, str], presses: int = 15) -> None:
    """Down and PageDown: what is written at once, and with the preview that follows."""
    with PtyApp(command, 120, 40, environment) as app:
        app.read(quiet=1.0, until=SENDER)
        for name, key, aim_ms, aim_bytes in (
            ("Down", b"\x1b[B", "<= 4", "<= 1000"),
            ("PageDown", b"\x1b[6~", "<= 15", "<= 20000"),
        ):
            at_once, whole = [], []
            for _ in range(presses if name == "Down" else 5):
                first = app.press(key, quiet=BEFORE_PREVIEW)
                rest = app.read(quiet=0.5, timeout=3.0)
                at_once.append(first)
                whole.append(len(first.output) + len(rest.output))
            _report(f"client: {name}", statistics.median(p.seconds for p in at_once) * 1000, "ms", aim_ms)
            _report(f"client: {name}", statistics.median(len(p.output) for p in at_once), "B", aim_bytes)
            _report(f"client: {name} and preview", statistics.median(whole), "B", "-")
        _report("client: memory", app.memory() / 1e6, "MB", "-")


def main() -> None:
    """Run everything."""
    with tempfile.TemporaryDirectory() as name, demo_front(Path(name)) as socket:
        environment = _sign_in(Path(name), Endpoint(socket=socket))
        command = [sys.executable, "-m", "shinbox", "--desk", f"unix:{socket}"]
        bench_start(command, environment)
        bench_keys(command, environment)


if __name__ == "__main__":
    main()
