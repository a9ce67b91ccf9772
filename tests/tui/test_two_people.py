"""Two people sort one mailbox at the same time: cursor, selection and counts stay right."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from textual.widgets import Static

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email, Mailbox
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.screens import many
from shinbox.tui.screens.compose import ComposeScreen
from tests.tui.person import Person, sitting

MID = (120, 40)
NUMBERS = count()
"""New messages of all tests: a Message-ID that comes twice means the same conversation."""


class Colleague:
    """Mia, who manages support, at another desk."""

    def __init__(self, client: Client, account: str, folders: dict[str, str]) -> None:
        self.client = client
        self.account = account
        self.folders = folders

    async def moves(self, ids: list[str], source: str, target: str) -> None:
        patch = {f"mailboxIds/{self.folders[source]}": None, f"mailboxIds/{self.folders[target]}": True}
        await self.patches(ids, patch)

    async def patches(self, ids: list[str], patch: Mapping[str, object]) -> None:
        update = {id_: dict(patch) for id_ in ids}
        (await self.client.set_(Email, self.account, update=update)).checked()

    async def brings(self, number: int, answers: Email | None = None) -> list[str]:
        """New mail in the inbox, newer than everything; of the same conversation if it answers a message."""
        reference = f"<{(answers.message_id or [''])[0]}>" if answers else ""
        headers = f"In-Reply-To: {reference}\r\nReferences: {reference}\r\n" if answers else ""
        made = []
        for _ in range(number):
            place = next(NUMBERS)
            subject = f"Re: {answers.subject}" if answers else f"New {place}"
            raw = (
                "From: New <new@x.example>\r\nTo: support@halden.example\r\n"
                f"Message-ID: <n{place}@x>\r\n{headers}Subject: {subject}\r\n\r\nHello\r\n"
            )
            blob = await self.client.upload(self.account, raw.encode(), "message/rfc822")
            wanted = {
                "blobId": blob,
                "mailboxIds": {self.folders["inbox"]: True},
                "receivedAt": f"2031-01-01T00:{place // 60:02}:{place % 60:02}Z",
            }
            answer = await self.client.invoke("Email/import", accountId=self.account, emails={"m": wanted})
            made.append(answer["created"]["m"]["id"])
        return made


@asynccontextmanager
async def mia(socket: Path) -> AsyncIterator[Colleague]:
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in("mia", PASSWORD)
        accounts = (await client.session()).accounts
        account = next(id_ for id_, each in accounts.items() if each.name.startswith("support"))
        folders = (await client.get(Mailbox, account)).objects
        yield Colleague(client, account, {folder.role or folder.name: folder.id for folder in folders})


def line_under_cursor(person: Person) -> int:
    return person.main.messages.cursor - person.main.messages.scroll_offset.y


async def test_however_much_mail_comes_the_cursor_stays_on_its_message_and_the_count_follows(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        bob.main.messages.move_to(5)
        await bob.pilot.pause()
        here, total = bob.under_cursor(), bob.view.total
        unread = bob.main.folder_object.unread_emails if bob.main.folder_object else 0
        made = await colleague.brings(150)
        await bob.until(lambda: bob.view.total == total + 150)
        await bob.until(lambda: bob.under_cursor() == here)
        await bob.until(lambda: f"{unread + 150:,}/" in bob.title())
        await colleague.moves(made, "inbox", "trash")
        await bob.until(lambda: bob.view.total == total)
        assert bob.under_cursor() == here


async def test_if_a_colleague_moves_the_message_under_the_cursor_it_goes_to_the_next(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        bob.main.messages.move_to(4)
        await bob.pilot.pause()
        members = await bob.main.selected()
        following = bob.main.messages.source.row(5)
        assert following is not None
        await colleague.moves(members, "inbox", "archive")
        await bob.until(lambda: bob.under_cursor() == following.id)
        assert bob.main.messages.cursor == 4
        await colleague.moves(members, "archive", "inbox")
        await bob.until(lambda: bob.main.messages.cursor == 5)
        assert bob.under_cursor() == following.id


@pytest.mark.parametrize("leaves_by", ["escape", "J"])
async def test_who_reads_a_message_that_a_colleague_moves_keeps_it_until_they_leave_it(
    socket: Path, leaves_by: str
) -> None:
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        bob.main.messages.move_to(4)
        await bob.press("enter")
        await bob.until(lambda: bob.main.reading and bob.main.reading.id == bob.under_cursor())
        read, total, members = bob.under_cursor(), bob.view.total, await bob.main.selected()
        await colleague.moves(members, "inbox", "archive")
        await bob.until(lambda: bob.main._reads_on == read)
        made = await colleague.brings(1)
        await bob.until(lambda: bob.view.index_of(made[0]) == 0)
        assert bob.under_cursor() == read and bob.main.reading and bob.main.reading.id == read
        assert (bob.main.messages.cursor, bob.view.total) == (5, total + 1)
        await bob.press(leaves_by)
        await bob.until(lambda: bob.view.total == total and bob.view.index_of(read) is None)
        await colleague.moves(members, "archive", "inbox")
        await colleague.moves(made, "inbox", "trash")


async def test_a_message_read_in_a_long_unfolded_conversation_is_not_taken_for_gone(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        first = (await colleague.brings(1))[0]
        asked = await colleague.client.get(Email, colleague.account, [first], ["messageId", "subject"])
        made = [first, *await colleague.brings(70, asked.objects[0])]
        await bob.until(lambda: bob.view.index_of(made[-1]) == 0)
        bob.main.messages.move_to(0)
        await bob.press("right")
        await bob.until(lambda: bob.view.index_of(made[0]) == 70)
        bob.main.messages.move_to(60)
        await bob.press("enter")
        await bob.until(lambda: bob.main.reading and bob.main.reading.id == bob.under_cursor() == made[10])
        await bob.main.refresh_view()
        assert (bob.main._reads_on, bob.under_cursor(), bob.view.index_of(made[10])) == ("", made[10], 60)
        await colleague.moves(made, "inbox", "trash")


async def test_what_goes_from_a_search_by_being_read_stays_while_one_reads_it(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.main.do_search("is:unread")
        await bob.until(lambda: bob.view.is_search and bob.view.known and bob.view.total > 2)
        await bob.press("j", "enter")
        read = bob.under_cursor()
        await bob.until(lambda: bob.main._reads_on == read)
        assert bob.under_cursor() == read and "$seen" in bob.email(read).keywords
        await bob.press("escape")
        await bob.until(lambda: bob.view.index_of(read) is None)


async def test_what_a_colleague_takes_away_is_no_longer_selected_and_the_rest_is(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        await bob.press("x", "x", "x")
        marked = sorted(bob.main.messages.marks.ids)
        assert len(marked) == 3
        await colleague.moves(marked[:1], "inbox", "archive")
        await bob.until(lambda: sorted(bob.main.messages.marks.ids) == marked[1:])
        assert "2 selected" in bob.title()
        await colleague.moves(marked[:1], "archive", "inbox")


async def test_mail_that_comes_after_all_were_selected_is_not_touched(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "PORTION", 10)
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        await bob.press("*")
        await bob.until(lambda: "all " in bob.title() and " selected" in bob.title())
        selected = bob.title().split(" selected")[0].rsplit("all ", 1)[1]
        made = await colleague.brings(2)
        await bob.until(lambda: set(made) <= set(bob.view.ids()))
        await bob.until(lambda: not {id_ for id_ in made if id_ in bob.main.messages.marks})
        assert f"all {selected} selected" in bob.title()
        await bob.press("e")
        await bob.until(lambda: bob.notice == f"Moved {selected} messages to Archive")
        await bob.until(lambda: bob.view.known and sorted(bob.view.ids()) == sorted(made))
        await bob.press("z")
        await bob.until(lambda: bob.notice == f"Undone: Moved {selected} messages to Archive")
        await bob.until(lambda: len(bob.view.ids()) > len(made))
        await colleague.moves(made, "inbox", "trash")


async def test_all_of_it_can_be_stopped_and_what_was_done_has_one_undo(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "PORTION", 10)
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        total = len(await bob.main.desk.all_ids(bob.view))
        change = bob.main.desk.change_some
        portions = 0

        async def slowly(account: str, patches: dict[str, dict[str, object]]) -> dict[str, Exception]:
            nonlocal portions
            portions += 1
            if portions == 3:
                await bob.until(lambda: "Moving 20 of" in bob.notice)
                bob.main.do_go_back()
            return await change(account, patches)  # type: ignore[return-value]  # a dict is invariant

        monkeypatch.setattr(bob.main.desk, "change_some", slowly)
        await bob.press("*", "e")
        await bob.until(lambda: bob.notice == "Stopped. Moved 30 messages to Archive")
        assert portions == 3
        left = await colleague.client.query(
            Email, colleague.account, filter={"inMailbox": colleague.folders["inbox"]}, calculateTotal=True
        )
        assert left.total == total - 30
        await bob.press("z")
        await bob.until(lambda: bob.notice.startswith("Undone: Stopped. Moved 30"))
        assert len(await bob.main.desk.all_ids(bob.view)) == total


async def test_an_answer_in_a_conversation_keeps_the_cursor_on_it_and_makes_it_unread(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob, mia(socket) as colleague:
        view = bob.view
        assert isinstance(view, ConversationView)
        bob.main.messages.move_to(8)
        await bob.pilot.pause()
        before = bob.under_cursor()
        asked = await colleague.client.get(Email, colleague.account, [before], ["messageId", "subject"])
        made = await colleague.brings(1, asked.objects[0])
        await bob.until(lambda: bob.view.index_of(made[0]) == 0)
        assert bob.under_cursor() == made[0]
        row = bob.main.messages.cursor_row
        assert row is not None
        assert (row.cells["mark"], row.fold) == ("●", "shut")
        await colleague.moves(made, "inbox", "trash")
        await bob.until(lambda: bob.view.index_of(made[0]) != 0)


async def test_an_answer_stops_where_another_came_first_shows_it_and_then_may_be_sent(socket: Path) -> None:
    async with mia(socket) as colleague, sitting(socket, "bob", MID) as bob:
        await bob.press("r")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen) and bob.main.writing)
        draft = bob.main.writing
        assert draft is not None
        [answered] = (await colleague.client.get(Email, draft.account, [draft.replies_to])).objects
        await colleague.brings(1, answered)
        await bob.press(*"We look.", "ctrl+s", "y")
        await bob.until(lambda: "meanwhile New wrote" in problem(bob))
        assert "“Hello”" in problem(bob)
        await bob.press("ctrl+s", "y")
        await bob.until(lambda: bob.notice.startswith("Sending"))
        await bob.press("z")
        await bob.until(lambda: "it is yours again" in problem(bob))


def problem(person: Person) -> str:
    found = person.app.screen.query("#problem")
    return str(found.first(Static).render()) if found else ""
