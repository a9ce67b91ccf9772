"""What is taken away while the desk is asked about it: a mailbox, a selection, a box. shinbox goes on.

And who leaves it while the desk is told of changes: they are not lost.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from shinbox.client.answering import new_draft
from shinbox.client.drafts import Draft
from shinbox.errors import DeskUnreachable, SetError
from shinbox.jmap.calls import Found
from shinbox.terms import Role
from shinbox.tui import sending
from shinbox.tui.look import LookApp
from shinbox.tui.many_messages import Patches
from shinbox.tui.screens import base, main
from shinbox.tui.screens.compose_frame import Composed
from shinbox.tui.screens.labels_box import LabelScreen
from tests.tui.person import PATIENCE, Person, sitting
from tests.tui.picture import take

SIZE = (120, 40)


class SlowToGo(Static):
    """A part that goes only when it is let go, as on a machine that has much to do."""

    def __init__(self) -> None:
        super().__init__("part")
        self.may_go = asyncio.Event()

    async def on_unmount(self) -> None:
        await self.may_go.wait()


def take_away(person: Person, account: str) -> None:
    """As when its manager ends the share."""
    person.main.desk.accounts = {
        id_: view for id_, view in person.main.desk.accounts.items() if id_ != account
    }


async def test_a_selection_that_was_given_up_may_still_fail_to_be_found(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.0)
    async with sitting(socket, "bob", SIZE) as bob:
        fails, asked = asyncio.Event(), asyncio.Event()

        async def lost(*view: object) -> list[str]:
            asked.set()
            await fails.wait()
            raise DeskUnreachable("The desk went away.")

        monkeypatch.setattr(bob.main.desk, "all_ids", lost)
        await bob.press("*", "e")
        await bob.until(asked.is_set)
        await bob.until(lambda: [work for work in bob.main.workers if work.group == "selection"])
        bob.main.messages.clear_marks()
        await bob.until(lambda: bob.main._found is None)
        fails.set()
        await bob.until(lambda: "The desk went away." in bob.notice)


async def test_a_folder_whose_list_is_refused_says_why_and_loads_no_more(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "mia", SIZE) as mia:

        async def refused(*view: object) -> bool:
            raise SetError("The desk cannot list this folder.")

        monkeypatch.setattr(mia.main.desk, "load_rows", refused)
        await mia.main.action_act("go.sent")
        await mia.until(lambda: "The desk cannot list this folder." in mia.notice)
        mia.main.notice.clear()
        await mia.until(lambda: "The desk cannot list this folder." in take(mia.app).text)


async def test_the_next_unread_message_is_looked_for_where_one_still_may(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "mia", SIZE) as mia:
        unread = [
            id_
            for id_, account in mia.main.desk.accounts.items()
            if (inbox := account.by_role(Role.INBOX)) and inbox.unread_emails
        ]
        assert len(unread) > 1

        async def none(kind: object, account: str, **asked: Any) -> Found:
            for other in unread:
                if other != account:
                    take_away(mia, other)
            return Found(ids=[], position=0)

        monkeypatch.setattr(mia.main, "_go_unread_here", lambda: False)
        monkeypatch.setattr(mia.main.desk.client, "query", none)
        await mia.main.do_go_next_unread()
        assert mia.notice == "No unread message in any inbox."


async def test_what_was_to_be_moved_in_a_mailbox_that_is_taken_away_is_said_to_be_gone(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", SIZE) as bob:
        account, known = bob.main.account, bob.main.known

        async def slowly(ids: list[str]) -> object:
            found = await known(ids)
            take_away(bob, account)
            return found

        monkeypatch.setattr(bob.main, "known", slowly)
        await bob.main.do_message_archive()
        assert "no longer shared with you" in bob.notice


async def test_what_was_done_just_before_leaving_is_done(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.0)
    asked, free = asyncio.Event(), asyncio.Event()
    async with sitting(socket, "bob", SIZE) as bob:
        desk, changed = bob.main.desk, list[str]()
        change = desk.change_some

        async def slowly(account: str, patches: Patches) -> dict[str, SetError]:
            asked.set()
            await free.wait()
            changed.extend(patches)
            return await change(account, patches)

        monkeypatch.setattr(desk, "change_some", slowly)
        await bob.press("s", "down", "s")
        wanted = [id_ for each, _ in bob.main._unanswered for id_ in each.patches]
        await bob.until(lambda: asked.is_set() and len(bob.main._unanswered) == 2)
        leaving = asyncio.ensure_future(bob.press("Q"))
        await bob.until(lambda: bob.notice.startswith(main.LAST_CHANGES))
        free.set()
        await leaving
    assert wanted and changed == wanted


def has_ended(person: Person) -> bool:
    return person.app._exit


def a_draft(person: Person) -> Draft:
    account = person.main.account_view
    assert account is not None
    draft = new_draft(account.id, account.identities[0])
    draft.id = "it"
    return draft


@pytest.mark.parametrize("ends_by", ["the desk", "the same key"])
async def test_who_leaves_while_a_message_is_handed_over_waits_for_that_or_says_it_again(
    socket: Path, monkeypatch: pytest.MonkeyPatch, ends_by: str
) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.0)
    free, handed = asyncio.Event(), list[str]()
    async with sitting(socket, "bob", SIZE) as bob:

        async def slowly(self: object, draft: Draft) -> None:
            await free.wait()
            handed.append(draft.id)

        monkeypatch.setattr(type(bob.main), "_send", slowly)
        bob.main._draft_done(Composed("send", a_draft(bob)))
        leaving = asyncio.ensure_future(bob.press("Q"))
        await bob.until(lambda: bob.notice.startswith(main.LAST_CHANGES))
        assert not has_ended(bob)
        if ends_by == "the desk":
            free.set()
        else:
            bob.app.simulate_key("Q")
        await leaving
        await bob.until(lambda: has_ended(bob))
    assert handed == (["it"] if ends_by == "the desk" else [])


async def test_who_leaves_stays_where_a_message_could_not_be_sent(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.0)
    refused = asyncio.Event()
    async with sitting(socket, "bob", SIZE) as bob:

        async def refuses(desk: object, draft: Draft) -> None:
            await refused.wait()
            raise SetError("The desk takes no such message.")

        monkeypatch.setattr(sending, "send", refuses)
        bob.main._draft_done(Composed("send", a_draft(bob)))
        leaving = asyncio.ensure_future(bob.press("Q"))
        await bob.until(lambda: bob.notice.startswith(main.LAST_CHANGES))
        refused.set()
        await leaving
        await bob.until(lambda: bob.main.composers())
        assert not has_ended(bob)


async def test_numbers_that_come_while_the_box_of_labels_is_taken_away_are_for_nobody() -> None:
    app, box, slow = LookApp(), LabelScreen(["urgent"], {}, 1, {}), SlowToGo()
    async with app.run_test() as pilot:
        await app.push_screen(box)
        await box.query_one("#box").mount(slow)
        await pilot.pause()
        box.tell({"urgent": 3})
        assert box._counts == {"urgent": 3}
        field = box.query_one(Input)._task
        assert field is not None
        box.dismiss(None)
        await asyncio.wait_for(field, PATIENCE)
        assert box.is_attached and not box.query(Input), "it waits for its slow part"
        box.tell({"urgent": 4})
        assert box._counts == {"urgent": 3}
        slow.may_go.set()
