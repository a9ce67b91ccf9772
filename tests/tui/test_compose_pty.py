"""The long paths of writing, in a real terminal: a file and `$EDITOR`, a desk that is lost on the way."""

from __future__ import annotations

import asyncio
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email, EmailSubmission
from tests.pty import Terminal
from tests.tui.demo_front import demo_front_process
from tests.tui.test_accidents_pty import signed_in

SIZES = pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 60)], ids=["80x24", "200x60"])

EDITOR = """#!{python}
# An editor as one uses it: shows the text, writes one's own words above it, saves.
import sys
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
print("EDITOR HAS", len(text.splitlines()), "LINES", flush=True)
input()
with open(path, "w", encoding="utf-8") as file:
    file.write("The cover is on its way; the label is attached.\\n" + text)
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    with demo_front_process(tmp_path) as front:
        yield tmp_path, front


@contextmanager
def bob(folder: Path, columns: int, lines: int, **env: str) -> Iterator[Terminal]:
    """Bob's terminal, with his inbox open."""
    homes = {name: str(folder / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    command = [sys.executable, "-m", "shinbox", "--desk", f"unix:{folder / 'desk.sock'}"]
    with Terminal(command, columns, lines, env={**homes, **env}, cwd=folder) as terminal:
        terminal.wait_for("mallory@evil")
        yield terminal


def editor_in(folder: Path) -> str:
    path = folder / "editor"
    path.write_text(EDITOR.format(python=sys.executable))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def answer_the_first_real_letter(terminal: Terminal) -> None:
    """Not mallory's, the second."""
    terminal.press("j", "r")
    terminal.wait_for("Re: ", "^S review")


@SIZES
async def test_an_answer_is_written_in_the_editor_gets_a_file_and_goes_out(
    desk: tuple[Path, subprocess.Popen[bytes]], columns: int, lines: int
) -> None:
    folder, _ = desk
    await signed_in(folder)
    label = b"order;label\nHL-65682;Z-17\n"
    await asyncio.to_thread((folder / "label.csv").write_bytes, label)
    with bob(folder, columns, lines, EDITOR=editor_in(folder)) as terminal:
        answer_the_first_real_letter(terminal)
        terminal.press("ctrl+e")
        terminal.wait_for(lambda seen: re.search(r"EDITOR HAS \d+ LINES", seen.text) is not None)
        terminal.press("enter")
        # The quotation is still there.
        terminal.wait_for("The cover is on its way", "> ")
        terminal.press("ctrl+s")
        terminal.wait_for("speaks of an attachment, but there is none")
        terminal.press("escape")
        terminal.wait_gone("y send")
        terminal.press("ctrl+o")
        terminal.wait_for("Attach which files?", "label.csv")
        terminal.press("label.c")
        terminal.wait_gone("desk.sock")
        terminal.press("enter")
        terminal.wait_for("1 file · 26 B · label.csv")
        terminal.press("ctrl+s")
        terminal.wait_for("As support@halden.example to 1 recipient with 1 file (26 B);")
        terminal.wait_gone("speaks of an attachment")
        terminal.press("y")
        terminal.wait_for("Sending")
    sent = await last_submission(folder)
    assert sent.has_attachment
    assert [(part.name, part.size) for part in sent.attachments] == [("label.csv", len(label))]
    assert "The cover is on its way" in next(iter(sent.body_values.values())).value


async def last_submission(folder: Path) -> Email:
    """What bob handed to the desk last, as the desk has it."""
    async with Client(Endpoint(socket=folder / "desk.sock")) as client:
        await client.sign_in("bob", PASSWORD)
        account = next(id_ for id_, one in (await client.session()).accounts.items() if "support" in one.name)
        submissions = (await client.get(EmailSubmission, account)).objects
        newest = max(submissions, key=lambda one: one.send_at)
        got = await client.get(
            Email,
            account,
            [newest.email_id],
            ["attachments", "hasAttachment", "bodyValues", "textBody"],
            fetchTextBodyValues=True,
        )
        return got.objects[0]


@SIZES
async def test_who_loses_the_desk_while_writing_is_told_keeps_the_text_and_sends_when_it_is_back(
    desk: tuple[Path, subprocess.Popen[bytes]], columns: int, lines: int
) -> None:
    folder, front = desk
    await signed_in(folder)
    with bob(folder, columns, lines) as terminal:
        answer_the_first_real_letter(terminal)
        terminal.press("Before it was lost. ")
        terminal.wait_for("Before it was lost.")
        front.send_signal(signal.SIGSTOP)
        terminal.wait_for("offline · saved")
        terminal.press("And after.")
        terminal.wait_for("Before it was lost. And after.", "saved")
        drafts = folder / "home" / "shinbox" / "drafts"
        terminal.wait_for(lambda _: any("And after." in f.read_text() for f in drafts.glob("*.json")))
        terminal.press("ctrl+o")
        terminal.wait_for("The desk cannot be reached")
        front.send_signal(signal.SIGCONT)
        terminal.wait_gone("offline · saved")
        terminal.wait_for("Before it was lost. And after.")
        terminal.press("ctrl+s")
        terminal.wait_for("y send")
        terminal.press("y")
        terminal.wait_for("Sending")
    sent = await last_submission(folder)
    assert "Before it was lost. And after." in next(iter(sent.body_values.values())).value


async def test_an_editor_that_is_not_there_costs_nothing(desk: tuple[Path, subprocess.Popen[bytes]]) -> None:
    folder, _ = desk
    await signed_in(folder)
    with bob(folder, 100, 30, EDITOR="no-such-editor") as terminal:
        answer_the_first_real_letter(terminal)
        terminal.press("My words.")
        terminal.wait_for("My words.")
        terminal.press("ctrl+e")
        terminal.wait_for("no-such-editor could not be started", "My words.")
        terminal.press(" More.")
        terminal.wait_for("My words. More.")
