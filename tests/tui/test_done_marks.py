"""A message that was answered or passed on says so in the list, until that is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from shinbox.tui.screens.compose import ComposeScreen
from tests.tui.demo_front import demo_front
from tests.tui.person import Person, sitting

MID = (120, 40)


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with demo_front(tmp_path_factory.mktemp("desk")) as path:
        yield path


async def write(bob: Person, key: str, to: str = "") -> None:
    await bob.press(key)
    await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
    if to:
        bob.app.screen.query_one("#to", Input).value = to
    await bob.press("ctrl+s")
    await bob.pilot.pause()
    await bob.press("y")
    await bob.until(lambda: bob.app.screen is bob.main and bob.notice in ("Sending", "Sent"))


@pytest.mark.parametrize(
    ("key", "to", "keyword", "mark"),
    [("r", "", "$answered", "↩"), ("f", "ann@halden.example", "$forwarded", "→")],
    ids=["answered", "passed on"],
)
async def test_what_was_answered_or_passed_on_is_marked_until_that_is_taken_back(
    socket: Path, key: str, to: str, keyword: str, mark: str
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        bob.main.messages.move_to(3)
        await bob.pilot.pause()
        done = bob.under_cursor()
        await write(bob, key, to)
        await bob.until(lambda: keyword in bob.email(done).keywords)
        assert mark in bob.main.messages.render_line(bob.main.messages.cursor).text
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.until(lambda: keyword not in bob.email(done).keywords)
