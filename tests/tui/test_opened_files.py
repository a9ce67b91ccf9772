"""Files handed to other programs lie in a folder of their own, which goes again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shinbox.tui import opening
from shinbox.tui.opened_files import OpenedFiles
from shinbox.tui.opening import ended, launch

LEAVES_BEHIND = """
import os, sys
from pathlib import Path
from shinbox.tui.opened_files import OpenedFiles
folder = OpenedFiles(Path(sys.argv[1])).new_folder()
(folder / "a.pdf").write_text("x")
if sys.argv[2] == "killed":
    os._exit(1)
"""


def sitting(base: Path, end: str) -> None:
    subprocess.run([sys.executable, "-c", LEAVES_BEHIND, str(base), end], check=end != "killed", timeout=60)


def left_in(base: Path) -> list[Path]:
    return [path for path in base.rglob("*") if path.is_file()]


def test_each_file_has_a_folder_of_its_own_that_nobody_else_can_look_into(tmp_path: Path) -> None:
    opened = OpenedFiles(tmp_path)
    one, other = opened.new_folder(), opened.new_folder()
    assert one != other
    assert one.stat().st_mode & 0o077 == 0 and one.parent.stat().st_mode & 0o077 == 0
    opened.close()


def test_a_folder_goes_when_its_program_has_ended_and_all_when_the_sitting_ends(tmp_path: Path) -> None:
    opened = OpenedFiles(tmp_path)
    one, other = opened.new_folder(), opened.new_folder()
    opened.remove(one)
    assert not one.exists() and other.exists()
    opened.close()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_shinbox_ends(tmp_path: Path) -> None:
    sitting(tmp_path, "ordinary")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_shinbox_left_goes_and_what_another_has_open_stays(tmp_path: Path) -> None:
    another = OpenedFiles(tmp_path)
    in_use = another.new_folder()
    sitting(tmp_path, "killed")
    assert len(left_in(tmp_path)) == 1
    long_ago = time.time() - 3600
    for folder in tmp_path.iterdir():
        os.utime(folder, (long_ago, long_ago))
    opened = OpenedFiles(tmp_path)
    opened.new_folder()
    assert left_in(tmp_path) == []
    assert in_use.exists()
    opened.close()
    another.close()


async def test_a_program_that_ends_at_once_may_have_handed_the_file_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "HANDED_OVER_SECONDS", 60.0)  # At once, for a machine that is busy.
    assert await ended(await launch(["true"], "x")) is False
