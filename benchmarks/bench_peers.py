"""shinbox beside neomutt and aerc: the same folder of 100,000 messages, in the same terminal, by the
same method.

`python -m benchmarks.bench_peers [messages]` (as root: starts the tests' own Dovecot and a desk under a
uid of its own). The peers read the folder by IMAP from that Dovecot, their caches warm; shinbox reads it
from the desk, which has mirrored it before. docs/benchmarks.md says what each figure is. One line a
figure, with shinbox's share of each peer's. A peer that is not installed is left out, and the report
says so.
"""

from __future__ import annotations

import os
import sys
import time

from benchmarks.figures import Figures, compared
from benchmarks.large_folder import PERSON, LargeFolder, large_folder
from benchmarks.made_up_mail import BODY_RARE, COMMON, RARE, newest_with
from benchmarks.programs import DOWN, ENTER, PAGE_DOWN, ImapLogin, Program, programs
from benchmarks.pty_app import Press, PtyApp, memory_of

MESSAGES = 100_000
COLUMNS, LINES = 120, 40
LAUNCHES = 7
PRESSES = 30
OPENED = 10
OPEN_WITHIN = 20.0
SEARCHES = 7
SEARCH_WITHIN = 60.0
SETTLED = 0.4
"""Seconds of silence after which nothing more is expected: shinbox's preview comes 0.15 s after a key."""
GAP = 0.1
"""Seconds of silence that end what a key causes at once."""
NUMBER = r"#(\d{3,})"
MARK = r"letter-(\d+)-end"
AIMS = {
    "launch to list": "<= 700, ahead of both",
    "Down": "<= 4",
    "Down: written": "<= 1,000",
    "PageDown": "<= 15",
    "PageDown: written": "<= 20,000",
    "search a subject, 20 hits": "ahead of both",
    "search a subject, 20,000 hits": "ahead of both",
    "search all text, 20 hits": "ahead of both",
}


def start(program: Program) -> PtyApp:
    """The program in a terminal of its own."""
    return PtyApp(program.command, COLUMNS, LINES, program.env)


def at_once(app: PtyApp, press: Press, pattern: str = NUMBER) -> tuple[float, int]:
    """Draw it. Seconds and bytes until the first gap, or until nothing new that matches `pattern` appears."""
    seen, when, written, total, before = app.found(pattern), 0.0, 0, 0, 0.0
    silent = False
    for seconds, data in press.chunks:
        silent = silent or seconds - before > GAP > before > 0
        before, total = seconds, total + len(data)
        app.feed(data)
        now = app.found(pattern)
        if now - seen or not silent:
            when, written = seconds, total
        seen |= now
    return when, written


# --- launch ---------------------------------------------------------------------------------------


def launch(program: Program, count: int, timeout: float = 60.0) -> tuple[float, Press]:
    """Start it once; the seconds until the newest message is on the screen."""
    with start(program) as app:
        newest = f"#{count - 1}"
        press = app.read(quiet=0.0, timeout=timeout, until=newest.encode())
        return app.shown_after(press, newest), press


def measure_launch(program: Program, count: int, figures: Figures) -> None:
    """Exec to list, as often as it takes for a median; a cold start first where there is a cache."""
    if program.cache is not None:
        program.forget()
        figures.add("launch to list, nothing cached", launch(program, count, 300)[0] * 1000, "ms")
    seen = [launch(program, count) for _ in range(LAUNCHES)]
    figures.times("launch to list", [seconds for seconds, _ in seen])
    figures.median("launch to list: processor", (press.processor * 1000 for _, press in seen), "ms")


# --- keys -----------------------------------------------------------------------------------------


def measure_keys(program: Program, count: int, figures: Figures) -> None:
    """Opening messages, Down and PageDown, in one session.

    In this order: aerc 0.14 opens nothing that comes below the first page by the same keystroke.
    """
    with start(program) as app:
        first = app.read(quiet=1.0, timeout=60, until=f"#{count - 1}".encode())
        app.draw(first)
        figures.add("launch: written until it rests", len(first.output), "B")
        figures.add("memory with the list", app.memory() / 1e6, "MB")
        _open(app, program, figures)
        _repeat(app, "Down", DOWN, figures)
        _repeat(app, "PageDown", PAGE_DOWN, figures)
        figures.add("memory at most", app.memory(peak=True) / 1e6, "MB")


def _repeat(app: PtyApp, name: str, key: bytes, figures: Figures) -> None:
    """The same key many times."""
    times, soon, whole, used = list[float](), list[int](), list[int](), 0.0
    for _ in range(PRESSES):
        press = app.press(key, quiet=SETTLED)
        seconds, written = at_once(app, press)
        times.append(seconds)
        soon.append(written)
        whole.append(len(press.output))
        used += press.processor
    figures.times(name, times)
    figures.median(f"{name}: written", soon, "B")
    figures.median(f"{name}: written with the preview", whole, "B")
    figures.add(f"{name}: processor", used / PRESSES * 1000, "ms")


def _open(app: PtyApp, program: Program, figures: Figures) -> None:
    """The next message's text, which the program has not yet fetched: Down and Enter at once.

    Left out of the figures, and said, if one is never shown.
    """
    times = []
    for _ in range(OPENED):
        before, deadline = app.found(MARK), time.monotonic() + OPEN_WITHIN
        when = at_once(app, app.press(DOWN + ENTER, quiet=SETTLED), MARK)[0]
        # A client that says that it fetches is silent until it has.
        while app.found(MARK) <= before and time.monotonic() < deadline:
            when = at_once(app, app.read(timeout=1.0), MARK)[0]
        if app.found(MARK) <= before:
            print(f"{program.name}: no message opened within {OPEN_WITHIN:.0f} s", file=sys.stderr)
            return
        times.append(when)
        app.draw(app.press(program.back, quiet=SETTLED))
    figures.times("open the next message", times)


def measure_searches(program: Program, count: int, figures: Figures) -> None:
    """Rare and common words of subjects, and a word that stands in texts only."""
    with start(program) as app:
        app.draw(app.read(quiet=1.0, timeout=60, until=f"#{count - 1}".encode()))
        for name, search, word, hit in (
            ("search a subject, 20 hits", program.in_subject, RARE, 1),
            ("search a subject, 20,000 hits", program.in_subject, COMMON, 9),
            ("search all text, 20 hits", program.in_text, BODY_RARE, 1),
        ):
            keys = (search % word).encode() + ENTER
            _search(app, name, keys, f"#{newest_with(word, count, hit)}", program, figures)


def _search(app: PtyApp, name: str, keys: bytes, hit: str, program: Program, figures: Figures) -> None:
    """Words and Enter, typed as one: until a hit that was not on the screen before is there.

    Left out of the figures, and said, if the program does not find it.
    """
    times, used = list[float](), list[float]()
    for _ in range(SEARCHES):
        app.draw(app.press(program.search, quiet=SETTLED))
        before = app.processor()
        try:
            # What is drawn over something similar is not written whole: only the screen can tell.
            times.append(app.shown_after(app.press(keys, quiet=SETTLED), hit, SEARCH_WITHIN))
        except TimeoutError as missing:
            print(f"{program.name}: {name}: {missing}", file=sys.stderr)
            app.draw(app.press(program.end_search, quiet=SETTLED, timeout=30))
            return
        used.append((app.processor() - before) * 1000)
        app.draw(app.press(program.end_search, quiet=SETTLED, timeout=30))
    figures.times(name, times)
    figures.median(f"{name}: processor", used, "ms")


# --- everything -----------------------------------------------------------------------------------


def measure(folder: LargeFolder, count: int) -> list[Figures]:
    """All of them in turn."""
    world, box = folder.world, folder.box
    login = ImapLogin(
        world.servers.host, world.servers.imaps_port, box.address, box.user.password, world.folder / "ca.pem"
    )
    own = [os.fspath(word) for word in world.terminal_command(PERSON)]
    found = []
    for program in programs(own, login, folder.person):
        figures = Figures(program.name)
        measure_launch(program, count, figures)
        measure_keys(program, count, figures)
        measure_searches(program, count, figures)
        found.append(figures)
    return found


def main() -> None:
    """Set up, measure, report."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    with large_folder(count) as folder:
        print(f"{count:,} messages: listed by the desk after {folder.listed_after:.0f} s,", end=" ")
        rested = folder.rested_after
        print(f"every text held after {rested:.0f} s" if rested else "still fetching their texts", flush=True)
        own, *peers = measure(folder, count)
        for name, process in folder.world.processes().items():
            own.add(f"memory of the desk: {name}", memory_of(process) / 1e6, "MB")
    missing = {"neomutt", "aerc"} - {peer.program for peer in peers}
    if missing:
        print(f"not installed, so not measured: {', '.join(sorted(missing))} (apt install neomutt aerc)")
    for line in compared(own, peers, AIMS):
        print(line)


if __name__ == "__main__":
    main()
