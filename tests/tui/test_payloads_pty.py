"""Twelve kinds of payload through every field from outside, in the real app in a real terminal.

One sitting walks through every widget that shows such a field, for every kind; each line of the table then
says: the field's text was seen in that widget, and no byte of a payload ever reached the terminal.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from shinbox.text.safe import safe
from shinbox.tui.signals import notification, window_title
from tests.pty import Terminal
from tests.tui.hostile_server import KINDS, HostileServer, address, said

pytestmark = pytest.mark.timeout(600)
"""One sitting walks through all; its file stays with one worker, or each would sit down anew."""
NUMBERS = range(len(KINDS))
ONE_SEQUENCE = re.compile("\x1b\\][0-9]+;[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u200b\u2060\ufeff]*\x1b\\\\")
"""One OSC sequence from its beginning to its end, with nothing in it that a terminal acts on."""
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
    "labels of a line": ("labl",),
    "box of labels": ("labl",),
    "box of files": ("file", "texf", "shef", "evef"),
    "preview of a text": ("texf", "text"),
    "preview of a table": ("shef", "shee"),
    "preview of an invitation": ("evef", "even"),
    "source": ("sour",),
    "box of links": ("link", "word"),
    "finds in all mailboxes": ("box:",),
    "go to a mailbox": ("box",),
    "command completing a folder": ("arch",),
    "recipients completed": ("froma@",),
    "help": ("box",),
}
"""Which field each widget shows; `@` marks an address, `:` a name that stands before a subject."""

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


class See(Protocol):
    """Keep what is on the screen once a text is there, as what a widget showed."""

    def __call__(self, widget: str, *keys: str, until: str) -> None: ...


def shown_text(name: str, number: int) -> str:
    """How a field's text must look, up to where a narrow column may cut it."""
    if name in ("html", "link", "word"):
        # An HTML parser drops what no HTML may hold; what it lets pass is for the other fields to show.
        return f"{name}{number:02}"
    if name == "box:":
        # The short name of a mailbox ends at its @.
        return safe(said("box", number).split("@")[0][:24]) + ":"
    text = safe(address(name[:-1], number) if name.endswith("@") else said(name, number))
    return text[:13]


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    folder = tmp_path_factory.mktemp("hostile")
    server = HostileServer(folder / "desk.sock")
    env = {name: str(folder) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    (folder / "shinbox").mkdir()
    (folder / "shinbox" / "config.toml").write_text('notify = "osc777"\nconversations = false\n')
    command = [sys.executable, "-m", "shinbox", "--desk", f"unix:{server.path}"]
    # Text alone: twelve kinds draw 20 MB, most of it colours.
    with Terminal(command, 186, 30, env={**env, "EDITOR": "true"}, colours=False) as terminal:
        terminal.wait_for(safe(said("subj", 0))[:13])
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

        def whole(now: Terminal) -> bool:
            made.seen[widget, number] = now.text
            return all(each in made.seen[widget, number] for each in wanted)

        # What is still missing then, the table will name.
        with contextlib.suppress(TimeoutError):
            terminal.wait_for(whole, timeout=20)

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
    _look_into_the_message(see, terminal, number)
    _find(see, terminal, number)
    terminal.press("J", "J")
    terminal.wait_for("No messages in " + shown_text("arch", number))
    _read_what_is_off(see, terminal, number)
    terminal.press("J")
    if number + 1 in NUMBERS:
        terminal.wait_for(shown_text("subj", number + 1))


def _look_into_the_message(see: See, terminal: Terminal, number: int) -> None:
    """Its labels, files, source and links; the cursor goes to the message in HTML."""
    see("labels of a line", "j", until=shown_text("labl", number))
    see("box of labels", "l", until="Which label?")
    _leave(terminal, "Which label?")
    for file, widget, inside in (
        ("texf", "preview of a text", "text"),
        ("shef", "preview of a table", "shee"),
        ("evef", "preview of an invitation", "even"),
    ):
        see("box of files", "A", until="Which file?")
        terminal.press(file, "enter")
        terminal.wait_for("look at it")
        see(widget, "enter", until=shown_text(inside, number))
    see("source", "g", "s", until=shown_text("sour", number))
    see("box of links", "ctrl+l", until="Which link?")
    _leave(terminal, "Which link?")
    # From the text, which stays beside the list.
    terminal.press("escape")


def _find(see: See, terminal: Terminal, number: int) -> None:
    """Search, go, command, recipients."""
    terminal.press("g", "/")
    terminal.wait_for("Search all mailboxes")
    see("finds in all mailboxes", "zz", until="24 found")
    terminal.press("escape")
    terminal.wait_gone("24 found")
    see("go to a mailbox", "g", "m", f"box{number:02}", until="Go where?")
    _leave(terminal, "Go where?")
    terminal.press(":")
    terminal.wait_for("Command")
    see("command completing a folder", "move arch", until="move arch")
    _leave(terminal, "move arch")
    terminal.press("c")
    terminal.wait_for("Subject")
    see("recipients completed", "froma", until="› ")
    terminal.press("tab", "ctrl+s")
    terminal.wait_for("y send")
    terminal.press("d")
    terminal.wait_for("Discarded the draft")


def _read_what_is_off(see: See, terminal: Terminal, number: int) -> None:
    """In a folder from which one may not send, help says so with the mailbox's name, the palette without."""
    terminal.press("?")
    terminal.wait_for("Type to find")
    see("help", "compose", until="You may not send in " + shown_text("box", number))
    terminal.press("escape")
    terminal.wait_gone("You may not send")
    terminal.press("ctrl+p")
    terminal.wait_for("Type to find")
    terminal.press(*"compose")
    terminal.wait_for("You may not send.")
    terminal.press("escape")
    terminal.wait_gone("You may not send")


def _leave(terminal: Terminal, title: str) -> None:
    terminal.press("escape")
    terminal.wait_gone(title)


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


# --- what we write to the terminal ourselves --------------------------------------------------------------


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("way", ["osc9", "osc777"])
def test_no_payload_breaks_out_of_a_notification(way: str, kind: str) -> None:
    written = notification(way, KINDS[kind], KINDS[kind] + ";" + KINDS[kind])
    assert ONE_SEQUENCE.fullmatch(written)
    assert written.count(";") == {"osc9": 1, "osc777": 3}[way]


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_payload_breaks_out_of_the_terminals_title(kind: str) -> None:
    assert ONE_SEQUENCE.fullmatch(window_title(KINDS[kind]))


def test_the_terminals_title_and_the_notifications_were_written_whole(sitting: Sitting) -> None:
    """Every sequence for title or notification ends before another begins, and holds no control character."""
    begun = sum(sitting.raw.count(start) for start in (b"\x1b]2;", b"\x1b]777;", b"\x1b]9;"))
    assert begun == len(re.findall(rb"\x1b\](?:2|9|777);[^\x00-\x1f\x7f]*\x1b\\", sitting.raw))
    assert b"\x1b]777;notify;shinbox;" in sitting.raw and b"\x1b]2;" in sitting.raw
