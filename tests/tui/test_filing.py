"""Labels, copies and commands on the real front."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shinbox.errors import SetError
from shinbox.terms import Role
from shinbox.tui.many_messages import Patches
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.labels_box import LabelScreen
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import Person, sitting


async def command(person: Person, line: str) -> None:
    await person.press(":")
    await person.choose(line)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_command_with_an_argument_is_carried_out(
    socket: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "bob", size) as bob:
        bob.main.settings_path = tmp_path / "config.toml"
        await command(bob, "move Archive")
        await bob.until(lambda: bob.notice == "Moved 1 message to Archive")
        await bob.press("z")
        await command(bob, "theme light")
        await bob.until(lambda: bob.notice == "Kept: theme = shinbox-light")
        assert bob.app.theme == "shinbox-light"
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


async def test_a_label_that_is_still_on_its_way_to_the_desk_is_counted(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        free, change = asyncio.Event(), bob.main.desk.change_some

        async def slowly(account: str, patches: Patches) -> dict[str, SetError]:
            await free.wait()
            return await change(account, patches)

        monkeypatch.setattr(bob.main.desk, "change_some", slowly)
        await bob.press("l")
        await bob.choose("counted")
        await bob.press("l")
        await bob.until(lambda: isinstance(bob.app.screen, LabelScreen))
        box = bob.app.screen
        assert isinstance(box, LabelScreen) and "1 message" not in notes(box)["counted"]
        free.set()
        await bob.until(lambda: "1 message" in notes(box)["counted"])
        await bob.press("escape", "z")


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


async def test_the_command_completes_a_label_that_is_in_use(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        labelled = bob.under_cursor()
        await command(bob, "label spring-fair")
        await bob.until(lambda: "spring-fair" in bob.email(labelled).keywords)
        await bob.press("j")
        other = bob.under_cursor()
        await command(bob, "label spri")
        await bob.until(lambda: "spring-fair" in bob.email(other).keywords)
        await bob.press("z", "z")
        await bob.until(lambda: "spring-fair" not in bob.email(labelled).keywords)


async def test_a_reader_is_told_why_a_label_is_off(socket: Path) -> None:
    async with sitting(socket, "alice", (80, 24)) as alice:
        await alice.press("l")
        assert alice.notice.startswith("You may not")


def offered(person: Person) -> list[str]:
    source = person.app.screen.query_one(VirtualList).source
    return [row.cells["name"] for at in range(source.total) if (row := source.row(at))]


async def test_the_likeliest_place_to_move_to_is_offered_first_and_drafts_last(socket: Path) -> None:
    async with sitting(socket, "mia", (120, 40)) as mia:
        await mia.press("m")
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        here = [name for name in offered(mia) if "@" not in name]
        assert here[0] == "Archive" and here[-4:] == ["Junk", "Trash", "Sent", "Drafts"]
        await mia.choose("Trash")
        await mia.press("z", "m")
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        assert offered(mia)[:2] == ["Trash", "Archive"], "the last one first"
        await mia.choose("Drafts")
        await mia.press("z", "m")
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        assert offered(mia)[0] == "Trash", "nobody files into Drafts twice"


async def test_the_last_place_is_remembered_for_each_mailbox(socket: Path) -> None:
    async with sitting(socket, "mia", (120, 40)) as mia:
        await mia.press("m")
        await mia.choose("Junk")
        await mia.press("z")
        here = mia.main.account
        other = next(a for a in mia.main.desk.accounts.values() if a.id != here)
        inbox = other.by_role(Role.INBOX)
        assert inbox is not None
        mia.main.open_folder(other.id, inbox.id)
        await mia.until(lambda: mia.main.account == other.id and mia.main.messages.cursor_row is not None)
        await mia.press("m")
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        assert offered(mia)[0] == "Archive"


@pytest.mark.parametrize("who", ["alice", "tom"])
async def test_who_may_put_messages_nowhere_is_told_so_at_once(socket: Path, who: str) -> None:
    async with sitting(socket, who, (80, 24)) as person:
        await person.press("Y")
        await person.until(
            lambda: person.notice.startswith("You may not put messages into any other folder.")
        )
        assert person.app.screen is person.main


async def test_where_one_may_not_put_anything_stands_last(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        off = [choice.off is not None for choice in bob.main.places()]
        assert off == sorted(off) and True in off and False in off
