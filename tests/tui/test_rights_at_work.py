"""The same screen under each permission, and a permission that changes while somebody looks.

What is grey must be what the rights say: in the pictures of docs/rights.md as in the program.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD, USERS
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.tokens import save_token
from shinbox.terms import LEVEL_RIGHTS, SEND_RIGHTS, Right
from shinbox.tui.actions import Action, Situation, Where, footer_actions, why_not
from shinbox.tui.keys import first_key
from shinbox.tui.permission import in_words
from shinbox.tui.themes import DEFAULT, load_themes
from tests.pty import Terminal
from tests.tui.picture import Run, take
from tools.screenshot import MAILBOX, RIGHTS, reading

PICTURES = Path(__file__).parents[2] / "docs" / "rights"
AIM = 1.0
"""Seconds until another window shows a changed permission."""
SHARE = ("admin", "grant", "set", "support@", "bob")
LESS = ("--level", "triage", "--send", "none")
AGAIN = ("--level", "write", "--send", "send-as")

_CLASS = re.compile(r"\.terminal-(r\d+) \{ fill: (#[0-9a-f]{6})", re.IGNORECASE)
_TEXT = re.compile(r'<text class="terminal-(r\d+)" x="[\d.]+" y="([\d.]+)"[^>]*>([^<]*)</text>')


def rights_of(who: str) -> frozenset[Right]:
    """What somebody may do in the mailbox of the pictures."""
    grant = next(g for user in USERS if user.name == who for g in user.grants if g.account == MAILBOX)
    return LEVEL_RIGHTS[grant.level] | SEND_RIGHTS[grant.send]


def greyed_by_right(who: str) -> set[str]:
    """The footer's actions that must be grey for somebody."""
    now = Situation(rights=rights_of(who), mailbox=MAILBOX, messages=1)
    return {action.id for action in named() if why_not(action, now)}


def named() -> list[Action]:
    """The actions that the footer names."""
    return footer_actions(Where.LIST, Where.MAIN, Where.ANY)


def shown(pieces: list[str]) -> set[str]:
    """The actions that stand in a footer."""
    line = " ".join(" ".join(piece.split()) for piece in pieces)
    return {action.id for action in named() if f"{first_key(action)} {action.label}" in line}


def lines_of(svg: str) -> dict[float, list[tuple[str, str]]]:
    """A picture's lines: the pieces of each, with their colour."""
    colours = dict(_CLASS.findall(svg))
    lines: dict[float, list[tuple[str, str]]] = {}
    for style, y, text in _TEXT.findall(svg):
        lines.setdefault(float(y), []).append((unescape(text).replace("\xa0", " "), colours[style].lower()))
    return lines


@pytest.mark.parametrize(("level", "who"), list(RIGHTS.items()), ids=list(RIGHTS))
def test_in_the_picture_the_keys_are_grey_that_the_rights_leave_out(level: str, who: str) -> None:
    lines = lines_of((PICTURES / f"{level}.svg").read_text("utf-8"))
    title, footer = lines[min(lines)], lines[max(lines)]
    assert in_words(rights_of(who)) in "".join(text for text, _ in title)
    muted = load_themes().loaded[DEFAULT].variables["ink-bar-muted"].lower()
    here = shown([text for text, _ in footer])
    assert shown([text for text, colour in footer if colour == muted]) == greyed_by_right(who) & here
    assert {"message.reply", "message.archive", "message.delete", "help"} <= here


@pytest.mark.parametrize(("level", "who"), list(RIGHTS.items()), ids=list(RIGHTS))
async def test_on_the_screen_the_same_keys_are_grey_as_in_the_picture(
    level: str, who: str, socket: Path, tmp_path: Path
) -> None:
    async with reading(socket, tmp_path, who) as person:
        title, *_, footer = take(person.app).lines
    assert in_words(rights_of(who)) in text_of(title)
    here = shown([text_of(footer)])
    grey = shown([run.text for run in footer if run.style.startswith("ink-bar-muted/")])
    assert grey == greyed_by_right(who) & here
    lines = lines_of((PICTURES / f"{level}.svg").read_text("utf-8"))
    assert shown([text for text, _ in lines[max(lines)]]) == here, "python -m tools.screenshot renews it"


def text_of(line: tuple[Run, ...]) -> str:
    return "".join(run.text for run in line)


def test_each_level_greys_less_than_the_one_before() -> None:
    grey = [greyed_by_right(who) for who in RIGHTS.values()]
    assert grey[0] > grey[1] > grey[2] == grey[3] == set()


# --- a level changed in another window --------------------------------------------------------------------


class Window:
    """A terminal of somebody who has signed in; also for single commands."""

    def __init__(self, socket: Path, home: Path) -> None:
        self.command = [sys.executable, "-m", "shinbox"]
        names = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
        self.env = {**dict.fromkeys(names, str(home)), "SHINBOX_DESK": f"unix:{socket}"}
        self.home = home

    async def sign_in(self, socket: Path, name: str) -> None:
        endpoint = Endpoint(socket=socket)
        async with Client(endpoint) as client:
            token = await client.sign_in(name, PASSWORD)
        save_token(endpoint, token, self.home / "shinbox" / "tokens.json")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return subprocess.run(
            [*self.command, *words], env=self.env, capture_output=True, text=True, timeout=60, check=False
        )


def footer_is_grey(terminal: Terminal, words: str) -> bool:
    """Whether a key of the footer is drawn in the muted colour from its first letter on."""
    muted = load_themes().loaded[DEFAULT].variables["ink-bar-muted"].lower().removeprefix("#")
    place = terminal.screen[-1].find(words)
    return place >= 0 and str(terminal.cell(place, len(terminal.screen) - 1).fg) == muted


def all_on(terminal: Terminal, *keys: str) -> bool:
    """Whether the footer names all these keys and none is grey."""
    return all(words in terminal.screen[-1] and not footer_is_grey(terminal, words) for words in keys)


async def test_a_level_changed_in_one_window_greys_the_keys_in_another_within_a_second(
    socket: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bob, mia = Window(socket, tmp_path / "bob"), Window(socket, tmp_path / "mia")
    await bob.sign_in(socket, "bob")
    await mia.sign_in(socket, "mia")
    with Terminal(bob.command, 120, 40, env=bob.env) as screen:
        screen.wait_for("write + send", lambda now: all_on(now, "# delete", "r reply"))
        with Terminal([*mia.command, *SHARE, *LESS], env=mia.env) as other:
            assert other.wait() == 0, other.text
            told = time.monotonic()
        screen.wait_for(lambda now: footer_is_grey(now, "# delete") and footer_is_grey(now, "r reply"))
        took = time.monotonic() - told
        screen.wait_for(
            "It is now: triage",
            lambda now: "triage" in now.screen[0] and "write" not in now.screen[0],
            lambda now: all_on(now, "e archive"),
        )
        why = mia.run("explain", "bob", "support@", "delete")
        assert why.returncode != 0 and "bob may not delete" in why.stdout
        assert mia.run("explain", "bob", "support@", "archive").returncode == 0
        assert mia.run(*SHARE, *AGAIN).returncode == 0
        screen.wait_for(lambda now: all_on(now, "# delete", "r reply") and "write + send" in now.screen[0])
    with capsys.disabled():
        print(f"\nthe keys were grey {took:.2f} s after the command had ended (aim: {AIM} s)")
