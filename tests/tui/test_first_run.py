"""What somebody sees who has no desk: three ways on, and the form for a first mailbox of one's own desk."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen

from shinbox.cli import own_desk
from shinbox.cli.own_desk import OwnDesk
from shinbox.client.new_mailbox import NewMailbox, server, usual_servers
from shinbox.errors import InvalidArguments
from shinbox.jmap.client import Client, Endpoint
from shinbox.terms import DESK
from shinbox.tui.first_run import OneScreen
from shinbox.tui.new_mailbox import FirstMailbox
from shinbox.tui.screens.first_mailbox import FirstMailboxScreen
from shinbox.tui.screens.first_run import Chosen, FirstRunScreen, Way
from tests.tui.person import PATIENCE

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])


@asynccontextmanager
async def first_run(
    size: tuple[int, int] = (80, 24), said: str = "", address: str = ""
) -> AsyncIterator[tuple[OneScreen[Chosen | None], Pilot[None], FirstRunScreen]]:
    app = OneScreen[Chosen | None](lambda: FirstRunScreen(said, address))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, FirstRunScreen)
        yield app, pilot, app.screen


def text_of(screen: Screen[Any]) -> str:
    lines = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@SIZES
async def test_the_three_ways_fit_on_the_screen(size: tuple[int, int]) -> None:
    async with first_run(size) as (_, pilot, screen):
        ways = ("No desk yet", "Try the demo", "A desk of your own", "Connect to a host", "Esc leaves")
        await until(lambda: all(words in text_of(screen) for words in ways))
        await pilot.press("down", "down")
        await until(lambda: "ssh://user@host" in text_of(screen))


async def test_the_demo_and_ones_own_desk_are_an_enter_away() -> None:
    async with first_run() as (app, pilot, _):
        await pilot.press("enter")
        await until(lambda: app.answer == Chosen(Way.DEMO))
    async with first_run() as (other, pilot, _):
        await pilot.press("down", "enter")
        await until(lambda: other.answer == Chosen(Way.OWN))


async def test_a_host_is_typed_and_what_is_no_address_is_said_at_once() -> None:
    async with first_run() as (app, pilot, screen):
        await pilot.press("down", "down", "enter", *"-x", "enter")
        await until(lambda: "is no desk's address: give ssh://host" in text_of(screen))
        screen.address.fill("ssh://mia@north")
        await pilot.press("enter")
        await until(lambda: app.answer == Chosen(Way.HOST, "ssh://mia@north"))


async def test_what_went_wrong_stands_below_the_address_that_was_tried() -> None:
    async with first_run(said="north does not let you in.", address="ssh://north") as (app, pilot, screen):
        await until(lambda: "north does not let you in." in text_of(screen))
        assert screen.focused is screen.address
        assert screen.address.value == "ssh://north"
        await pilot.press("escape")
        await until(lambda: screen.focused is screen.ways)
        assert app.screen is screen, "Esc goes back to the choice first"
        await pilot.press("escape")
        await pilot.pause()
    assert app.answer is None


# --- the first mailbox --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "protocol", "host", "port", "tls"),
    [
        ("imap.example.org", "imap", "imap.example.org", 993, "tls"),
        ("smtp.example.org:587", "smtp", "smtp.example.org", 587, "starttls"),
        ("localhost:10143", "imap", "localhost", 10143, "none"),
        ("mail.example.org:10143", "imap", "mail.example.org", 10143, "tls"),
    ],
)
def test_a_server_is_named_in_a_word(text: str, protocol: str, host: str, port: int, tls: str) -> None:
    assert server(text, protocol, "me") == {"host": host, "port": port, "tls": tls, "user": "me"}


@pytest.mark.parametrize("text", ["", ":993", "host:", "host:x", "host:0", "host:65536", "a b", "https://x"])
def test_what_is_no_server_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidArguments, match="type its name"):
        server(text, "imap", "me")


def test_servers_are_guessed_from_the_address() -> None:
    assert usual_servers("me@example.org") == ("imap.example.org", "smtp.example.org")
    assert usual_servers("me@") == ("", "")


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (NewMailbox("me", "i", "", "", "p"), "whole address"),
        (NewMailbox("me@x", "", "", "", "p"), "read from"),
        (NewMailbox("me@x", "i", "", "", ""), "password"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_made(wanted: NewMailbox, sentence: str) -> None:
    with pytest.raises(InvalidArguments, match=sentence):
        wanted.check()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDesk]:
    folder = tmp_path_factory.mktemp("own")
    mine = OwnDesk(folder / "config" / "desk.toml", folder / "data" / "desk", folder / "run" / "desk.sock")
    mine.begin()
    with own_desk.started(mine):
        yield mine


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_connection_that_fails_names_the_step_and_the_next_try_goes_on_with_the_mailbox(
    own: OwnDesk, closed_port: int
) -> None:
    client = Client(own.endpoint)
    app = OneScreen[bool](lambda: FirstMailboxScreen(FirstMailbox(client)), client)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, FirstMailboxScreen)
        await pilot.press(*"me@example.org", "enter")
        await pilot.pause()
        # What is usual is shown, and holds if nothing is typed.
        await until(lambda: "imap.example.org" in text_of(screen))
        assert (screen.typed().imap, screen.typed().smtp) == ("imap.example.org", "smtp.example.org")
        assert screen.typed().user == "me@example.org"
        screen.fields["imap"].fill(f"127.0.0.1:{closed_port}")
        screen.fields["smtp"].fill("-")
        screen.fields["password"].fill("secret")
        screen.fields["password"].focus()
        for attempt in (1, 2):
            await pilot.press("enter")
            await until(lambda: "failed  Reading mail, connecting: 127.0.0.1" in text_of(screen))
            await until(lambda: not [work for work in app.workers if work.group == "connect"])
            accounts = set((await client.session(refresh=True)).accounts) - {DESK}
            assert len(accounts) == 1, f"attempt {attempt} goes on with the same mailbox"
            screen._say("", "")
            await until(lambda: "failed" not in text_of(screen))
        assert "secret" not in text_of(screen)
        await pilot.press("escape")
        await until(lambda: app.answer is False)


async def test_a_field_that_lacks_something_is_not_left_and_says_what() -> None:
    client = Client(Endpoint(url="https://nowhere.example/"))
    app = OneScreen[bool](lambda: FirstMailboxScreen(FirstMailbox(client)), client)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, FirstMailboxScreen)
        await pilot.press("enter")
        await until(lambda: "Type the mailbox's whole address" in text_of(screen))
        assert screen.focused is screen.fields["address"]
        await pilot.press(*"me@example.org", "enter", *"a b", "enter")
        await until(lambda: "“a b” is no server" in text_of(screen))
        assert screen.focused is screen.fields["imap"]


async def test_what_is_typed_at_once_fills_one_field_after_the_other() -> None:
    client = Client(Endpoint(url="https://nowhere.example/"))
    app = OneScreen[bool](lambda: FirstMailboxScreen(FirstMailbox(client)), client)
    async with app.run_test(size=(80, 24)):
        screen = app.screen
        assert isinstance(screen, FirstMailboxScreen)
        # All there before the first is looked at, as a terminal over a slow line gives them.
        for key in (*"me@example.org", "enter", *"mail.example.org", "enter", "-", "enter"):
            app.post_message(Key(key, None if key == "enter" else key))
        await until(lambda: screen.focused is screen.fields["user"])
        said = screen.typed()
        assert (said.address, said.imap, said.smtp) == ("me@example.org", "mail.example.org", "")


async def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)
