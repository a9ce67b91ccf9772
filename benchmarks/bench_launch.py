"""How long somebody waits from `shinbox` to the list on the screen, with a running desk.

One line a figure: name, value, unit, aim. `python -m benchmarks.bench_launch` (as root: starts the tests' own
Dovecot and a desk under a uid of its own; the client runs as a Unix user whom the desk knows). In turn with a
bare `import textual.app` by the same user and interpreter: the ratio says what is ours.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.pty_app import PtyApp
from tests.servers.mail import MailServers
from tests.servers.maildir import Seed
from tests.servers.unix import as_user, runtime_for_others
from tests.system.letters import letter
from tests.system.world import World, eventually, house

ROUNDS = 9
MESSAGES = 200
NEWEST = "Question 199"
_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def _report(name: str, value: float, unit: str, note: str) -> None:
    print(f"{name:<62} {value:>9.1f} {unit:<3} ({note})", flush=True)


def _import_ms(world: World) -> float:
    command = as_user(world.people["bob"], [world.runtime.python, "-c", "import textual.app"])
    began = time.perf_counter()
    subprocess.run(command, check=True, cwd="/")
    return (time.perf_counter() - began) * 1000


def _launch_ms(world: World, columns: int, rows: int) -> float:
    command = [os.fspath(word) for word in world.terminal_command("bob")]
    with PtyApp(command, columns, rows, _TERMINAL) as app:
        seen = app.read(quiet=0.0, until=NEWEST.encode(), timeout=20)
        assert NEWEST.encode() in seen.output, "the list was not painted"
        return (time.perf_counter() - app.started) * 1000


def _measure(world: World) -> None:
    sizes = ((120, 40), (80, 24))
    bare, launch = list[float](), {size: list[float]() for size in sizes}
    for _ in range(ROUNDS):
        bare.append(_import_ms(world))
        for size in sizes:
            launch[size].append(_launch_ms(world, *size))
    middle = statistics.median(bare)
    _report("launch: python -c 'import textual.app'", middle, "ms", f"median of {ROUNDS}")
    for (columns, rows), times in launch.items():
        name = f"launch: shinbox to list painted at {columns}x{rows}"
        _report(name, statistics.median(times), "ms", "aim <= 700")
        _report(f"{name} / import", statistics.median(times) / middle, "x", f"slowest {max(times):.0f} ms")


def main() -> None:
    """Start Dovecot and a desk, fill a mailbox, measure."""
    _report("load average of this machine before", os.getloadavg()[0], "", f"{os.cpu_count()} processors")
    with MailServers.start() as servers, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        runtime = runtime_for_others(Path(folder))
        with house(servers, runtime) as world:
            world.new_person("bob")
            box = world.new_mailbox()
            raw = (letter(f"l{number}", f"Question {number}") for number in range(MESSAGES))
            servers.seed(box.user, [Seed(each, "", 1_700_000_000 + at) for at, each in enumerate(raw)])
            world.share(box, "bob", "write", "send-as")
            eventually(
                lambda: NEWEST in world.shinbox("bob", "list", box.address, "--limit", "200").stdout,
                "the mirror", 60,
            )  # fmt: skip
            _measure(world)


if __name__ == "__main__":
    main()
