"""What the message list costs: time and bytes of Down and PageDown, and the start beside a bare import.

One line a figure: name, value, unit, aim. `python -m benchmarks.bench_list`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.pty_app import Press, PtyApp

_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
_APP = (sys.executable, "-m", "benchmarks.list_app", "100000")


def _median(presses: list[Press]) -> tuple[float, int]:
    return (
        statistics.median(press.seconds for press in presses) * 1000,
        int(statistics.median(len(press.output) for press in presses)),
    )


def _report(name: str, value: float, unit: str, aim: str) -> None:
    print(f"{name:<44} {value:>9.1f} {unit:<3} (aim {aim})", flush=True)


def bench_keys(columns: int = 120, rows: int = 40) -> None:
    """Down within the screen, and PageDown."""
    with PtyApp(_APP, columns, rows, _TERMINAL) as app:
        app.read(quiet=0.5)
        down = _median([app.press(b"\x1b[B") for _ in range(20)])
        page = _median([app.press(b"\x1b[6~") for _ in range(20)])
        memory = app.memory() / 1e6
    size = f"{columns}x{rows}"
    _report(f"list {size} 100,000 rows: Down", down[0], "ms", "<= 4")
    _report(f"list {size} 100,000 rows: Down", down[1], "B", "<= 1000")
    _report(f"list {size} 100,000 rows: PageDown", page[0], "ms", "<= 15")
    _report(f"list {size} 100,000 rows: PageDown", page[1], "B", "<= 20000")
    _report(f"list {size} 100,000 rows: memory", memory, "MB", "<= 60")


def _import_seconds() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.perf_counter() - start


def _first_row_seconds() -> float:
    with PtyApp(_APP, 120, 40, _TERMINAL) as app:
        app.read(quiet=0.0, until=b"Invoice")
        return time.perf_counter() - app.started


def bench_start(rounds: int = 5) -> None:
    """From exec to the first row on the terminal."""
    bare = statistics.median(_import_seconds() for _ in range(rounds)) * 1000
    start = statistics.median(_first_row_seconds() for _ in range(rounds)) * 1000
    _report("start: python -c 'import textual.app'", bare, "ms", "-")
    _report("start: exec to first row", start, "ms", "<= 700")
    _report("start: ratio to the bare import", start / bare, "x", "-")


if __name__ == "__main__":
    bench_keys()
    bench_start()
