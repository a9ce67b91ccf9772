"""The real app in poor terminals: no colours, no UTF-8, dumb, the console's, screen's; and read aloud.

In each a message is opened, an action taken back and the way out found, by what the screen says alone.
"""

from __future__ import annotations

import signal
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import wcwidth

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.tokens import save_token
from tests.pty import Terminal
from tests.tui.demo_front import demo_front

LINES = set("│─╭╮╰╯├┤┌┐└┘●○★▸▾·…→")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("desk")
    with demo_front(folder):
        yield folder


async def sign_in(folder: Path) -> None:
    endpoint = Endpoint(socket=folder / "desk.sock")
    async with Client(endpoint) as client:
        save_token(
            endpoint, await client.sign_in("bob", PASSWORD), folder / "home" / "shinbox" / "tokens.json"
        )


@contextmanager
def terminal_of(
    folder: Path, env: Mapping[str, str] | None = None, *, columns: int = 100, config: str = ""
) -> Iterator[Terminal]:
    homes = {name: str(folder / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    settings = folder / "home" / "shinbox" / "config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(config)
    command = [sys.executable, "-m", "shinbox", "--desk", f"unix:{folder / 'desk.sock'}"]
    with Terminal(command, columns, 30, env={**homes, **(env or {})}) as terminal:
        terminal.wait_for("Inbox", "mallory", "help")
        yield terminal


def use(terminal: Terminal) -> None:
    """Archive, take it back, read, leave: told by the screen's words."""
    terminal.press("e")
    terminal.wait_for("Moved 1 message to Archive", "z undo")
    terminal.press("z")
    terminal.wait_for("Undone")
    terminal.press("enter")
    terminal.wait_for("From ")
    terminal.press("Q")
    assert terminal.wait() == 0


@pytest.mark.parametrize("term", ["linux", "screen", "xterm-256color"])
async def test_it_is_used_in_the_consoles_terminal_and_in_screen(house: Path, term: str) -> None:
    await sign_in(house)
    with terminal_of(house, {"TERM": term, "COLORTERM": ""}) as terminal:
        use(terminal)


async def test_without_colours_not_one_colour_is_sent_and_all_is_usable(house: Path) -> None:
    await sign_in(house)
    with terminal_of(house, {"NO_COLOR": "1"}) as terminal:
        colours = {
            cell.fg
            for line in range(30)
            for column in range(100)
            for cell in [terminal.cell(column, line)]
            if len(cell.fg) == 6 and len({cell.fg[:2], cell.fg[2:4], cell.fg[4:]}) > 1
        }
        assert colours == set()
        use(terminal)


@pytest.mark.parametrize(
    "env",
    [{"LANG": "C", "LC_ALL": "C"}, {"LANG": "C"}, {"TERM": "dumb"}, {"LANG": "C", "NO_COLOR": "1"}],
    ids=["LC_ALL=C", "LANG=C", "TERM=dumb", "LANG=C NO_COLOR"],
)
async def test_where_lines_cannot_be_drawn_none_are_and_signs_say_where_one_is(
    house: Path, env: dict[str, str]
) -> None:
    await sign_in(house)
    with terminal_of(house, env) as terminal:
        assert not LINES & set(terminal.text)
        terminal.press("x")
        terminal.wait_for(
            lambda seen: (
                any(line.startswith(" x") for line in seen.screen)
                and sum(line.startswith(">") for line in seen.screen) == 1
            )
        )
        use(terminal)


@pytest.mark.parametrize("cells", [0, 1])
async def test_dates_and_panes_keep_their_columns_whatever_a_vowel_sign_takes(
    house: Path, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    def counted(letter: str) -> int:
        return cells if unicodedata.category(letter) == "Mc" else wcwidth.wcwidth(letter)

    def stands(seen: Terminal) -> bool:
        lines = range(1, 29)
        borders = [
            column for column in range(200) if all(seen.cell(column, line).data == "│" for line in lines)
        ]
        return len(borders) == 2 and all(seen.cell(borders[1] - 2, line).data.isalnum() for line in lines)

    monkeypatch.setattr("pyte.screens.wcwidth", counted)
    await sign_in(house)
    with terminal_of(house, columns=200) as terminal:
        terminal.press("pagedown")
        terminal.wait_for("बल्ब", stands)


async def test_plain_mode_is_read_in_one_order_and_says_what_changes_in_one_line(house: Path) -> None:
    await sign_in(house)
    with terminal_of(house, columns=160, config="plain = true\n") as terminal:
        assert not LINES & set(terminal.text)
        # One pane from the top: who and where, the messages, the keys; the terminal's cursor is on the line.
        terminal.wait_for(
            lambda seen: seen.screen[0].strip().startswith("shinbox") and "reply" in seen.screen[-1]
        )
        terminal.press("j")
        terminal.wait_for(lambda seen: seen.screen[2].startswith(">") and seen.cursor[1] == 2)
        terminal.press("s")
        terminal.wait_for(lambda seen: "undo" in seen.screen[-2])
        said = [line for line in terminal.screen if "undo" in line]
        assert len(said) == 1
        terminal.press("enter")
        terminal.wait_for("From ")
        terminal.wait_for(lambda seen: not any(line.startswith(">") for line in seen.screen))


async def test_a_wrong_file_of_settings_is_told_and_the_app_starts(house: Path) -> None:
    await sign_in(house)
    with terminal_of(house, config='keys = "emacs"\ncolour = 1\n') as terminal:
        terminal.wait_for("it is one of gmail, aerc, mutt", "colour: there")
        use(terminal)


async def test_the_titles_number_is_there_and_the_old_title_comes_back(house: Path) -> None:
    await sign_in(house)
    with terminal_of(house) as terminal:
        terminal.wait_for(lambda seen: b"\x1b]2;(" in seen.raw)
        assert terminal.raw.index(b"\x1b[22;2t") < terminal.raw.index(b"\x1b]2;(")
        terminal.press("Q")
        terminal.wait()
        assert b"\x1b[23;2t" in terminal.raw


async def test_with_the_mouse_off_the_terminal_keeps_it(house: Path) -> None:
    await sign_in(house)
    with terminal_of(house, config="mouse = false\n") as terminal:
        assert b"\x1b[?1000h" not in terminal.raw
    with terminal_of(house) as terminal:
        terminal.wait_for(lambda seen: b"\x1b[?1000h" in seen.raw)


BREAK = """
import sys
from shinbox.tui.screens.main import MainScreen
from shinbox.cli import main

def boom(self, name=""):
    raise RuntimeError("a fault of ours")

MainScreen.do_theme = boom
sys.exit(main(sys.argv[1:]))
"""


async def test_a_fault_of_ours_is_a_sentence_a_file_and_no_lost_letter(house: Path) -> None:
    await sign_in(house)
    home = house / "home"
    homes = {name: str(home) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    command = [sys.executable, "-c", BREAK, "--desk", f"unix:{house / 'desk.sock'}"]
    with Terminal(command, 100, 30, env=homes) as terminal:
        terminal.wait_for("mallory")
        terminal.press("c")
        terminal.wait_for("Subject")
        terminal.press("ann@x.example", "tab", "tab", "tab", "Our lamp", "tab", "Half a sentence")
        terminal.wait_for("saved")
        terminal.press("ctrl+s")
        terminal.wait_for("l later")
        terminal.press("l")
        terminal.wait_for("kept on this machine")
        terminal.press(":")
        terminal.wait_for("e.g. move Archive")
        terminal.press("theme")
        terminal.wait_for("Choose the colours")
        terminal.press("enter")
        assert terminal.wait() == 70
        assert "something went wrong inside shinbox" in terminal.text
        flat = terminal.text.replace("\n", "")
        assert "Your drafts are kept" in flat
        assert "Traceback" not in flat
        assert "a fault of ours" not in flat
    logs = list((home / "shinbox").glob("crash-*.log"))
    assert len(logs) == 1
    assert "RuntimeError: a fault of ours" in logs[0].read_text()
    assert logs[0].stat().st_mode & 0o077 == 0
    with terminal_of(house) as terminal:
        terminal.wait_for("unfinished draft")
        terminal.kill(signal.SIGTERM)
