"""What to do here about what the mail server shows: `plan(seen, base, …) → actions`.

Owns which arrival is which known email and what people then see. Pure: knows neither database nor network.
*base* is the last state that the server acknowledged, so that "moved here, not yet sent" and "moved back over
there" differ; what people see is always base with the waiting intents on top (`shown_after`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

HIDDEN: Final = 0
"""The email of a row that is marked `\\Deleted` on the server."""

DELETED: Final = "\\deleted"
"""In the flags of a row; never a keyword."""

Spot = tuple[int, int]
"""(mailbox row, uid)."""

_STABLE: Final = (
    b"message-id",
    b"date",
    b"from",
    b"sender",
    b"to",
    b"cc",
    b"subject",
    b"in-reply-to",
    b"references",
    b"content-type",
)
_FIELD: Final = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)


def content_key(header: bytes, size: int) -> str:
    """Recognises the same message in another folder: headers that no server changes, and the size.

    `size` counts CRLF line ends, as RFC822.SIZE does.
    """
    found: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(header):
        name = match[1].lower()
        if name in _STABLE:
            found[name] = b" ".join(match[2].split())
    text = b"\n".join(name + b":" + found[name] for name in _STABLE if name in found)
    return hashlib.sha256(b"%d\n" % size + text).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Row:
    """A message in base. `flags` are keywords, and DELETED."""

    mailbox: int
    uid: int
    email: int
    flags: frozenset[str]

    @property
    def spot(self) -> Spot:
        return self.mailbox, self.uid


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message on the server that base does not know at that spot."""

    mailbox: int
    uid: int
    key: str
    flags: frozenset[str]
    remote_id: str | None = None
    message_id: str | None = None

    @property
    def spot(self) -> Spot:
        return self.mailbox, self.uid


@dataclass(frozen=True, slots=True)
class Known:
    """What recognises an email, also one that people destroyed and the server still has."""

    key: str | None
    remote_id: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What people see of an email."""

    mailboxes: frozenset[int]
    keywords: frozenset[str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An intent that is still queued. `source` and `target` are what a move leaves and joins, `target` also
    where an append goes."""

    kind: str
    email: int
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    source: frozenset[int] = frozenset()
    target: frozenset[int] = frozenset()
    started: bool = False


@dataclass(frozen=True)
class Seen:
    """What the server shows.

    `gone`: spots of base that are no longer there. `hidden` ⊆ gone: they are, but marked `\\Deleted`; with
    their flags. `forgotten` ⊆ gone: every folder was looked at since, so they were not moved but removed.
    """

    arrivals: Sequence[Arrival] = ()
    flags: Mapping[Spot, frozenset[str]] = field(default_factory=dict)
    gone: AbstractSet[Spot] = frozenset()
    hidden: Mapping[Spot, frozenset[str]] = field(default_factory=dict)
    forgotten: AbstractSet[Spot] = frozenset()


@dataclass(frozen=True)
class Here:
    """What the desk has. `rows` are all rows of the emails concerned and of the spots in `Seen`; `emails` and
    `shown` speak of those that exist (`emails` also of destroyed ones with a waiting intent); `missing` are
    mailboxes of base that people have destroyed."""

    rows: Sequence[Row]
    emails: Mapping[int, Known]
    shown: Mapping[int, Shown]
    waiting: Sequence[Waiting] = ()
    missing: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PutRow:
    """Base: the message lies there."""

    row: Row


@dataclass(frozen=True, slots=True)
class DropRow:
    """Base: it no longer does."""

    spot: Spot


@dataclass(frozen=True, slots=True)
class Publish:
    """A message nobody knew: a new email, seen as `shown`, and its row."""

    arrival: Arrival
    shown: Shown


@dataclass(frozen=True, slots=True)
class Show:
    """People see the email so from now on."""

    email: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class Destroy:
    """The email is gone from the server for good."""

    email: int


Action = PutRow | DropRow | Publish | Show | Destroy


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
