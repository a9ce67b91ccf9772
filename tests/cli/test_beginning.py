"""`shinbox` on a machine without a desk, in a real terminal: each of the three ways works to its end."""

from __future__ import annotations

import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shinbox.cli import own_desk
from shinbox.cli.own_desk import OwnDesk
from shinbox.errors import ConfigError, DeskUnreachable
from tests.pty import Terminal
from tests.tui.demo_front import demo_front

PATIENCE = 60.0


class Home:
    """A person's folders, empty at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "run").mkdir(mode=0o700)
        (folder / "bin").mkdir()

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            # Without a systemctl: whether this machine has one must not matter.
            "PATH": str(self.folder / "bin"),
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        }

    def terminal(self) -> Terminal:
        return Terminal([sys.executable, "-m", "shinbox"], 100, 30, env=self.env)

    def desks(self) -> list[int]:
        """The processes of a desk of this person's."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(self.folder).encode() in words and b"shinbox.desk" in words:
                found.append(int(entry.name))
        return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    yield Home(tmp_path)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_the_demo_is_one_key_away(home: Home) -> None:
    with home.terminal() as terminal:
        terminal.wait_for("No desk yet")
        terminal.press("enter")
        terminal.wait_for("alice")
        terminal.press("escape")
        assert terminal.wait() == 0


def test_whoever_leaves_has_changed_nothing(home: Home) -> None:
    with home.terminal() as terminal:
        terminal.wait_for("No desk yet")
        terminal.press("escape")
        assert terminal.wait() == 0
    assert not (home.folder / "config" / "shinbox" / "config.toml").exists()
    assert not (home.folder / "data").exists()


def test_a_desk_of_ones_own_runs_while_the_client_does_and_is_there_the_next_time(home: Home) -> None:
    with home.terminal() as terminal:
        terminal.wait_for("No desk yet")
        terminal.press("down", "enter")
        terminal.wait_for("Your first mailbox")
        data = home.folder / "data" / "shinbox" / "desk"
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert len(home.desks()) >= 1
        terminal.press("escape")
        terminal.wait_for("You administer this desk")
        terminal.press("Q")
        assert terminal.wait() == 0
    until(lambda: not home.desks())

    with home.terminal() as terminal:
        terminal.wait_for("Your first mailbox")
        terminal.kill(signal.SIGSTOP)  # It would start its desk again.
        for process in home.desks():
            os.kill(process, signal.SIGKILL)
        until(lambda: not home.desks())
        terminal.kill(signal.SIGKILL)
    left = home.folder / "run" / "shinbox" / "desk.sock"
    assert left.exists(), "a killed desk leaves its socket"

    with home.terminal() as terminal:
        terminal.wait_for("Your first mailbox")


def test_a_host_is_tried_then_kept_with_the_comments_of_the_settings(home: Home, tmp_path: Path) -> None:
    settings = home.folder / "config" / "shinbox" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("# mine\ntitle = false # quiet\n")
    (tmp_path / "front").mkdir()
    with demo_front(tmp_path / "front") as socket:
        with home.terminal() as terminal:
            terminal.wait_for("No desk yet")
            terminal.press("down", "down")
            terminal.wait_for("Address: ssh://host")
            terminal.press("enter")
            terminal.wait_for(lambda seen: (seen.find(" ssh:// ") or (0, 0))[1] == seen.cursor[1])
            terminal.send("nowhere.invalid")
            terminal.wait_for("ssh://nowhere.invalid")
            terminal.press("enter")
            terminal.wait_for("ssh is not installed here")
            assert "desk =" not in settings.read_text(), "what does not work is not kept"
            terminal.press("ctrl+u")
            terminal.wait_gone("nowhere.invalid")
            terminal.send(f"unix:{socket}")
            terminal.wait_for("desk.sock")
            terminal.press("enter")
            terminal.wait_for("Password")
            assert settings.read_text().startswith("# mine\ntitle = false # quiet\n")
            assert f'desk = "unix:{socket}"' in settings.read_text()
            terminal.press("escape")
            terminal.wait()
        with home.terminal() as terminal:
            terminal.wait_for("Password")
            assert "No desk yet" not in terminal.text


# --- as a service -------------------------------------------------------------------------------------

SYSTEMCTL = """#!{python}
import os, pathlib, shlex, socket, subprocess, sys
words, notes = sys.argv[1:], pathlib.Path({notes!r})
with notes.open("a") as file:
    file.write(" ".join(words) + "\\n")
if words[1:2] == ["enable"]:
    unit = pathlib.Path({unit!r}).read_text()
    command = shlex.split(next(line for line in unit.splitlines() if line.startswith("ExecStart="))[10:])
    command = [word.replace("%%", "%").replace("$$", "$") for word in command]
    if {broken!r}:
        sys.exit(1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind({notes!r} + ".ready")
        ready.settimeout(60)
        process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={{**os.environ, "NOTIFY_SOCKET": {notes!r} + ".ready"}})
        pathlib.Path({notes!r} + ".pid").write_text(str(process.pid))
        if ready.recv(100) != b"READY=1":
            sys.exit(1)
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnDesk:
    """A place for a desk, in a folder whose name would mean something in a unit."""
    folder = tmp_path / 'my "100%" $HOME'
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return OwnDesk(folder / "config" / "shinbox" / "desk.toml", folder / "data" / "desk", folder / "d.sock")


def systemctl(tmp_path: Path, desk: OwnDesk, *, broken: bool = False) -> Path:
    notes = tmp_path / "systemctl"
    unit = desk.config.parent.parent / "systemd" / "user" / own_desk.UNIT
    program = tmp_path / "bin" / "systemctl"
    program.write_text(
        SYSTEMCTL.format(python=sys.executable, notes=str(notes), unit=str(unit), broken=broken)
    )
    program.chmod(0o755)
    return notes


def test_with_a_systemd_of_ones_own_the_desk_is_its_service_and_outlives_the_client(
    desk: OwnDesk, tmp_path: Path
) -> None:
    notes = systemctl(tmp_path, desk)
    unit = desk.config.parent.parent / "systemd" / "user" / own_desk.UNIT
    try:
        with own_desk.running(desk) as endpoint:
            assert desk.listens()
            assert endpoint == desk.endpoint
        assert desk.listens(), "it is systemd's"
        assert notes.read_text().splitlines()[-2:] == [
            "--user daemon-reload",
            f"--user enable --now {own_desk.UNIT}",
        ]
        assert "Type=notify" in unit.read_text()
    finally:
        os.kill(int(Path(f"{notes}.pid").read_text()), signal.SIGTERM)
        until(lambda: not desk.socket.exists())


def test_no_word_of_a_path_means_anything_in_the_unit(desk: OwnDesk) -> None:
    assert own_desk._unit_word('/a "b" 100% $HOME \\') == '"/a \\"b\\" 100%% $$HOME \\\\"'


def test_a_service_that_does_not_start_says_where_to_look(desk: OwnDesk, tmp_path: Path) -> None:
    systemctl(tmp_path, desk, broken=True)
    with pytest.raises(DeskUnreachable, match=f"systemctl --user status {own_desk.UNIT} says why"):
        own_desk.start_service(desk)


def test_a_desk_that_cannot_be_made_says_why(desk: OwnDesk) -> None:
    desk.data.mkdir(parents=True)
    desk.data.chmod(0o755)
    with pytest.raises(ConfigError, match="Others can look into"):
        desk.begin()


def test_a_desk_that_does_not_start_says_why(desk: OwnDesk) -> None:
    desk.begin()
    desk.config.write_text("data = 7")
    with pytest.raises(DeskUnreachable, match=r"Your desk did not start: .*data"), own_desk.started(desk):
        pass
