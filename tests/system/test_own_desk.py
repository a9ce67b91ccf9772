"""Somebody without a desk, a real mail server and nothing but keys: from an empty machine to the inbox."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.pty import Terminal
from tests.servers.mail import MailServers
from tests.system.letters import letter

pytestmark = pytest.mark.system


def test_from_nothing_to_the_open_inbox_of_a_desk_of_ones_own(servers: MailServers, tmp_path: Path) -> None:
    me = servers.new_user("me")
    servers.deliver(
        letter("first", "Hello at home", sender="Carla <carla@customer.test>", to=me.address), me.address
    )
    (tmp_path / "run").mkdir(mode=0o700)
    folders = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "STATE")}
    env = {
        "HOME": str(tmp_path),
        "PATH": str(tmp_path / "bin"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        **folders,
        **{name: os.environ[name] for name in ("PYTHONPATH", "SHINBOX_UNREST") if name in os.environ},
    }
    with Terminal([sys.executable, "-m", "shinbox"], 120, 40, env=env) as terminal:
        terminal.wait_for("No desk yet")
        terminal.press("down", "enter")
        terminal.wait_for("Your first mailbox")
        for typed in (me.address, f"{servers.host}:{servers.imap_port}", "-", "", "wrong"):
            terminal.send(f"{typed}\r")
        terminal.wait_for("failed  Reading mail, logging in")
        terminal.press("ctrl+u")
        terminal.wait_gone("•")
        terminal.send(f"{me.password}\r")
        terminal.wait_for("Hello at home", "manage + send", timeout=90)
        terminal.press("Q")
        assert terminal.wait() == 0
