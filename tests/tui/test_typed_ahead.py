"""Who types faster than the screen draws gets what was typed: no list of before is chosen from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from textual.events import Key

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.tokens import save_token
from tests.pty import Terminal
from tests.tui.person import Person, sitting
from tests.tui.scenes import boxed

PATIENT = """
import runpy
from shinbox.tui import typed_ahead
typed_ahead.PATIENCE = 20.0
runpy.run_module("shinbox", run_name="__main__", alter_sys=True)
"""
"""The program; on a machine that is busy with other tests a key waits longer for the one before."""
NAMES = {"/": "slash", "\\": "backslash", ":": "colon"}


def all_at_once(person: Person, *typed: str) -> None:
    """The keys are there before the first of them is looked at, as a terminal over a slow line gives them.

    `typed`: texts, and names of keys such as "enter".
    """
    for text in typed:
        if text in ("enter", "escape", "tab", "up", "down"):
            person.app.post_message(Key(text, None))
        else:
            for letter in text:
                person.app.post_message(Key(NAMES.get(letter, letter), letter))


async def test_enter_behind_the_name_of_a_folder_moves_into_that_folder(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await boxed(bob, "m")
        all_at_once(bob, "junk", "enter")
        await bob.until(lambda: bob.notice == "Moved 1 message to Junk")
        await bob.press("z")
        await bob.until(lambda: "Undone" in bob.notice)


async def test_arrows_behind_letters_go_through_what_fits(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await boxed(bob, "g", "m")
        all_at_once(bob, "support archive", "down", "up", "enter")
        await bob.until(lambda: "support@halden.example / Archive" in bob.title())


async def test_a_new_label_is_taken_whole(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        labelled = bob.under_cursor()
        await boxed(bob, "l")
        all_at_once(bob, "urgent", "enter")
        await bob.until(lambda: "urgent" in bob.email(labelled).keywords)


async def test_a_search_is_for_all_its_words(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        before = bob.view.total
        await bob.press("/")
        all_at_once(bob, "shade", "enter")
        await bob.found("shade")
        assert 0 < bob.view.total < before


async def test_letters_behind_the_key_of_the_search_are_no_keys_of_the_list(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        before = bob.view.total
        all_at_once(bob, "/shade", "enter")
        await bob.found("shade")
        assert 0 < bob.view.total < before
        assert bob.notice == ""


async def test_every_key_on_a_list_counts_however_quick(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "jjjjjkk")
        await bob.pilot.pause()
        assert bob.main.messages.cursor == 3


async def test_a_box_that_a_key_opens_takes_the_letters_behind_it(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "mjunk", "enter")
        await bob.until(lambda: bob.notice == "Moved 1 message to Junk")
        await bob.press("z")
        await bob.until(lambda: "Undone" in bob.notice)


@pytest.mark.parametrize("begins", ["/", "\\", "g/"])
async def test_what_is_typed_behind_a_search_is_for_its_finds(socket: Path, begins: str) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, begins, "invoice", "enter", "jj", "enter")
        await bob.until(lambda: bob.main.has_class("-reading"))
        assert bob.view.is_search
        assert bob.main.messages.cursor == 2
        assert bob.app.focused is bob.main.reader
        assert bob.notice == ""


async def test_what_is_typed_behind_a_message_that_is_opened_is_for_its_text(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "j", "enter", "jq", "j")
        await bob.until(lambda: bob.main.messages.cursor == 2)
        assert bob.app.focused is bob.main.messages


async def test_what_is_typed_behind_the_name_of_a_folder_is_for_its_messages(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "gm", "support sent", "enter", "xjx")
        await bob.until(lambda: "2 selected" in bob.title())
        assert "support@halden.example / Sent" in bob.title()
        assert bob.main.messages.cursor == 3


async def test_what_is_typed_behind_a_command_is_for_what_it_shows(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, ":", "search invoice", "enter", "xjx")
        await bob.until(lambda: "2 selected" in bob.title())
        assert bob.view.is_search
        assert bob.main.messages.cursor == 3


async def test_what_is_typed_behind_a_palette_is_for_the_box_it_opens(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        bob.app.post_message(Key("ctrl+p", None))
        all_at_once(bob, "go to mailbox", "enter", "support archive", "enter")
        await bob.until(lambda: "support@halden.example / Archive" in bob.title())


async def test_what_is_typed_behind_a_box_that_was_left_is_for_the_list(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "marchive", "escape", "jjx")
        await bob.until(lambda: "1 selected" in bob.title())
        assert bob.main.messages.cursor == 3


async def test_a_search_that_is_left_gives_the_next_keys_to_where_it_began(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "j/invoice", "escape", "j")
        await bob.until(lambda: bob.main.messages.cursor == 2)
        assert not bob.view.is_search


async def test_a_terminal_that_gives_all_keys_in_one_burst_shows_where_they_lead(
    socket: Path, tmp_path: Path
) -> None:
    endpoint = Endpoint(socket=socket)
    async with Client(endpoint) as client:
        save_token(endpoint, await client.sign_in("bob", PASSWORD), tmp_path / "shinbox" / "tokens.json")
    homes = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(tmp_path))
    command = [sys.executable, "-c", PATIENT, "--desk", f"unix:{socket}"]
    with Terminal(command, 80, 24, env=homes) as terminal:
        terminal.wait_for("Bris pendant flickers")
        terminal.send("/invoice\rjj\r")
        terminal.wait_for(
            lambda seen: "found in 10 conversations: invoice" in seen.text and "Date     " in seen.text
        )
        terminal.wait_for("From     Yusuf Rossi")
        terminal.send("qq:search is:unread\rx*s")
        terminal.wait_for(lambda seen: "Flagged " in seen.text and "found: is:unread" in seen.text)
        terminal.press("Q")
        assert terminal.wait() == 0


async def test_a_key_that_moves_through_a_list_is_known_without_a_search_for_who_takes_it(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        searched = list[str]()

        async def search(key: str, priority: bool = False) -> bool:
            searched.append(key)
            return False

        monkeypatch.setattr(bob.app, "_check_bindings", search)
        await bob.press("G", "home", "j", "down", "pagedown", "pageup", "!")
        await bob.until(lambda: searched)
        assert searched[0] == "exclamation_mark"
        assert bob.main.messages.cursor == 2
