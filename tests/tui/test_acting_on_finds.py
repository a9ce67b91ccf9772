"""Keys on finds on the real front: they mean what was found and no more, in the mailbox where it lies."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email
from shinbox.tui import everywhere, mail_desk
from shinbox.tui.everywhere import Everywhere, split_address
from shinbox.tui.screens.choose import ChooseScreen
from tests.tui.person import Person, sitting

MID = (120, 40)


async def in_finds(person: Person, words: str, *, wide: bool = False) -> None:
    """Stand in the finds of the mailbox, or of all."""
    main = person.main
    await (main.do_search_everywhere(words) if wide else main.do_search(words))
    await person.until(lambda: person.view.is_search and person.view.known and person.under_cursor())


def mailbox(address: str) -> str:
    return address.partition("/")[0]


async def neighbours(person: Person) -> tuple[str, str]:
    """Two finds, one below the other, of two mailboxes; the cursor on the upper one."""
    await in_finds(person, "lamp", wide=True)
    ids = person.view.ids()
    upper, lower = next(pair for pair in pairwise(ids) if len(set(map(mailbox, pair))) == 2)
    person.main.messages.move_to_id(upper)
    await person.until(lambda: person.main.account == mailbox(upper))
    return upper, lower


async def test_of_finds_that_are_not_known_none_of_a_line_that_was_left_out_is_meant(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_desk, "FINDS_AT_ONCE", 1)
    async with sitting(socket, "bob", (200, 60)) as bob:
        await in_finds(bob, "from:vogel")
        await bob.press("*")
        await bob.until(lambda: "all 4 selected" in bob.title())
        _, *others = bob.view.ids()
        await bob.press("x")
        await bob.until(lambda: "2 selected" in bob.title())
        assert await bob.main.selected() == others


async def test_what_is_done_in_another_mailbox_is_seen_in_the_finds_of_all(socket: Path) -> None:
    async with sitting(socket, "nina", MID) as nina, Client(Endpoint(socket=socket)) as window:
        await window.sign_in("nina", PASSWORD)
        nina.main.conversations = False
        upper, lower = await neighbours(nina)
        for on in (True, None):
            there, id_ = split_address("", lower)
            update = {id_: {"keywords/$flagged": on}}
            (await window.set_(Email, there, update=update)).checked()
            await nina.until(lambda on=on: nina.email(lower).keywords.get("$flagged") is on)  # type: ignore[misc]  # bound
        assert nina.under_cursor() == upper


@pytest.mark.parametrize("key", ["n", "J"])
async def test_whoever_reads_on_in_another_mailbox_has_read_it_there(socket: Path, key: str) -> None:
    async with sitting(socket, "nina", MID) as nina:
        nina.main.conversations = False
        _, lower = await neighbours(nina)
        desk, there = nina.main.desk, mailbox(lower)
        await desk.change(there, {lower: {"keywords/$seen": None}})
        await nina.main.refresh_view()
        assert "$seen" not in nina.email(lower).keywords
        await nina.press("enter", key)
        await nina.until(lambda: "$seen" in nina.email(lower).keywords and not nina.main._unanswered)
        assert nina.main.account == there
        assert "$seen" in (await desk.states(there, [lower]))[lower].keywords


async def test_what_is_selected_elsewhere_is_filed_from_its_own_mailbox(socket: Path) -> None:
    async with sitting(socket, "nina", MID) as nina:
        upper, lower = await neighbours(nina)
        await nina.press("x")
        nina.main.messages.move_to_id(lower)
        await nina.until(lambda: nina.main.account == mailbox(lower))
        await nina.press("m")
        await nina.until(lambda: nina.notice.startswith("These lie in another mailbox: put the cursor"))
        assert nina.app.screen is nina.main
        nina.main.messages.move_to_id(upper)
        await nina.until(lambda: nina.main.account == mailbox(upper))
        await nina.press("m")
        await nina.until(lambda: isinstance(nina.app.screen, ChooseScreen))


async def test_escape_leads_back_to_the_folder_as_it_is_shown_now(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        before = bob.view
        await in_finds(bob, "from:vogel")
        await bob.press("t")
        await bob.until(lambda: bob.view.known and bob.view.total == 4)
        await bob.press("escape")
        await bob.until(lambda: bob.view.known and not bob.view.is_search)
        assert (bob.view.account, bob.view.folder) == (before.account, before.folder)
        assert before.collapsed and not bob.view.collapsed, "message by message"


async def test_a_mailbox_whose_desk_is_away_does_not_keep_others_from_being_changed(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everywhere, "MOST", 3)
    async with sitting(socket, "nina", MID) as nina:
        await in_finds(nina, "lamp", wide=True)
        view = nina.view
        assert isinstance(view, Everywhere) and not view.knows_all_finds
        view.filters = {**view.filters, "away": {}}
        view.missing = ["away"]
        shut = next(id_ for id_ in view.ids() if view.is_shut(id_))
        nina.main.messages.move_to_id(shut)
        assert shut in await nina.main.selected(), nina.notice
        assert view.knows_all_finds
