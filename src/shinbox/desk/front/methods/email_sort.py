"""The orders of Email/query (RFC 8621 §4.4.2).

Owns what each sort property means. Dates, sizes and keywords are sorted by SQLite, names and subjects here:
SQLite knows no letters but ASCII. Equal emails stand in the order of their ids, so that pages never overlap.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shinbox.desk.front.methods.base import Sorting
from shinbox.errors import InvalidArguments, UnsupportedSort

OPTIONS: Final = (
    "receivedAt",
    "sentAt",
    "size",
    "from",
    "to",
    "subject",
    "hasKeyword",
    "allInThreadHaveKeyword",
    "someInThreadHaveKeyword",
)
"""emailQuerySortOptions of the account capability."""
_TEXTS: Final = {"from", "to", "subject"}
_KEYWORDS: Final = {"hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword"}
_PREFIX: Final = re.compile(
    r"\s*(?:(?:re|fwd?|aw|wg|sv|vs|antw|tr|rif|r)\s*(?:\[[^\]]*\])?\s*:|\[[^\]]*\])\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Order:
    """How rows are ordered. `id` is the expression for an email's row where the rows come from."""

    id: str
    received: str
    sort: tuple[Sorting, ...]
    sql: str = ""
    params: tuple[object, ...] = ()
    needs_email: bool = False
    in_python: bool = False
    columns: str = field(default="", repr=False)

    @property
    def by_date(self) -> bool:
        """Whether the placement index has this very order."""
        return len(self.sort) == 1 and self.sort[0].property == "receivedAt"

    @property
    def descending(self) -> bool:
        """Whether the first property descends; ties go the same way."""
        return not self.sort[0].is_ascending

    def thread(self, source: str) -> str:
        """The expression for an email's thread; 0 where the rows do not know and need not."""
        return "e.thread_id" if "email e" in source else "0"


def order_of(sort: Sequence[Sorting], *, by_folder: bool) -> Order:
    """Read a sort; without one, newest first.

    :raises UnsupportedSort: a property or what stands beside it is unknown.
    """
    sort = tuple(sort) or (Sorting("receivedAt", is_ascending=False),)
    id_, received = ("p.email_id", "p.received_at") if by_folder else ("e.id", "e.received_at")
    parts: list[str] = []
    params: list[object] = []
    for one in sort:
        _check(one)
        if one.property not in _TEXTS:
            parts.append(_expression(one, id_, received) + (" ASC" if one.is_ascending else " DESC"))
            params += [one.extra["keyword"].lower()] if one.property in _KEYWORDS else []
    parts.append(id_ + (" ASC" if sort[0].is_ascending else " DESC"))
    in_python = any(one.property in _TEXTS for one in sort)
    extra = (
        f', e.subject, e."from", e."to", {received} AS received_at, e.sent_at, e.size' if in_python else ""
    )
    if in_python and any(one.property in _KEYWORDS for one in sort):
        raise UnsupportedSort("Sort by keywords or by text, not by both.")
    needs = in_python or any(one.property != "receivedAt" and one.property != "hasKeyword" for one in sort)
    return Order(id_, received, sort, ", ".join(parts), tuple(params), needs, in_python, extra)


def _check(one: Sorting) -> None:
    if one.property not in OPTIONS:
        raise UnsupportedSort(f"Emails cannot be sorted by “{one.property}”.")
    if one.property in _KEYWORDS:
        if one.extra.keys() != {"keyword"} or not isinstance(one.extra["keyword"], str):
            raise InvalidArguments(f"sort: {one.property} needs a keyword.")
    elif one.extra:
        raise UnsupportedSort(f"{one.property} is sorted without {', '.join(sorted(one.extra))}.")


def _expression(one: Sorting, id_: str, received: str) -> str:
    has = "EXISTS (SELECT 1 FROM email_keyword k WHERE k.email_id = {} AND k.keyword = ?)"
    lacks = (
        "EXISTS (SELECT 1 FROM email t WHERE t.thread_id = e.thread_id AND NOT " + has.format("t.id") + ")"
    )
    some = "EXISTS (SELECT 1 FROM email t WHERE t.thread_id = e.thread_id AND " + has.format("t.id") + ")"
    return {
        "receivedAt": received,
        "sentAt": f"IFNULL(julianday(e.sent_at), julianday({received}))",
        "size": "e.size",
        "hasKeyword": has.format(id_),
        "allInThreadHaveKeyword": f"(NOT {lacks})",
        "someInThreadHaveKeyword": some,
    }[one.property]


def sorted_in_python(rows: Sequence[sqlite3.Row], order: Order) -> list[sqlite3.Row]:
    """Rows in an order that SQLite cannot make."""
    ordered = sorted(rows, key=lambda row: row["id"], reverse=order.descending)
    for one in reversed(order.sort):
        ordered.sort(key=lambda row, name=one.property: _key(row, name), reverse=not one.is_ascending)  # type: ignore[misc]  # bound now
    return ordered


def _key(row: sqlite3.Row, name: str) -> Any:
    if name == "subject":
        return base_subject(row["subject"] or "").casefold()
    if name in ("from", "to"):
        people = json.loads(row[name]) if row[name] else []
        return (people[0][0] or people[0][1]).casefold() if people else ""
    if name == "sentAt":
        return row["sent_at"] or row["received_at"]
    return row["size"] if name == "size" else row["received_at"]


def base_subject(subject: str) -> str:
    """A subject without what answering and forwarding put before it (after RFC 5256 §2.1)."""
    while (match := _PREFIX.match(subject)) and match.end() < len(subject):
        subject = subject[match.end() :]
    return subject.strip()
