"""Email/query (RFC 8621 §4.4): which emails, in which order, which part of them.

Owns paging. A first page of a folder is read from the placement index alone and its total from the folder's
counters; what takes a whole result (searches for words, anchors, collapsed deep pages, sorts by text) is kept
until the next change of an email, so that a page, its total and its threads cost one walk. Conditions and
orders are email_filter.py's and email_sort.py's.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from shinbox.desk.front.context import Call
from shinbox.desk.front.methods.base import Condition, Query, Window
from shinbox.desk.front.methods.email_filter import Clause, Compiler
from shinbox.desk.front.methods.email_sort import Order, order_of, sorted_in_python
from shinbox.desk.front.methods.query import windowed
from shinbox.desk.store import ids
from shinbox.errors import AnchorNotFound, InvalidArguments

_LEAF: Final = Condition(values={"notKeyword": "$seen"})
_UNREAD: Final = (_LEAF, Condition("AND", (_LEAF,)))
_DEEP: Final = 2_000
"""From this position on, collapsed lists are taken whole and kept: walking there each time would be slow."""


@dataclass(frozen=True)
class _Plan:
    """A query made ready: where rows come from, which, and in which order."""

    source: str
    where: Clause
    order: Order
    collapse: bool
    folder: int | None
    """The visible folder that every match lies in."""
    counter: str | None
    """The folder's counter that is the total, if there is one."""
    by_index: bool
    """Whether the placement index holds the whole result, in order."""
    whole: bool
    """Whether a part is cut from the whole result: looking for words costs the same for any part."""

    def select(self, columns: str, tail: str = "") -> str:
        """The statement for these columns."""
        return f"SELECT {columns} FROM {self.source} WHERE {self.where.sql} {tail}"


@dataclass(frozen=True)
class _Result:
    """A whole result in order. `tops` are the first matches of their threads; nobody may ask for them where
    the rows do not know their threads."""

    rows: array[int]
    tops: array[int]


def window(call: Call, query: Query) -> Window:
    """The part of the result that was asked for.

    :raises MethodError: unsupportedFilter, unsupportedSort, anchorNotFound, invalidArguments.
    """
    collapse = call.arguments.get("collapseThreads") or False
    if not isinstance(collapse, bool):
        raise InvalidArguments("collapseThreads is true or false.")
    plan = _plan(call, query, collapse)
    if plan.whole:
        return windowed(_whole(call, plan), query)
    if query.anchor is not None:
        start = _anchored(call, plan, query)
        if start is None:
            return windowed(_whole(call, plan), query)
    elif query.position < 0:
        start = max(0, _total(call, plan) + query.position)
    else:
        start = query.position
    if collapse and start > _DEEP:
        return windowed(_whole(call, plan), query)
    rows = _collapsed(call, plan, start, query.limit) if collapse else _page(call, plan, start, query.limit)
    return Window(rows, start, _total(call, plan) if query.calculate_total else None)


def _plan(call: Call, query: Query, collapse: bool) -> _Plan:
    folder, rest = _driving_folder(call, query.condition)
    by_folder = folder is not None
    order = order_of(query.sort, by_folder=by_folder)
    compiler = Compiler(call, by_folder=by_folder)
    where = compiler.clause(rest)
    if by_folder:
        joined = collapse or where.by_words or order.needs_email or where.needs_email
        source = "placement p" + (" CROSS JOIN email e ON e.id = p.email_id" if joined else "")
        where = Clause("p.mailbox_id = ?", (folder,)).also(where)
    else:
        source = "email e"
        where = Clause("e.account_id = ?", (call.account_row,)).also(compiler.visible()).also(where)
    counter = _counter(rest, collapse) if by_folder else None
    by_index = by_folder and rest == Condition() and order.by_date
    whole = where.by_words or order.in_python
    return _Plan(source, where, order, collapse, folder, counter, by_index, whole)


def _counter(rest: Condition, collapse: bool) -> str | None:
    """What the folder counts anyway: all of it, its threads, its unread emails."""
    if rest == Condition():
        return "total_threads" if collapse else "total_emails"
    unread = rest in _UNREAD and not collapse
    return "unread_emails" if unread else None


def _driving_folder(call: Call, condition: Condition) -> tuple[int | None, Condition]:
    """The visible folder that every match lies in, and the condition without it; None if there is no such."""
    if condition.operator == "AND":
        for position, part in enumerate(condition.parts):
            folder, rest = _driving_folder(call, part)
            if folder is not None:
                parts = [*condition.parts[:position], *condition.parts[position + 1 :]]
                kept = tuple(parts if rest == Condition() else [rest, *parts])
                return folder, Condition("AND", kept) if kept else Condition()
    if condition.operator is None and isinstance(condition.values.get("inMailbox"), str):
        id_ = call.resolve(condition.values["inMailbox"])
        row = ids.to_row("Mailbox", id_) if id_ else None
        if row is not None and row in call.decision.visible_mailboxes:
            others = {name: value for name, value in condition.values.items() if name != "inMailbox"}
            return row, Condition(values=others)
    return None, condition


def _page(call: Call, plan: _Plan, start: int, limit: int) -> list[int]:
    statement = plan.select(plan.order.id, f"ORDER BY {plan.order.sql} LIMIT ? OFFSET ?")
    return call.tx.column(statement, (*plan.where.params, *plan.order.params, limit, start))


def _collapsed(call: Call, plan: _Plan, start: int, limit: int) -> list[int]:
    """The first email of each thread, walked from the top only as far as needed."""
    found: list[int] = []
    threads: set[int] = set()
    statement = plan.select(f"{plan.order.id}, e.thread_id", f"ORDER BY {plan.order.sql}")
    if not limit:
        return found
    for row in call.tx.each(statement, (*plan.where.params, *plan.order.params)):
        if row[1] in threads:
            continue
        threads.add(row[1])
        if len(threads) > start:
            found.append(row[0])
            if len(found) == limit:
                break
    return found


def _total(call: Call, plan: _Plan) -> int:
    if plan.counter is not None:
        counted: int = call.tx.value(f"SELECT {plan.counter} FROM mailbox WHERE id = ?", (plan.folder,))
        return counted
    what = "COUNT(DISTINCT e.thread_id)" if plan.collapse else "COUNT(*)"
    found: int = call.tx.value(plan.select(what), plan.where.params)
    return found


def _anchored(call: Call, plan: _Plan, query: Query) -> int | None:
    """Where a page about an anchor begins, if the index alone can tell."""
    if not plan.by_index or plan.collapse:
        return None
    received = call.tx.value(
        "SELECT received_at FROM placement WHERE email_id = ? AND mailbox_id = ?", (query.anchor, plan.folder)
    )
    if received is None:
        raise AnchorNotFound()
    before = ">" if plan.order.descending else "<"
    index: int = call.tx.value(
        "SELECT COUNT(*) FROM placement p WHERE p.mailbox_id = ?"
        f" AND (p.received_at, p.email_id) {before} (?, ?)",
        (plan.folder, received, query.anchor),
    )
    return max(0, index + query.anchor_offset)


def _whole(call: Call, plan: _Plan) -> array[int]:
    """Every match in order, threads collapsed if asked; kept until an email of the account changes."""
    statement = plan.select(
        f"{plan.order.id} AS id, {plan.order.thread(plan.source)} AS thread_id{plan.order.columns}",
        "" if plan.order.in_python else f"ORDER BY {plan.order.sql}",
    )
    params = plan.where.params if plan.order.in_python else (*plan.where.params, *plan.order.params)
    key = (call.decision.epoch, statement, json.dumps(params), repr(plan.order.sort))
    result = call.kept(key, lambda: _compute(call, plan, statement, params))
    return result.tops if plan.collapse else result.rows


def _compute(call: Call, plan: _Plan, statement: str, params: tuple[object, ...]) -> _Result:
    rows: list[sqlite3.Row] = call.tx.all(statement, params)
    if plan.order.in_python:
        rows = sorted_in_python(rows, plan.order)
    found = array("q", map(itemgetter(0), rows))
    tops: dict[int, int] = {}
    for thread, row in zip(map(itemgetter(1), rows), found, strict=True):
        if thread not in tops:
            tops[thread] = row
    return _Result(found, array("q", tops.values()))
