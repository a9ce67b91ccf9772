"""What the terminal client costs at the demo's desk: launch to the list, Down and PageDown with the preview.

The demo's mail behind the real front. Launch is measured in turn with a bare `import textual.app`: the
ratio says what is ours. `python -m benchmarks.bench_client`: name, value, unit, aim a line. The same on a
folder of 100,000 messages, beside its peers, is bench_peers.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import report
from benchmarks.programs import DOWN, PAGE_DOWN, TERMINAL
from benchmarks.pty_app import PtyApp
from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.tokens import save_token
from tests.tui.demo_front import demo_front

BEFORE_PREVIEW = 0.06
"""Seconds of silence that end what a key causes at once; the preview follows after it."""
SENDER = "mallory@evil"
"""In the newest line of the list."""
SIZES = ((120, 40), (80, 24))


def _sign_in(folder: Path, endpoint: Endpoint) -> dict[str, str]:
    """Bob's token where the client looks for it; the environment that says so."""

    async def token() -> str:
        async with Client(endpoint) as client:
            return await client.sign_in("bob", PASSWORD)

    save_token(endpoint, asyncio.run(token()), folder / "state" / "shinbox" / "tokens.json")
    return {**TERMINAL, "XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder)}


def _import_seconds() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.perf_counter() - start


def bench_start(command: list[str], environment: dict[str, str], rounds: int = 9) -> None:
    """From exec to the first line of the list, in both sizes, in turn with the bare import."""
    bare, launch = list[float](), {size: list[float]() for size in SIZES}
    processor = list[float]()
    for _ in range(rounds):
        bare.append(_import_seconds())
        for size in SIZES:
            with PtyApp(command, *size, environment) as app:
                press = app.read(quiet=0.0, until=SENDER.encode())
                launch[size].append(app.shown_after(press, SENDER))
                processor.append(press.processor)
    middle = statistics.median(bare)
    report("client: python -c 'import textual.app'", middle * 1000, "ms", "-")
    for (columns, rows), times in launch.items():
        name = f"client: exec to list painted at {columns}x{rows}"
        report(name, statistics.median(times) * 1000, "ms", f"aim <= 700; slowest {max(times) * 1000:.0f}")
        report(f"{name} / import", statistics.median(times) / middle, "x", "-")
    report("client: processor until the list", statistics.median(processor) * 1000, "ms", "-")


def bench_keys(command: list[str], environment: dict[str, str], presses: int = 15) -> None:
    """Down and PageDown: what is written at once, and with the preview that follows."""
    with PtyApp(command, 120, 40, environment) as app:
        app.read(quiet=1.0, until=SENDER.encode())
        for name, key, aim_ms, aim_bytes in (
            ("Down", DOWN, "<= 4", "<= 1000"),
            ("PageDown", PAGE_DOWN, "<= 15", "<= 20000"),
        ):
            times, at_once, whole = list[float](), list[int](), list[int]()
            for _ in range(presses if name == "Down" else 5):
                first = app.press(key, quiet=BEFORE_PREVIEW)
                rest = app.read(quiet=0.5, timeout=3.0)
                times.append(first.seconds)
                at_once.append(len(first.output))
                whole.append(len(first.output) + len(rest.output))
            report(f"client: {name}", statistics.median(times) * 1000, "ms", f"aim {aim_ms}")
            report(f"client: {name}", statistics.median(at_once), "B", f"aim {aim_bytes}")
            report(f"client: {name} and preview", statistics.median(whole), "B", "-")
        report("client: memory", app.memory() / 1e6, "MB", "-")


def main() -> None:
    """Run everything."""
    report("load average of this machine before", os.getloadavg()[0], "", f"{os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as name, demo_front(Path(name)) as socket:
        environment = _sign_in(Path(name), Endpoint(socket=socket))
        command = [sys.executable, "-m", "shinbox", "--desk", f"unix:{socket}"]
        bench_start(command, environment)
        bench_keys(command, environment)


if __name__ == "__main__":
    main()
