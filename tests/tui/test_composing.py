"""The composer on the real front: forward with files, attach, be warned, complete recipients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Static, TextArea

from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.files import FilesScreen
from shinbox.tui.widgets.fields import LineField
from tests.tui.demo_front import demo_front
from tests.tui.person import Person, sitting

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with demo_front(tmp_path_factory.mktemp("desk")) as path:
        yield path


def said(person: Person, id_: str) -> str:
    return str(person.app.screen.query_one(id_, Static).render())


async def composing(person: Person, key: str) -> ComposeScreen:
    await person.press(key)
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))
    screen = person.app.screen
    assert isinstance(screen, ComposeScreen)
    return screen


@SIZES
async def test_a_file_is_chosen_goes_along_and_the_review_counts_it(
    socket: Path, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.csv").write_text("a,b\n")
    monkeypatch.chdir(tmp_path)
    async with sitting(socket, "bob", size) as bob:
        await composing(bob, "r")
        await bob.press("ctrl+o")
        await bob.until(lambda: isinstance(bob.app.screen, FilesScreen))
        await bob.press(*"list", "enter")
        await bob.until(
            lambda: isinstance(bob.app.screen, ComposeScreen) and "list.csv" in said(bob, "#files")
        )
        await bob.press("ctrl+s")
        assert "with 1 file" in said(bob, "#review")
        await bob.press("y")
        await bob.until(lambda: bob.notice == "Sending")
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.press("ctrl+r")
        await bob.until(lambda: not isinstance(bob.app.screen, ComposeScreen))
        await bob.press("enter")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen) and said(bob, "#files") == "")


async def test_a_forward_is_sent_with_the_files_of_the_message(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await bob.until(lambda: any(bob.email(id_).has_attachment for id_ in bob.view.loaded))
        with_file = next(id_ for id_ in bob.view.ids() if bob.email(id_).has_attachment)
        bob.main.messages.move_to_id(with_file)
        screen = await composing(bob, "f")
        assert "Forwarded message" in screen.query_one(TextArea).text
        assert "file" in said(bob, "#files")
        await bob.press(*"colleague@halden.example", "ctrl+s")
        assert "As support@halden.example to 1 recipient with" in said(bob, "#review")
        await bob.press("y")
        await bob.until(lambda: bob.notice == "Sending")
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))


async def test_the_review_names_what_to_look_at_again(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "r")
        screen.query_one("#to", LineField).fill("new@elsewhere.example")
        await bob.press(*"I attached it", "ctrl+s")
        assert "speaks of an attachment" in said(bob, "#warnings")
        assert "New in this conversation: new@elsewhere.example" in said(bob, "#warnings")
        await bob.press("escape")
        assert not screen.query_one("#warnings").display


async def test_recipients_are_completed_from_the_mailboxs_own_mail(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        sender = next(
            e for id_ in bob.view.ids() if (e := bob.email(id_)).from_ and e.from_[0].email.isascii()
        )
        assert sender.from_ is not None
        address = sender.from_[0].email
        screen = await composing(bob, "c")
        field = screen.query_one("#to", LineField)
        await bob.press(*address[: address.index("@")].replace(".", "\0").split("\0")[0][:4])
        await bob.until(lambda: len(field._suggestion) > 4)
        await bob.press("right")
        assert "@" in field.value
