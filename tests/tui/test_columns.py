"""Which columns a width holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.columns import GAP, Column, fit_columns, fit_text
from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.mail_rows import FOLDER_COLUMNS
from shinbox.tui.message_columns import MESSAGE_COLUMNS
from shinbox.tui.rows import FixedRows, Row
from shinbox.tui.sidebar import sidebar_rows
from tests.tui.lists import ListApp

COLUMNS = (
    Column("from", 10, flex=1),
    Column("subject", 20, flex=3),
    Column("assignee", 8, drop=2),
    Column("size", 6, drop=1),
    Column("date", 12, drop=3, short=4),
)


def kept(width: int) -> list[str]:
    return [placed.key for placed in fit_columns(COLUMNS, width)]


def test_columns_give_way_in_order_size_then_assignee_then_the_date_becomes_an_age() -> None:
    assert kept(80) == ["from", "subject", "assignee", "size", "date"]
    assert kept(59) == ["from", "subject", "assignee", "date"]
    assert kept(50) == ["from", "subject", "date"]
    assert kept(40) == ["from", "subject", "date-short"]


def test_a_row_of_columns_fills_the_width_exactly() -> None:
    for width in range(20, 220):
        placed = fit_columns(MESSAGE_COLUMNS, width)
        assert sum(column.width for column in placed) + GAP * (len(placed) - 1) == width


def test_what_remains_is_shared_by_weight() -> None:
    widths = {placed.key: placed.width for placed in fit_columns(COLUMNS, 100)}
    assert widths["subject"] - 20 == 3 * (widths["from"] - 10)


def test_a_text_fills_its_column_and_says_where_it_was_cut() -> None:
    assert fit_text("Bob", 5) == "Bob  "
    assert fit_text("Bob", 5, "right") == "  Bob"
    assert fit_text("Roberta", 5) == "Robe…"
    assert fit_text("x", 0) == ""


def test_wide_letters_are_counted_as_two_cells() -> None:
    for width in range(1, 12):
        assert cell_len(fit_text("田中太郎さん", width)) == width


def shown_at(width: int) -> list[str]:
    return [placed.key for placed in fit_columns(MESSAGE_COLUMNS, width)]


def test_size_goes_first_and_then_the_date_becomes_an_age() -> None:
    """At the widths that panes have."""
    everything = ["mark", "flag", "from", "subject", "done", "count", "clip", "size", "date"]
    without_size = [key for key in everything if key != "size"]
    assert [shown_at(width) for width in (200, 95, 82)] == [everything] * 3
    assert [shown_at(width) for width in (80, 75)] == [without_size] * 2
    assert [shown_at(width) for width in (72, 66)] == [[*without_size[:-1], "date-short"]] * 2


WIDE = Row(
    "w",
    {
        "mark": "●",
        "flag": "★",
        "from": "\U0001f469\u200d\U0001f467 田中太郎さん, Jürgen-Wolfgang von und zu Schröder-Łukasz",
        "subject": "ペンダントライト \U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd cafe\u0301 \u202eevil "
        + "long " * 40,
        "done": "↔",
        "count": "▸999",
        "clip": "@",
        "size": "999 M",
        "date": "12 Nov 2026",
        "date-short": "99w",
    },
    prefix="[urgent] ",
)


@pytest.mark.parametrize("width", [40, 60, 72, 80, 90, 100, 120, 160, 200])
async def test_wide_letters_emoji_and_long_names_keep_every_line_as_wide_as_the_list(width: int) -> None:
    app = ListApp(FixedRows([WIDE]))
    app.list.columns = MESSAGE_COLUMNS
    async with app.run_test(size=(width, 5)):
        strip = app.list.render_line(0)
        assert strip.cell_length == width
        assert strip.text.rstrip().endswith(("12 Nov 2026", "99w"))
        assert sum(cell_len(segment.text) for segment in strip) == width


def lost(number: int, name: str) -> DeskPlace:
    client = Client(Endpoint(socket=Path("/nowhere")))
    return DeskPlace(number, name, client, started=True, was_away=True)


@pytest.mark.parametrize("width", [20, 22, 27, 80])
@pytest.mark.parametrize(
    "names",
    [
        ("/home/bob/.local/share/shinbox/desk/desk.sock", "/run/user/1000/shinbox/north/desk.sock"),
        ("/run/a-team-with-a-name/desk.sock", "/run/north-of-the-sea/desk.sock"),
        ("ssh://bob@mail.halden.example:2222", "田中太郎さんのデスク"),
    ],
)
async def test_however_long_a_desk_is_named_the_sidebar_says_that_it_is_offline(
    names: tuple[str, str], width: int
) -> None:
    app = ListApp(FixedRows(sidebar_rows([lost(0, names[0]), lost(1, names[1])], ())))
    app.list.columns = FOLDER_COLUMNS
    async with app.run_test(size=(width, 5)):
        drawn = [app.list.render_line(line).text.rstrip() for line in (0, 1)]
        assert [line.partition(" · ")[2] for line in drawn] == ["offline"] * 2


def test_of_two_sockets_the_sidebar_names_what_tells_them_apart() -> None:
    rows = sidebar_rows([lost(0, "/run/shinbox/north.sock"), lost(1, "/run/shinbox/south/desk.sock")], ())
    assert [row.cells["name"] for row in rows] == ["north.sock", "south/desk.sock"]
    rows = sidebar_rows([lost(0, "/run/a.sock"), lost(1, "/tmp/a.sock"), lost(2, "north")], ())
    assert [row.cells["name"] for row in rows] == ["/run/a.sock", "/tmp/a.sock", "north"]
