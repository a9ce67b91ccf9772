"""What the message list alone costs: time and bytes of Down and PageDown.

One line a figure: name, value, unit, aim. `python -m benchmarks.bench_list`.
"""

from __future__ import annotations

import statistics
import sys

from benchmarks.figures import report
from benchmarks.programs import TERMINAL
from benchmarks.pty_app import Press, PtyApp

_APP = (sys.executable, "-m", "benchmarks.list_app", "100000")


def _median(presses: list[Press]) -> tuple[float, int]:
    return (
        statistics.median(press.seconds for press in presses) * 1000,
        int(statistics.median(len(press.output) for press in presses)),
    )


def bench_keys(columns: int = 120, rows: int = 40) -> None:
    """Down within the screen, and PageDown."""
    with PtyApp(_APP, columns, rows, TERMINAL) as app:
        app.read(quiet=0.5)
        down = _median([app.press(b"\x1b[B") for _ in range(20)])
        page = _median([app.press(b"\x1b[6~") for _ in range(20)])
        memory = app.memory() / 1e6
    size = f"{columns}x{rows}"
    report(f"list {size} 100,000 rows: Down", down[0], "ms", "aim <= 4")
    report(f"list {size} 100,000 rows: Down", down[1], "B", "aim <= 1000")
    report(f"list {size} 100,000 rows: PageDown", page[0], "ms", "aim <= 15")
    report(f"list {size} 100,000 rows: PageDown", page[1], "B", "aim <= 20000")
    report(f"list {size} 100,000 rows: memory", memory, "MB", "aim <= 60")


if __name__ == "__main__":
    bench_keys()
