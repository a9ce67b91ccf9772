"""What to do here about what the mail server shows: `plan(seen, base, …) → actions`.

Owns which arrival is which known email and what people then see. Pure: knows neither database nor network.
*base* is the last state that the server acknowledged, so that "moved here, not yet sent" and "moved back over
there" differ; what people see is always base with the waiting intents on top (`shown_after`).
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from shinbox.desk.mail.plan_words import (
    DELETED,
    HIDDEN,
    Action,
    Arrival,
    Destroy,
    DropRow,
    Here,
    Known,
    Publish,
    PutRow,
    Row,
    Seen,
    Show,
    Shown,
    Spot,
    Waiting,
    content_key,
)

__all__ = [
    "DELETED",
    "HIDDEN",
    "Action",
    "Arrival",
    "Destroy",
    "DropRow",
    "Here",
    "Known",
    "Publish",
    "PutRow",
    "Row",
    "Seen",
    "Show",
    "Shown",
    "Spot",
    "Waiting",
    "content_key",
    "plan",
    "shown_after",
]


def plan(seen: Seen, here: Here) -> list[Action]:
    """The actions, in an order that can be carried out as it stands."""
    book = _Book(seen, here)
    for spot, flags in seen.flags.items():
        book.reflag(spot, flags)
    for spot in seen.gone:
        book.touch(spot)
    for arrival in sorted(seen.arrivals, key=lambda arrival: arrival.spot):
        book.arrive(arrival)
    for spot in seen.forgotten:
        book.forget(spot)
    return book.actions + [action for email in sorted(book.touched) for action in book.show(email)]


def shown_after(rows: Iterable[Row], waiting: Iterable[Waiting], missing: AbstractSet[int]) -> Shown:
    """What people see: the rows of one email as acknowledged, with its waiting intents on top, in order."""
    rows = list(rows)
    boxes = frozenset(row.mailbox for row in rows)
    keywords = frozenset().union(*(row.flags for row in rows)) - {DELETED}
    if not all("$seen" in row.flags for row in rows):
        keywords -= {"$seen"}
    for intent in waiting:
        if intent.kind == "keywords":
            keywords = (keywords | intent.add) - intent.remove
        elif intent.kind == "append":
            boxes |= intent.target
        elif intent.kind == "move" and (not intent.source or intent.source & boxes):
            # If it lies in no source any more, somebody moved it over there first: their move stands.
            # And nothing is moved to nowhere: the folder that it was to stay in may have lost it meanwhile.
            boxes = (boxes - intent.source) | intent.target or boxes
    return Shown(boxes - missing, keywords)


class _Book:
    """Base as it becomes while the plan is made."""

    def __init__(self, seen: Seen, here: Here) -> None:
        self.seen, self.here = seen, here
        self.rows = {row.spot: row for row in here.rows}
        self.by_email: dict[int, set[Spot]] = {}
        for row in here.rows:
            self.by_email.setdefault(row.email, set()).add(row.spot)
        self.by_mark: dict[tuple[str, str | None], list[int]] = {}
        for email, known in sorted(here.emails.items()):
            for mark in (("key", known.key), ("remote", known.remote_id), ("message", known.message_id)):
                self.by_mark.setdefault(mark, []).append(email)
        self.actions: list[Action] = []
        self.touched: set[int] = set()

    def touch(self, spot: Spot) -> None:
        if spot in self.rows and self.rows[spot].email != HIDDEN:
            self.touched.add(self.rows[spot].email)

    def reflag(self, spot: Spot, flags: frozenset[str]) -> None:
        row = self.rows.get(spot)
        if row is not None and row.flags != flags:
            self._put(replace(row, flags=flags))

    def arrive(self, arrival: Arrival) -> None:
        if DELETED in arrival.flags:
            if self.rows.get(arrival.spot) != (row := Row(*arrival.spot, HIDDEN, arrival.flags)):
                self._put(row)
            return
        here = self.rows.get(arrival.spot)
        if here is not None and here.email != HIDDEN:
            self.reflag(arrival.spot, arrival.flags)
            return
        email = self._by_remote_id(arrival)
        if email is None:
            email = self._by_content(arrival)
        if email is not None:
            self._put(Row(*arrival.spot, email, arrival.flags))
            return
        keywords = arrival.flags - {DELETED}
        self.actions.append(Publish(arrival, Shown(frozenset({arrival.mailbox}), keywords)))

    def forget(self, spot: Spot) -> None:
        row = self.rows.get(spot)
        if row is None:
            return
        if row.email != HIDDEN:
            self.touched.add(row.email)
        self._take(spot)

    def show(self, email: int) -> list[Action]:
        """What people see of an email whose rows changed."""
        shown = self.here.shown.get(email)
        if shown is None:
            return []
        waiting = [intent for intent in self.here.waiting if intent.email == email]
        rows = [self.rows[spot] for spot in self.by_email.get(email, ())]
        live = [row for row in rows if row.spot not in self.seen.gone]
        if not live:
            # It may turn up elsewhere, or be on its way there: only what is nowhere is destroyed.
            stays = rows or any(intent.kind == "append" for intent in waiting)
            return [] if stays else [Destroy(email)]
        after = shown_after(live, waiting, self.here.missing)
        return [Show(email, after)] if after.mailboxes and after != shown else []

    def _by_remote_id(self, arrival: Arrival) -> int | None:
        if arrival.remote_id is None:
            return None
        for email in self.by_mark.get(("remote", arrival.remote_id), ()):
            if not self._lies_in(email, arrival):
                # It has one spot in a folder: what it left there is replaced, not waited for.
                for spot in [s for s in self.by_email.get(email, ()) if s[0] == arrival.mailbox]:
                    self._take(spot)
                return email
        return None

    def _by_content(self, arrival: Arrival) -> int | None:
        """The email that left another spot, or that we are adding here; never one that still lies there."""
        same = self.by_mark.get(("key", arrival.key), [])
        ours = self.by_mark.get(("message", arrival.message_id), []) if arrival.message_id else []
        fits = {email: self._fits(email, arrival) for email in dict.fromkeys([*same, *ours])}
        found = [(fit[0], email, fit[1]) for email, fit in fits.items() if fit is not None]
        if not found:
            return None
        _, email, spot = min(found)
        if spot is not None:
            self._take(spot)
        return email

    def _fits(self, email: int, arrival: Arrival) -> tuple[tuple[int, int, int], Spot | None] | None:
        known = self.here.emails[email]
        if self._lies_in(email, arrival):
            return None
        if known.remote_id and arrival.remote_id and known.remote_id != arrival.remote_id:
            return None
        waiting = [intent for intent in self.here.waiting if intent.email == email]
        coming = {box for intent in waiting if intent.kind == "move" for box in intent.target}
        if known.key == arrival.key:
            ranks = [
                (
                    (
                        0 if spot[0] == arrival.mailbox else 1 if arrival.mailbox in coming else 2,
                        len(self.rows[spot].flags ^ arrival.flags),
                        abs(spot[1]),
                    ),
                    spot,
                )
                for spot in self.by_email.get(email, ())
                if spot in self.seen.gone
            ]
            if ranks:
                return min(ranks)
        ours = [intent for intent in waiting if intent.started and arrival.mailbox in intent.target]
        if any(intent.kind == "move" for intent in ours) and known.key == arrival.key:
            return (1, 0, 0), None  # Our copy, made before a connection was lost.
        if any(intent.kind == "append" for intent in ours) and not self.by_email.get(email):
            return (0 if known.key == arrival.key else 3, 0, 0), None
        return None

    def _lies_in(self, email: int, arrival: Arrival) -> bool:
        spots = self.by_email.get(email, ())
        return any(spot[0] == arrival.mailbox and spot not in self.seen.gone for spot in spots)

    def _put(self, row: Row) -> None:
        self.rows[row.spot] = row
        self.by_email.setdefault(row.email, set()).add(row.spot)
        if row.email != HIDDEN:
            self.by_email.get(HIDDEN, set()).discard(row.spot)
            self.touched.add(row.email)
        self.actions.append(PutRow(row))

    def _take(self, spot: Spot) -> None:
        """The message left that spot: no longer the email's, but known as long as it is only marked."""
        row = self.rows.pop(spot)
        self.by_email[row.email].discard(spot)
        if spot in self.seen.hidden:
            hidden = Row(*spot, HIDDEN, self.seen.hidden[spot])
            self.rows[spot] = hidden
            self.actions.append(PutRow(hidden))
        else:
            self.actions.append(DropRow(spot))
