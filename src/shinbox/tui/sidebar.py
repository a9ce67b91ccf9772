"""The sidebar's lines: mailboxes with their folders; where there are several desks, under their desk's name.

Pure: what is known of the desks in, rows out. Knows no widget.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from shinbox.tui.desk_place import DeskPlace
from shinbox.tui.mail_rows import account_row, folder_rows, short_names, unread_total
from shinbox.tui.rows import Row

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
    for place, name in zip(places, _desk_names(places), strict=True):
        head = _desk_row(place, name, is_open=desk_row_id(place) not in folded)
        rows.append(head)
        if head.fold == "open":
            below = _mailboxes(place, folded)
            rows += [replace(row, tone="muted") for row in below] if place.away else below
    return rows


def _desk_names(places: Sequence[DeskPlace]) -> list[str]:
    """Of sockets what tells them apart: the folders in which all lie say nothing."""
    folders = [os.path.dirname(place.name) for place in places if place.name.startswith("/")]
    shared = os.path.commonpath(folders) if len(folders) > 1 else "/"
    return [place.name.removeprefix(f"{shared}/") for place in places]


def desk_row_id(place: DeskPlace) -> str:
    """The id of a desk's row."""
    return f"desk:{place.number}"


def _desk_row(place: DeskPlace, name: str, *, is_open: bool) -> Row:
    unread = sum(unread_total(account.folders.values()) for account in place.accounts.values())
    note = "" if is_open or not unread else f"{unread:,}"
    return Row(
        desk_row_id(place),
        {"name": name, "count": note},
        tone="muted" if place.away or place.problem else "accent",
        prefix="▼ " if is_open else "► ",
        state=_state(place),
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
