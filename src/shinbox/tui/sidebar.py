"""The sidebar's lines: mailboxes with their folders; where there are several desks, under their desk's name.

Pure: what is known of the desks in, rows out. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.mail_rows import account_row, folder_rows, short_names, unread_total
from shinbox.tui.rows import Row

ROOM: Final = 15
"""Cells that a desk's name and its state have together in the narrowest sidebar."""
SEARCHES: Final = "searches:"
"""The id of the row above the searches that were kept."""


def sidebar_rows(
    places: Sequence[DeskPlace], folded: Collection[str], searches: Sequence[tuple[str, bool]] = ()
) -> list[Row]:
    """All lines; `folded` are the ids of the rows that are shut. A desk that is away is grey, it alone.

    `searches`: the names of those that were kept, and whether each can be run just now.
    """
    return [*_desks(places, folded), *_searches(searches, SEARCHES not in folded)]


def _searches(searches: Sequence[tuple[str, bool]], is_open: bool) -> Iterator[Row]:
    if not searches:
        return
    cells = {"name": "Searches", "count": "" if is_open else f"{len(searches):,}"}
    yield Row(
        SEARCHES,
        cells,
        tone="unread",
        prefix="▾ " if is_open else "▸ ",
        fold="open" if is_open else "shut",
    )
    if is_open:
        for name, works in searches:
            yield Row(f"search:{name}", {"name": name}, tone="" if works else "muted", prefix="  ")


def _desks(places: Sequence[DeskPlace], folded: Collection[str]) -> list[Row]:
    if len(places) == 1:
        return list(_mailboxes(places[0], folded))
    rows: list[Row] = []
    for place in places:
        head = _desk_row(place, is_open=desk_row_id(place) not in folded)
        rows.append(head)
        if head.fold == "open":
            below = _mailboxes(place, folded)
            rows += [replace(row, tone="muted") for row in below] if place.away else below
    return rows


def desk_row_id(place: DeskPlace) -> str:
    """The id of a desk's row."""
    return f"desk:{place.number}"


def _desk_row(place: DeskPlace, *, is_open: bool) -> Row:
    state = _state(place)
    unread = sum(unread_total(account.folders.values()) for account in place.accounts.values())
    # In a narrow sidebar the name gives way: that the desk is lost must be seen.
    name = place.name if len(place.name) + len(state) <= ROOM else f"{place.name[: ROOM - len(state)]}…"
    cells = {"name": f"{name} · {state}" if state else place.name, "count": ""}
    if not is_open and unread:
        cells["count"] = f"{unread:,}"
    return Row(
        desk_row_id(place),
        cells,
        tone="muted" if place.away or place.problem else "accent",
        prefix="▼ " if is_open else "► ",
        fold="open" if is_open else "shut",
    )


def _state(place: DeskPlace) -> str:
    if place.problem or place.needs_person:
        return place.problem or "sign in"
    if place.away:
        return "offline"
    if not place.started:
        return "…"
    return "" if place.accounts else "no mailbox"


def _mailboxes(place: DeskPlace, folded: Collection[str]) -> Iterator[Row]:
    called = short_names(account.name for account in place.accounts.values())
    for account in place.accounts.values():
        is_open = f"account:{account.id}" not in folded
        unread = unread_total(account.folders.values())
        note = "" if is_open or not unread else f"{unread:,}"
        yield account_row(account.id, called[account.name], note, open_=is_open)
        if is_open:
            yield from folder_rows(account.id, account.folders)
