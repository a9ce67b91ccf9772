"""The composer on the real front: forward with files, attach, be warned, complete recipients."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.geometry import Region
from textual.widgets import Input, Static, TextArea

from shinbox.client.drafts import Attached, Draft
from shinbox.jmap.objects import EmailAddress, Identity
from shinbox.terms import Role
from shinbox.tui.screens import compose
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.files import FilesScreen
from shinbox.tui.screens.help import HelpScreen
from shinbox.tui.screens.reviewing import review_line
from shinbox.tui.screens.uploading import Upload
from shinbox.tui.senders import Sender
from shinbox.tui.widgets.fields import LineField
from shinbox.tui.widgets.reader import Reader
from shinbox.tui.widgets.recipient_field import PeopleList, RecipientField
from shinbox.tui.widgets.virtual_list import VirtualList
from shinbox.tui.widgets.writing_field import WritingField
from tests.tui.fake_speller import install
from tests.tui.person import PATIENCE, Person, sitting

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def said(person: Person, id_: str) -> str:
    return str(person.app.screen.query_one(id_, Static).render())


def kept_in(drafts: Path) -> str:
    return "".join(file.read_text() for file in drafts.glob("*.json"))


async def composing(person: Person, key: str) -> ComposeScreen:
    await person.press(key)
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))
    screen = person.app.screen
    assert isinstance(screen, ComposeScreen)
    return screen


@SIZES
async def test_a_file_is_chosen_goes_along_and_the_review_counts_it(
    socket: Path, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.csv").write_text("a,b\n")
    monkeypatch.chdir(tmp_path)
    async with sitting(socket, "bob", size) as bob:
        await composing(bob, "r")
        await bob.press("ctrl+o")
        await bob.until(lambda: isinstance(bob.app.screen, FilesScreen))
        await bob.press(*"list", "enter")
        await bob.until(
            lambda: isinstance(bob.app.screen, ComposeScreen) and said(bob, "#files").startswith("1 file · ")
        )
        await bob.press("ctrl+s")
        assert "with 1 file" in said(bob, "#review")
        await bob.press("y")
        await bob.until(lambda: bob.notice == "Sending")
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.press("ctrl+r")
        await bob.until(lambda: not isinstance(bob.app.screen, ComposeScreen))
        await bob.press("enter")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen) and said(bob, "#files") == "")


async def test_a_forward_is_sent_with_the_files_of_the_message(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        await bob.until(lambda: any(bob.email(id_).has_attachment for id_ in bob.view.loaded))
        with_file = next(id_ for id_ in bob.view.ids() if bob.email(id_).has_attachment)
        bob.main.messages.move_to_id(with_file)
        screen = await composing(bob, "f")
        assert "Forwarded message" in screen.query_one(TextArea).text
        assert "file" in said(bob, "#files")
        await bob.press(*"colleague@halden.example", "ctrl+s")
        assert "As support@halden.example to 1 recipient with" in said(bob, "#review")
        await bob.press("y")
        await bob.until(lambda: bob.notice == "Sending")
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))


async def test_the_review_names_what_to_look_at_again(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "r")
        screen.query_one("#to", LineField).fill("new@elsewhere.example")
        await bob.press(*"I attached it", "ctrl+s")
        assert "speaks of an attachment" in said(bob, "#warnings")
        assert "New in this conversation: new@elsewhere.example" in said(bob, "#warnings")
        await bob.press("escape")
        assert not screen.query_one("#warnings").display


async def typing_somebody(person: Person) -> tuple[ComposeScreen, RecipientField, str]:
    """In To, with the first letters of a sender typed, and that sender offered."""
    known = [e for id_ in person.view.ids() if (e := person.email(id_)).from_ and e.from_[0].email.isascii()]
    sender = known[0].from_
    assert sender is not None
    screen = await composing(person, "c")
    await person.press(*sender[0].email[:4])
    offered = screen._offers["to"]
    await person.until(lambda: offered.people and offered.people[0].email == sender[0].email)
    return screen, screen.query_one("#to", RecipientField), sender[0].email


@SIZES
async def test_recipients_are_completed_from_the_mailboxs_own_mail(
    socket: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "bob", size) as bob:
        _, field, address = await typing_somebody(bob)
        await bob.press("enter")
        assert address in field.value
        assert field.has_focus


async def test_a_recipient_is_taken_with_the_mouse(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        screen, field, _ = await typing_somebody(bob)
        await bob.pilot.click(screen.query(PeopleList).first(), offset=(4, 0))
        await bob.until(lambda: "@" in field.value)
        assert field.has_focus
        assert not any(people.people for people in screen.query(PeopleList))


async def test_escape_closes_the_offer_and_tab_leaves_what_was_typed(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen, field, address = await typing_somebody(bob)
        await bob.press("escape")
        assert not screen.has_class("-review")
        assert not any(people.people for people in screen.query(PeopleList))
        await bob.press(*address[4:5])
        await bob.until(lambda: any(people.people for people in screen.query(PeopleList)))
        await bob.press("tab")
        assert field.value == address[:5]
        assert not any(people.people for people in screen.query(PeopleList))


def test_the_cursor_stays_on_whoever_is_offered_again() -> None:
    ann, bea, cem = (EmailAddress(f"{name}@x.example") for name in ("ann", "bea", "cem"))
    people = PeopleList()
    people.offer([ann, bea, cem])
    people.move(2)
    for offered, meant in (([bea, cem], cem), ([cem, ann], cem), ([ann, bea], ann), ([], None), ([bea], bea)):
        people.offer(offered)
        assert (people.people[people.cursor] if people.people else None) == meant


async def test_only_who_fits_what_is_typed_is_offered_and_what_was_closed_stays_so(socket: Path) -> None:
    asked, free = asyncio.Event(), asyncio.Event()

    async def slowly(line: str) -> list[EmailAddress]:
        asked.set()
        await free.wait()
        return [EmailAddress("late@x.example")]

    async with sitting(socket, "bob", (80, 24)) as bob:
        _, field, address = await typing_somebody(bob)
        field._fitting = slowly
        await bob.press(address[4])
        await bob.until(asked.is_set)
        assert field._people.people
        await bob.press("escape")
        free.set()
        await bob.until(lambda: not [work for work in bob.app.workers if work.group == "people"])
        assert not field.is_offering
        field._people.offer([EmailAddress("nobody@x.example")])
        await bob.press("#")
        assert "nobody@x.example" not in [person.email for person in field._people.people]


async def test_who_was_never_written_to_is_asked_about_before_sending(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "c")
        screen.query_one("#to", LineField).fill("never@seen-before.example")
        await bob.press("ctrl+s")
        await bob.until(lambda: "The first message to never@seen-before.example" in said(bob, "#warnings"))
        assert "outside halden.example" in said(bob, "#warnings")
        assert "There is no subject" in said(bob, "#warnings")
        await bob.press("y")
        await bob.until(lambda: bob.notice == "Sending")


# --- where it stands ---------------------------------------------------------------------------------


async def test_narrow_the_composer_is_the_whole_screen(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "r")
        await bob.until(lambda: screen.query_one("#sheet").region == Region(0, 0, 80, 23))


async def test_from_100_columns_on_it_stands_over_the_list_and_the_folders_stay(socket: Path) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        screen = await composing(bob, "r")
        await bob.until(lambda: screen.query_one("#sheet").region == Region(24, 1, 96, 38))
        assert not screen.query_one("#source").display


async def test_from_160_columns_on_it_stands_beside_what_it_answers(socket: Path) -> None:
    async with sitting(socket, "bob", (200, 60)) as bob:
        screen = await composing(bob, "r")
        source = screen.query_one("#source", Reader)
        sheet = screen.query_one("#sheet")
        await bob.until(lambda: source.lines and sheet.region == Region(28, 1, 76, 58))
        assert source.region.x == 104 and source.region.width > 90
        await bob.pilot.resize_terminal(80, 24)
        await bob.until(lambda: not source.display and sheet.region.width == 80)


async def test_a_new_message_has_nothing_beside_it(socket: Path) -> None:
    async with sitting(socket, "bob", (200, 60)) as bob:
        screen = await composing(bob, "c")
        assert not screen.query_one("#source").display


# --- as whom -----------------------------------------------------------------------------------------


async def test_who_sends_on_behalf_is_told_that_their_name_goes_along(socket: Path) -> None:
    async with sitting(socket, "nina", (80, 24)) as nina:
        support = next(a for a in nina.main.desk.accounts.values() if "support" in a.name)
        inbox = support.by_role(Role.INBOX)
        assert inbox is not None
        nina.main.open_folder(support.id, inbox.id)
        await nina.until(lambda: nina.main.account == support.id and nina.view.known)
        await nina.until(lambda: nina.main.messages.cursor_row is not None)
        await composing(nina, "r")
        await nina.until(lambda: "you: nina, Sender: nina" in said(nina, "#who"))
        await nina.press("ctrl+s")
        assert "As support@halden.example to 1 recipient; you are nina, Sender: nina" in said(nina, "#review")


async def test_a_new_message_may_go_out_from_another_mailbox_with_its_signature(socket: Path) -> None:
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia, "c")
        before = screen.sender
        await mia.press("f2")
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        other = next(s for s in screen._senders if s.account != before.account)
        await mia.press(*other.identity.email[:5], "enter")
        await mia.until(lambda: isinstance(mia.app.screen, ComposeScreen) and mia.app.screen is not screen)
        again = mia.app.screen
        assert isinstance(again, ComposeScreen)
        assert again.sender == other
        text = again.query_one(TextArea).text
        assert other.identity.text_signature.split("\n")[0] in text
        assert before.identity.text_signature not in text
        assert text.count("-- \n") == 1


async def test_an_answer_does_not_leave_its_mailbox_and_the_box_says_why(socket: Path) -> None:
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia, "r")
        await mia.pilot.click(screen.query_one("#who"))
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        found = mia.app.screen.query_one(VirtualList)
        notes = [str(row.cells["note"]) for at in range(found.source.total) if (row := found.source.row(at))]
        assert any(note.startswith("An answer goes out from its own mailbox") for note in notes)


def drafts_in(folder: Path) -> list[str]:
    """What the journal holds."""
    return [file.read_text() for file in folder.glob("*.json")]


async def sent_as_another(person: Person, screen: ComposeScreen) -> ComposeScreen:
    """F2, and an address of another mailbox; the composer that goes on there."""
    other = next(s for s in screen._senders if s.account != screen.sender.account)
    await person.press("f2")
    await person.until(lambda: isinstance(person.app.screen, ChooseScreen))
    person.app.screen.query_one(Input).value = other.identity.email
    await person.pilot.pause()
    await person.press("enter")
    await person.until(
        lambda: isinstance(person.app.screen, ComposeScreen) and person.app.screen is not screen
    )
    again = person.app.screen
    assert isinstance(again, ComposeScreen)
    assert again.sender == other
    return again


async def test_what_was_only_opened_is_no_draft_of_the_other_mailbox_either(
    socket: Path, tmp_path: Path
) -> None:
    async with sitting(socket, "mia", (120, 40), tmp_path) as mia:
        await sent_as_another(mia, await composing(mia, "c"))
        await mia.press("ctrl+s", "l")
        await mia.until(lambda: mia.app.screen is mia.main)
        assert mia.notice == "Nothing was written: no draft is kept."
        assert drafts_in(tmp_path) == []


async def test_the_files_go_along_into_the_other_mailbox_and_out_of_it(socket: Path, tmp_path: Path) -> None:
    (tmp_path / "offer.txt").write_text("Two lamps.\n")
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia, "c")
        await mia.press(*"anna.larsen@post.example")
        assert screen._files is not None
        screen._files.begin(tmp_path / "offer.txt")
        await mia.until(lambda: screen._draft.attachments)
        again = await sent_as_another(mia, screen)
        [file] = again.current().attachments
        account = again.sender.account
        there = await mia.main.desk.client.download(account, file.blob)
        assert there == b"Two lamps.\n"
        assert "offer.txt" in said(mia, "#files")
        await mia.press("ctrl+s", "y")
        await mia.until(lambda: mia.notice.startswith("Sending"))
        await mia.press("z")
        await mia.until(lambda: isinstance(mia.app.screen, ComposeScreen))


async def test_a_file_that_cannot_go_along_leaves_the_draft_where_it_is(socket: Path) -> None:
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia, "c")
        before = screen.sender
        lost = Attached("b987654", "lost.txt", "text/plain", 9)
        screen._draft.attachments = [lost]
        screen._go_elsewhere(next(s for s in screen._senders if s.account != before.account))
        await mia.until(lambda: "as before, the files cannot be taken along" in said(mia, "#problem"))
        assert screen.is_current and screen.sender == before
        assert screen.current().attachments == [lost]
        assert screen._files is not None and not screen._files.waiting


async def test_a_file_on_its_way_is_waited_for_before_the_mailbox_changes(socket: Path) -> None:
    async with sitting(socket, "mia", (120, 40)) as mia:
        screen = await composing(mia, "c")
        assert screen._files is not None
        screen._files._uploads.append(Upload(Path("slow.bin"), 1000))
        screen._go_elsewhere(next(s for s in screen._senders if s.account != screen.sender.account))
        assert "Still being attached: slow.bin" in said(mia, "#problem")
        screen._files._uploads.clear()


async def test_what_is_forwarded_as_another_mailbox_is_marked_in_its_own(socket: Path) -> None:
    async with sitting(socket, "mia", (120, 40)) as mia:
        forwarded, home = mia.under_cursor(), mia.main.account
        screen = await composing(mia, "f")
        again = await sent_as_another(mia, screen)
        assert again.current().forwards == f"{home}/{forwarded}"
        assert again.sender.account != home


# --- files -------------------------------------------------------------------------------------------


async def test_several_files_go_along_and_the_draft_on_the_disk_has_them(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, drafts = tmp_path / "files", tmp_path / "drafts"
    files.mkdir()
    for name in ("one.txt", "two.txt"):
        (files / name).write_text(name)
    monkeypatch.chdir(files)
    async with sitting(socket, "bob", (80, 24), drafts) as bob:
        await composing(bob, "r")
        await bob.press("ctrl+o")
        await bob.until(lambda: isinstance(bob.app.screen, FilesScreen))
        await bob.until(lambda: bob.app.screen.query_one(VirtualList).source.total > 1)
        await bob.press("down", "tab", "tab", "enter")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.until(lambda: said(bob, "#files").startswith("2 files"))
        await bob.until(lambda: "two.txt" in kept_in(drafts))


async def test_a_file_that_is_too_large_is_grey_before_anything_is_sent(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(60_000_000)
    monkeypatch.chdir(tmp_path)
    async with sitting(socket, "bob", (120, 40)) as bob:
        await composing(bob, "r")
        await bob.press("ctrl+o")
        await bob.until(lambda: isinstance(bob.app.screen, FilesScreen))
        found = bob.app.screen.query_one(VirtualList)
        await bob.until(lambda: found.source.total > 1)
        row = found.source.row(1)
        assert row is not None and "Larger than 50 M" in str(row.cells["note"])


async def test_a_file_on_its_way_is_counted_holds_the_message_back_and_can_be_stopped(
    socket: Path, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.bin"
    async with sitting(socket, "bob", (120, 40)) as bob:
        screen = await composing(bob, "r")
        assert screen._files is not None
        upload = Upload(slow, 1000)
        held = asyncio.Event()

        async def hold() -> None:
            await held.wait()

        screen._files._uploads.append(upload)
        upload.worker = screen.run_worker(hold())
        await bob.until(lambda: "attaching slow.bin 0% of 1 K" in said(bob, "#files"))
        for outcome in ("y", "l"):
            screen._say_problem("")
            await bob.press("ctrl+s", outcome)
            await bob.until(lambda: "Still being attached: slow.bin" in said(bob, "#problem"))
            await bob.until(lambda: not screen.has_class("-review"))
            assert bob.app.screen is screen
        await bob.press("ctrl+r")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.press("enter")
        await bob.until(lambda: upload.worker is not None and upload.worker.is_cancelled)


async def test_a_small_file_chosen_just_before_sending_goes_along_without_a_word(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "QUICK", PATIENCE)
    (tmp_path / "small.txt").write_text("thirty-six bytes are quickly gone.\n")
    async with sitting(socket, "bob", (120, 40)) as bob:
        screen = await composing(bob, "r")
        assert screen._files is not None
        screen._files.begin(tmp_path / "small.txt")
        assert screen._files.waiting
        screen._review()
        await screen._do_reviewed("review.send")
        await bob.until(lambda: bob.app.screen is not screen)
        assert [file.name for file in screen._draft.attachments] == ["small.txt"]


async def test_f1_shows_the_composers_keys_and_leads_back_to_the_text(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "r")
        await bob.press("T", "f1")
        await bob.until(lambda: isinstance(bob.app.screen, HelpScreen))
        rows = bob.app.screen.query_one(VirtualList).source
        labels = [row.cells["label"] for at in range(rows.total) if (row := rows.row(at))]
        assert "take off a file" in labels and "keep as draft" in labels
        assert "archive" not in labels
        await bob.press("escape")
        await bob.until(lambda: bob.app.screen is screen)
        assert screen.current().body.startswith("T")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])
async def test_the_addresses_that_one_may_send_as_are_not_cut(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "mia", size) as mia:
        await composing(mia, "c")
        await mia.press("f2")
        await mia.until(lambda: isinstance(mia.app.screen, ChooseScreen))
        found = mia.app.screen.query_one(VirtualList)
        await mia.until(lambda: "<hr@halden.example> " in drawn(found))
        assert "…" not in drawn(found) or size[0] < 100


def drawn(found: VirtualList) -> str:
    return "\n".join(found.render_line(y).text for y in range(found.size.height))


async def test_offering_people_leaves_the_text_its_width(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "c")
        width = screen._text.size.width
        await bob.press(*"niel")
        await bob.until(lambda: screen._offers["to"].has_class("-open"))
        await bob.pilot.pause()
        assert screen._text.size.width == width


def test_a_review_without_anybody_to_send_to_ends_with_what_is_to_be_done() -> None:
    identity = Identity(id="i", email="support@halden.example")
    sender = Sender(account="a", mailbox="support@halden.example", identity=identity, on_behalf=False)
    draft = Draft(account="a", to="nobody", attachments=[Attached("b", "a.txt", "text/plain", 30)])
    assert review_line(draft, sender, "mia") == (
        "As support@halden.example with 1 file (30 B); you are mia. "
        "To nobody yet: “nobody” is no address: write name@example.org."
    )
    assert review_line(Draft(account="a"), sender, "mia") == (
        "As support@halden.example; you are mia. To nobody yet: fill in To."
    )


async def test_a_file_that_cannot_be_read_is_said_and_the_text_stays(socket: Path, tmp_path: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "r")
        assert screen._files is not None
        screen._files.begin(tmp_path / "none.pdf")
        await bob.until(lambda: "none.pdf cannot be read: No such file" in said(bob, "#problem"))


# --- spelling ----------------------------------------------------------------------------------------


@pytest.fixture
def speller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose only spell-checker is the small one of the tests."""
    folder = tmp_path / "bin"
    install(folder, ["the", "lamp", "is", "broken", "hello"])
    monkeypatch.setenv("PATH", str(folder))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return folder


@SIZES
async def test_unknown_words_are_marked_and_asked_about_one_after_the_other(
    socket: Path, size: tuple[int, int], speller: Path
) -> None:
    async with sitting(socket, "bob", size) as bob:
        screen = await composing(bob, "r")
        await bob.press(*"The lamp is brokken xqz", "f7")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        area = screen.query_one(WritingField)
        assert area.marked == {"brokken", "xqz"}
        await bob.press("enter")
        await bob.until(lambda: "lamp is broken xqz" in area.text)
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.press(*"ignore", "enter")
        await bob.until(lambda: bob.app.screen is screen)
        assert area.marked == frozenset()
        assert area.text.startswith("The lamp is broken xqz")


async def test_a_word_is_added_to_ones_own_list(socket: Path, speller: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "r")
        await bob.press(*"Halden", "f7")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.press(*"add", "enter")
        await bob.until(lambda: bob.app.screen is screen)
        await bob.until(lambda: (speller / "words").exists() and "Halden" in (speller / "words").read_text())


async def test_only_ones_own_words_are_marked(socket: Path, speller: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "r")
        area = screen.query_one(WritingField)
        area.fill("xqz\n\nOn Monday, Ann wrote:\n> xqz\n\n-- \nxqz\n")
        await bob.press("f7")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.press("escape")
        await bob.until(lambda: bob.app.screen is screen)
        marked = [bool(area.get_line(number).spans) for number in range(8)]
        assert marked == [True] + [False] * 7


async def test_without_a_spell_checker_the_key_is_grey_and_says_what_to_install(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with sitting(socket, "bob", (120, 40)) as bob:
        await composing(bob, "r")
        await bob.press("f7")
        assert "install hunspell or aspell" in said(bob, "#problem")


# --- nothing is lost ---------------------------------------------------------------------------------


async def test_a_draft_that_cannot_be_saved_is_not_left_for_later(socket: Path, tmp_path: Path) -> None:
    drafts = tmp_path / "drafts"
    drafts.write_text("no folder")
    async with sitting(socket, "bob", (80, 24), drafts) as bob:
        screen = await composing(bob, "r")
        await bob.press(*"Dear Ann", "ctrl+s", "l")
        await bob.until(lambda: "Not saved" in said(bob, "#problem"))
        assert bob.app.screen is screen
        assert screen.query_one(TextArea).text.startswith("Dear Ann")


async def test_leaving_shinbox_saves_what_was_just_typed(socket: Path, tmp_path: Path) -> None:
    async with sitting(socket, "bob", (80, 24), tmp_path) as bob:
        await composing(bob, "r")
        await bob.press(*"Dear Ann", "ctrl+q")
    assert "Dear Ann" in kept_in(tmp_path)


@SIZES
async def test_the_keys_of_the_footer_work_with_the_mouse(socket: Path, size: tuple[int, int]) -> None:
    async with sitting(socket, "bob", size) as bob:
        screen = await composing(bob, "r")
        await bob.pilot.click(screen.query_one("#keys"), offset=(3, 0))
        await bob.until(lambda: screen.has_class("-review"))


@pytest.mark.parametrize(
    ("size", "wording"),
    [
        ((80, 24), "From support@halden.example  you: nina, Sender: nina  F2 changes"),
        ((120, 40), "From Halden Support <support@halden.example>  you: nina, Sender: nina  F2"),
    ],
    ids=["80x24", "120x40"],
)
async def test_the_first_line_says_less_where_there_is_less_room_and_is_not_cut(
    socket: Path, size: tuple[int, int], wording: str
) -> None:
    async with sitting(socket, "nina", size) as nina:
        support = next(a for a in nina.main.desk.accounts.values() if "support" in a.name)
        inbox = support.by_role(Role.INBOX)
        assert inbox is not None
        nina.main.open_folder(support.id, inbox.id)
        await nina.until(
            lambda: nina.main.account == support.id and nina.main.messages.cursor_row is not None
        )
        screen = await composing(nina, "r")
        await nina.press("x")
        await nina.until(lambda: said(nina, "#state").startswith("saved"))
        await nina.until(lambda: said(nina, "#who").startswith(wording))
        line = screen.query_one("#who", Static)
        assert len(said(nina, "#who")) <= line.content_size.width


async def test_the_lists_notice_is_not_cut_beside_the_composer_and_is_there_again_after_it(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", (120, 40)) as bob:
        bob.main.notice.say("A sentence that is longer than the folders are wide", seconds=600)
        assert bob.main.notice.visible
        await composing(bob, "c")
        await bob.until(lambda: not bob.main.notice.visible)
        await bob.press("ctrl+s", "l")
        await bob.until(lambda: bob.app.screen is bob.main and bob.main.notice.visible)


async def test_the_list_behind_a_box_over_the_composer_follows_the_width_of_the_terminal(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await composing(bob, "c")
        await bob.press("ctrl+r", "f1")
        await bob.until(lambda: isinstance(bob.app.screen, HelpScreen))
        await bob.pilot.resize_terminal(120, 40)
        await bob.until(lambda: not bob.main.narrow and bob.main.size.width == 120)


async def test_a_paste_keeps_its_lines_however_the_terminal_ends_them(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "c")
        screen._text.focus()
        await bob.until(lambda: screen._text.has_focus)
        bob.app.post_message(events.Paste("one\rtwo\r\nthree\nשלום 田中"))
        await bob.until(lambda: screen._text.text.startswith("one\ntwo\nthree\nשלום 田中\n"))


async def test_recipients_pasted_one_below_the_other_are_several(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        screen = await composing(bob, "c")
        to = screen.query_one("#to", LineField)
        await bob.until(lambda: to.has_focus)
        bob.app.post_message(events.Paste("ann@x.example\rBob <bob@x.example>,\r\ncarl@x.example\r"))
        await bob.until(lambda: to.value == "ann@x.example, Bob <bob@x.example>, carl@x.example")
