"""The tests' terminal shows what a program writes and hands it what is typed."""

from __future__ import annotations

import signal
import sys

import pyte
import pytest

from tests.emulation import Emulation
from tests.pty import Terminal


def script(code: str) -> list[str]:
    return [sys.executable, "-uc", f"import sys, os, signal, time\nwrite = sys.stdout.write\n{code}"]


def test_text_and_attributes_are_where_the_program_put_them() -> None:
    code = r"write('\x1b[2J\x1b[3;5H\x1b[1;31mhello\x1b[0m 世界')"
    with Terminal(script(code), columns=40, lines=10) as terminal:
        terminal.wait_for("hello 世界")
        assert terminal.find("hello") == (4, 2)
        cell = terminal.cell(4, 2)
        assert (cell.data, cell.bold, cell.fg) == ("h", True, "red")
        assert len(terminal.screen) == 10


def test_keys_arrive_and_the_size_is_known() -> None:
    code = "print(*os.get_terminal_size())\nprint('got', repr(sys.stdin.readline()))"
    with Terminal(script(code), columns=120, lines=40) as terminal:
        terminal.wait_for("120 40")
        terminal.press("up", "x", "enter")
        terminal.wait_for("got '\\x1b[Ax\\n'")
        assert terminal.wait() == 0


def test_ctrl_c_reaches_the_program_as_a_signal() -> None:
    code = "try:\n    write('ready')\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    write('interrupted')"
    with Terminal(script(code)) as terminal:
        terminal.wait_for("ready")
        terminal.press("ctrl+c")
        terminal.wait_for("interrupted")


def test_a_resize_is_told_to_the_program() -> None:
    code = (
        "signal.signal(signal.SIGWINCH, lambda *_: print('now', *os.get_terminal_size()))\n"
        "write('ready')\nsys.stdin.read()"
    )
    with Terminal(script(code)) as terminal:
        terminal.wait_for("ready")
        terminal.resize(100, 30)
        terminal.wait_for("now 100 30")
        assert (len(terminal.screen), len(terminal.screen[0])) == (30, 100)


def test_sequences_that_a_terminal_swallows_are_not_shown_but_kept_raw() -> None:
    swallowed = r"\x1b[?2026$p\x1b[>1u\x1b[<u\x1b[>4;1m\x1bP+q544e\x1b\\\x1b]52;c;aGk=\x07\x1b]0;title\x1b\\"
    code = rf"""
for char in 'a{swallowed}b':
    write(char)
"""
    with Terminal(script(code)) as terminal:
        terminal.wait()
        assert terminal.text.strip() == "ab"
        assert not terminal.cell(1, 0).underscore
        assert b"\x1b]52;c;aGk=\x07" in terminal.raw
        assert b"\x1bP+q544e\x1b\\" in terminal.raw


def test_leaving_the_alternate_screen_leaves_nothing_of_it() -> None:
    with Terminal(script(r"write('\x1b[?1049hinside\x1b[?1049loutside')")) as terminal:
        terminal.wait()
        assert terminal.text.strip() == "outside"


def test_waiting_in_vain_shows_the_screen() -> None:
    with (
        Terminal(script("write('something else')\nsys.stdin.read()")) as terminal,
        pytest.raises(TimeoutError, match=r"'Inbox' was not shown \(0\.3 s passed\)(.|\n)*"),
    ):
        terminal.wait_for("Inbox", timeout=0.3)


def test_a_program_that_ended_is_not_waited_for() -> None:
    with (
        Terminal(script("write('Traceback')\nsys.exit(3)")) as terminal,
        pytest.raises(TimeoutError, match=r"the program ended(.|\n)*Traceback"),
    ):
        terminal.wait_for("Inbox", timeout=3600)
    assert terminal.wait() == 3


def test_what_goes_away_and_what_falls_silent_can_be_waited_for() -> None:
    code = r"""
write('loading')
sys.stdin.readline()
for _ in range(5):
    write('.')
    time.sleep(0.02)
write('\x1b[2Jdone')
sys.stdin.readline()
"""
    with Terminal(script(code)) as terminal:
        terminal.wait_for("loading")
        terminal.press("enter")
        terminal.wait_gone("loading")
        terminal.wait_quiet(0.1)
        terminal.wait_for("done")


def test_a_killed_program_is_gone_at_once() -> None:
    with Terminal(script("write('ready')\nsys.stdin.read()")) as terminal:
        terminal.wait_for("ready")
        terminal.kill()
        assert terminal.wait() == -signal.SIGKILL


def test_closing_the_terminal_hangs_up() -> None:
    with Terminal(script("write('ready')\nsys.stdin.read()")) as terminal:
        terminal.wait_for("ready")
    assert terminal.process.returncode == -signal.SIGHUP


DRAWN = {
    "plain": b"one \x1b[1;31mred\x1b[0m two",
    "to the last column and over it": b"x" * 20 + b"\x1b[2;1H" + b"y" * 23,
    "wide and marked between plain": "ab 世界 cd é e\u0301 f".encode(),
    "moved aside": b"later\x1b[1;1H\x1b[4hfirst \x1b[4l",
    "over what was there": b"something else\x1b[1;1H\x1b[44mnew\x1b[1;20H\x1b[mz",
}


@pytest.mark.parametrize("written", DRAWN.values(), ids=list(DRAWN))
def test_what_is_drawn_by_the_run_stands_where_it_stands_drawn_one_by_one(written: bytes) -> None:
    one_by_one = pyte.Screen(20, 4)
    pyte.ByteStream(one_by_one).feed(written)
    by_the_run, text_alone = Emulation(20, 4), Emulation(20, 4, colours=False)
    for made in (by_the_run, text_alone):
        made.feed(written)
        assert made.lines() == one_by_one.display
        assert made.screen.cursor.x == one_by_one.cursor.x
    assert [[by_the_run.screen.buffer[y][x] for x in range(20)] for y in range(4)] == [
        [one_by_one.buffer[y][x] for x in range(20)] for y in range(4)
    ]
    assert {text_alone.screen.buffer[0][x].fg for x in range(20)} == {"default"}
