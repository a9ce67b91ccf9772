"""Several desks in one client. Both were seeded alike, so every id of one is an id of the other as well."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email
from shinbox.terms import Role
from shinbox.tui.app import ShinboxApp
from shinbox.tui.desk_place import DeskAddress
from shinbox.tui.mail_desk import AccountView
from shinbox.tui.screens import listening
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.login import LoginScreen
from tests.tui.demo_front import demo_front_process
from tests.tui.person import Person

SIZE = (120, 40)


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("north")
    with demo_front_process(folder):
        yield folder


@pytest.fixture(scope="module")
def south(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    folder = tmp_path_factory.mktemp("south")
    with demo_front_process(folder) as process:
        yield folder, process


async def address(folder: Path, name: str, who: str = "bob") -> DeskAddress:
    endpoint = Endpoint(socket=folder / "desk.sock")
    async with Client(endpoint) as client:
        return DeskAddress(endpoint, name, await client.sign_in(who, PASSWORD))


@asynccontextmanager
async def at(*desks: DeskAddress, tmp_path: Path) -> AsyncIterator[Person]:
    """Somebody in front of these desks, the inbox of the first open."""
    app = ShinboxApp(desks, drafts=tmp_path / f"drafts-{time.monotonic_ns()}")
    async with app.run_test(size=SIZE) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: app.main.view is not None and app.main.view.known)
        yield person


@asynccontextmanager
async def bob_at_both(north: Path, south: Path, tmp_path: Path) -> AsyncIterator[Person]:
    desks = [await address(north, "north"), await address(south, "south")]
    async with at(*desks, tmp_path=tmp_path) as bob:
        await bob.until(lambda: all(place.started for place in bob.main.desk.places))
        yield bob


def sidebar(person: Person) -> list[str]:
    source = person.main.folders.source
    rows = [source.row(index) for index in range(source.total)]
    return [f"{row.prefix}{row.cells['name']} {row.state}".rstrip() for row in rows if row is not None]


def support(person: Person, desk: int) -> AccountView:
    accounts = person.main.desk.places[desk].accounts.values()
    return next(account for account in accounts if account.name.startswith("support"))


def inbox(person: Person, desk: int) -> tuple[str, str]:
    account = support(person, desk)
    folder = account.by_role(Role.INBOX)
    assert folder is not None
    return account.id, folder.id


async def go(person: Person, desk: int) -> None:
    person.main.open_folder(*inbox(person, desk))
    await person.until(lambda: person.view.known and person.main.messages.cursor_row is not None)


def composer(person: Person) -> ComposeScreen:
    screen = person.app.screen
    assert isinstance(screen, ComposeScreen)
    return screen


async def test_each_desk_stands_with_its_mailboxes_under_its_name(
    north: Path, south: tuple[Path, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the machine that runs the tests is, the first desk has its time.
    monkeypatch.setattr(listening, "PRECEDENCE", 60.0)
    async with bob_at_both(north, south[0], tmp_path) as bob:
        lines = sidebar(bob)
        assert [line for line in lines if line.endswith(("north", "south"))] == ["▼ north", "▼ south"]
        assert sum("support@" in line for line in lines) == 2
        assert bob.main.desk.place_of(bob.main.account).name == "north", "the first desk opens"
        assert "bob at north" in bob.title()
        assert support(bob, 0).id != support(bob, 1).id
        await go(bob, 1)
        assert "bob at south" in bob.title()

        bob.main._fold_row("desk:0")
        lines = sidebar(bob)
        assert sum("support@" in line for line in lines) == 1, "a folded desk hides its mailboxes"


async def test_one_desk_alone_looks_as_if_there_were_no_others(north: Path, tmp_path: Path) -> None:
    async with at(await address(north, "north"), tmp_path=tmp_path) as bob:
        assert not any("north" in line for line in sidebar(bob))
        assert " at north" not in bob.title()
        assert "|" not in bob.main.account


async def test_what_is_changed_at_one_desk_stays_as_it_was_at_the_other(
    north: Path, south: tuple[Path, object], tmp_path: Path
) -> None:
    async with bob_at_both(north, south[0], tmp_path) as bob:
        await go(bob, 1)
        id_ = bob.under_cursor()
        before = "$flagged" in bob.email(id_).keywords
        await bob.press("s")
        await bob.until(lambda: bob.notice and not bob.main._unanswered)
        (there, _), (here, _) = inbox(bob, 0), inbox(bob, 1)

        async def flagged(account: str) -> bool:
            got = await bob.main.desk.client.get(Email, account, [id_], ["keywords"])
            return "$flagged" in got.objects[0].keywords

        assert await flagged(here) is not before
        assert await flagged(there) is before
        # The undo finds its desk, also when another one is on the screen meanwhile.
        await go(bob, 0)
        await bob.press("z")
        await bob.until(lambda: "Undone" in bob.notice and not bob.main._unanswered)
        assert await flagged(here) is before
        assert await flagged(there) is before


async def test_a_search_everywhere_finds_at_every_desk(
    north: Path, south: tuple[Path, object], tmp_path: Path
) -> None:
    async with bob_at_both(north, south[0], tmp_path) as bob:
        await bob.main.do_search_everywhere("invoice")
        await bob.until(lambda: bob.view.is_search and bob.view.known)
        desks = {bob.main.desk.place_of(id_.partition("/")[0]).name for id_ in bob.view.ids()}
        assert desks == {"north", "south"}


async def test_a_message_is_copied_to_another_desk_and_moved_only_within_one(
    north: Path, south: tuple[Path, object], tmp_path: Path
) -> None:
    async with bob_at_both(north, south[0], tmp_path) as bob:
        await go(bob, 0)
        far = next(place for place in bob.main.places() if place.name.startswith("south: support"))
        assert far.off is not None
        assert far.off.startswith("This is at another desk")
        account = support(bob, 1)
        archive = account.by_role(Role.ARCHIVE)
        assert archive is not None
        before = archive.total_emails
        to = next(
            place
            for place in bob.main.places(copying=True)
            if place.id == f"{account.id}:{archive.id}" and not place.off
        )
        await bob.main.do_message_copy(to.name)
        await bob.until(lambda: support(bob, 1).folders[archive.id].total_emails == before + 1)
        await bob.until(lambda: "Copied 1 message" in bob.notice)


async def test_a_new_message_goes_to_the_other_desk_with_its_files(
    north: Path, south: tuple[Path, object], tmp_path: Path
) -> None:
    offer = tmp_path / "offer.txt"
    offer.write_text("Two lamps.\n")
    async with bob_at_both(north, south[0], tmp_path) as bob:
        await go(bob, 0)
        await bob.press("c")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        screen = composer(bob)
        assert screen._files is not None
        screen._files.begin(offer)
        await bob.until(lambda: screen._draft.attachments)
        far = next(s for s in screen._senders if s.mailbox.startswith("south: "))
        screen._send_as(far)
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen) and bob.app.screen is not screen)
        [file] = composer(bob).current().attachments
        assert composer(bob).sender == far
        there = bob.main.desk.place_of(far.account).client
        assert await there.download(far.account, file.blob) == b"Two lamps.\n"


async def test_the_composer_says_offline_of_its_own_desk_alone(
    north: Path, south: tuple[Path, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    folder, process = south
    async with bob_at_both(north, folder, tmp_path) as bob:
        for number, reached in ((0, True), (1, False)):
            await go(bob, number)
            await bob.press("c")
            await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
            process.send_signal(signal.SIGSTOP)
            try:
                await bob.until(lambda: bob.main.desk.places[1].offline)
                composer(bob)._look_at_connection()
                assert composer(bob)._situation().connected is reached
            finally:
                process.send_signal(signal.SIGCONT)
            await bob.press("ctrl+s", "d")
            await bob.until(lambda: bob.app.screen is bob.main and not bob.main.desk.places[1].away)


async def test_a_desk_that_is_lost_is_grey_alone_and_comes_back_by_itself(
    north: Path, south: tuple[Path, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    folder, process = south
    async with bob_at_both(north, folder, tmp_path) as bob:
        await go(bob, 0)
        process.send_signal(signal.SIGSTOP)
        try:
            place = bob.main.desk.places[1]
            await bob.until(lambda: "▼ south offline" in sidebar(bob))
            assert place.away, "also while it is tried again"
            tones = {row.id: row.tone for row in bob.main.folders.source.rows}  # type: ignore[attr-defined]  # FixedRows
            assert tones[f"account:{support(bob, 1).id}"] == "muted"
            assert tones[f"account:{support(bob, 0).id}"] != "muted"
            assert "offline" not in bob.title(), "the open mailbox is at the other desk"
            assert bob.main.situation().connected
            row = next(i for i in range(40) if (r := bob.main.folders.source.row(i)) and r.id == "desk:1")
            bob.main.folders.focus()
            bob.main.folders.move_to(row)
            await bob.press("enter")
            await bob.until(lambda: "Calling south …" in bob.notice)
        finally:
            process.send_signal(signal.SIGCONT)
        await bob.until(lambda: "Connected with south." in bob.notice)
        await bob.until(lambda: "▼ south" in sidebar(bob) and not place.away)


async def test_who_is_signed_out_elsewhere_reads_why_and_comes_back_once(north: Path, tmp_path: Path) -> None:
    desk = await address(north, "north")
    async with at(desk, tmp_path=tmp_path) as bob:
        async with Client(desk.endpoint, desk.token) as elsewhere:
            await elsewhere.sign_out()
        await bob.until(lambda: isinstance(bob.app.screen, LoginScreen))
        await bob.until(lambda: "Your sign-in has ended" in str(bob.app.screen.query_one("#status").render()))
        await bob.press(*PASSWORD, "enter")
        await bob.until(lambda: bob.app.screen is bob.main and bob.app.client.token not in (None, desk.token))
        await bob.press("j")
        await bob.until(lambda: bob.main.reading is not None and bob.main.reading.id == bob.under_cursor())


async def test_a_desk_that_needs_a_password_is_left_aside_with_escape_and_asks_again(
    north: Path, south: tuple[Path, object], tmp_path: Path
) -> None:
    kept: list[str] = []
    closed = DeskAddress(Endpoint(socket=south[0] / "desk.sock"), "south", None, kept.append)
    async with at(await address(north, "north"), closed, tmp_path=tmp_path) as bob:
        await bob.until(lambda: isinstance(bob.app.screen, LoginScreen))
        await bob.press("escape")
        await bob.until(lambda: bob.app.screen is bob.main)
        assert "▼ south sign in" in sidebar(bob)
        assert bob.view.known, "the other desk is in use meanwhile"

        bob.main.come_back_to(bob.main.desk.places[1])
        await bob.until(lambda: isinstance(bob.app.screen, LoginScreen))
        await bob.press(*"alice", "enter", *PASSWORD, "enter")
        await bob.until(lambda: bob.main.desk.places[1].started)
        assert kept, "the token is kept for the next time"
        assert "▼ south" in sidebar(bob)
        await go(bob, 1)
        assert "alice at south" in bob.title()
        await go(bob, 0)
        assert "bob at north" in bob.title()
