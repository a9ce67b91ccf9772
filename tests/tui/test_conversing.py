"""Conversations on the real front: one line each, whole in the reader, a key means all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shinbox.client.formats import count
from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email, Mailbox
from shinbox.jmap.objects.email import EmailAddress, EmailBodyPart, EmailBodyValue
from shinbox.terms import Role
from shinbox.tui import conversation_view
from shinbox.tui.conversation_text import conversation_texts, folded
from shinbox.tui.conversation_view import ConversationView
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.demo_front import demo_front
from tests.tui.person import PATIENCE, Person, sitting
from tests.tui.scenes import go_to, open_inbox

NARROW, MID = (80, 24), (120, 40)


def test_a_long_quotation_is_one_line_and_a_short_one_stays() -> None:
    quoted = [(f"> {number}", "quote") for number in range(6)]
    assert folded([("a", ""), *quoted, ("b", "")]) == [
        ("a", ""),
        ("▸ 6 quoted lines (→ shows them)", "link"),
        ("b", ""),
    ]
    assert folded(quoted[:2]) == quoted[:2]


def said(id_: str, sender: str, words: str, seen: bool = True) -> Email:
    people = {address: EmailAddress(email=f"{address}@x.example") for address in (sender, "support")}
    return Email(
        id=id_,
        from_=[people[sender]],
        to=[people["support"]],
        received_at="2026-11-20T10:00:00Z",
        subject="Lamp",
        keywords={"$seen": True} if seen else {},
        text_body=[EmailBodyPart(part_id="1", type="text/plain")],
        body_values={"1": EmailBodyValue(value=words)},
    )


def texts_of(*emails: Email) -> list[str]:
    texts = conversation_texts(emails, datetime(2026, 11, 21, tzinfo=UTC))
    return ["\n".join(line for line, _ in text) for text in texts]


def test_older_messages_that_were_read_are_a_line_each_until_they_are_unfolded() -> None:
    quoted = "".join(f"> {number}\n" for number in range(9))
    emails = [
        said("1", "ann", "It flickers.\nAnd hums."),
        said("2", "bob", "Mine too.\nAlways.", seen=False),
        said("3", "ann", f"Thanks!\n{quoted}"),
    ]
    first, second, third = texts_of(*emails)
    assert "3 messages, 1 folded (→ shows it)" in first
    assert ("It flickers." in first, "\nAnd hums." in first) == (True, False)
    assert "Always." in first
    assert "\nAnd hums." in second
    assert ("> 8" in second, "> 8" in third) == (False, True)


def test_what_was_unread_until_it_was_opened_is_whole_though_the_desk_says_by_then_that_it_is_read() -> None:
    emails = [said(number, "ann", f"First {number}.\nThen {number}.") for number in ("1", "2", "3")]
    now = datetime(2026, 11, 21, tzinfo=UTC)
    text = "\n".join(line for line, _ in conversation_texts(emails, now, just_read={"2"})[0])
    assert ("\nThen 1." in text, "Then 2." in text, "Then 3." in text) == (False, True, True)


def test_files_are_numbered_through_the_whole_conversation() -> None:
    first, second = said("1", "ann", "a", False), said("2", "bob", "b")
    order, plan, bill = (
        EmailBodyPart(type="application/pdf", size=2000, name=f"{name}.pdf")
        for name in ("order", "plan", "bill")
    )
    first.attachments, second.attachments = [order, plan], [bill]
    text = texts_of(first, second)[0]
    assert [line.strip() for line in text.split("\n") if "PDF" in line] == [
        "1 order.pdf  PDF, 2 K",
        "2 plan.pdf  PDF, 2 K",
        "3 bill.pdf  PDF, 2 K",
    ]


def test_a_folded_message_that_is_cut_says_so() -> None:
    text = texts_of(said("1", "ann", "word " * 30), said("2", "bob", "b"))[0]
    line = next(line for line in text.split("\n") if line.startswith("▸"))
    assert line.endswith("…")
    assert len(line) <= 78


def test_who_neither_wrote_nor_was_addressed_before_is_marked_as_new() -> None:
    text = texts_of(said("1", "ann", "a", False), said("2", "ann", "b", False), said("3", "eve", "c"))[0]
    assert text.count("is new in this conversation") == 1
    assert "eve@x.example is new in this conversation." in text
    assert "new in" not in texts_of(said("1", "ann", "a", False), said("2", "support", "b"))[0]


async def by_conversation(person: Person, but: str = "") -> ConversationView:
    """Stand on a folded conversation."""
    view = person.view
    assert isinstance(view, ConversationView)
    shut = next(id_ for id_ in view.ids() if view.is_shut(id_) and id_ != but)
    person.main.messages.move_to_id(shut)
    await person.pilot.pause()
    return now_shown(person)


def now_shown(person: Person) -> ConversationView:
    """The list as it was fetched last."""
    view = person.view
    assert isinstance(view, ConversationView)
    return view


@pytest.mark.parametrize("size", [NARROW, MID])
async def test_a_conversation_is_one_line_and_right_unfolds_it(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "bob", size) as bob:
        view = await by_conversation(bob)
        top, total = bob.under_cursor(), view.total
        await bob.press("right")
        await bob.until(lambda: bob.view.total > total)
        assert bob.view.total == total + len(now_shown(bob).others(top))
        await bob.press("left")
        await bob.until(lambda: bob.view.total == total)
        assert bob.under_cursor() == top


async def test_a_conversation_unfolds_in_a_list_that_was_refreshed_meanwhile(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_view, "LOOKED_AT", 0)
    async with sitting(socket, "bob", NARROW) as bob:
        view = await by_conversation(bob)
        total, some, asked, free = view.total, bob.main.desk.some, asyncio.Event(), asyncio.Event()

        async def slow(*args: Any, **more: Any) -> Sequence[Email]:
            asked.set()
            await free.wait()
            return await some(*args, **more)

        monkeypatch.setattr(bob.main.desk, "some", slow)
        bob.app.simulate_key("right")
        await asyncio.wait_for(asked.wait(), PATIENCE)
        await bob.main.refresh_view()
        assert bob.view is not view
        free.set()
        await bob.until(lambda: bob.view.total > total)


async def test_the_reader_shows_the_whole_conversation_oldest_first(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        view = await by_conversation(bob)
        size = len(view.others(bob.under_cursor())) + 1
        await bob.press("enter")
        await bob.until(lambda: f"{size} messages" in bob.reader())
        await bob.until(lambda: not [work for work in bob.main.workers if work.group == "read-all"])


async def test_of_a_folded_conversation_that_is_gone_the_reader_says_so(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        view = await by_conversation(bob)
        view.put([Email(id="gone2", thread_id="gone")])
        view.learn({"gone": ["gone1", "gone2"]})
        view.place(0, ["gone2"], view.length)
        assert view.is_shut("gone2")
        await bob.main.show_message("gone2")
        await bob.until(lambda: "This message is no longer here." in bob.reader())


async def test_who_comes_back_before_the_next_message_is_there_reads_the_one_under_the_cursor(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.until(lambda: bob.main.reading is not None)
        first, some, asked, free = bob.under_cursor(), bob.main.desk.some, asyncio.Event(), asyncio.Event()

        async def slow(*args: Any, **more: Any) -> Sequence[Email]:
            asked.set()
            await free.wait()
            return await some(*args, **more)

        monkeypatch.setattr(bob.main.desk, "some", slow)
        await by_conversation(bob, but=first)
        await bob.until(lambda: asked.is_set() and "Loading …" in bob.reader())
        bob.main.messages.move_to_id(first)
        monkeypatch.setattr(bob.main.desk, "some", some)
        await bob.until(lambda: bob.main.reading is not None and "Loading …" not in bob.reader())
        free.set()
        await bob.pilot.pause()
        assert bob.main.reading is not None and bob.main.reading.id == first


async def test_archive_takes_the_whole_conversation_and_z_brings_it_back(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        view = await by_conversation(bob)
        top, total = bob.under_cursor(), view.total
        members = await bob.main.selected()
        await bob.press("e")
        await bob.until(lambda: bob.view.total == total - 1)
        assert bob.notice == f"Moved {count(len(members), 'message')} to Archive"
        await bob.press("z")
        await bob.until(lambda: bob.view.index_of(top) is not None)


@pytest.mark.parametrize("keys", [("x",), ("*", "x")], ids=["selected", "left out of all"])
async def test_a_folded_line_means_the_whole_conversation_also_where_it_was_not_fetched_again(
    socket: Path, keys: tuple[str, ...]
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        view = await by_conversation(bob)
        bob.main.messages.move_to_id(next(id_ for id_ in view.ids() if len(view.stands_for(id_)) > 1))
        await bob.press(*keys)
        before = await bob.main.selected()
        again = bob.view.fresh()
        again.place(0, [], bob.view.total)
        bob.main.view = again
        bob.main.messages.replace_source(again)
        assert sorted(await bob.main.selected()) == sorted(before)


async def test_quotations_are_folded_in_a_message_and_right_shows_them(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.until(lambda: bob.main.reading is not None and bob.main._texts_of is bob.main.reading)
        bob.main.show_lines([(f"> {number}", "quote") for number in range(9)])
        assert "9 quoted lines" in bob.reader()
        bob.main.reader.focus()
        await bob.press("right")
        assert "> 8" in bob.reader()
        await bob.press("left")
        assert "9 quoted lines" in bob.reader()


async def with_files(socket: Path) -> None:
    """A message with a file and an answer without one come into bob's support inbox."""
    file = (
        '--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="bill.pdf"\r\n\r\n'
        "%PDF\r\n--b--\r\n"
    )
    first = (
        "Message-ID: <with@x.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\nThe bill.\r\n{file}"
    )
    second = "Message-ID: <re@x.example>\r\nIn-Reply-To: <with@x.example>\r\n\r\nThanks.\r\n"
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in("mia", PASSWORD)
        accounts = (await client.session()).accounts
        support = next(id_ for id_, each in accounts.items() if each.name.startswith("support"))
        inbox = next(one for one in (await client.get(Mailbox, support)).objects if one.role == Role.INBOX)
        for place, rest in enumerate((first, second)):
            raw = f"From: pat{place}@x.example\r\nTo: s@x.example\r\nSubject: Bill with files\r\n{rest}"
            blob = await client.upload(support, raw.encode(), "message/rfc822")
            at = f"2031-01-01T00:00:0{place}Z"
            wanted = {"blobId": blob, "mailboxIds": {inbox.id: True}, "receivedAt": at, "keywords": {}}
            await client.invoke("Email/import", accountId=support, emails={"m": wanted})


async def test_the_files_of_a_folded_conversation_are_those_of_all_its_messages(tmp_path: Path) -> None:
    with demo_front(tmp_path) as socket:
        await with_files(socket)
        async with sitting(socket, "bob", NARROW) as bob:
            await open_inbox(bob, "support")
            await go_to(bob, "Bill with files")
            await bob.press("A")
            await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
            offered = bob.app.screen.query_one(VirtualList).source.row(0)
            assert offered is not None and offered.cells["name"] == "1 bill.pdf"
            await bob.press("escape", "enter")
            await bob.until(lambda: "Thanks." in bob.reader())
            await bob.until(lambda: "1 bill.pdf  PDF" in bob.reader() and "A files" in bob.footer())
