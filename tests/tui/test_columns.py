"""Which columns a width holds."""

from __future__ import annotations

from rich.cells import cell_len

from shinbox.tui.columns import GAP, Column, fit_columns, fit_text
from shinbox.tui.message_columns import MESSAGE_COLUMNS

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
