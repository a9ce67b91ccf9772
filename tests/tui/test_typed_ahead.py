"""Who types faster than the screen draws gets what was typed: no list of before is chosen from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.events import Key

from tests.tui.demo_front import demo_front
from tests.tui.person import Person, sitting
from tests.tui.scenes import boxed


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with demo_front(tmp_path_factory.mktemp("desk")) as path:
        yield path


def all_at_once(person: Person, text: str, *keys: str) -> None:
    """The keys are there before the first of them is looked at, as a terminal over a slow line gives them."""
    for letter in text:
        person.app.post_message(Key("slash" if letter == "/" else letter, letter))
    for key in keys:
        person.app.post_message(Key(key, None))


async def test_enter_behind_the_name_of_a_folder_moves_into_that_folder(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await boxed(bob, "m")
        all_at_once(bob, "junk", "enter")
        await bob.until(lambda: "Moved" in bob.notice)
        assert bob.notice == "Moved 1 message to Junk"
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
        await bob.until(lambda: bob.view.is_search and bob.view.known)
        assert 0 < bob.view.total < before


async def test_letters_behind_the_key_of_the_search_are_no_keys_of_the_list(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        before = bob.view.total
        all_at_once(bob, "/shade", "enter")
        await bob.until(lambda: bob.view.is_search and bob.view.known)
        assert 0 < bob.view.total < before
        assert bob.notice == ""


async def test_every_key_on_a_list_counts_however_quick(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "jjjjjkk")
        await bob.until(lambda: bob.main.messages.cursor == 3)


async def test_a_box_that_a_key_opens_takes_the_letters_behind_it(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        all_at_once(bob, "mjunk", "enter")
        await bob.until(lambda: "Moved" in bob.notice)
        assert bob.notice == "Moved 1 message to Junk"
        await bob.press("z")
        await bob.until(lambda: "Undone" in bob.notice)
