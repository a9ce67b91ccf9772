"""A desk that does not answer: said soon, never waited for against one's will, and found again by itself."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from shinbox.desk.demo.people import PASSWORD
from shinbox.errors import DeskUnreachable
from shinbox.jmap.client import Client, Connectivity, Endpoint
from shinbox.tui.app import ShinboxApp
from shinbox.tui.desk_place import DeskAddress
from tests.tui.demo_front import demo_front_process
from tests.tui.person import Person, sitting

NARROW, WIDE = (80, 24), (120, 40)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    folder = tmp_path_factory.mktemp("desk")
    with demo_front_process(folder) as process:
        yield folder / "desk.sock", process


@contextmanager
def frozen(process: subprocess.Popen[bytes]) -> Iterator[None]:
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@pytest.fixture(autouse=True)
def keys_wait() -> None:
    """As long as they do for a person."""


@pytest.fixture(autouse=True)
def answers_wait() -> None:
    """As long as for a person."""


def waits(person: Person) -> bool:
    return "no answer yet, Esc stops waiting" in person.title()


async def test_a_message_that_does_not_come_is_not_waited_for_and_comes_by_itself(
    desk: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    socket, process = desk
    async with sitting(socket, "bob", NARROW) as bob:
        with frozen(process):
            await bob.press("j", "enter")
            await bob.until(lambda: "Loading …" in bob.reader())
            await bob.until(lambda: waits(bob))
            await bob.press("escape")
            await bob.until(lambda: not bob.main.has_class("-reading"))
            assert "Stopped waiting" in bob.notice
            await bob.press("enter")
            await bob.until(lambda: "Loading …" in bob.reader())
        here = bob.under_cursor()
        await bob.until(lambda: bob.main.reading is not None and bob.main.reading.id == here)
        await bob.until(lambda: not waits(bob))


async def test_a_folder_that_does_not_come_says_so_and_comes_by_itself(
    desk: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    socket, process = desk
    async with sitting(socket, "bob", WIDE) as bob:
        bob.main.notice._clock = lambda: 0.0  # Good news stay until they have been looked at.
        with frozen(process):
            await bob.press("g", "e")
            await bob.until(lambda: waits(bob))
            await bob.press("escape")
            await bob.until(lambda: "Stopped waiting" in bob.notice)
        await bob.until(lambda: bob.view.known and bob.main.messages.cursor_row is not None)
        assert "Archive" in bob.title()
        await bob.until(lambda: "answers again" in bob.notice)


async def test_keys_are_taken_while_an_action_waits_for_the_desk(
    desk: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    socket, process = desk
    async with sitting(socket, "bob", WIDE) as bob:
        with frozen(process):
            before = bob.main.messages.cursor
            await bob.press("g", "u", "j")
            await bob.until(lambda: bob.main.messages.cursor == before + 1)
            await bob.until(lambda: waits(bob))
            await bob.press("escape")
            await bob.until(lambda: "Stopped waiting" in bob.notice)
        await bob.until(lambda: not waits(bob))


async def test_what_needs_a_lost_desk_is_refused_also_while_it_is_tried_again(
    desk: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    socket, _ = desk
    async with sitting(socket, "bob", WIDE) as bob:
        before = bob.under_cursor()
        for state in (Connectivity.OFFLINE, Connectivity.CONNECTING):
            bob.app.client.transport.report(state)
        await bob.main.action_act("message.archive")
        assert "The desk cannot be reached" in bob.notice and bob.under_cursor() == before
        bob.app.client.transport.report(Connectivity.ONLINE)
        assert bob.main.situation().connected


# --- connecting again -----------------------------------------------------------------------------------


class Restart:
    """What brings a desk back: it is started again, once it may be. Stands in for an ssh that asks."""

    asks = False

    def __init__(self, folder: Path, ended: ExitStack) -> None:
        self._folder, self._ended = folder, ended
        self.may = False

    def needs_person(self) -> bool:
        return True

    def connect(self) -> None:
        if not self.may:
            raise DeskUnreachable("The host did not let you in.")
        self._ended.enter_context(demo_front_process(self._folder))

    def give_up(self) -> None:
        raise AssertionError("nobody interrupts here")


async def test_a_desk_that_asks_before_it_comes_back_says_so_and_is_called_again_by_a_key(
    tmp_path: Path,
) -> None:
    with ExitStack() as ended:
        process = ended.enter_context(demo_front_process(tmp_path))
        back = Restart(tmp_path, ended)
        endpoint = Endpoint(socket=tmp_path / "desk.sock", back=back)
        async with Client(endpoint) as client:
            token = await client.sign_in("bob", PASSWORD)
        app = ShinboxApp([DeskAddress(endpoint, "north", token)], drafts=tmp_path / "drafts")
        async with app.run_test(size=WIDE) as pilot:
            bob = Person(app, pilot)
            await bob.until(lambda: app.main.messages.cursor_row is not None)
            await bob.press("g", "c")
            await bob.until(lambda: "You are connected" in bob.notice)
            process.kill()
            process.wait()
            await bob.until(lambda: "north was lost, and asks you" in bob.notice)
            assert "g c connect again" in bob.main.notice.offer
            await bob.press("g", "c")
            await bob.until(lambda: "did not let you in" in bob.notice)
            back.may = True
            await bob.press("g", "c")
            await bob.until(
                lambda: app.client.connectivity is Connectivity.ONLINE and not bob.main.place.lost
            )
            await bob.press("j")
            await bob.until(lambda: bob.main.reading is not None)
