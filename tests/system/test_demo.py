"""`shinbox demo`: what somebody sees who tries shinbox for the first time, and that nothing of it stays."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.pty import Terminal
from tests.system.world import eventually

SHINBOX = Path(sys.executable).with_name("shinbox")
pytestmark = pytest.mark.timeout(300)

STEPS = [
    ("ok", "alice: lists support's inbox"),
    ("ok", "alice: reads the newest message"),
    ("refused", "alice: marks it read"),
    ("refused", "alice: archives it"),
    ("refused", "alice: answers as support@"),
    ("ok", "tom: flags a message"),
    ("ok", "tom: archives it"),
    ("refused", "tom: deletes it"),
    ("refused", "tom: sends as support@"),
    ("ok", "bob: writes to a customer as support@"),
    ("ok", "bob: sees it leave"),
    ("ok", "bob: gets the customer's answer"),
    ("ok", "alice: finds it once in sales' inbox"),
    ("ok", "bob: learns why a message could not be sent"),
    ("ok", "ada: finds none of support's folders and messages"),
    ("ok", "ada: lets alice triage support"),
    ("ok", "alice: flags a message now"),
    ("refused", "alice: flags at her next request"),
    ("ok", "mia: revokes bob's share"),
    ("refused", "bob: lists support at his next request"),
    ("ok", "mia: sees the held message stopped"),
    ("ok", "mia: finds it among the drafts"),
    ("ok", "ada: verifies the audit's chain"),
]
"""What the story must not leave out."""


def demo_environment(folder: Path) -> dict[str, str]:
    """A person's environment whose temporary folder is `folder`: what the demo leaves would be there."""
    names = ("PATH", "LANG", "PYTHONPATH", "SHINBOX_UNREST")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder), "SHINBOX_DEMO_PAUSE": "0.2"}


def left_in(folder: Path) -> list[Path]:
    """Demo desks whose folder is still there."""
    return list(folder.glob("shinbox-demo-*"))


def test_the_script_tells_every_step_and_ends_well(tmp_path: Path) -> None:
    told = subprocess.run(
        [SHINBOX, "demo", "--script"], env=demo_environment(tmp_path), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    for outcome, step in STEPS:
        assert re.search(rf"^ +{outcome} +{re.escape(step)}", told.stdout, re.MULTILINE), f"{outcome} {step}"
    assert "WRONG" not in told.stdout and "FAILED" not in told.stdout
    assert re.search(r"^\d+ steps, 0 not as they should be$", told.stdout, re.MULTILINE)
    assert not left_in(tmp_path)


def test_without_a_terminal_it_says_what_to_do_instead(tmp_path: Path) -> None:
    told = subprocess.run(
        [SHINBOX, "demo"], env=demo_environment(tmp_path), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 2 and "shinbox demo --script" in told.stderr


def test_the_login_screen_names_the_people_and_one_of_them_gets_in(tmp_path: Path) -> None:
    with Terminal([SHINBOX, "demo"], columns=80, lines=24, env=demo_environment(tmp_path)) as terminal:
        terminal.wait_for("Sign in")
        for person in ("alice", "tom", "bob", "nina", "mia", "ada"):
            terminal.wait_for(person)
        terminal.wait_for("answers as support@")
        terminal.press("down", "down", "enter")
        terminal.wait_for("shinbox  bob")
        terminal.press("Q")
        assert terminal.wait() == 0
    eventually(lambda: not left_in(tmp_path), "the demo's folder is gone")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGHUP])
def test_the_desk_and_its_mail_end_with_the_client_however_it_ends(
    tmp_path: Path, end: signal.Signals
) -> None:
    with Terminal([SHINBOX, "demo", "--as", "bob"], env=demo_environment(tmp_path)) as terminal:
        terminal.wait_for("Inbox")
        [folder] = left_in(tmp_path)
        # The list is there as soon as front answers; mail may still be starting.
        processes = eventually(lambda: at_least(3, desk_processes(folder)), "front, mail, who watches them")
        terminal.kill(end)
        terminal.wait()
    eventually(lambda: not any(map(runs, processes)), "the desk's processes are gone")
    eventually(lambda: not folder.exists(), "the demo's folder is gone")


def test_whose_desk_has_ended_is_told_what_to_do(tmp_path: Path) -> None:
    with Terminal([SHINBOX, "demo", "--as", "bob"], env=demo_environment(tmp_path)) as terminal:
        terminal.wait_for("Inbox")
        [folder] = left_in(tmp_path)
        for process in desk_processes(folder):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        terminal.wait_for("The demo's desk has ended")
        terminal.press("Q")
        assert terminal.wait() == 0


def at_least(number: int, processes: set[int]) -> set[int]:
    """The processes if there are so many, else none."""
    return processes if len(processes) >= number else set()


def desk_processes(folder: Path) -> set[int]:
    """The processes of the demo's desk: those that hold a file open in its folder, and those they started."""
    holders = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            open_files = {os.readlink(file) for file in (entry / "fd").iterdir()}
        except OSError:
            continue  # ended meanwhile, or not ours
        if any(name.startswith(str(folder)) for name in open_files):
            holders.add(int(entry.name))
    return holders


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
