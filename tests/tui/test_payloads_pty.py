"""Twelve kinds of payload through every field from outside, in the real app in a real terminal.

One sitting walks through every widget that shows such a field, for every kind; each line of the table then
says: the field's text was seen in that widget, and no byte of a payload ever reached the terminal.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from shinbox.text.safe import safe
from tests.pty import Terminal
from tests.tui.hostile_server import KINDS, HostileServer, address, said

NUMBERS = range(len(KINDS))
SHOWN_IN: dict[str, tuple[str, ...]] = {
    "sidebar": ("fold",),
    "title": ("box", "fold"),
    "list": ("from", "subj"),
    "reader": ("from", "froma@", "to", "toa@", "cc", "repl", "subj", "body", "file", "type", "defe"),
    "reader of HTML": ("html",),
    "refused change": ("error",),
    "refused later": ("reason",),
    "folder picker": ("arch",),
    "composer": ("iden", "iaddr@", "repl", "subj", "body", "sign"),
    "review": ("iaddr@",),
    "refused sending": ("error",),
    "picker of drafts": ("subj",),
}
"""Which field each widget shows; `@` marks an address."""

NEVER: dict[str, tuple[bytes, ...]] = {
    "OSC 52": (b"\x1b]52",),
    "OSC 8": (b"\x1b]8;",),
    "OSC title": (b"\x1b]0;owned", b"\x1b]0;x"),
    "CSI 2J": (b"\x1b[2J\x1b[7", b"\x1b[7;7H\x1b[7;7H"),
    "SGR": (b"\x1b[38;5;199",),
    "DCS": (b"\x1bP1$r",),
    "C1": (b"\xc2\x9b", b"\xc2\x9d", b"\xc2\x9c"),
    "bidi override": (b"\xe2\x80\xae",),
    "zero-width": (b"\xe2\x80\x8b", b"\xe2\x81\xa0", b"\xef\xbb\xbf"),
    "closing markup": (),
    "click markup": (b"@click=app.quit\x1b\\",),
    "HTML entity": (b"\x1b]0;owned", b"\xc2\x9b2J"),
}
"""What the terminal must never be sent; for markup it is enough that the text is seen as it is."""


@dataclass
class Sitting:
    """What was seen in each widget for each kind, and every byte that was sent."""

    seen: dict[tuple[str, int], str] = field(default_factory=dict)
    raw: bytes = b""


def shown_text(name: str, number: int) -> str:
    """How a field's text must look, up to where a narrow column may cut it."""
    if name == "html":
        # An HTML parser drops what no HTML may hold; what it lets pass is for the other fields to show.
        return f"{name}{number:02} "
    text = safe(address(name[:-1], number) if name.endswith("@") else said(name, number))
    return text[:13]


def _holds(text: str, wanted: list[str]) -> bool:
    return all(each in text for each in wanted)


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    folder = tmp_path_factory.mktemp("hostile")
    server = HostileServer(folder / "desk.sock")
    env = {name: str(folder) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    command = [sys.executable, "-m", "shinbox", "--desk", f"unix:{server.path}"]
    with Terminal(command, 186, 30, env={**env, "EDITOR": "true"}) as terminal:
        terminal.wait_for(safe(said("subj", 0))[:13], timeout=30)
        made = Sitting()
        for number in NUMBERS:
            _walk(terminal, server, number, made)
        made.raw = terminal.raw
        yield made
    server.close()


def _walk(terminal: Terminal, server: HostileServer, number: int, made: Sitting) -> None:
    """Every widget, for one kind; the cursor stands in that kind's inbox."""

    def see(widget: str, *keys: str, until: str) -> None:
        terminal.press(*keys)
        terminal.wait_for(until)
        wanted = [shown_text(name, number) for name in SHOWN_IN[widget]]
        # What is still missing then, the table will name.
        with contextlib.suppress(TimeoutError):
            terminal.wait_for(lambda now: _holds(now.text, wanted), timeout=3)
        made.seen[widget, number] = terminal.text

    see("list", until=shown_text("subj", number))
    see("sidebar", until=shown_text("fold", number))
    see("title", until=shown_text("fold", number))
    see("reader", until=shown_text("body", number))
    see("reader of HTML", "j", until=shown_text("html", number))
    see("refused change", "s", until=shown_text("error", number))
    server.push(number)
    see("refused later", until=shown_text("reason", number))
    see("folder picker", "m", until="Move to which folder?")
    terminal.press("escape")
    terminal.wait_gone("Move to which folder?")
    see("composer", "k", "r", until="From " + shown_text("iden", number))
    see("review", "ctrl+s", until="y send")
    see("refused sending", "y", until=shown_text("error", number))
    terminal.press("ctrl+s")
    terminal.wait_for("y send")
    terminal.press("l")
    terminal.wait_for("kept on this machine")
    see("picker of drafts", "g", "u", until="Which draft?")
    terminal.press("escape")
    terminal.wait_gone("Which draft?")
    terminal.press("J", "J", "J")
    if number + 1 in NUMBERS:
        terminal.wait_for(shown_text("subj", number + 1))


@pytest.mark.parametrize("number", NUMBERS, ids=list(KINDS))
@pytest.mark.parametrize(
    ("widget", "name"), [(widget, name) for widget, names in SHOWN_IN.items() for name in names]
)
def test_the_text_is_seen_in(sitting: Sitting, widget: str, name: str, number: int) -> None:
    assert shown_text(name, number) in sitting.seen[widget, number]


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_byte_reaches_the_terminal_of(sitting: Sitting, kind: str) -> None:
    assert [bytes_ for bytes_ in NEVER[kind] if bytes_ in sitting.raw] == []


def test_your_own_name_is_shown_with_marks_in_it(sitting: Sitting) -> None:
    assert "user ␛]52" in sitting.seen["title", 0]
