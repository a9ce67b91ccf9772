"""The screen's manners: no key is silent, Esc goes back one step, nothing is cut that has room."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from shinbox.terms import Right
from shinbox.tui.actions import ACTIONS, BY_ID, Situation, why_not
from shinbox.tui.screens.ask import AskScreen
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.help import MORE, HelpScreen
from shinbox.tui.screens.themes_box import ThemeScreen
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import Person, sitting

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def lines(person: Person) -> list[str]:
    found = person.app.screen.query_one(VirtualList)
    return [found.render_line(y).text.rstrip() for y in range(found.size.height)]


@SIZES
async def test_a_key_that_means_nothing_says_so_and_where_the_keys_are(
    socket: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "bob", size) as bob:
        bob.main.notice._clock = lambda: 0.0  # It stays for three seconds, which a busy machine needs itself.
        await bob.press("d")
        await bob.until(lambda: bob.notice == "The key d does nothing here.")
        await bob.press("enter")
        await bob.until(lambda: bob.main.reader.has_focus)
        await bob.press("g", "x")
        await bob.until(lambda: bob.notice == "The key g x does nothing here.")


async def test_keys_that_mean_something_and_a_sequence_that_is_left_say_nothing(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await bob.press("j", "k", "x", "x", "g", "escape", "down", "G", "g", "g")
        assert "does nothing" not in bob.notice


@SIZES
async def test_esc_goes_from_the_source_to_the_message_that_was_read(
    socket: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "bob", size) as bob:
        await bob.press("enter")
        await bob.until(lambda: bob.main.reader.has_focus and "From" in bob.reader())
        await bob.press("g", "s")
        await bob.until(lambda: "Message-ID" in bob.reader())
        await bob.press("escape")
        await bob.until(lambda: "Message-ID" not in bob.reader() and "From" in bob.reader())
        await bob.until(lambda: bob.main.reader.has_focus)
        await bob.press("escape")
        await bob.until(lambda: bob.main.messages.has_focus)


async def test_esc_from_a_source_that_was_opened_from_the_list_shows_list_and_message(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await bob.until(lambda: "From" in bob.reader())
        message = bob.reader()
        await bob.press("g", "s")
        await bob.until(lambda: "Message-ID" in bob.reader())
        await bob.press("escape")
        assert bob.main.messages.has_focus
        await bob.until(lambda: bob.reader() == message)


@SIZES
async def test_what_is_off_is_told_whole_on_its_line_of_the_palette(
    socket: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "alice", size) as alice:
        await alice.press("ctrl+p")
        await alice.until(lambda: isinstance(alice.app.screen, ChooseScreen))
        await alice.press(*"archive")
        await alice.until(lambda: "You may not move messages." in lines(alice)[0])
        await alice.press("enter")
        await alice.until(
            lambda: any("Whoever manages it" in one.message for one in alice.app._notifications)
        )
        await alice.press("escape")
        await alice.until(lambda: alice.app.screen is alice.main)
        await alice.until(lambda: not list(alice.app._notifications))


async def test_the_names_of_themes_are_whole_and_ours_come_first(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await bob.press(":", *"theme", "enter")
        await bob.until(lambda: isinstance(bob.app.screen, ThemeScreen))
        ours = bob.app.themes.loaded
        await bob.until(lambda: {line.split(" ")[0] for line in lines(bob)[: len(ours)]} == set(ours))
        await bob.press(*"solarized")
        await bob.until(lambda: "solarized-light" in lines(bob)[0] or "solarized-light" in lines(bob)[1])


async def test_no_line_between_messages_is_wrapped_in_the_narrowest_terminal(socket: Path) -> None:
    async with sitting(socket, "bob", (60, 15)) as bob:
        source = bob.main.messages.source
        rows = [row for line in range(13) if (row := source.row(line)) is not None]
        two = next(row.id for row in rows if "▸" in str(row))
        bob.main.messages.move_to_id(two)
        await bob.press("enter")
        await bob.until(lambda: "messages" in bob.reader())
        await bob.press("right")
        await bob.until(lambda: "───" in bob.reader())
        rules = [line for line in bob.reader().splitlines() if set(line.strip()) == {"─"}]
        assert all(len(line.strip()) == 40 for line in rules)


def test_a_label_is_refused_by_its_own_name() -> None:
    reader = Situation(frozenset({Right.READ}), "support@", "read", messages=1)
    told = why_not(BY_ID["message.label"], reader) or ""
    assert told.startswith("You may not label messages in support@")
    assert why_not(BY_ID["message.label"], reader, briefly=True) == "You may not label messages."


async def test_a_search_that_is_still_looking_does_not_say_that_nothing_is_found(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await bob.press("/", *"invoice")
        await bob.until(lambda: "conversations: invoice" in bob.title())
        bob.view.known = False
        assert bob.main.search_words() == "searching: invoice"


async def test_the_folder_that_was_filed_into_last_is_offered_first(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await bob.press("m")
        await bob.choose("Archive")
        await bob.until(lambda: bob.notice == "Moved 1 message to Archive")
        await bob.press("m")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.until(lambda: lines(bob)[0].split() == ["Archive"])
        await bob.press("escape")
        await bob.until(lambda: bob.app.screen is bob.main)
        await bob.press("z")
        await bob.until(lambda: bob.notice == "Undone: Moved 1 message to Archive")


async def test_the_name_that_is_proposed_for_a_search_goes_with_the_first_letter(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await bob.press("/", *"invoice", "enter")
        await bob.until(lambda: "conversations: invoice" in bob.title())
        await bob.press("g", "k")
        await bob.until(lambda: isinstance(bob.app.screen, AskScreen))
        assert bob.app.screen.query_one(Input).value == "invoice"
        await bob.press(*"bills")
        assert bob.app.screen.query_one(Input).value == "bills"


@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=["80x24", "60x15"])
async def test_every_sentence_of_the_help_is_there_whole(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "mia", size) as mia:
        await mia.press("?")
        await mia.until(lambda: isinstance(mia.app.screen, HelpScreen))
        found = mia.app.screen.query_one(VirtualList)
        await mia.until(lambda: found.source.total)
        said: dict[str, str] = {}
        for index in range(found.source.total):
            row = found.source.row(index)
            assert row is not None
            id_ = row.id.partition(MORE)[0]
            said[id_] = f"{said.get(id_, '')} {row.cells.get('help', '')}".strip()
        now = mia.main.situation()
        expected = {action.id: why_not(action, now, briefly=True) or action.help for action in ACTIONS}
        assert {id_: text for id_, text in said.items() if id_ in BY_ID} == expected
        for _ in range(len(ACTIONS) // 10 + 1):
            assert "…" not in "".join(lines(mia))
            await mia.press("pagedown")


async def test_the_help_goes_from_action_to_action_and_does_the_one_under_the_cursor(socket: Path) -> None:
    async with sitting(socket, "bob", (60, 15)) as bob:
        await bob.press("?", *"file")
        await bob.until(lambda: isinstance(bob.app.screen, HelpScreen))
        found = bob.app.screen.query_one(VirtualList)
        await bob.until(lambda: found.cursor_row is not None)
        before = []
        for key in ("down", "down", "up"):
            row = found.cursor_row
            before.append(row.id if row else "")
            await bob.press(key)
        assert len(set(before)) == 3
        assert set(before) <= {action.id for action in ACTIONS}
        await bob.press(*["backspace"] * 4, *"gt", "enter")
        await bob.until(lambda: "Sent" in bob.title())


async def test_the_help_tells_whole_why_the_line_under_the_cursor_is_off(socket: Path) -> None:
    async with sitting(socket, "alice", (60, 15)) as alice:
        await alice.press("?")
        await alice.until(lambda: isinstance(alice.app.screen, HelpScreen))
        about = alice.app.screen.query_one("#about", Static)
        await alice.until(lambda: not about.display)
        await alice.press(*"archive")
        why = "Move the message to the archive. You may not"
        await alice.until(lambda: str(about.render()).startswith(why))
        assert "(your permission: read)" in str(about.render())
