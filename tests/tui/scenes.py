"""Every screen of shinbox, each reached by keys from a fresh start: what test_snapshots takes pictures of.

    @scene("bob")
    async def reply(bob: Person) -> None:
        await bob.press("r")
        ...

Owns the list of screens and the way to each. A scene leaves the desk's mail as it found it, so that each is
the same alone and after all others; the test holds that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from textual.widgets import Static, TextArea

from shinbox.terms import Role
from shinbox.tui.screens.ask import AskScreen
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.help import HelpScreen
from shinbox.tui.settings import Settings
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import Person

Way = Callable[[Person], Awaitable[None]]
FILES = Path("files")
"""The folder that files are saved in and attached from, below the working directory."""
ORDER, NEWSLETTER, INVITATION = "Order 7731", "Autumn light", "Invitation: Distribution"
PARCEL = "Where is my parcel?"
QUESTION = "Can the Strand lantern"


@dataclass(frozen=True)
class Scene:
    """A screen's name, who sits there, and the keys to it."""

    name: str
    way: Way
    who: str
    settings: Settings


SCENES: list[Scene] = []


def scene(who: str, settings: Settings | None = None) -> Callable[[Way], Way]:
    """The function leads to a screen of the function's name. `who` is empty for whom nobody knows yet."""

    def keep(way: Way) -> Way:
        name = getattr(way, "__name__", "").replace("_", "-")
        with_folder = settings or Settings(save_to=str(FILES))
        SCENES.append(Scene(name, way, who, with_folder))
        return way

    return keep


# --- the steps that several ways share -------------------------------------------------------------------


async def go_to(person: Person, subject: str) -> None:
    """The cursor to the message whose subject begins so."""
    rows = person.main.messages
    index = next(
        index
        for index in range(rows.source.total)
        if (row := rows.source.row(index)) and row.cells["subject"].startswith(subject)
    )
    rows.move_to(index)
    row_id = person.under_cursor()
    if not person.main.narrow:
        await person.until(lambda: person.main.reading is not None and person.main.reading.id == row_id)


async def open_inbox(person: Person, mailbox: str) -> None:
    """The inbox of another mailbox."""
    account = next(a for a in person.main.desk.accounts.values() if a.name.startswith(mailbox))
    inbox = account.by_role(Role.INBOX)
    assert inbox is not None
    person.main.open_folder(account.id, inbox.id)
    await person.until(lambda: person.main.messages.cursor_row is not None)


async def boxed(person: Person, *keys: str, typed: str = "") -> None:
    """Press keys; a box opens; type into it."""
    await person.press(*keys)
    await person.until(lambda: isinstance(person.app.screen, ChooseScreen | AskScreen))
    await person.press(*typed)


async def composer(person: Person, *keys: str) -> ComposeScreen:
    """Press keys that open the composer."""
    await person.press(*keys)
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))
    screen = person.app.screen
    assert isinstance(screen, ComposeScreen)
    return screen


async def saved(person: Person) -> None:
    """Until what was typed is on the disk and the screen says so; from then on no time passes."""
    keeping = cast(ComposeScreen, person.app.screen).keeping
    await person.until(lambda: keeping.words.startswith("saved"))
    keeping._clock = lambda: keeping._saved_at or 0.0
    keeping.tick()


async def put_away(person: Person) -> None:
    """Leave no trace at the desk: discard what is being written, take back what was done."""
    if isinstance(person.app.screen, ChooseScreen):
        await person.press("escape")
    screen = person.app.screen
    if not isinstance(screen, ComposeScreen):
        await person.press("z")
        return
    if not screen.has_class("-review"):
        await person.press("ctrl+s")
    await person.until(lambda: screen.has_class("-review"))
    await person.press("d")
    await person.until(lambda: person.app.screen is person.main)


# --- coming in -------------------------------------------------------------------------------------------


@scene("")
async def login(nobody: Person) -> None:
    await nobody.press(*"bob")


@scene("")
async def login_refused(nobody: Person) -> None:
    await nobody.press(*"bob", "enter", *"wrong", "enter")
    status = nobody.app.screen.query_one("#status", Static)
    await nobody.until(lambda: "not right" in str(status.render()))


@scene("ada")
async def welcome_administrator(ada: Person) -> None:
    await ada.until(lambda: "Welcome" in ada.reader())


# --- the list --------------------------------------------------------------------------------------------


@scene("bob")
async def main(bob: Person) -> None:
    await go_to(bob, "")


@scene("bob", Settings(conversations=False))
async def message_by_message(bob: Person) -> None:
    await go_to(bob, "")


@scene("alice")
async def conversation(alice: Person) -> None:
    await go_to(alice, "Re: Request for quotation")


@scene("alice")
async def conversation_unfolded(alice: Person) -> None:
    await go_to(alice, "Re: Request for quotation")
    before = alice.view.total
    await alice.press("right")
    await alice.until(lambda: alice.view.total > before)


@scene("bob")
async def selection(bob: Person) -> None:
    await bob.press("x", "j", "V", "j", "j")


@scene("bob")
async def key_sequence(bob: Person) -> None:
    await go_to(bob, "")
    await bob.press("g")


@scene("bob")
async def moved_with_undo(bob: Person) -> None:
    folder = bob.main.folder_object
    before = folder.total_emails if folder else 0
    await bob.press("j", "j", "e")
    await bob.until(lambda: "Moved" in bob.notice)
    # The numbers follow when the desk says so.
    await bob.until(lambda: (folder := bob.main.folder_object) and folder.total_emails < before)


@scene("alice")
async def refused(alice: Person) -> None:
    await go_to(alice, "")
    await alice.press("e")


@scene("alice")
async def permission(alice: Person) -> None:
    await go_to(alice, "")
    await boxed(alice, ":", typed="permission")
    await alice.press("enter")
    await alice.until(lambda: "You are alice" in alice.notice)


@scene("bob")
async def search(bob: Person) -> None:
    await bob.press("/", *"from:vogel")
    await bob.found("from:vogel")


@scene("bob")
async def search_not_understood(bob: Person) -> None:
    await bob.press("/", *"before:yesteryear")
    await bob.until(lambda: "yesteryear is not" in str(bob.main.query_one("#note", Static).render()))


@scene("bob")
async def search_everywhere(bob: Person) -> None:
    await bob.press("g", "/", *"lantern")
    await bob.found("lantern")


@scene("bob")
async def filter(bob: Person) -> None:
    await bob.press("\\", *"is:unread", "enter")
    await bob.found("is:unread")


@scene("bob")
async def nothing_found(bob: Person) -> None:
    await bob.press("/", *"xylophone")
    await bob.found("xylophone")
    assert not bob.view.total


@scene("bob")
async def search_completing(bob: Person) -> None:
    await go_to(bob, "")
    await bob.press("/", *"is:")
    await bob.until(lambda: "answered" in str(bob.main.query_one("#note", Static).render()))


@scene("bob")
async def find_opened(bob: Person) -> None:
    """A conversation of which not all was found."""
    await bob.press("/", *"from:vogel", "enter")
    await bob.found("from:vogel")
    await bob.press("enter")
    await bob.until(lambda: "── found" in bob.reader())


@scene("bob")
async def kept_searches(bob: Person) -> None:
    await _keep_search(bob, "/", "from:vogel")
    await _keep_search(bob, "\\", "is:unread")
    await go_to(bob, "")
    await boxed(bob, "g", "v")


async def _keep_search(person: Person, key: str, words: str) -> None:
    await person.press(key, *words, "enter")
    await person.found(words)
    await boxed(person, "g", "k")
    await person.press("enter")
    await person.until(lambda: f"Kept the search “{words}”" in person.notice)
    await person.press("escape")


@scene("bob")
async def empty_folder(bob: Person) -> None:
    await bob.press("g", "d")
    await bob.until(lambda: "Drafts" in bob.title() and bob.view.known)


@scene("bob")
async def sidebar(bob: Person) -> None:
    await go_to(bob, "")
    await bob.press("g", "b")


# --- a message -------------------------------------------------------------------------------------------


@scene("alice")
async def reader(alice: Person) -> None:
    await go_to(alice, NEWSLETTER)
    await alice.press("enter")


@scene("alice")
async def reader_of_an_attack(alice: Person) -> None:
    await open_inbox(alice, "support")
    await go_to(alice, "Invoice")
    await alice.press("enter")


@scene("alice")
async def attachments(alice: Person) -> None:
    await go_to(alice, ORDER)
    await boxed(alice, "A")


@scene("alice")
async def attachment_actions(alice: Person) -> None:
    await go_to(alice, ORDER)
    await boxed(alice, "A", typed="csv")
    await alice.press("enter")
    await alice.until(lambda: "look at it" in str(_names(alice)))


@scene("alice")
async def preview(alice: Person) -> None:
    await attachment_actions(alice)
    await alice.press("enter")
    await alice.until(lambda: "Bris pendant" in alice.reader())


@scene("alice")
async def preview_of_an_invitation(alice: Person) -> None:
    await go_to(alice, INVITATION)
    await boxed(alice, "A")
    await alice.press("enter")
    await alice.until(lambda: "look at it" in str(_names(alice)))
    await alice.press("enter")
    await alice.until(lambda: "Video call" in alice.reader())


@scene("alice")
async def save_where(alice: Person) -> None:
    await attachment_actions(alice)
    await alice.press("down", "enter")
    await alice.until(lambda: "here" in _names(alice))


@scene("alice")
async def links(alice: Person) -> None:
    await go_to(alice, NEWSLETTER)
    await boxed(alice, "ctrl+l")


@scene("alice")
async def source(alice: Person) -> None:
    await go_to(alice, QUESTION)
    await alice.press("g", "s")
    await alice.until(lambda: "Message-ID" in alice.reader())


# --- boxes -----------------------------------------------------------------------------------------------


@scene("alice")
async def help(alice: Person) -> None:
    await alice.press("?")
    await alice.until(lambda: isinstance(alice.app.screen, HelpScreen))


@scene("bob")
async def help_search(bob: Person) -> None:
    await bob.press("?")
    await bob.until(lambda: isinstance(bob.app.screen, HelpScreen))
    await bob.press(*"unread")


@scene("alice")
async def help_why_off(alice: Person) -> None:
    await help(alice)
    await alice.press(*"archive")


@scene("alice")
async def palette(alice: Person) -> None:
    await boxed(alice, "ctrl+p", typed="mov")


@scene("bob")
async def command_line(bob: Person) -> None:
    await boxed(bob, ":", typed="re")


@scene("bob")
async def command_line_completing(bob: Person) -> None:
    await boxed(bob, ":", typed="move ar")


@scene("bob")
async def go_to_mailbox(bob: Person) -> None:
    await boxed(bob, "g", "m", typed="arch")


@scene("bob")
async def move(bob: Person) -> None:
    await boxed(bob, "m")


@scene("bob", Settings(labels={"urgent": "error", "waiting": "warning"}))
async def labels(bob: Person) -> None:
    await boxed(bob, "l")


@scene("bob")
async def new_label(bob: Person) -> None:
    await boxed(bob, "l", typed="two words")


@scene("bob")
async def settings(bob: Person) -> None:
    await boxed(bob, "comma")


@scene("alice")
async def themes(alice: Person) -> None:
    await boxed(alice, ":", typed="theme ")


@scene("bob")
async def ask(bob: Person) -> None:
    await boxed(bob, "|", typed="wc -l")


# --- writing ---------------------------------------------------------------------------------------------


@scene("bob")
async def compose(bob: Person) -> None:
    await composer(bob, "c")
    await bob.press(*"ann@x.example", "tab", "tab", "tab", *"Our lamp", "tab", *"Dear Ann,")
    await saved(bob)


@scene("bob")
async def reply(bob: Person) -> None:
    await go_to(bob, PARCEL)
    await composer(bob, "r")
    await bob.press(*"Thank you.")
    await saved(bob)


@scene("bob")
async def forward(bob: Person) -> None:
    await go_to(bob, PARCEL)
    await composer(bob, "f")
    await bob.press(*"carla@halden.example")
    await saved(bob)


@scene("bob")
async def review(bob: Person) -> None:
    screen = await composer(bob, "c")
    await bob.press(*"ann@x.example")
    screen.query_one(TextArea).text = "The drawing is attached."
    await saved(bob)
    await bob.press("ctrl+s")
    await bob.until(lambda: screen.has_class("-review"))


@scene("nina")
async def review_on_behalf(nina: Person) -> None:
    await open_inbox(nina, "support")
    await go_to(nina, PARCEL)
    screen = await composer(nina, "r")
    await nina.press(*"Thank you.")
    await saved(nina)
    await nina.press("ctrl+s")
    await nina.until(lambda: screen.has_class("-review"))


@scene("bob")
async def review_warnings(bob: Person) -> None:
    await go_to(bob, PARCEL)
    screen = await composer(bob, "r")
    screen.query_one("#cc", LineField).fill("carla@elsewhere.example")
    await bob.press(*"The label is attached.")
    await saved(bob)
    await bob.press("ctrl+s")
    await bob.until(lambda: screen.has_class("-review"))


@scene("mia")
async def senders(mia: Person) -> None:
    await open_inbox(mia, "support")
    await composer(mia, "c")
    await boxed(mia, "f2")


@scene("bob")
async def spelling(bob: Person) -> None:
    await go_to(bob, PARCEL)
    await composer(bob, "r")
    await bob.press(*"Your lamp was brokken.")
    await saved(bob)
    await boxed(bob, "f7")


@scene("bob")
async def attach(bob: Person) -> None:
    await composer(bob, "c")
    await boxed(bob, "ctrl+o")


@scene("bob")
async def attach_several(bob: Person) -> None:
    await attach(bob)
    await bob.press(*"files", "enter")
    await bob.until(lambda: "drawings/" in _names(bob))
    await bob.press(*"offer", "tab", "backspace", "backspace", "backspace", "backspace", "backspace")
    await bob.until(lambda: len(_names(bob)) > 2)


@scene("bob")
async def attach_nothing_there(bob: Person) -> None:
    await attach(bob)
    await bob.press(*"/nowhere/offer.txt")


@scene("bob")
async def attached(bob: Person) -> None:
    screen = await composer(bob, "c")
    await bob.press(*"ann@x.example")
    files = screen._files
    assert files is not None
    files.begin(FILES / "offer.txt")
    await bob.until(lambda: not files.waiting)
    await saved(bob)


# --- looks -----------------------------------------------------------------------------------------------


@scene("alice", Settings(plain=True, save_to=str(FILES)))
async def plain_mode(alice: Person) -> None:
    await go_to(alice, ORDER)


def _names(person: Person) -> list[str]:
    """What a box offers."""
    lists = person.app.screen.query(VirtualList)
    rows = [found.source.row(index) for found in lists for index in range(found.source.total)]
    return [row.cells["name"] for row in rows if row and "name" in row.cells]
