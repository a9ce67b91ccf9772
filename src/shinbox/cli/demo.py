"""`shinbox demo`: a throwaway desk with believable mail, and the terminal client (or a script) on it.

Owns the desk's subprocess: it runs in a session of its own, so that Ctrl+C is the client's alone, and it
ends when its standard input closes, so it never outlives us.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shinbox.errors import DeskUnreachable, InvalidArguments
from shinbox.jmap.endpoint import Endpoint

END_SECONDS: Final = 60.0
"""Longer than the desk gives its own parts to end: killed, it would leave the mail's folder behind."""


@dataclass(frozen=True)
class DemoDesk:
    """A running demo desk. `people` are (name, introduction) pairs; everybody's password is `password`."""

    endpoint: Endpoint
    people: list[tuple[str, str]]
    password: str


def run(words: list[str]) -> int:
    """Run the demo; the exit code."""
    parser = argparse.ArgumentParser(prog="shinbox demo", description="Try shinbox on a throwaway desk.")
    parser.add_argument(
        "--script", action="store_true", help="do the main job without a terminal and print each step"
    )
    parser.add_argument(
        "--as", dest="name", metavar="NAME", help="sign in at once as one of the demo's people"
    )
    options = parser.parse_args(words)
    if options.script:
        return _script()
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        print("shinbox demo needs a terminal; without one use: shinbox demo --script", file=sys.stderr)
        return 2
    print("starting a throwaway desk with three mailboxes …")
    with demo_desk() as desk:
        return _terminal(desk, options.name)


@contextmanager
def demo_desk() -> Iterator[DemoDesk]:
    """Start a demo desk; it is gone, with its mail, when the block ends.

    :raises DeskUnreachable: it did not start; the text is what it said last.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "shinbox.desk", "demo"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        line = process.stdout.readline()
        if not line:
            said = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
            raise DeskUnreachable(f"The demo's desk did not start: {said[-1] if said else 'it said nothing'}")
        yield _ready(json.loads(line), process)
    finally:
        process.stdin.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()


def _ready(told: dict[str, Any], process: subprocess.Popen[bytes]) -> DemoDesk:
    people = [(str(person["name"]), str(person["about"])) for person in told["people"]]
    endpoint = Endpoint(socket=Path(told["socket"]), back=_NoWayBack(process))
    return DemoDesk(endpoint, people, str(told["password"]))


class _NoWayBack:
    """Nobody starts a demo's desk again: its mail went with it."""

    asks = False

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def needs_person(self) -> bool:
        if self._process.poll() is not None:
            raise DeskUnreachable(
                "The demo's desk has ended, and its mail with it: leave, and start the demo again."
            )
        return False

    def connect(self) -> None:
        self.needs_person()

    def give_up(self) -> None:
        """Nothing waits here."""


def _script() -> int:
    import asyncio

    from shinbox.cli import demo_script

    print("starting a throwaway desk …")
    with demo_desk() as desk:
        return asyncio.run(demo_script.tell(desk.endpoint, desk.password, print))


def _terminal(desk: DemoDesk, name: str | None) -> int:
    names = [known for known, _ in desk.people]
    if name not in (None, *names):
        raise InvalidArguments(f"“{name}” is none of the demo's people: {', '.join(names)}.")
    from shinbox.tui.app import run as run_app

    return run_app(desk.endpoint, people=desk.people, password=desk.password, sign_in_as=name)
