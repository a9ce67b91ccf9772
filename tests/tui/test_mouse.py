"""The mouse, everywhere: each place of the screen does what it shows, with a click or the wheel."""

from __future__ import annotations

from pathlib import Path

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.compose import ComposeScreen
from shinbox.tui.screens.help import HelpScreen
from shinbox.tui.widgets.bars import KeyFooter, TitleBar
from shinbox.tui.widgets.notice_bar import NoticeBar
from shinbox.tui.widgets.virtual_list import VirtualList
from tests.tui.person import Person, sitting

MID = (120, 40)


async def click_word(p: Person, widget: Widget, word: str) -> None:
    """Click on a word of a single line, once it stands there."""
    await p.until(lambda: widget.region and word in str(widget.render()))
    text = str(widget.render())
    await p.pilot.click(widget, offset=(text.index(word) + 1, 0))
    await p.pilot.pause()


async def test_a_click_selects_a_message_a_second_opens_it_and_ctrl_and_shift_select(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        messages = bob.main.messages
        await bob.pilot.click(messages, offset=(20, 2))
        await bob.until(lambda: messages.cursor == 2)
        assert not bob.main.has_class("-reading")
        await bob.pilot.click(messages, offset=(20, 2))
        await bob.until(lambda: bob.main.has_class("-reading"))
        await bob.press("escape")
        await bob.pilot.click(messages, offset=(20, 1), control=True)
        await bob.until(lambda: len(messages.marks.ids) == 1)
        await bob.pilot.click(messages, offset=(20, 3), shift=True)
        await bob.until(lambda: len(messages.marks.ids) == 3)
        await bob.pilot.click(messages, offset=(0, 4))
        await bob.until(lambda: len(messages.marks.ids) == 4)


async def test_one_click_opens_a_folder_and_folds_a_mailbox(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        folders = bob.main.folders
        rows = [folders.source.row(line) for line in range(folders.source.total)]
        sent = next(line for line, row in enumerate(rows) if row and row.cells["name"].strip() == "Sent")
        await bob.pilot.click(folders, offset=(8, sent))
        await bob.until(lambda: "/ Sent" in bob.title())
        before = folders.source.total
        await bob.pilot.click(folders, offset=(8, 0))
        await bob.until(lambda: folders.source.total < before)
        await bob.pilot.click(folders, offset=(8, 0))
        await bob.until(lambda: folders.source.total == before)


async def test_the_footers_hints_the_notices_undo_and_the_parts_of_the_title_are_buttons(
    socket: Path,
) -> None:
    async with sitting(socket, "bob", (160, 40)) as bob:
        first = bob.under_cursor()
        await click_word(bob, bob.main.query_one(KeyFooter), "archive")
        await bob.until(lambda: bob.view.index_of(first) is None)
        notice = bob.main.query_one(NoticeBar)
        await bob.until(lambda: "undo" in str(notice.render()))
        await click_word(bob, notice, "undo")
        await bob.until(lambda: bob.view.index_of(first) is not None)
        title = bob.main.query_one(TitleBar)
        await click_word(bob, title, "write")
        await bob.until(lambda: "you may: read messages" in bob.notice)
        await click_word(bob, title, "●")
        await bob.until(lambda: "is connected" in bob.notice)
        await click_word(bob, title, "/ Inbox")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.press("escape")
        await bob.until(lambda: bob.app.screen is bob.main)
        await click_word(bob, title, "shinbox")
        await bob.until(lambda: isinstance(bob.app.screen, HelpScreen))


async def test_a_click_chooses_in_a_box_and_one_beside_it_leaves(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("g", "m")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.until(lambda: bob.app.screen.query_one("#choices").region.height > 2)
        await bob.pilot.click("#choices", offset=(5, 2))
        await bob.until(lambda: bob.app.screen is bob.main)
        await bob.press(":")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.pilot.click(bob.app.screen, offset=(1, 38))
        await bob.until(lambda: bob.app.screen is bob.main)


async def test_an_action_of_the_help_is_done_by_a_click(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("?")
        await bob.until(lambda: isinstance(bob.app.screen, HelpScreen))
        bob.app.screen.query_one(Input).value = "go to a mailbox"
        found = bob.app.screen.query_one(VirtualList)
        await bob.until(lambda: (row := found.cursor_row) and row.id == "go.mailbox")
        await bob.pilot.click(found, offset=(20, 0))
        await bob.pilot.click(found, offset=(20, 0))
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))


async def test_the_search_lines_scope_is_changed_by_a_click(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("/")
        await bob.until(lambda: bob.main._bar is not None and bob.main._bar.has_class("-shown"))
        bar = bob.main._bar
        assert bar is not None
        await bob.until(lambda: bar._scope.region and "support@" in str(bar._scope.render()))
        await bob.pilot.click(bar._scope, offset=(2, 0))
        await bob.until(lambda: "all mailboxes" in str(bar._scope.render()))


async def test_the_composers_fields_hints_and_review_are_clicked(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("c")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        screen = bob.app.screen
        await bob.pilot.click("#subject")
        await bob.until(lambda: bob.app.focused is screen.query_one("#subject"))
        await bob.press("x")
        await click_word(bob, screen.query_one("#keys"), "review")
        await bob.until(lambda: screen.has_class("-review"))
        await click_word(bob, screen.query_one("#review-keys"), "go on")
        await bob.until(lambda: not screen.has_class("-review"))
        await click_word(bob, screen.query_one("#keys"), "review")
        await click_word(bob, screen.query_one("#review-keys"), "discard")
        await bob.until(lambda: bob.app.screen is bob.main)


async def test_a_link_and_a_file_in_a_message_are_clicked(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.until(lambda: "[1]" in bob.reader())
        for text, title in (("See [1] there", "Which link?"), ("https://example.org", "Which link?")):
            bob.main.reader.show([(text, "")])
            await bob.pilot.click(bob.main.reader, offset=(6, 0))
            await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
            assert title in bob.app.screen._title  # type: ignore[attr-defined]  # of a box
            await bob.press("escape")
            await bob.until(lambda: bob.app.screen is bob.main)
        bob.main.reader.show([("[1] bill.pdf  application/pdf  1 K", "file")])
        await bob.pilot.click(bob.main.reader, offset=(6, 0))
        await bob.until(lambda: "files" in bob.notice or isinstance(bob.app.screen, ChooseScreen))


def wheel(widget: Widget) -> events.MouseScrollDown:
    return events.MouseScrollDown(widget, 5, 2, 0, 1, 0, False, False, False, 5, 2)


async def test_the_wheel_scrolls_list_reader_and_boxes(socket: Path) -> None:
    async with sitting(socket, "bob", (100, 20)) as bob:
        bob.main.do_go_inbox()
        await bob.until(lambda: bob.view.known)
        await bob.press("enter")
        await bob.until(lambda: "From" in bob.reader())  # Else it would take the place of the lines.
        bob.main.reader.show([(f"line {number}", "") for number in range(200)])
        messages, reader = bob.main.messages, bob.main.reader
        await bob.until(lambda: messages.max_scroll_y > 0)
        messages.post_message(wheel(messages))
        await bob.until(lambda: messages.scroll_offset.y > 0)
        reader.post_message(wheel(reader))
        await bob.until(lambda: reader.scroll_offset.y > 0)
        await bob.press("?")
        await bob.until(lambda: isinstance(bob.app.screen, HelpScreen))
        found = bob.app.screen.query_one(VirtualList)
        found.post_message(wheel(found))
        await bob.until(lambda: found.scroll_offset.y > 0)
