"""Every screen at three sizes looks as it did when somebody last looked at it.

The pictures lie in tests/tui/snapshots as text: the letters, then the colours. A screen that changed fails
with the difference, and with the path of its picture as SVG. Whoever meant the change renews them, looks at
the difference in git, and commits it:

    SHINBOX_SNAPSHOTS=write .venv/bin/python -m pytest tests/tui/test_snapshots.py
"""

from __future__ import annotations

import difflib
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from textual.screen import Screen

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Backoff, Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui import draft_keeping, spelling
from shinbox.tui.app import ShinboxApp
from shinbox.tui.demo import Demo
from shinbox.tui.desk_place import DeskAddress
from shinbox.tui.first_run import OneScreen
from shinbox.tui.new_mailbox import FirstMailbox
from shinbox.tui.screens import attending, listening
from shinbox.tui.screens.first_mailbox import FirstMailboxScreen
from shinbox.tui.screens.first_run import FirstRunScreen
from shinbox.tui.screens.login import LoginScreen
from shinbox.tui.settings import Settings
from tests.tui.demo_front import NEWEST, demo_front_process
from tests.tui.fake_speller import install
from tests.tui.person import Person
from tests.tui.picture import still, svg, take
from tests.tui.scenes import FILES, SCENES, Scene, put_away

SIZES = [(80, 24), (120, 40), (200, 60)]
FOLDER = Path(__file__).parent / "snapshots"
OTHERS = {"loading", "offline", "several-desks", "several-desks-lost", "login-again"} | {
    "first-run",
    "first-run-host",
    "first-mailbox",
    "first-mailbox-refused",
}
"""Pictures of screens that are no scene's: they take another desk, several, or none."""
HERE = Endpoint(socket=Path("desk.sock"))
WRITE = os.environ.get("SHINBOX_SNAPSHOTS") == "write"
GOES_ON = re.compile(r"(events|start|sign-in)-\d+")
"""Groups of work, one a desk, that a screen never ends by itself."""


@dataclass(frozen=True)
class House:
    """A desk with the demo's mail, and the folder that all paths on the screens are relative to."""

    folder: Path
    process: subprocess.Popen[bytes]

    def mail(self) -> list[tuple[object, ...]]:
        """Where every message lies, and its marks; the drafts that wait."""
        with sqlite3.connect(f"file:{self.folder / 'data' / 'desk.db'}?mode=ro", uri=True) as database:
            return database.execute(
                "SELECT mailbox_id, email_id FROM placement UNION ALL"
                " SELECT keyword, email_id FROM email_keyword UNION ALL"
                " SELECT 'draft', id FROM draft ORDER BY 1, 2"
            ).fetchall()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """The desk holds its breath."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("desk")
    with demo_front_process(folder) as process:
        yield House(folder, process)


@pytest.fixture(autouse=True)
def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's settings change a picture, nor does a busy machine, where a sign of life is long in coming."""
    for name in ("NO_COLOR", "SSH_CONNECTION", "EDITOR", "VISUAL", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(listening, "PING", 600)
    monkeypatch.setattr(listening, "PRECEDENCE", 60)
    monkeypatch.setattr(spelling, "SECONDS", 60)
    # Who was here in the scene before is nobody's colleague in the next one.
    monkeypatch.setattr(attending, "LOOK_EVERY", 3600)


@pytest.fixture
def here(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """All that a screen may say of this machine is the same on every machine."""
    (tmp_path / "desk.sock").symlink_to(house.folder / "desk.sock")
    files = tmp_path / FILES
    (files / "drawings").mkdir(parents=True)
    (files / "offer.txt").write_text("one\n" * 300)
    with (files / "film.mp4").open("wb") as film:
        film.truncate(60_000_000)
    known = ["your", "lamp", "was", "broken", "the", "label", "is", "attached", "thank", "you"]
    install(house.folder / "bin", known)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{house.folder / 'bin'}:{os.environ['PATH']}")
    return house


@asynccontextmanager
async def at(scene: Scene, size: tuple[int, int] = SIZES[1]) -> AsyncIterator[Person]:
    """Somebody on the scene's screen, where nothing moves any more."""
    demo = Demo([(scene.who, "")], PASSWORD, scene.who) if scene.who else Demo()
    async with front_of([DeskAddress(HERE)], size, demo, scene.settings) as person:
        app = person.app
        if not scene.who:
            await person.until(lambda: isinstance(app.screen, LoginScreen))
        elif scene.who != "ada":
            await person.until(lambda: app.main.messages.cursor_row is not None)
        await scene.way(person)
        await calm(person)
        yield person


@asynccontextmanager
async def front_of(
    desks: Sequence[DeskAddress],
    size: tuple[int, int] = SIZES[1],
    demo: Demo | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[Person]:
    """Somebody in front of these desks, at a time that stands still."""
    app = ShinboxApp(
        desks,
        demo=demo,
        drafts=Path("drafts"),
        now=lambda: NEWEST,
        settings=settings,
        settings_path=Path("config.toml"),
    )
    app.main.notice._clock = lambda: 0.0
    async with app.run_test(size=size) as pilot:
        yield Person(app, pilot)


@asynccontextmanager
async def before_the_client(make: Callable[[], Screen[Any]]) -> AsyncIterator[Person]:
    """Somebody at one of the screens that come before there is a desk to look at."""
    app = OneScreen[Any](make)
    async with app.run_test(size=SIZES[1]) as pilot:
        await pilot.pause()
        yield Person(cast(ShinboxApp, app), pilot)


def under_way(app: ShinboxApp) -> list[str]:
    """What was begun and has not ended, but for what never ends."""
    begun = [w.group for w in app.workers if not w.is_finished and not GOES_ON.fullmatch(w.group)]
    begun += ["a draft taken back" for _ in draft_keeping._AFTER_CLOSING]
    waits = isinstance(app, ShinboxApp) and app.main.is_about_to_read
    return [*begun, "about to read"] if waits else begun


async def calm(person: Person) -> None:
    """Until nothing is under way, and nothing was a moment ago: what has ended may begin something."""
    was = False

    def still_is() -> bool:
        nonlocal was
        before, was = was, not under_way(person.app)
        return before and was

    try:
        await person.until(still_is)
    except AssertionError:
        raise AssertionError(f"still under way: {under_way(person.app)}") from None


async def look(
    name: str, person: Person, new: Path, *, shows: Callable[[], object] = lambda: True, waits: bool = True
) -> None:
    """Compare the screen at every size with how it was. `new` is a folder for what is different.

    `shows`: what it is waited for at each size; `waits`: until all that was begun has ended, too.
    """
    app, problems = person.app, []
    still(app)
    for columns, lines in SIZES:
        await resize(person, columns, lines)
        if waits:
            await calm(person)
        await person.until(shows)
        golden = FOLDER / f"{name}-{columns}x{lines}.txt"
        problem = compare(golden, take(app).golden())
        if problem:
            seen = new / golden.with_suffix(".svg").name
            seen.write_text(svg(app), "utf-8")
            problems.append(f"{problem}\nThe screen now looks like {seen}")
    assert not problems, "\n".join([*problems, "Meant so? SHINBOX_SNAPSHOTS=write renews the pictures."])


async def resize(person: Person, columns: int, lines: int) -> None:
    """Until the screen has its new size."""
    await person.pilot.resize_terminal(columns, lines)
    await person.until(lambda: person.app.screen.size == (columns, lines))


def compare(golden: Path, now: str) -> str:
    """What has changed, for a person; empty if nothing has, or if it is to be kept."""
    before = golden.read_text("utf-8") if golden.exists() else ""
    if before == now:
        return ""
    if WRITE:
        golden.write_text(now, "utf-8")
        return ""
    lines = difflib.unified_diff(before.split("\n"), now.split("\n"), golden.name, "now", lineterm="", n=1)
    return "\n".join(lines)


async def token_of_bob(endpoint: Endpoint) -> str:
    """Bob signs in."""
    async with Client(endpoint) as client:
        return await client.sign_in("bob", PASSWORD)


async def stay(person: Person) -> None:
    """The way to the list: one is there already."""


BOB = Scene("list", stay, "bob", Settings())


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
async def test_the_screen_looks_as_it_did(scene: Scene, here: House, tmp_path: Path) -> None:
    before = here.mail()
    async with at(scene) as person:
        await look(scene.name, person, tmp_path)
        await put_away(person)
        await calm(person)
    assert here.mail() == before, "a scene leaves the mail as it was: others look at it too"


async def test_a_folder_that_is_still_loading_says_so(here: House, tmp_path: Path) -> None:
    # On a busy machine the pictures take longer than an answer may: those are others.
    async with at(BOB) as bob:
        transport = bob.main.place.client.transport
        transport.timeouts = replace(transport.timeouts, slow=600)
        await calm(bob)
        with here.stopped():
            await bob.press("g", "e")
            await bob.until(lambda: "Archive" in bob.title())
            await look("loading", bob, tmp_path, shows=lambda: under_way(bob.app) == ["rows"], waits=False)
        await calm(bob)


def never_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that is lost stays so: while it is called, the screen says another thing."""
    monkeypatch.setattr(Backoff, "next", lambda pauses: 3600.0)


def says_so(person: Person) -> bool:
    """Whether the reader, where there is one, says that its message could not be fetched."""
    return person.main.narrow or "cannot be reached" in person.reader()


async def test_a_lost_desk_leaves_the_list_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo_front_process(tmp_path) as process:
        monkeypatch.chdir(tmp_path)
        async with at(BOB) as bob:
            never_called_again(monkeypatch)
            process.kill()
            process.wait(10)
            await bob.until(lambda: "offline" in bob.title())
            await bob.press("j", "e")
            await look(
                "offline",
                bob,
                tmp_path,
                shows=lambda: "offline" in bob.title() and says_so(bob),
            )


@pytest.fixture
def south(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A second desk, for whoever needs one that may be lost; ask for it before `here` goes elsewhere."""
    (tmp_path / "south").mkdir()
    with demo_front_process(tmp_path / "south") as process:
        yield process


async def test_several_desks_stand_in_one_sidebar_and_one_that_is_lost_is_grey(
    south: subprocess.Popen[bytes], here: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Endpoint(socket=Path("south/desk.sock"))
    desks = [
        DeskAddress(HERE, "north", await token_of_bob(HERE)),
        DeskAddress(far, "south", await token_of_bob(far)),
    ]
    async with front_of(desks) as bob:
        second = bob.main.desk.places[1]
        await bob.until(lambda: bob.main.messages.cursor_row is not None and second.started)
        await bob.until(lambda: bob.main.reading is not None)
        await calm(bob)
        await look("several-desks", bob, tmp_path)
        never_called_again(monkeypatch)
        south.kill()
        south.wait(10)
        await bob.until(lambda: second.offline)
        await look("several-desks-lost", bob, tmp_path, shows=lambda: second.offline)


async def test_who_has_to_sign_in_again_reads_why(here: House, tmp_path: Path) -> None:
    token = await token_of_bob(HERE)
    async with front_of([DeskAddress(HERE, "north", token)]) as bob:
        await bob.until(lambda: bob.main.messages.cursor_row is not None)
        async with Client(HERE, token) as elsewhere:
            await elsewhere.sign_out()
        await bob.until(lambda: isinstance(bob.app.screen, LoginScreen))
        await look("login-again", bob, tmp_path)


async def test_who_has_no_desk_is_shown_three_ways_on(here: House, tmp_path: Path) -> None:
    async with before_the_client(FirstRunScreen) as nobody:
        await look("first-run", nobody, tmp_path)
        await nobody.press("down", "down", "enter", *"-x", "enter")
        await nobody.pilot.pause()
        await look("first-run-host", nobody, tmp_path)


async def test_the_form_for_a_first_mailbox_guesses_and_says_what_is_missing(
    here: House, tmp_path: Path
) -> None:
    async with before_the_client(lambda: FirstMailboxScreen(FirstMailbox(Client(HERE)))) as me:
        await me.press(*"me", "enter")
        await me.pilot.pause()
        await look("first-mailbox-refused", me, tmp_path)
        await me.press(*"@example.org", "enter", "enter", "enter", "enter", *"secret")
        await me.pilot.pause()
        await look("first-mailbox", me, tmp_path)


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]], ids=["80x24", "200x60"])
@pytest.mark.parametrize("name", ["palette", "reader", "review"])
async def test_a_resized_screen_looks_as_if_it_had_begun_at_that_size(
    name: str, size: tuple[int, int], here: House
) -> None:
    scene = next(scene for scene in SCENES if scene.name == name)
    async with at(scene, size) as person:
        golden = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
        assert take(person.app).golden() == golden.read_text("utf-8")
        await put_away(person)
        await calm(person)


def test_every_picture_is_of_a_screen_that_there_is() -> None:
    names = {scene.name for scene in SCENES} | OTHERS
    expected = {f"{name}-{columns}x{lines}.txt" for name in names for columns, lines in SIZES}
    assert {path.name for path in FOLDER.iterdir()} == expected


def test_pictures_are_never_renewed_where_nobody_looks() -> None:
    assert not (WRITE and os.environ.get("CI")), "look at what has changed on your own machine"
