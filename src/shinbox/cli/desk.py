"""`shinbox serve`, `demo` and `admin init`: they start the desk's program, which this side never imports."""

from __future__ import annotations

import os
import subprocess
import sys


def serve(words: list[str], desk: str | None) -> int:
    """Become the desk: one process for the service manager to watch."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "shinbox.desk", "serve", *words])


def init(words: list[str], desk: str | None) -> int:
    """Make the data folder and the first administrator."""
    return _run(["init", *words])


def demo(words: list[str], desk: str | None) -> int:
    """A throwaway desk and the terminal client on it; with --script, the main job without a terminal."""
    from shinbox.cli.demo import run

    return run(words)


def _run(words: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "shinbox.desk", *words], check=False).returncode
