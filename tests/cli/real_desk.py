"""A real desk for tests of the programs that speak to it: made and served by shinbox's own commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "correct horse battery"


@dataclass
class RealDesk:
    """A served desk; `shell` runs shinbox as one of its people, whose tokens are kept apart."""

    folder: Path

    @property
    def socket(self) -> Path:
        return self.folder / "desk.sock"

    def shell(self, who: str, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "SHINBOX_DESK": f"unix:{self.socket}",
            "XDG_STATE_HOME": str(self.folder / who),
            "XDG_CONFIG_HOME": str(self.folder / who),
        }
        command = [sys.executable, "-m", "shinbox", *words]
        return subprocess.run(
            command, env=environ, input=typed, capture_output=True, text=True, timeout=120, check=False
        )

    def does(self, who: str, *words: str, typed: str = "") -> str:
        """Must succeed."""
        ran = self.shell(who, *words, typed=typed)
        assert ran.returncode == 0, f"{who}: shinbox {' '.join(words)}: {ran.stderr}"
        return ran.stdout

    def told(self, who: str, *words: str) -> Any:
        return json.loads(self.does(who, *words, "--json"))


@contextmanager
def real_desk(folder: Path) -> Iterator[RealDesk]:
    """Serve a new desk in `folder`, whose administrator ada is signed in, until the block ends."""
    desk = RealDesk(folder)
    data = str(folder / "data")
    desk.does("root", "admin", "init", "--data", data, "--admin", "ada", "--password-stdin", typed=PASSWORD)
    ready, told = os.pipe()
    command = [sys.executable, "-m", "shinbox", "serve", "--data", data]
    command += ["--socket", str(desk.socket), "--ready-fd", str(told)]
    with (folder / "log").open("wb") as log:
        served = subprocess.Popen(command, pass_fds=[told], stdout=log, stderr=log)
    os.close(told)
    try:
        assert os.read(ready, 1), (folder / "log").read_text()
        desk.does("ada", "login", "ada", "--password-file", "-", typed=f"{PASSWORD}\n")
        yield desk
    finally:
        os.close(ready)
        served.terminate()
        assert served.wait(60) == 0
