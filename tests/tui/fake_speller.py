"""A tiny real spell-checker that speaks ispell's protocol over a pipe, for tests of whoever talks to one.

`install(folder, …)` puts a program called `hunspell` (or `aspell`) there; it knows the given words and those
of its list `words`, to which `*word` and `#` add.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = """#!{python}
import pathlib, sys
known = set({known!r})
own = pathlib.Path({own!r})
if sys.argv[1:] in (["-D"], ["dump", "dicts"]):
    print("\\n".join({dictionaries!r}))
    raise SystemExit
if {sleep}:
    import signal
    signal.pause()
if not any(name.endswith(word.split("=")[-1]) for name in {dictionaries!r} for word in sys.argv[2:]):
    print("Can't open affix or dictionary files", file=sys.stderr)
    raise SystemExit(1)
if own.exists():
    known |= set(own.read_text().split())
print("@(#) International Ispell Version 3.2.06 (a fake)")
added = []
for line in sys.stdin:
    line = line.rstrip("\\n")
    if line == "!":
        continue
    if line.startswith("*"):
        added.append(line[1:])
    elif line == "#":
        with own.open("a") as file:
            file.write("\\n".join(added) + "\\n")
    elif line.startswith("^"):
        word = line[1:]
        if word.lower() not in known:
            near = [k for k in sorted(known) if k[:2] == word.lower()[:2]]
            print(f"& {{word}} {{len(near)}} 1: {{', '.join(near)}}" if near else f"# {{word}} 1")
        print()
"""


def install(
    folder: Path,
    known: list[str],
    name: str = "hunspell",
    dictionaries: tuple[str, ...] = ("/usr/share/hunspell/en_US",),
    *,
    sleep: bool = False,
) -> Path:
    """Put the program into a folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(
        PROGRAM.format(
            python=sys.executable,
            known=known,
            own=str(folder / "words"),
            dictionaries=list(dictionaries),
            sleep=sleep,
        )
    )
    path.chmod(0o755)
    return path
