"""The command line and the real desk: two programs, one socket, nothing faked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "correct horse battery"


@dataclass
class RealDesk:
    """A served desk; `shell` runs shinbox as one of its people, whose tokens are kept apart."""

    folder: Path

    def shell(self, who: str, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "SHINBOX_DESK": f"unix:{self.folder / 'desk.sock'}",
            "XDG_STATE_HOME": str(self.folder / who),
            "XDG_CONFIG_HOME": str(self.folder / who),
        }
        command = [sys.executable, "-m", "shinbox", *words]
        return subprocess.run(
            command, env=environ, input=typed, capture_output=True, text=True, timeout=60, check=False
        )

    def does(self, who: str, *words: str, typed: str = "") -> str:
        """Must succeed."""
        ran = self.shell(who, *words, typed=typed)
        assert ran.returncode == 0, f"{who}: shinbox {' '.join(words)}: {ran.stderr}"
        return ran.stdout

    def told(self, who: str, *words: str) -> Any:
        return json.loads(self.does(who, *words, "--json"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDesk]:
    desk = RealDesk(tmp_path_factory.mktemp("d"))
    data = str(desk.folder / "data")
    desk.does("root", "admin", "init", "--data", data, "--admin", "ada", "--password-stdin", typed=PASSWORD)
    ready, told = os.pipe()
    command = [sys.executable, "-m", "shinbox", "serve", "--data", data]
    command += ["--socket", str(desk.folder / "desk.sock"), "--ready-fd", str(told)]
    with (desk.folder / "log").open("wb") as log:
        served = subprocess.Popen(command, pass_fds=[told], stdout=log, stderr=log)
    os.close(told)
    try:
        assert os.read(ready, 1), (desk.folder / "log").read_text()
        desk.does("ada", "login", "ada", "--password-file", "-", typed=f"{PASSWORD}\n")
        yield desk
    finally:
        os.close(ready)
        served.terminate()
        assert served.wait(20) == 0


def test_whoever_is_unknown_is_told_to_sign_in(desk: RealDesk) -> None:
    ran = desk.shell("stranger", "mailboxes")
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "shinbox login" in ran.stderr
    ran = desk.shell("stranger", "login", "ada", "--password-file", "-", typed="wrong\n")
    assert ran.returncode == 4


def test_signing_in_lasts_until_signing_out(desk: RealDesk) -> None:
    desk.does("eve", "login", "ada", "--password-file", "-", typed=f"{PASSWORD}\n")
    assert "No mailbox is shared with you yet" in desk.does("eve", "mailboxes")
    token = next((desk.folder / "eve").rglob("tokens.json")).read_text()
    desk.does("eve", "logout")
    assert desk.shell("eve", "mailboxes").returncode == 4
    # The token itself is dead, not only forgotten here.
    kept = desk.folder / "kept"
    kept.write_text(next(iter(json.loads(token).values())))
    assert desk.shell("eve", "mailboxes", "--token-file", str(kept)).returncode == 4
