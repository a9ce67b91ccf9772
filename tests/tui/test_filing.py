"""Labels, copies and commands on the real front."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.labels_box import LabelScreen
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.demo_front import demo_front
from tests.tui.person import Person, sitting


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with demo_front(tmp_path_factory.mktemp("desk")) as path:
        yield path


async def command(person: Person, line: str) -> None:
    await person.press(":")
    await person.choose(line)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_command_with_an_argument_is_carried_out(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "bob", size) as bob:
        await command(bob, "move Archive")
        await bob.until(lambda: bob.notice == "Moved 1 message to Archive")
        await bob.press("z")
        await command(bob, "theme light")
        await bob.until(lambda: "light" in bob.app.theme)
        await command(bob, "search is:flagged")
        await bob.until(lambda: bob.view.is_search and bob.view.known)


async def test_a_new_label_is_typed_shown_and_taken_off_by_undo(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        labelled = bob.under_cursor()
        await bob.press("l")
        await bob.choose("urgent")
        await bob.until(lambda: "urgent" in bob.email(labelled).keywords)
        await bob.press("z")
        await bob.until(lambda: "urgent" not in bob.email(labelled).keywords)


async def test_the_box_of_labels_says_how_many_have_which_and_list_and_reader_show_them(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await bob.press("V", "j", "V", "l")
        await bob.choose("refund")
        await bob.until(lambda: bob.notice == "Labelled 2 messages: refund")
        await bob.press("l")
        await bob.until(lambda: isinstance(bob.app.screen, LabelScreen))
        box = bob.app.screen
        assert isinstance(box, LabelScreen)
        await bob.until(lambda: "2 messages" in notes(box).get("refund", ""))
        assert "on: choosing it takes it off" in notes(box)["refund"]
        await bob.press("escape")
        await bob.until(lambda: "[refund]" in bob.reader())
        line = bob.main.messages.render_line(bob.main.messages.cursor).text
        assert "[refund]" in line
        await bob.press("l")
        await bob.choose("refund")
        await bob.until(lambda: "[refund]" not in bob.reader())
        await bob.press("z", "z")


def notes(box: LabelScreen) -> dict[str, str]:
    source = box.query_one(VirtualList).source
    rows = [source.row(line) for line in range(source.total)]
    return {row.id: row.cells["note"] for row in rows if row is not None}


async def test_a_message_is_copied_into_another_mailbox_and_the_copy_taken_back(socket: Path) -> None:
    async with sitting(socket, "nina", (120, 40)) as nina:
        here = nina.main.account
        other = next(a for a in nina.main.desk.accounts.values() if a.id != here)
        await nina.press("Y")
        await nina.until(lambda: isinstance(nina.app.screen, ChooseScreen))
        await nina.choose(f"{other.name} / Archive")
        await nina.until(lambda: nina.notice == f"Copied 1 message to {other.name} / Archive")
        await nina.press("z")
        await nina.until(lambda: nina.notice.startswith("Undone"))


async def test_a_reader_is_told_why_a_label_is_off(socket: Path) -> None:
    async with sitting(socket, "alice", (80, 24)) as alice:
        await alice.press("l")
        assert alice.notice.startswith("You may not")
