"""Drafts at the desk, as people at two terminals meet them; and the journal, which nobody touches."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input, Static, TextArea

from shinbox.client.drafts import Draft as LocalDraft
from shinbox.client.drafts import DraftJournal
from shinbox.desk.config import Config
from shinbox.desk.demo.people import PASSWORD
from shinbox.desk.store.database import Database
from shinbox.errors import NotSignedIn
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Draft, Grant
from shinbox.tui.draft_keeping import DraftKeeper
from shinbox.tui.screens import keeping, writing
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.widgets.fields import LineField
from tests.tui.demo_front import demo_front_process
from tests.tui.person import Person, sitting

MID = (120, 40)
NARROW = (80, 24)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hands pause for a moment only, and signs of life are frequent; the desk is given time to take leave."""
    monkeypatch.setattr(keeping, "KEEP_AFTER", 0.05)
    monkeypatch.setattr(keeping, "LIFE_EVERY", 0.3)
    for module, name in ((keeping, "SETTLES_IN"), (writing, "LEAVES_IN"), (writing, "ENDS_IN")):
        monkeypatch.setattr(module, name, 20.0)


@pytest.fixture(autouse=True)
async def nothing_left(socket: Path) -> AsyncIterator[None]:
    """Each test ends what it began."""
    yield
    async with signed_in(socket, "mia") as client:
        for account, draft in await at_the_desk(client):
            await client.set_(Draft, account, destroy=[draft.id], takeOver=True)


@asynccontextmanager
async def signed_in(socket: Path, name: str) -> AsyncIterator[Client]:
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in(name, PASSWORD)
        yield client


async def at_the_desk(client: Client) -> list[tuple[str, Draft]]:
    session = await client.session()
    found = []
    for account in session.accounts:
        if account != "desk":
            found += [(account, draft) for draft in (await client.get(Draft, account)).objects]
    return found


def said(person: Person, id_: str) -> str:
    return str(person.app.screen.query_one(id_, Static).render())


def composer(person: Person) -> ComposeScreen:
    screen = person.app.screen
    assert isinstance(screen, ComposeScreen)
    return screen


async def composing(person: Person, key: str = "c") -> ComposeScreen:
    await person.press(key)
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))
    return composer(person)


async def typed(person: Person, subject: str, text: str) -> None:
    """Subject and text, until the desk has them."""
    screen = composer(person)
    screen.query_one("#subject", LineField).fill(subject)
    screen.query_one(TextArea).text = text
    await person.until(lambda: kept(screen, text))


def kept(screen: ComposeScreen, text: str) -> bool:
    keeper = screen.keeping.keeper
    assert keeper is not None
    return keeper.kept and keeper._said.get("text") == text


async def choosing(person: Person, text: str) -> None:
    """The box of unfinished drafts, the first that fits."""
    await person.press("g", "u")
    await person.until(lambda: isinstance(person.app.screen, ChooseScreen))
    person.app.screen.query_one(Input).value = text
    await person.pilot.pause()
    await person.press("enter")


def asked(person: Person, words: str) -> bool:
    """Whether a box asks this."""
    return any(words in str(box.border_title) for box in person.app.screen.query("#box"))


async def throwing_away(person: Person) -> None:
    await person.press("ctrl+s", "d")
    await person.until(lambda: person.app.screen is person.main)


def drafts_in(folder: Path) -> list[str]:
    """What the journal holds."""
    return [file.read_text() for file in folder.glob("*.json")]


async def opened_again(person: Person, subject: str) -> None:
    """The composer, going on with what lies in Drafts."""

    def there() -> list[str]:
        rows = [person.email(id_) for id_ in person.view.ids()] if person.view.known else []
        return [email.id for email in rows if email.subject == subject]

    await person.press("g", "d")
    await person.until(there)
    person.main.open_row(there()[0])
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))


async def leaving(person: Person) -> None:
    await person.press("ctrl+s", "l")
    await person.until(lambda: person.app.screen is person.main)


@pytest.mark.parametrize("size", [NARROW, MID, (200, 60)], ids=["80x24", "120x40", "200x60"])
async def test_what_is_typed_is_at_the_desk_and_the_composer_says_when(
    socket: Path, size: tuple[int, int]
) -> None:
    async with signed_in(socket, "mia") as mia, sitting(socket, "bob", size) as bob:
        await composing(bob)
        await typed(bob, "Parcel", "It is on its way.")
        await bob.until(lambda: "s ago" in said(bob, "#state"))
        [(_, draft)] = await at_the_desk(mia)
        assert (draft.subject, draft.text) == ("Parcel", "It is on its way.")
        assert draft.writer is not None and draft.writer.name == "bob"
        await leaving(bob)


async def test_opening_a_composer_and_leaving_it_leaves_nothing_at_the_desk(socket: Path) -> None:
    async with signed_in(socket, "mia") as mia, sitting(socket, "bob", MID) as bob:
        await composing(bob, "r")
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main)
        assert await at_the_desk(mia) == []


@pytest.mark.parametrize("key", ["c", "r", "f"], ids=["new", "answer", "passed on"])
async def test_what_was_only_opened_is_no_draft(socket: Path, tmp_path: Path, key: str) -> None:
    async with sitting(socket, "bob", MID, tmp_path) as bob:
        screen = await composing(bob, key)
        await screen.save()
        await leaving(bob)
        assert bob.notice == "Nothing was written: no draft is kept."
        assert drafts_in(tmp_path) == []


@pytest.mark.parametrize("key", ["c", "r", "f"], ids=["new", "answer", "passed on"])
async def test_esc_closes_what_was_only_opened_and_asks_about_what_was_written(
    socket: Path, tmp_path: Path, key: str
) -> None:
    async with sitting(socket, "bob", MID, tmp_path) as bob:
        await composing(bob, key)
        await bob.press("escape")
        await bob.until(lambda: bob.app.screen is bob.main)
        assert bob.notice == "Nothing was written: no draft is kept."
        assert drafts_in(tmp_path) == []
        screen = await composing(bob, key)
        await bob.press("x", "escape")
        assert screen.has_class("-review")
        await bob.press("escape")
        assert not screen.has_class("-review")
        await throwing_away(bob)


async def test_a_draft_that_was_only_looked_at_is_closed_and_stays_as_it_was(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await composing(bob)
        await typed(bob, "Looked at", "Once.")
        await bob.press("ctrl+s", "p")
        await bob.until(lambda: bob.notice == "Kept in Drafts")
        await opened_again(bob, "Looked at")
        await bob.press("escape")
        await bob.until(lambda: bob.app.screen is bob.main)
        assert bob.notice == "Nothing was written: the draft is as it was."


async def test_what_was_written_is_a_draft_even_if_it_was_taken_away_again(
    socket: Path, tmp_path: Path
) -> None:
    async with sitting(socket, "bob", MID, tmp_path) as bob:
        screen = await composing(bob, "r")
        await bob.press("x")
        await screen.save()
        await bob.press("backspace")
        await leaving(bob)
        assert bob.notice == "The draft is kept on this machine."
        [kept] = drafts_in(tmp_path)
        assert '"body":"x' not in kept


async def test_a_sent_draft_is_over_at_the_desk_and_a_taken_back_one_begins_anew(socket: Path) -> None:
    async with signed_in(socket, "mia") as mia, sitting(socket, "bob", MID) as bob:
        screen = await composing(bob)
        screen.query_one("#to", LineField).fill("ann@customer.example")
        await typed(bob, "Parcel", "On its way.")
        await bob.press("ctrl+s", "y")
        await bob.until(lambda: bob.notice == "Sending")
        assert await at_the_desk(mia) == []
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await typed(bob, "Parcel", "On its way, really.")
        [(_, draft)] = await at_the_desk(mia)
        assert draft.text == "On its way, really."
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main)


async def test_a_composer_that_was_closed_gives_no_more_signs_of_life(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(socket, "bob", MID) as bob:
        screen = await composing(bob)
        await typed(bob, "Parcel", "On its way.")
        await throwing_away(bob)
        signs = list[str]()

        async def sign_of_life(keeper: DraftKeeper) -> None:
            signs.append("alive")

        monkeypatch.setattr(DraftKeeper, "sign_of_life", sign_of_life)
        screen.keeping.look()  # As a timer that was on its way when the composer was closed.
        await bob.pilot.pause()
        assert signs == []


async def test_a_kept_draft_is_over_at_the_desk(socket: Path) -> None:
    async with signed_in(socket, "mia") as mia, sitting(socket, "bob", MID) as bob:
        await composing(bob)
        await typed(bob, "Postponed parcel", "Later.")
        await bob.press("ctrl+s", "p")
        await bob.until(lambda: bob.notice == "Kept in Drafts")
        assert await at_the_desk(mia) == []


async def test_a_draft_is_kept_with_half_an_address_which_is_there_again(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        screen = await composing(bob)
        screen._fields["to"].fill("ann@x.example, Bo <bo@, niel")
        screen._fields["subject"].fill("Half an address")
        await bob.press("ctrl+s", "p")
        await bob.until(lambda: bob.notice == "Kept in Drafts")
        await opened_again(bob, "Half an address")
        assert composer(bob).current().to == "ann@x.example, Bo <bo@, niel"
        await bob.press("ctrl+s", "y")
        assert "is no address" in said(bob, "#problem")


async def test_a_colleague_goes_on_with_a_draft_and_is_told_whose_it_is(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob, sitting(socket, "mia", MID) as mia:
        await composing(bob)
        await typed(bob, "Parcel", "It is")
        await leaving(bob)
        await bob.until(lambda: bob.notice.startswith("The draft is kept"))

        async def free() -> bool:
            found = await at_the_desk(mia.app.client)
            return all(draft.writer is None for _, draft in found)

        while not await free():
            await bob.pilot.pause(0.05)
        await choosing(mia, "Parcel")
        await mia.until(lambda: isinstance(mia.app.screen, ComposeScreen))
        assert said(mia, "#problem") == "bob started this; you go on."
        assert composer(mia).query_one(TextArea).text == "It is"
        await mia.press("ctrl+s", "d")
        await mia.until(lambda: mia.app.screen is mia.main)


async def test_a_draft_that_was_left_just_now_is_let_go_before_the_unfinished_are_looked_for(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go, release, looked = threading.Event(), DraftJournal.release, list[str]()

    def late(journal: DraftJournal, draft_id: str) -> None:
        may_go.wait(60)
        release(journal, draft_id)

    async with sitting(socket, "bob", MID) as bob:
        await composing(bob)
        await typed(bob, "Parcel", "Later")
        monkeypatch.setattr(DraftJournal, "release", late)
        look = bob.main._all_unfinished

        async def watched() -> object:
            looked.append("for all")
            return await look()

        monkeypatch.setattr(bob.main, "_all_unfinished", watched)
        await leaving(bob)
        asking = asyncio.create_task(bob.main.do_compose_unfinished())
        await asyncio.sleep(0)
        assert not looked
        may_go.set()
        await asking
        assert isinstance(bob.app.screen, ChooseScreen)
        await bob.press("escape")


async def test_who_leaves_shinbox_with_a_draft_open_lets_go_of_it_with_the_last_words(
    socket: Path, tmp_path: Path
) -> None:
    async with signed_in(socket, "mia") as mia:
        async with sitting(socket, "bob", MID, tmp_path) as bob:
            screen = await composing(bob)
            await typed(bob, "Parcel", "It is on its way")
            screen.query_one(TextArea).text = "It is on its way, really."
        [(_, draft)] = await at_the_desk(mia)
        assert draft.writer is None, "a colleague need not wait for the lease to end"
        assert draft.text == "It is on its way, really."
    async with sitting(socket, "bob", MID, tmp_path) as bob:
        await bob.until(lambda: bob.notice.startswith("1 unfinished draft found"))


async def test_a_draft_under_somebodys_hands_is_taken_over_only_on_purpose_and_loses_no_text(
    socket: Path, tmp_path: Path
) -> None:
    async with sitting(socket, "bob", MID, tmp_path) as bob, sitting(socket, "mia", MID) as mia:
        await composing(bob)
        await typed(bob, "Parcel", "Bob's words")
        await choosing(mia, "Parcel")
        await mia.until(lambda: asked(mia, "Bob is writing it now"))
        await mia.press("enter")
        await mia.until(lambda: mia.app.screen is mia.main)
        await choosing(mia, "Parcel")
        await mia.until(lambda: asked(mia, "Bob is writing it now"))
        mia.app.screen.query_one(Input).value = "Take it over"
        await mia.pilot.pause()
        await mia.press("enter")
        await mia.until(lambda: isinstance(mia.app.screen, ComposeScreen))
        await typed(mia, "Parcel", "Mia's words")

        await bob.until(lambda: "mia has taken this draft over" in said(bob, "#problem"))
        assert composer(bob).query_one(TextArea).text == "Bob's words"
        await bob.press("ctrl+s", "l")
        await bob.until(lambda: bob.app.screen is bob.main)
        assert "Bob's words" in [draft.body for draft in DraftJournal(tmp_path)._read_all()]
        assert composer(mia).query_one(TextArea).text == "Mia's words"

        # Bob's own text is a draft of its own from now on.
        await choosing(bob, "on this machine")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        assert "another by now" in said(bob, "#problem")
        await typed(bob, "Parcel", "Bob's own words")
        assert composer(mia).query_one(TextArea).text == "Mia's words"
        for person in (bob, mia):
            await throwing_away(person)


async def test_who_lost_a_draft_does_not_send_it(socket: Path) -> None:
    async with signed_in(socket, "mia") as mia, sitting(socket, "bob", MID) as bob:
        screen = await composing(bob)
        screen.query_one("#to", LineField).fill("ann@customer.example")
        await typed(bob, "Parcel", "Bob's words")
        [(account, draft)] = await at_the_desk(mia)
        update = {draft.id: {"revision": draft.revision}}
        (await mia.set_(Draft, account, update=update, lease="mia", takeOver=True)).checked()
        await bob.until(lambda: "mia has taken this draft over" in said(bob, "#problem"))
        await bob.press("ctrl+s", "y")
        await bob.until(lambda: bob.app.screen not in (screen, bob.main))
        await bob.until(lambda: "mia is writing this draft" in said(bob, "#problem"))
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main)


async def test_the_journal_of_an_ended_shinbox_goes_on_with_the_same_draft(
    socket: Path, tmp_path: Path
) -> None:
    async with signed_in(socket, "mia") as mia:
        async with sitting(socket, "bob", MID, tmp_path) as bob:
            await composing(bob)
            await typed(bob, "Parcel", "First half")
            noted = DraftJournal(tmp_path)
            await bob.until(lambda: any(draft.desk_id for draft in noted._read_all()))
            # The terminal dies: nothing is let go, nothing released.
            bob.main.journal._locks.clear()
        async with sitting(socket, "bob", MID, tmp_path) as bob:
            await bob.until(lambda: "1 unfinished draft" in bob.notice)
            await choosing(bob, "Parcel")
            await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
            await typed(bob, "Parcel", "First half, second half")
            [(_, draft)] = await at_the_desk(mia)
            assert draft.text == "First half, second half"
            await bob.press("ctrl+s", "d")
            await bob.until(lambda: bob.app.screen is bob.main)


async def test_who_may_no_longer_send_no_longer_saves_and_keeps_the_text(
    socket: Path, tmp_path: Path
) -> None:
    async with signed_in(socket, "mia") as mia, sitting(socket, "bob", MID, tmp_path) as bob:
        await composing(bob)
        await typed(bob, "Parcel", "Mine")
        [(account, draft)] = await at_the_desk(mia)
        users = await mia.invoke("User/get", accountId="desk", ids=None)
        number = next(user["id"] for user in users["list"] if user["name"] == "bob")
        grants = (await mia.get(Grant, account)).objects
        grant = next(one for one in grants if one.principal == number)
        (await mia.set_(Grant, account, update={grant.id: {"send": "none"}})).checked()
        try:
            composer(bob).query_one(TextArea).text = "Mine, more"
            await bob.until(lambda: "kept" in said(bob, "#problem"))
            assert (await mia.get(Draft, account, [draft.id])).objects[0].text == "Mine"
            await bob.until(lambda: "on this machine" in said(bob, "#state"))
        finally:
            (await mia.set_(Grant, account, update={grant.id: {"send": grant.send}})).checked()
        await bob.until(lambda: any(one.body == "Mine, more" for one in DraftJournal(tmp_path)._read_all()))
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main)


async def test_while_the_desk_is_away_one_writes_on_and_it_catches_up_by_itself(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    with demo_front_process(folder) as server:
        async with sitting(folder / "desk.sock", "bob", NARROW) as bob:
            await composing(bob)
            await typed(bob, "Parcel", "Before")
            server.terminate()
            await asyncio.to_thread(server.wait, 60)
            composer(bob).query_one(TextArea).text = "Before and while"
            await bob.until(lambda: "saved on this machine" in said(bob, "#state"))
            assert said(bob, "#problem") == ""
            with demo_front_process(folder):
                await bob.until(lambda: kept(composer(bob), "Before and while"))
                await bob.until(lambda: "on this machine" not in said(bob, "#state"))


async def test_who_has_to_sign_in_again_writes_on_and_the_desk_has_it_as_soon_as_that_is_done(
    socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LIFE_EVERY", 3600.0)
    async with sitting(socket, "bob", NARROW) as bob:
        screen = await composing(bob)
        await typed(bob, "Parcel", "Before")

        async def knows_nobody(*_: object, **__: object) -> object:
            raise NotSignedIn()

        keeper = screen.keeping.keeper
        assert keeper is not None
        with monkeypatch.context() as signed_out:
            signed_out.setattr(keeper._client, "set_", knows_nobody)
            screen.query_one(TextArea).text = "Before and while"
            await bob.until(lambda: "saved on this machine" in said(bob, "#state"))
        assert said(bob, "#problem") == ""
        bob.main.come_back_to(bob.main.place)
        await bob.until(lambda: kept(screen, "Before and while"))
        await bob.until(lambda: "on this machine" not in said(bob, "#state"))
        await throwing_away(bob)


async def test_a_save_whose_answer_was_lost_is_taken_for_ones_own(socket: Path) -> None:
    """Nothing is kept of a save for its retry: the revision tells."""
    async with signed_in(socket, "mia") as mia:
        account = next(account for account, _ in (await mia.session()).accounts.items() if account != "desk")
        here = LocalDraft(account=account, body="one")
        keeper = DraftKeeper(mia, here)
        here.body = "one, two"
        await keeper.keep()
        # The desk took this; its answer never came.
        update = {here.desk_id: {"revision": here.revision, "text": "one, two, three"}}
        (await mia.set_(Draft, account, update=update, lease=here.lease)).checked()
        here.body = "one, two, three, four"
        await keeper.keep()
        assert (keeper.problem, keeper.kept, here.revision) == ("", True, 3)
        [(_, draft)] = await at_the_desk(mia)
        assert draft.text == "one, two, three, four"


async def test_the_desk_keeps_no_answer_of_a_save(socket: Path) -> None:
    async with signed_in(socket, "mia") as mia:
        account = next(account for account, _ in (await mia.session()).accounts.items() if account != "desk")
        here = LocalDraft(account=account, body="one")
        keeper = DraftKeeper(mia, here)
        here.body = "begun"
        await keeper.keep()
        before = kept_answers(socket)
        for number in range(5):
            here.body = f"text {number}"
            await keeper.keep()
            await keeper.sign_of_life()
        assert (here.revision, kept_answers(socket)) == (6, before)


def kept_answers(socket: Path) -> int:
    database = Database(Config(data=str(socket.parent / "data")).database)
    with database.read() as tx:
        number = int(tx.value("SELECT COUNT(*) FROM answered_request"))
    database.close()
    return number
