"""How the list behaves under the hand: cursor, marks, changes above it, rows that are not there yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shinbox.tui.rows import Row
from shinbox.tui.widgets.list_messages import CursorMoved, Folded, Opened, RangeWanted
from tests.tui.lists import ListApp, folder, lines_drawn

SIZE = (60, 20)


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["j", "j", "k"], 1),
        (["down", "down"], 2),
        (["G"], 999),
        (["end", "home"], 0),
        (["ctrl+d"], 10),
        (["ctrl+d", "ctrl+u"], 0),
        (["pagedown", "pagedown"], 40),
        (["pagedown", "pageup"], 0),
        (["k"], 0),
        (["G", "j"], 999),
    ],
)
async def test_each_key_of_motion_goes_where_vim_would_go(keys: list[str], cursor: int) -> None:
    app = ListApp(folder(1000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*keys)
        assert app.list.cursor == cursor


async def test_the_cursor_is_always_on_the_screen() -> None:
    app = ListApp(folder(1000))
    async with app.run_test(size=SIZE) as pilot:
        for keys in (["j"] * 25, ["pagedown"], ["G"], ["k"] * 30, ["home"]):
            await pilot.press(*keys)
            top = app.list.scroll_offset.y
            assert top <= app.list.cursor < top + SIZE[1]


async def test_a_single_step_repaints_two_lines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ListApp(folder(1000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j")
        await pilot.pause()
        drawn = lines_drawn(app, monkeypatch)
        await pilot.press("j")
        await pilot.pause()
        assert set(drawn) == {1, 2}


async def test_news_repaint_the_lines_that_changed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    source, fresh = folder(1000), folder(1000)
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j")
        await pilot.pause()
        drawn = lines_drawn(app, monkeypatch)
        fresh.rows["m3"] = replace(fresh.rows["m3"], tone="unread")
        fresh.rows["m500"] = replace(fresh.rows["m500"], tone="unread")
        app.list.replace_source(fresh)
        await pilot.pause()
        assert drawn == [3]


async def test_news_that_change_nothing_repaint_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ListApp(folder(1000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("pagedown", "j")
        await pilot.pause()
        drawn = lines_drawn(app, monkeypatch)
        app.list.replace_source(folder(1000))
        await pilot.pause()
        assert drawn == []
        assert app.list.cursor == 21


async def test_after_news_that_repaint_nothing_the_cursor_still_finds_its_neighbour() -> None:
    app = ListApp(folder(1000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "j")
        app.list.replace_source(folder(1000))
        rest = folder(1000)
        rest.ids.remove("m2")
        app.list.replace_source(rest)
        row = app.list.cursor_row
        assert row is not None and row.id == "m3"


async def test_new_mail_above_keeps_the_cursor_on_its_message_and_in_its_place() -> None:
    source = folder(1000)
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("pagedown", "pagedown", "j", "j")
        row, place = app.list.cursor_row, app.list.cursor - app.list.scroll_offset.y
        source.insert(0, "new1")
        source.insert(0, "new2")
        app.list.source_changed()
        await pilot.pause()
        assert app.list.cursor_row is row
        assert app.list.cursor - app.list.scroll_offset.y == place


async def test_at_the_top_new_mail_is_seen_and_the_cursor_stays_on_its_message() -> None:
    source = folder(1000)
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        source.insert(0, "new")
        app.list.source_changed()
        await pilot.pause()
        assert app.list.cursor == 1
        assert "about new" in app.lines()[0]


async def test_news_do_not_pull_back_who_scrolled_away_with_the_wheel() -> None:
    source, fresh = folder(1000), folder(1000)
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        app.list.scroll_to(y=200, animate=False, force=True)
        await pilot.pause()
        app.list.replace_source(fresh)
        await pilot.pause()
        assert app.list.scroll_offset.y == 200
        assert app.list.cursor == 0


async def test_when_the_cursors_message_leaves_the_next_one_is_under_the_cursor() -> None:
    source = folder(100)
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*"jjjjj")
        for gone in ("m1", "m5", "m6"):
            source.ids.remove(gone)
        app.list.source_changed()
        await pilot.pause()
        assert app.list.cursor_row is source.rows["m7"]


async def test_when_the_last_message_leaves_the_one_before_is_under_the_cursor() -> None:
    source = folder(3)
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("G")
        source.ids.pop()
        app.list.source_changed()
        await pilot.pause()
        assert app.list.cursor_row is source.rows["m1"]


async def test_missing_rows_are_asked_for_once_with_some_pages_around() -> None:
    source = folder(1000)
    source.missing = {row_id for row_id in source.ids if int(row_id[1:]) >= 20}
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*"jjjj")
        asked = app.all_heard(RangeWanted)
        assert [(message.first, message.last) for message in asked] == [(20, 59)]


async def test_rows_that_arrive_appear_where_they_were_missing() -> None:
    source = folder(40)
    source.missing = set(source.ids[5:])
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        assert "…" in app.lines()[7]
        source.missing.clear()
        app.list.rows_loaded(5, 39)
        await pilot.pause()
        assert "about m7" in app.lines()[7]


async def test_the_cursor_waits_on_a_missing_row_until_it_is_there() -> None:
    source = folder(1000)
    source.missing = set(source.ids[500:])
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("G")
        assert app.list.cursor_row is None
        source.missing.clear()
        app.list.rows_loaded(960, 999)
        await pilot.pause()
        assert app.all_heard(CursorMoved)[-1].row is source.rows["m999"]
        assert app.list.cursor == 999


async def test_offline_the_rows_stay_and_nothing_is_asked_for() -> None:
    source = folder(1000)
    source.missing = set(source.ids[20:])
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        app.list.offline = True
        app.heard.clear()
        await pilot.press("pagedown")
        assert "no connection" in app.lines()[5]
        assert app.all_heard(RangeWanted) == []
        await pilot.press("pageup")
        assert "about m5" in app.lines()[5]
        app.list.offline = False
        await pilot.pause()
        assert app.all_heard(RangeWanted) != []


async def test_x_marks_a_line_and_goes_on() -> None:
    app = ListApp(folder(10))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("x", "j", "x")
        assert app.list.marks.ids == {"m0", "m2"}
        assert app.list.cursor == 3


async def test_a_range_marks_every_line_that_the_cursor_passes() -> None:
    app = ListApp(folder(100))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "V", "j", "j", "V", "j", "j")
        assert app.list.marks.ids == {"m1", "m2", "m3"}


async def test_everything_can_be_marked_also_what_is_not_loaded() -> None:
    source = folder(1000)
    source.missing = set(source.ids[20:])
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("*", "x")
        assert app.list.marks.count(source.total) == 999
        assert "m999" in app.list.marks
        assert "m0" not in app.list.marks


async def test_marks_stay_on_their_messages_when_lines_move() -> None:
    source = folder(10)
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "x")
        source.insert(0, "new")
        app.list.source_changed()
        await pilot.pause()
        assert app.list.marks.ids == {"m1"}


async def test_enter_opens_the_line_under_the_cursor() -> None:
    app = ListApp(folder(10))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "enter")
        opened = app.all_heard(Opened)[-1]
        assert opened.row is not None
        assert opened.row.id == "m1"


async def test_a_click_selects_and_a_second_click_opens() -> None:
    app = ListApp(folder(10))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(app.list, offset=(20, 4))
        assert (app.list.cursor, app.all_heard(Opened)) == (4, [])
        await pilot.click(app.list, offset=(20, 4))
        assert [message.index for message in app.all_heard(Opened)] == [4]


async def test_a_click_on_the_first_cell_marks() -> None:
    app = ListApp(folder(10))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(app.list, offset=(0, 4))
        assert app.list.marks.ids == {"m4"}


async def test_right_unfolds_a_folded_line_and_left_does_nothing_to_it() -> None:
    source = folder(10)
    source.rows["m0"] = replace(source.rows["m0"], fold="shut")
    app = ListApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("left")
        assert app.all_heard(Folded) == []
        await pilot.press("right")
        assert [message.index for message in app.all_heard(Folded)] == [0]


async def test_the_trees_prefix_stands_before_the_subject() -> None:
    source = folder(2)
    source.rows["m1"] = replace(source.rows["m1"], prefix="└ ")
    app = ListApp(source)
    async with app.run_test(size=SIZE):
        assert app.lines()[1].startswith("└ about m1")


async def test_a_long_sentence_in_place_of_rows_is_wrapped_and_not_cut() -> None:
    said = "The desk cannot be reached at /run/user/1000/shinbox/desk.sock: is `shinbox serve` running?"
    app = ListApp(folder(0), empty=said)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        assert " ".join(line.strip() for line in app.lines()[:3]).strip() == said


async def test_an_empty_list_says_so() -> None:
    app = ListApp(folder(0), empty="No messages in Inbox.")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "G", "x", "V", "*", "enter")
        assert "No messages in Inbox." in app.lines()[0]


async def test_a_hostile_subject_cannot_reach_the_terminal() -> None:
    source = folder(1)
    source.rows["m0"] = Row("m0", {"subject": "\x1b]52;c;aGk=\x07[/][@click=x]evil\x9b2J\u202e"})
    app = ListApp(source)
    async with app.run_test(size=SIZE):
        line = app.lines()[0]
        assert "[/][@click=x]evil" in line
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(line)


async def test_the_list_may_be_narrower_than_its_columns() -> None:
    app = ListApp(folder(5))
    async with app.run_test(size=(8, 4)) as pilot:
        await pilot.pause()
        assert app.lines()[0] == "about …"
