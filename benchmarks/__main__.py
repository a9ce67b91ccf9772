"""`make bench`: every bench_*.py of this folder, one after the other, each in a process of its own.

One that fails does not keep the others from running; then the exit status is 1.
`python -m benchmarks front client` runs these two only.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 2400.0
"""Seconds until a benchmark counts as hung."""


def names(wanted: list[str]) -> list[str]:
    """The benchmarks in order; with words, only those."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(known)}.")
    return [name for name in known if not wanted or name in wanted]


def run(name: str) -> bool:
    """Run one; whether it ended well."""
    print(f"--- {name}", flush=True)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", f"benchmarks.bench_{name}"], timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{name}: not done after {PATIENCE:g} s", flush=True)
        return False
    return ended.returncode == 0


def main() -> int:
    """Run them; 0 if all ended well."""
    began = time.monotonic()
    failed = [name for name in names(sys.argv[1:]) if not run(name)]
    print(f"--- measured in {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
