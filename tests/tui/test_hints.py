"""What has room in the lines around the screen and in the boxes: hints that count, names that stand whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.client.formats import about_file, kind
from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.app import ShinboxApp
from shinbox.tui.columns import fit_columns
from shinbox.tui.demo import Demo
from shinbox.tui.screens.choose import Choice, ChooseScreen, columns_for
from shinbox.tui.settings import Settings
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import Person, sitting
from tests.tui.scenes import go_to, open_inbox

NARROW = (80, 24)
ROOM = 67
"""Cells of a box's line at 80 columns."""


async def read(person: Person, mailbox: str, subject: str) -> None:
    """Open a message and wait for it."""
    await open_inbox(person, mailbox)
    await go_to(person, subject)
    await person.press("enter")
    await person.until(lambda: person.main.reading is not None and subject in person.reader())


async def test_where_room_is_short_the_footer_names_first_what_one_may_do(socket: Path) -> None:
    async with sitting(socket, "alice", NARROW) as alice:
        hints = ("/ find", "? help", "x select", "Esc back")
        await alice.until(lambda: all(hint in alice.footer() for hint in hints))
        said = alice.footer()
        assert "r reply" in said, "what is off stands there as far as there is room, in its place"
        assert said.index("r reply") < said.index("/ find")


async def test_a_step_to_a_message_of_the_same_kind_draws_neither_title_nor_footer_anew(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        main, drawn = bob.main, list[str]()
        main.refresh_frame()
        monkeypatch.setattr(main.title_bar, "refresh", lambda: drawn.append("title"))
        monkeypatch.setattr(main.footer, "refresh", lambda: drawn.append("footer"))
        main.messages.move_to(1)
        main.cursor_moved()
        assert drawn == []
        main.messages.marks.mark_everything()
        main.cursor_moved()
        assert drawn == ["title", "footer"]


async def test_a_footer_that_is_read_aloud_names_only_what_one_may_do(socket: Path, tmp_path: Path) -> None:
    demo = Demo([("alice", "")], PASSWORD, "alice")
    plain = Settings(plain=True)
    app = ShinboxApp(Endpoint(socket=socket), demo=demo, drafts=tmp_path / "drafts", settings=plain)
    async with app.run_test(size=NARROW) as pilot:
        alice = Person(app, pilot)
        await alice.until(lambda: "/ find" in alice.footer())
        assert "reply" not in alice.footer()


async def test_whoever_reads_is_told_how_to_leave_and_that_there_are_files(socket: Path) -> None:
    async with sitting(socket, "alice", NARROW) as alice:
        await read(alice, "sales", "Order 7731")
        await alice.until(lambda: "A files" in alice.footer())
        assert alice.footer().startswith(" Esc back  A files")
        assert "x select" not in alice.footer()
        await alice.press("escape")
        await alice.until(lambda: "x select" in alice.footer())


async def test_a_message_without_files_gives_their_hint_away_and_the_key_says_why(socket: Path) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        await read(bob, "support", "Bris pendant flickers")
        await bob.until(lambda: bob.footer().startswith(" Esc back") and "A files" not in bob.footer())
        await bob.press("A")
        assert bob.notice == "This message has no files."


async def test_a_wide_footer_names_more_where_a_narrow_one_has_what_counts(socket: Path) -> None:
    async with sitting(socket, "mia", (200, 60)) as mia:
        all_of_it = "Esc back  n next unread  A files  g m go to mailbox  Q quit"
        await mia.until(lambda: mia.footer().rstrip().endswith(all_of_it))


async def test_a_title_without_room_for_the_sender_still_counts_the_messages(socket: Path) -> None:
    async with sitting(socket, "mia", NARROW) as mia:
        await open_inbox(mia, "support")
        await mia.until(lambda: "manage + send" in mia.title() and "/94 ●" in mia.title())
        assert " as support@" not in mia.title()


async def test_the_files_below_a_message_have_a_heading_of_their_own(socket: Path) -> None:
    async with sitting(socket, "alice", NARROW) as alice:
        await read(alice, "sales", "Order 7731")
        assert "3 files:\n  1 Purchase order 7731.pdf  PDF, 546 B\n" in alice.reader()


async def test_the_box_of_places_names_every_folder_whole(socket: Path) -> None:
    async with sitting(socket, "alice", NARROW) as alice:
        await alice.press("g", "m")
        await alice.until(lambda: isinstance(alice.app.screen, ChooseScreen))
        box = alice.app.screen.query_one(VirtualList)
        await alice.until(lambda: "support@halden.example / Archive" in text_of(box))


def text_of(box: VirtualList) -> str:
    return "\n".join(box.render_line(y).text for y in range(box.size.height))


def widths(*choices: Choice) -> dict[str, int]:
    return {placed.column.key: placed.width for placed in fit_columns(columns_for(choices), ROOM)}


def test_columns_of_a_box_share_the_width_as_they_need_it() -> None:
    got = widths(Choice("a", "n" * 34, "9 unread"))
    assert got["name"] >= 34
    assert got["note"] >= len("9 unread")
    got = widths(Choice("a", "look at it", "There is no preview of this file"))
    assert got["note"] >= 32


def test_a_name_is_measured_as_it_is_drawn() -> None:
    # Nothing wide by itself; each of them is drawn as a mark.
    hidden = "\u202e" * 30
    assert widths(Choice("a", hidden, "n" * 30))["name"] >= 30


def test_a_column_that_holds_nothing_takes_no_room() -> None:
    assert widths(Choice("a", "name")) == {"name": ROOM}
    assert widths(Choice("a", "theme", "", "^T"))["key"] == 2


def test_what_is_too_long_for_a_box_leaves_the_other_columns_their_least() -> None:
    got = widths(Choice("a", "https://example.org/" + "x" * 300, "w" * 300, "Ctrl+Shift+Enter"))
    assert got["name"] > got["note"] >= 8
    assert sum(got.values()) + 2 == ROOM


@pytest.mark.parametrize(
    ("media_type", "said"),
    [
        ("application/pdf", "PDF"),
        ("TEXT/CSV", "CSV table"),
        ("image/webp", "picture"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel table"),
        ("application/octet-stream", "file of unknown kind"),
        ("application/x-strange", "application/x-strange"),
    ],
)
def test_a_files_kind_is_said_as_people_call_it(media_type: str, said: str) -> None:
    assert kind(media_type) == said
    assert about_file(media_type, 2500) == f"{said}, 2 K"
