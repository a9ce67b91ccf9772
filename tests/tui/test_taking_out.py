"""Files, links and source on the real front, by the keys that the table names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shinbox.tui.screens.choose import ChooseScreen
from tests.tui.demo_front import demo_front
from tests.tui.person import Person, sitting

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with demo_front(tmp_path_factory.mktemp("desk")) as path:
        yield path


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir() if path.is_file()]


async def pick(person: Person, text: str) -> None:
    """Take what fits in the box that is open now, and wait for the box to go."""
    await person.until(lambda: isinstance(person.app.screen, ChooseScreen))
    box = person.app.screen
    await person.press(*text, "enter")
    await person.until(lambda: person.app.screen is not box)


async def on_a_file(person: Person) -> None:
    with_file = next(id_ for id_ in person.view.ids() if person.email(id_).has_attachment)
    person.main.messages.move_to_id(with_file)
    await person.pilot.pause()
    await person.press("A")


@SIZES
async def test_a_file_is_saved_into_the_chosen_folder(
    socket: Path, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with sitting(socket, "alice", size) as alice:
        await on_a_file(alice)
        await pick(alice, "1")
        await pick(alice, "save")
        await pick(alice, "here")
        await alice.until(lambda: alice.notice.startswith("Saved"))
        assert [bool(data) for data in contents(tmp_path)] == [True]


async def test_the_source_is_shown_piped_and_saved_as_eml(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with sitting(socket, "alice", (120, 40)) as alice:
        await alice.press("g", "s")
        await alice.until(lambda: "Message-ID" in alice.reader())
        await alice.press("escape", "|")
        await alice.until(lambda: alice.app.screen is not alice.main)
        await alice.press(*"grep -c Message-ID", "enter")
        await alice.until(lambda: "grep -c Message-ID" in alice.reader())
        await alice.press("escape", "S")
        await pick(alice, "eml")
        await pick(alice, "here")
        await alice.until(lambda: alice.notice.startswith("Saved"))
        assert b"Message-ID" in contents(tmp_path)[0]


async def test_a_link_is_copied_as_where_it_leads(socket: Path) -> None:
    async with sitting(socket, "alice", (120, 40)) as alice:
        alice.main.messages.focus()
        for _ in range(40):
            await alice.press("ctrl+l")
            await alice.until(lambda: alice.notice or isinstance(alice.app.screen, ChooseScreen))
            if isinstance(alice.app.screen, ChooseScreen):
                break
            alice.main.notice.clear()
            await alice.press("j")
        await pick(alice, "")
        await pick(alice, "copy")
        assert alice.notice == f"Copied {alice.app.clipboard}"
        assert ":" in alice.app.clipboard
