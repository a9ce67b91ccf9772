"""Searching on the real front: live, in a folder, a mailbox, everywhere; acting on finds; going back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.widgets import Static

from shinbox.errors import InvalidArguments
from shinbox.jmap.objects import Mailbox
from shinbox.tui.everywhere import Everywhere
from shinbox.tui.mail_desk import AccountView
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.searches import search_filters
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.search_bar import SearchBar
from tests.tui.demo_front import demo_front
from tests.tui.person import Person, sitting

NARROW, MID = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [NARROW, MID], ids=["80x24", "120x40"])
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with demo_front(tmp_path_factory.mktemp("desk")) as path:
        yield path


def account(id_: str, *names: str) -> AccountView:
    return AccountView(
        id_, id_, False, {f"{id_}-{name}": Mailbox(id=f"{id_}-{name}", name=name) for name in names}
    )


def test_a_folder_that_only_one_mailbox_has_is_looked_for_there_alone() -> None:
    accounts = {"a": account("a", "Inbox", "Customers"), "b": account("b", "Inbox")}
    assert search_filters("in:customers lamp", NOW, accounts) == {
        "a": {"inMailbox": "a-Customers", "text": "lamp"}
    }
    with pytest.raises(InvalidArguments, match="no folder"):
        search_filters("in:nowhere", NOW, accounts)


async def search(person: Person, words: str, key: str = "/") -> None:
    await person.press(key)
    await person.until(lambda: [bar for bar in person.main.query(SearchBar) if bar.has_class("-shown")])
    for character in words:
        await person.press({" ": "space", ":": "colon", "@": "at"}.get(character, character))
    await person.until(lambda: person.view.is_search and person.view.known)


@SIZES
async def test_what_is_typed_is_found_live_and_escape_goes_back(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "bob", size) as bob:
        await bob.press("j", "j")
        before, total = bob.under_cursor(), bob.view.total
        await search(bob, "is:flagged")
        assert all("$flagged" in bob.email(id_).keywords for id_ in bob.view.ids())
        assert bob.view.total != total
        await bob.press("escape")
        assert not bob.view.is_search
        assert bob.under_cursor() == before
        assert bob.main.messages.has_focus


async def test_a_word_that_is_not_understood_is_said_beside_what_is_typed(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("/")
        bar = bob.main.query_one(SearchBar)
        bar.query_one(LineField).value = "is:purple"
        await bob.until(lambda: "is:purple is not known" in str(bar.query(Static).last().render()))
        assert not bob.view.is_search


async def test_enter_goes_into_the_finds_and_escape_from_there_back(socket: Path) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        before = bob.under_cursor()
        await search(bob, "lamp")
        await bob.press("enter")
        await bob.until(lambda: bob.main.messages.has_focus and bob.under_cursor())
        await bob.press("enter")
        await bob.until(lambda: "From" in bob.reader())
        await bob.press("escape")
        assert bob.view.is_search
        await bob.press("escape")
        assert bob.under_cursor() == before


async def test_the_filter_of_a_folder_finds_only_there_and_a_move_leaves_it(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        inbox = bob.main.folder
        await search(bob, "is:unread", "backslash")
        assert all(inbox in bob.email(id_).mailbox_ids for id_ in bob.view.ids())
        await bob.press("enter")
        await bob.until(lambda: bob.under_cursor() != "")
        moved, total = bob.under_cursor(), bob.view.total
        await bob.press("e")
        assert bob.view.total == total - 1
        await bob.press("z")
        assert bob.view.index_of(moved) == 0


async def test_everywhere_finds_in_every_mailbox_and_the_title_follows_the_cursor(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("g")
        await search(bob, "lamp")
        assert isinstance(bob.view, Everywhere)
        mailboxes = {id_.split("/")[0] for id_ in bob.view.ids()}
        assert len(mailboxes) == 2
        await bob.press("enter")
        sales = next(id_ for id_ in bob.view.ids() if id_.split("/")[0] != bob.view.ids()[0].split("/")[0])
        bob.main.messages.move_to_id(sales)
        await bob.until(lambda: bob.main.account == sales.split("/")[0])
        await bob.until(lambda: bob.main.reading is not None and bob.main.reading.id == sales)
        assert bob.main.desk.accounts[bob.main.account].name in bob.title()


async def test_a_flag_on_a_find_of_another_folder_reaches_the_desk(socket: Path) -> None:
    async with sitting(socket, "mia", MID) as mia:
        await search(mia, "is:unread")
        await mia.press("enter")
        await mia.until(lambda: mia.under_cursor() != "")
        flagged = mia.under_cursor()
        on = "$flagged" in mia.email(flagged).keywords
        await mia.press("s")
        assert ("$flagged" in mia.email(flagged).keywords) != on
        await mia.main.refresh_view()
        assert ("$flagged" in mia.email(flagged).keywords) != on
        await mia.press("z")


async def test_go_to_mailbox_takes_a_part_of_a_name(socket: Path) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        await bob.press("g", "m")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.choose("salesinb")
        await bob.until(lambda: "sales@halden.example / Inbox" in bob.title())


async def test_n_goes_to_the_next_unread_message_wherever_it_is(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("g", "t")
        await bob.until(lambda: "Sent" in bob.title() and bob.view.known)
        await bob.press("n")
        await bob.until(lambda: "Inbox" in bob.title() and bob.under_cursor() != "")
        assert "$seen" not in bob.email(bob.under_cursor()).keywords
