"""Accidents of the real app in a real terminal: killed in compose, Ctrl+C in the editor, a lost desk."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.tokens import save_token
from tests.pty import Terminal
from tests.tui.demo_front import demo_front_process

EDITOR = """#!{python}
import signal, sys

def interrupted(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGINT, interrupted)
try:
    print("EDITOR READY", flush=True)
    signal.pause()
except KeyboardInterrupt:
    with open(sys.argv[1], "a") as file:
        file.write("written after Ctrl+C\\n")
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Path]:
    with demo_front_process(tmp_path):
        yield tmp_path


@contextmanager
def bob(folder: Path, columns: int = 100, lines: int = 30, **env: str) -> Iterator[Terminal]:
    """Bob's terminal, with his inbox open."""
    homes = {name: str(folder / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    command = [sys.executable, "-m", "shinbox", "--desk", f"unix:{folder / 'desk.sock'}"]
    with Terminal(command, columns, lines, env={**homes, **env}) as terminal:
        terminal.wait_for("mallory@evil.example")
        yield terminal


async def signed_in(folder: Path) -> None:
    """Bob has signed in before."""
    endpoint = Endpoint(socket=folder / "desk.sock")
    async with Client(endpoint) as client:
        token = await client.sign_in("bob", PASSWORD)
    save_token(endpoint, token, folder / "home" / "shinbox" / "tokens.json")


def begin_a_letter(terminal: Terminal) -> None:
    """To, subject and a line of text."""
    terminal.press("c")
    terminal.wait_for("Subject")
    terminal.press("ann@x.example", "tab", "tab", "tab", "Our lamp", "tab", "Half a sentence")
    terminal.wait_for("Half a sentence", "saved")


async def test_who_is_killed_in_compose_finds_the_whole_draft_again(house: Path) -> None:
    await signed_in(house)
    with bob(house) as terminal:
        begin_a_letter(terminal)
        # "saved" may be of the letter before the last one: the file says when it holds them all.
        drafts = house / "home" / "shinbox" / "drafts"
        terminal.wait_for(lambda _: any("Half a sentence" in f.read_text() for f in drafts.glob("*.json")))
        terminal.kill(signal.SIGKILL)
        terminal.wait()
    with bob(house) as terminal:
        terminal.wait_for("1 unfinished draft found on this machine")
        terminal.press("g", "u")
        terminal.wait_for("Which draft?")
        terminal.press("enter")
        terminal.wait_for("ann@x.example", "Subject Our lamp", "Half a sentence")


async def test_ctrl_c_in_the_editor_is_the_editors_and_the_text_comes_back(house: Path) -> None:
    await signed_in(house)
    editor = house / "editor"
    editor.write_text(EDITOR.format(python=sys.executable))
    editor.chmod(0o755)
    with bob(house, EDITOR=str(editor)) as terminal:
        begin_a_letter(terminal)
        terminal.press("ctrl+e")
        terminal.wait_for("EDITOR READY")
        terminal.press("ctrl+c")
        terminal.wait_for("Half a sentence", "written after Ctrl+C")
        assert terminal.process.poll() is None
        terminal.press("ctrl+s")
        terminal.wait_for("y send")


async def test_a_desk_that_stops_leaves_the_list_greys_the_title_and_comes_back_by_itself(
    tmp_path: Path,
) -> None:
    with demo_front_process(tmp_path) as front:
        await signed_in(tmp_path)
        with bob(tmp_path) as terminal:
            front.send_signal(signal.SIGSTOP)
            terminal.wait_for("offline, trying again", "mallory@evil.example")
            terminal.press("j", "e")
            terminal.wait_for("The desk cannot be reached")
            front.send_signal(signal.SIGCONT)
            terminal.wait_gone("offline, trying again")
            terminal.wait_for("mallory@evil.example")


async def test_a_desk_that_dies_in_compose_costs_no_letter_and_takes_the_message_when_it_is_back(
    tmp_path: Path,
) -> None:
    with demo_front_process(tmp_path) as front:
        await signed_in(tmp_path)
        with bob(tmp_path) as terminal:
            begin_a_letter(terminal)
            front.kill()
            front.wait(10)
            terminal.press(" and more")
            terminal.wait_for("Half a sentence and more")
            with demo_front_process(tmp_path):
                terminal.press("ctrl+s")
                terminal.wait_for("y send")
                terminal.press("y")
                terminal.wait_for("Sending")
