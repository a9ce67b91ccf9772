"""New mail and the number of unread messages reach whoever looks elsewhere: once, safely, as they wish it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.terms import Keyword, Role
from shinbox.tui.screens import signalling
from shinbox.tui.signals import desktop_command
from tests.tui.person import Person, sitting

HERE = {"DISPLAY": ":0"}


@asynccontextmanager
async def listening(socket: Path, **settings: object) -> AsyncIterator[tuple[Person, list[str]]]:
    """Bob's screen, and what it writes to the terminal outside of its cells."""
    async with sitting(socket, "bob", (100, 30)) as bob:
        bob.main.take_settings(replace(bob.main.settings, **settings))  # type: ignore[arg-type]  # any of them
        written: list[str] = []
        bob.main.signalling.write_to_terminal = written.append
        yield bob, written


async def arrive(bob: Person, socket: Path, sender: str, subject: str) -> None:
    """A message comes into the open mailbox's inbox, as if by mail."""
    account = bob.main.account_view
    assert account is not None
    inbox = account.by_role(Role.INBOX)
    assert inbox is not None
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in("mia", PASSWORD)
        await client.session()
        text = f"From: {sender}\r\nTo: {account.name}\r\nSubject: {subject}\r\n\r\nsecret text\r\n"
        blob = await client.upload(account.id, text.encode(), "message/rfc822")
        wanted = {"new": {"blobId": blob, "mailboxIds": {inbox.id: True}, "keywords": {}}}
        await client.invoke("Email/import", accountId=account.id, emails=wanted)


def told(written: list[str]) -> list[str]:
    return [text for text in written if "\x1b]2;" not in text]


def read_messages(bob: Person) -> list[int]:
    """Where in the list messages stand that were read long ago."""
    loaded = ((bob.view.index_of(id_), bob.email(id_)) for id_ in bob.view.loaded)
    return sorted(at for at, email in loaded if at is not None and Keyword.SEEN in email.keywords)


def asks(bob: Person) -> bool:
    """Whether the desk is being asked what came."""
    return any(work.group == "signals" and not work.is_finished for work in bob.main.workers)


async def test_new_mail_is_told_by_its_sender_and_subject_and_never_its_text(socket: Path) -> None:
    async with listening(socket, notify="osc777") as (bob, written):
        await arrive(bob, socket, "Ann Li <ann@example.org>", "The lamp; again")
        await bob.until(lambda: told(written))
        assert told(written) == ["\x1b]777;notify;shinbox;Ann Li: The lamp, again\x1b\\"]
        assert any("\x1b]2;(" in text for text in written)


async def test_who_wants_only_the_number_gets_only_the_number(socket: Path) -> None:
    async with listening(socket, notify="osc9", notify_says="number") as (bob, written):
        await arrive(bob, socket, "Ann Li <ann@example.org>", "Private")
        await bob.until(lambda: told(written))
        assert told(written) == ["\x1b]9;shinbox: 1 new message\x1b\\"]


async def test_several_in_a_few_seconds_are_one_notification(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalling, "PAUSE", 3600.0)
    async with listening(socket, notify="bell") as (bob, written):
        before = bob.main.signalling.counted
        assert before is not None
        for number in range(3):
            await arrive(bob, socket, "Ann <ann@example.org>", f"Number {number}")
        await bob.until(lambda: bob.main.signalling.counted == before + 3 and told(written))
        await bob.until(lambda: not asks(bob))
        assert told(written) == ["\a"]


async def test_what_comes_while_the_desk_is_asked_about_the_one_before_does_not_ring_at_once(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalling, "PAUSE", 3600.0)
    async with listening(socket, notify="bell") as (bob, written):
        telling, free = bob.main.signalling, asyncio.Event()
        before, arrived = telling.counted, telling._arrived
        assert before is not None

        async def slowly(place: signalling.Place, most: int) -> list[tuple[str, str]]:
            found = await arrived(place, most)
            await free.wait()
            return found

        monkeypatch.setattr(telling, "_arrived", slowly)
        await arrive(bob, socket, "Ann <ann@example.org>", "Number 1")
        await bob.until(lambda: telling._told)
        await arrive(bob, socket, "Ann <ann@example.org>", "Number 2")
        await bob.until(lambda: telling.counted == before + 2)
        await bob.until(lambda: telling._grown or len(telling._told) == 2)
        free.set()
        await bob.until(lambda: told(written) and not asks(bob))
        assert told(written) == ["\a"]


async def test_a_message_that_one_marks_as_unread_is_no_news(socket: Path) -> None:
    async with listening(socket, notify="bell") as (bob, written):
        telling = bob.main.signalling
        # What the tests before let arrive came before the start; this one long before.
        telling._since = bob.main.now() + timedelta(minutes=1)
        await bob.until(lambda: read_messages(bob))
        bob.main.messages.move_to(read_messages(bob)[0])
        await bob.until(lambda: bob.main.reading and bob.main.reading.id == bob.under_cursor())
        before = telling.counted
        assert before is not None
        await bob.main.action_act("message.unread")
        await bob.until(lambda: telling.counted == before + 1)
        await bob.until(lambda: not asks(bob))
        assert told(written) == []


async def test_who_wants_no_notification_and_no_title_gets_none(socket: Path) -> None:
    async with listening(socket, notify="none", title=False) as (bob, written):
        before = bob.main.signalling.unread
        await arrive(bob, socket, "Ann <ann@example.org>", "Quiet")
        await bob.until(lambda: bob.main.signalling.unread != before)
        assert written == []


async def test_the_desktop_is_told_by_a_program_and_the_bell_stands_in_where_there_is_none(
    socket: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program, out = tmp_path / "notify-send", tmp_path / "said"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {out}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    async with listening(socket, notify="desktop") as (bob, written):
        await arrive(bob, socket, "<b>Ann</b> <ann@example.org>", "-u critical")
        await bob.until(lambda: out.exists() and out.read_text().count("\n") == 4)
        said = out.read_text().splitlines()
        assert said[:3] == ["--app-name=shinbox", "--", "shinbox"]
        assert "<b>" not in said[3]
        assert told(written) == []


async def test_what_came_while_an_editor_had_the_terminal_is_told_once_when_it_is_back(socket: Path) -> None:
    async with listening(socket, notify="osc9") as (bob, written):
        app, signalling = bob.app, bob.main.signalling
        unread = signalling.counted
        assert unread is not None
        app.app_suspend_signal.publish(app)
        for number in (1, 2):
            await arrive(bob, socket, "Ann <ann@example.org>", f"Number {number}")
            await bob.until(lambda number=number: len(signalling._unheard) == number)  # type: ignore[misc]
            signalling._quiet_until = 0.0
        assert written == [], "an editor has the terminal"
        app.app_resume_signal.publish(app)
        await bob.until(lambda: told(written))
        assert told(written) == ["\x1b]9;shinbox: 2 new messages\x1b\\"]
        assert written[0] == f"\x1b]2;({unread + 2}) shinbox\x1b\\"


async def test_the_title_is_ours_again_after_an_editor_has_set_its_own(socket: Path) -> None:
    async with listening(socket, notify="none") as (bob, written):
        bob.app.app_suspend_signal.publish(bob.app)
        bob.app.app_resume_signal.publish(bob.app)
        assert written == [f"\x1b]2;({bob.main.signalling.counted}) shinbox\x1b\\"]


def test_over_ssh_and_without_a_desktop_no_program_is_started() -> None:
    def find(name: str) -> str:
        return f"/usr/bin/{name}"

    assert desktop_command("t", "x", HERE, find)[0] == "/usr/bin/notify-send"
    assert desktop_command("t", "x", {**HERE, "SSH_CONNECTION": "a"}, find) == []
    assert desktop_command("t", "x", {}, find) == []
    assert desktop_command("t", "x", HERE, lambda name: None) == []


def test_nothing_of_a_subject_is_an_option_or_a_control_character() -> None:
    command = desktop_command("shinbox", "--help\x1b]0;x\x07 & <i>", HERE, lambda name: name)
    assert command.index("--") < command.index("shinbox")
    assert "\x1b" not in command[-1]
    assert "&amp; &lt;i&gt;" in command[-1]
