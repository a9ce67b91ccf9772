"""Searching on the real front: live, in a folder, a mailbox, everywhere; acting on finds; going back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shinbox.errors import InvalidArguments
from shinbox.jmap.objects import Email, Mailbox
from shinbox.terms import Role
from shinbox.tui import everywhere, mail_desk
from shinbox.tui.everywhere import Everywhere
from shinbox.tui.folder_view import FolderView
from shinbox.tui.found_view import FoundConversations
from shinbox.tui.mail_desk import AccountView
from shinbox.tui.mail_rows import LIST_PROPERTIES
from shinbox.tui.rows import Row
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.searches import complete, search_filters, without_beginning
from shinbox.tui.widgets.bars import KeyFooter
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.search_bar import SearchBar
from tests.tui.person import Person, sitting

NARROW, MID = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [NARROW, MID], ids=["80x24", "120x40"])
NOW = datetime(2026, 11, 21, tzinfo=UTC)


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
    await person.found(words)


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


async def test_what_was_typed_last_is_not_searched_for_when_the_line_was_left_meanwhile(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("/")
        bar = bob.main.query_one(SearchBar)
        bar.post_message(SearchBar.Left(back=True))
        bar.post_message(SearchBar.Typed("lamp"))
        await bob.press()
        assert not bob.view.is_search


async def test_a_word_that_is_not_understood_is_said_beside_what_is_typed(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("/")
        bar = bob.main.query_one(SearchBar)
        bar.query_one(LineField).value = "is:purple"
        await bob.until(lambda: "is:purple is not known" in str(bar.query_one("#note").render()))
        assert not bob.view.is_search
        await bob.press("enter")
        assert bar.has_class("-shown"), "a line with a mistake can be corrected"
        bar.query_one(LineField).value = "form:bob"
        await bob.until(lambda: "did you mean from:?" in str(bar.query_one("#note").render()))
        bar.query_one(LineField).value = "is:unread"
        await bob.until(lambda: bob.view.is_search and bob.view.known)
        assert not bar.query_one("#note").has_class("-shown")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("fr", "from:"),
        ("lamp -is:unr", "lamp -is:unread"),
        ("is:", "is:answered"),
        ("has:", "has:attachment"),
        ("in:in", "in:inbox"),
        ("in:Old", 'in:"Old stuff"'),
        ('in:"old', 'in:"Old stuff"'),
        ("label:ur", "label:urgent"),
        ("before:1", "before:1y"),
        ("lamp", None),
        ('"a b', None),
        ("", None),
        ("is:unread", None),
    ],
)
def test_a_search_is_completed_where_one_types(typed: str, offered: str | None) -> None:
    assert complete(typed, ["Inbox", "Old stuff"], ["billing", "urgent"]).ghost == offered


@pytest.mark.parametrize(
    ("typed", "searched"),
    [("is:", ""), ("lamp from:", "lamp "), ('lamp in:"', "lamp "), ("is:u", "is:u"), ("http:", "http:")],
)
def test_an_operator_whose_value_is_still_to_come_is_not_searched_for(typed: str, searched: str) -> None:
    assert without_beginning(typed) == searched


async def test_what_may_follow_is_shown_and_the_arrow_takes_what_is_offered(socket: Path) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        await bob.press("/")
        bar = bob.main.query_one(SearchBar)
        field = bar.query_one(LineField)
        await bob.press("i", "s", "colon")
        await bob.until(lambda: "answered, draft, flagged" in str(bar.query_one("#note").render()))
        await bob.press("f", "l")
        await bob.until(lambda: field._suggestion == "is:flagged")
        await bob.press("right")
        assert field.value == "is:flagged"
        await bob.until(lambda: bob.view.found == {"hasKeyword": "$flagged"} and bob.view.known)
        assert all("$flagged" in bob.email(id_).keywords for id_ in bob.view.ids())


OPERATORS: dict[str, Callable[[Email], object]] = {
    "from:felix": lambda email: "felix" in str(email.from_).lower(),
    "to:support": lambda email: "support" in str([email.to, email.from_]).lower(),
    "subject:lamp": lambda email: "lamp" in (email.subject or "").lower(),
    "is:unread": lambda email: "$seen" not in email.keywords,
    "-is:unread": lambda email: "$seen" in email.keywords,
    "is:flagged": lambda email: "$flagged" in email.keywords,
    "has:attachment": lambda email: email.has_attachment,
    "before:2026-11-18": lambda email: email.received_at < "2026-11-18",
    "after:2026-11-18": lambda email: email.received_at >= "2026-11-18",
    "on:2026-11-18": lambda email: email.received_at.startswith("2026-11-18"),
    'subject:"is the"': lambda email: "is the" in (email.subject or "").lower(),
    "subject:lamp -from:anna": lambda email: (
        "lamp" in (email.subject or "").lower() and "anna" not in str(email.from_).lower()
    ),
    "is:flagged OR has:attachment": lambda email: "$flagged" in email.keywords or email.has_attachment,
}


async def test_every_operator_finds_what_it_says_and_leaves_out_the_rest(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        everything = bob.main.desk.all_ids(FolderView(bob.main.account, "", lambda email: Row(email.id, {})))
        whole = await bob.main.desk.client.get(Email, bob.main.account, await everything, LIST_PROPERTIES)
        for words, fits in OPERATORS.items():
            await bob.main.do_search(words)
            await bob.until(lambda: bob.view.is_search and bob.view.known)
            found = await bob.main.desk.all_ids(bob.view)
            wanted = {email.id for email in whole.objects if fits(email)}
            assert set(found) == wanted or words.startswith("to:"), words
            assert wanted, words
        await bob.main.do_search("in:archive")
        archive = bob.main.desk.accounts[bob.main.account].by_role(Role.ARCHIVE)
        await bob.until(lambda: bob.view.known and bob.view.ids())
        assert archive is not None
        assert all(archive.id in bob.email(id_).mailbox_ids for id_ in bob.view.ids())


async def test_enter_goes_into_the_finds_and_escape_from_there_back(socket: Path) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        before = bob.under_cursor()
        await search(bob, "lamp")
        await bob.press("enter")
        await bob.until(lambda: bob.main.messages.has_focus and bob.under_cursor())
        await bob.press("enter")
        await bob.until(lambda: "Lamp" in bob.reader() or "lamp" in bob.reader())
        await bob.press("escape")
        assert bob.view.is_search
        await bob.press("escape")
        assert bob.under_cursor() == before


@pytest.mark.parametrize(
    ("words", "subject"),
    [("取り付け", "ペンダントライトの取り付けについて"), ("吊灯", "询价：餐厅吊灯二十套")],
)
async def test_a_script_without_spaces_is_found_by_a_piece_of_it(
    socket: Path, words: str, subject: str
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("g")
        await search(bob, words)
        await bob.until(lambda: {bob.email(id_).subject for id_ in bob.view.ids()} == {subject})
        assert bob.main.query_one(SearchBar).query_one(LineField).value == words


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


async def vogel(person: Person) -> FoundConversations:
    """Stand on the first find from the Vogels."""
    await search(person, "from:vogel")
    assert "4 found in 3 conversations: from:" in person.title()
    await person.press("enter")
    assert isinstance(person.view, FoundConversations)
    return person.view


async def test_finds_are_a_line_for_each_conversation_and_a_key_means_only_them(socket: Path) -> None:
    async with sitting(socket, "bob", (200, 60)) as bob:
        view = await vogel(bob)
        top = bob.under_cursor()
        assert [view.is_find(id_) for id_ in view.members(top)] == [True, False, True]
        await bob.press("*")
        await bob.until(lambda: "all 4 selected" in bob.title())
        assert set(await bob.main.selected()) == view.finds
        await bob.press("escape", "s")
        await bob.until(lambda: bob.notice == "Flagged 2 messages")
        await bob.press("z")
        await bob.until(lambda: "Undone" in bob.notice)


async def test_a_conversation_with_finds_is_shown_whole_and_the_finds_are_marked(socket: Path) -> None:
    async with sitting(socket, "bob", (200, 60)) as bob:
        await vogel(bob)
        await bob.press("enter")
        await bob.until(lambda: "3 messages, 2 found, 1 folded" in bob.reader())
        assert bob.reader().count("── found ─") == 2
        await bob.press("escape", "right")
        await bob.until(lambda: bob.view.total == 5)
        rows = [bob.view.row(line) for line in range(3)]
        assert [row.tone if row else "" for row in rows] == ["", "muted", ""]
        lines = []
        for key in ("n", "n", "N"):
            await bob.press(key)
            lines.append(bob.main.messages.cursor)
        assert lines == [2, 3, 2], "n and N go over what was not found"


async def test_message_by_message_every_find_is_a_line_and_the_search_stays(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await vogel(bob)
        await bob.press("t")
        await bob.until(lambda: bob.view.known and bob.view.total == 4)
        assert "4 found: from:vogel" in bob.title()
        await bob.press("t")
        await bob.until(lambda: bob.view.known and bob.view.total == 3)


async def test_finds_that_are_not_known_yet_are_asked_for_by_the_key_that_means_them(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_desk, "FINDS_AT_ONCE", 1)
    async with sitting(socket, "bob", (200, 60)) as bob:
        view = await vogel(bob)
        assert len(view.finds) == 3, "one a line"
        assert len(await bob.main.selected()) == 2


async def test_while_one_types_the_footer_says_the_keys_of_the_line_and_they_can_be_clicked(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", NARROW) as bob:
        await search(bob, "xylophone")
        await bob.until(lambda: not bob.view.total)
        assert bob.main.nothing_here().endswith("Tab in the search line looks further.")
        hints = bob.main.query_one("#search-keys", KeyFooter)
        assert str(hints.render()).strip() == "Enter to the finds  Esc leave  Tab elsewhere"
        assert not bob.main.footer.display
        await bob.pilot.click(hints, offset=(str(hints.render()).index("Tab") + 1, 0))
        await bob.until(lambda: isinstance(bob.view, Everywhere) and bob.view.known)
        assert "Nothing found in all mailboxes." in bob.main.messages.render_line(0).text
        await bob.press("escape")
        await bob.until(lambda: bob.main.footer.display and not bob.view.is_search)


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


async def test_of_very_many_finds_the_newest_are_shown_and_all_are_meant(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everywhere, "MOST", 3)
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("g")
        await search(bob, "lamp")
        assert isinstance(bob.view, Everywhere)
        found = bob.view.all_found
        assert f"newest 6 of {found:,} found" in bob.title()
        await bob.press("enter", "*")
        await bob.until(lambda: f"all {found:,} selected" in bob.title())
        assert len(await bob.main.selected()) == found > 6


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
        # The list opens at its top; then the cursor goes on.
        await bob.until(lambda: "Inbox" in bob.title() and bob.under_cursor() != "")
        await bob.until(lambda: "$seen" not in bob.email(bob.under_cursor()).keywords)


async def test_n_goes_on_reading_and_what_was_read_is_read(socket: Path) -> None:
    async with sitting(socket, "mia", NARROW) as mia:
        await mia.press("enter", "n")
        await mia.until(lambda: mia.main.reading is not None and mia.main.reading.id == mia.under_cursor())
        second = mia.under_cursor()
        assert mia.main.messages.cursor > 0
        await mia.until(lambda: "$seen" in mia.email(second).keywords)
        assert mia.main.reader.has_focus
