"""The screens against the real front of a desk, at both sizes: read, sort, take back, answer, be refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from shinbox.client.drafts import Draft, DraftJournal
from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.actions import ACTIONS, Where
from shinbox.tui.app import ShinboxApp
from shinbox.tui.demo import Demo
from shinbox.tui.screens import keeping
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.help import HelpScreen
from shinbox.tui.screens.login import LoginScreen
from shinbox.tui.screens.main import MainScreen
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import Person, sitting

NARROW, MID = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [NARROW, MID], ids=["80x24", "120x40"])


def test_every_action_of_the_table_has_a_handler() -> None:
    without = [
        action.id
        for action in ACTIONS
        if not action.run
        and action.where not in (Where.COMPOSE, Where.REVIEW)
        and not hasattr(MainScreen, action.handler)
    ]
    assert without == []


async def test_whom_the_desk_does_not_know_it_asks_to_sign_in(socket: Path, tmp_path: Path) -> None:
    app = ShinboxApp(Endpoint(socket=socket), drafts=tmp_path)
    async with app.run_test(size=NARROW) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: isinstance(app.screen, LoginScreen))
        await person.press(*"bob", "enter", *"wrong", "enter")
        status = app.screen.query_one("#status")
        await person.until(lambda: "not right" in str(status.render()))
        await person.press(*PASSWORD, "enter")
        await person.until(lambda: app.screen is app.main and app.main.view is not None)
        assert app.main.who == "bob"


@SIZES
async def test_the_title_says_who_you_are_where_and_what_you_may(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "bob", size) as bob:
        title = bob.title()
        assert "bob" in title
        assert "support@halden.example / Inbox" in title
        assert "write + send" in title


async def test_in_a_narrow_terminal_enter_shows_the_message_alone_and_escape_the_list(socket: Path) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        assert not bob.main.folders.display
        await bob.press("enter")
        await bob.until(lambda: "From" in bob.reader())
        assert bob.main.has_class("-reading")
        await bob.press("escape")
        assert not bob.main.has_class("-reading")
        assert bob.main.messages.has_focus


async def test_in_a_wider_terminal_the_message_under_the_cursor_is_shown_beside_the_list(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.until(lambda: "From" in bob.reader())
        first = bob.reader()
        await bob.press("j")
        await bob.until(lambda: "From" in bob.reader() and bob.reader() != first)
        assert bob.main.folders.display


async def test_a_terminal_that_is_made_wider_shows_the_message_under_the_cursor(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        assert "From" not in bob.reader()
        await bob.pilot.resize_terminal(120, 40)
        await bob.until(lambda: "From" in bob.reader())


@SIZES
async def test_archive_shows_at_once_and_z_takes_it_back(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "bob", size) as bob:
        first = bob.under_cursor()
        await bob.press("e")
        assert bob.under_cursor() != first
        assert bob.notice == "Moved 1 message to Archive"
        await bob.press("z")
        await bob.until(lambda: bob.view.index_of(first) == 0)


async def test_what_leaves_while_it_is_read_gives_way_to_the_message_below(socket: Path) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        below = [row.id for line in (3, 4) if (row := bob.view.row(line))]
        await bob.press("j", "j", "enter")
        await bob.until(lambda: bob.main.reading is not None and bob.main.reading.id == bob.under_cursor())
        shown = []
        for _ in below:
            await bob.press("e")
            await bob.until(lambda: bob.main.reading and bob.main.reading.id == bob.under_cursor())
            shown.append(bob.under_cursor())
        assert shown == below
        assert bob.main.has_class("-reading")
        await bob.press("z", "z")
        await bob.until(lambda: "Undone" in bob.notice)


async def test_a_move_asks_for_the_folder_and_the_desk_has_it_there(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        moved = bob.under_cursor()
        await bob.press("m")
        await bob.choose("Archive")
        await bob.press("g", "e")
        await bob.until(lambda: "Archive" in bob.title() and bob.view.index_of(moved) is not None)


async def test_several_marked_messages_are_flagged_together(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("x", "x", "s")
        assert bob.notice.endswith("2 messages")
        assert not bob.main.messages.marks


async def test_opening_a_message_makes_it_read_and_u_unread_again(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        opened = bob.under_cursor()
        await bob.press("U")
        await bob.press("enter")
        await bob.until(lambda: "$seen" in bob.email(opened).keywords)


async def test_a_reader_is_offered_nothing_and_told_why(socket: Path) -> None:
    async with sitting(socket, "alice", MID) as alice:
        before = alice.under_cursor()
        for key in ("e", "m", "s", "U", "r", "c"):
            await alice.press(key)
            assert alice.notice.startswith("You may not")
            assert "permission: read" in alice.notice
            assert alice.app.screen is alice.main
        assert alice.under_cursor() == before


@SIZES
async def test_a_reply_is_written_reviewed_sent_and_taken_back(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "bob", size) as bob:
        await bob.press("r")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        screen = bob.app.screen
        who = screen.query_one("#who")
        await bob.until(lambda: "Halden Support <support@halden.example>" in str(who.render()))
        assert "Halden Lamps – Support" in screen.query_one(TextArea).text
        await bob.press(*"Hello", "ctrl+s")
        assert "As support@halden.example to 1 recipient" in str(screen.query_one("#review").render())
        await bob.press("y")
        await bob.until(lambda: bob.notice == "Sending")
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        assert bob.app.screen.query_one(TextArea).text.startswith("Hello")


async def test_what_was_written_is_on_the_disk_and_offered_again(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEEP_AFTER", 3600.0)  # The desk has it not, however slowly it is typed.
    async with sitting(socket, "mia", NARROW, tmp_path) as mia:
        await mia.press("c")
        await mia.until(lambda: isinstance(mia.app.screen, ComposeScreen))
        await mia.press(*"ann@x.example", "tab", "tab", "tab", *"Half")
        await mia.until(lambda: any("Half" in path.read_text() for path in tmp_path.glob("*.json")))
        account = mia.main.account
    # Its terminal is gone: the lock with it.
    left = DraftJournal(tmp_path)
    left.save(Draft(account=account, desk=f"unix:{socket}", user="mia", subject="Another", body="x"))
    left.release(next(iter(left._locks)))
    async with sitting(socket, "mia", NARROW, tmp_path) as mia:
        await mia.until(lambda: "found on this machine" in mia.notice)
        assert mia.app.screen is mia.main
        await mia.press("g", "u")
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        await mia.press("enter")
        await mia.until(lambda: isinstance(mia.app.screen, ComposeScreen))
        assert mia.app.screen.query_one("#subject", Input).value in ("Half", "Another")
    async with sitting(socket, "alice", NARROW, tmp_path) as alice:
        await alice.press("g", "u")
        await alice.until(lambda: alice.notice == "There is no unfinished draft.")


async def test_in_the_demo_down_and_enter_choose_who_you_are_and_tab_reaches_the_name(
    socket: Path, tmp_path: Path
) -> None:
    demo = Demo([("alice", "reads"), ("bob", "writes")], PASSWORD)
    app = ShinboxApp(Endpoint(socket=socket), demo=demo, drafts=tmp_path)
    async with app.run_test(size=NARROW) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: isinstance(app.screen, LoginScreen))
        await person.press("tab")
        assert app.focused is app.screen.query_one("#name")
        await person.press("shift+tab", "down", "enter")
        await person.until(lambda: app.screen is app.main and app.main.view is not None)
        assert app.main.who == "bob"


async def test_in_the_demo_typed_letters_go_to_a_name_and_sign_nobody_in(
    socket: Path, tmp_path: Path
) -> None:
    demo = Demo([("alice", "reads"), ("bella", "sorts"), ("bob", "writes")], PASSWORD)
    app = ShinboxApp(Endpoint(socket=socket), demo=demo, drafts=tmp_path)
    async with app.run_test(size=NARROW) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: isinstance(app.screen, LoginScreen))
        await person.press(*"bob")
        await pilot.pause()
        assert isinstance(app.screen, LoginScreen)
        assert app.screen.query_one("#people", VirtualList).cursor == 2
        await person.press("enter")
        await person.until(lambda: app.screen is app.main and app.main.view is not None)
        assert app.main.who == "bob"


async def test_help_and_the_command_line_list_what_the_keys_do(socket: Path) -> None:
    async with sitting(socket, "alice", NARROW) as alice:
        await alice.press("?")
        await alice.until(lambda: isinstance(alice.app.screen, HelpScreen))
        await alice.press("escape")
        await alice.press(":")
        await alice.choose("go to the inbox")


async def test_g_waits_for_the_second_key_and_says_so(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("G", "g")
        assert "g …" in bob.footer()
        await bob.press("g")
        assert bob.main.messages.cursor == 0
        assert "g …" not in bob.footer()
