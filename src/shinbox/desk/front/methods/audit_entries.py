"""AuditEntry: what people did (under urn:shinbox:desk), and AuditEntry/verify.

Owns an entry's wire form and its queries, newest first: the record is long, so they are answered by the
database. In the account "desk" stands everything, in a mailbox what is about it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit, rows
from shinbox.desk.front.methods.base import Condition, Query, TypeHandler, Window
from shinbox.desk.store import accounts, audit, ids
from shinbox.errors import AnchorNotFound, Forbidden, InvalidArguments, UnsupportedFilter, UnsupportedSort

_FILTERS: Final[Mapping[str, str]] = {
    "actor": "actor = ? COLLATE NOCASE",
    "action": "action = ?",
    "outcome": "outcome = ?",
    "objectId": "object_id = ?",
    "account": "account_id = ?",
    "after": "at >= ?",
    "before": "at < ?",
}


class AuditEntryHandler(TypeHandler):
    """See the module."""

    TYPE = "AuditEntry"
    HOME = "both"
    JUDGED = frozenset({"account"})

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        where, values = _here(call)
        return call.tx.column(
            f"SELECT id FROM audit WHERE {where} ORDER BY id DESC LIMIT ?", (*values, most + 1)
        )

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        where, values = _here(call)
        found = call.tx.all(
            f"SELECT * FROM audit WHERE {where} AND id IN (SELECT value FROM json_each(?))",
            (*values, rows.listed(wanted)),
        )
        return {row["id"]: _form(row) for row in found}

    def state(self, call: Call) -> str:
        """Entries only come: the last of them is the state."""
        where, values = _here(call)
        last = call.tx.value(f"SELECT MAX(id) FROM audit WHERE {where}", values)
        return f"{last or 0}.{call.decision.epoch}"

    def window(self, call: Call, query: Query) -> Window | None:
        """See TypeHandler."""
        descending = _descending(query)
        if not _is_shown(call):
            return Window([], 0, 0)
        where, values = _here(call)
        for name, given in _conditions(query.condition):
            where += f" AND {_FILTERS[name]}"
            values = (*values, _value(name, given))
        order = "DESC" if descending else "ASC"
        total = call.tx.value(f"SELECT COUNT(*) FROM audit WHERE {where}", values)
        start = query.position if query.position >= 0 else max(total + query.position, 0)
        if query.anchor is not None:
            start = max(_place(call, where, values, query.anchor, descending) + query.anchor_offset, 0)
        found = call.tx.column(
            f"SELECT id FROM audit WHERE {where} ORDER BY id {order} LIMIT ? OFFSET ?",
            (*values, query.limit, start),
        )
        return Window(found, start, total)

    def own_method(self, call: Call, verb: str) -> Json:
        """AuditEntry/verify: {ok, entries, head, brokenAt, reason}. `head`: a hash that must be in the chain.

        :raises Forbidden: the caller is no administrator, or asks in a mailbox: the chain is the desk's.
        """
        if call.account_row != accounts.DESK or not _is_shown(call):
            raise Forbidden("Only an administrator of the desk can verify the audit: ask one.")
        head = call.arguments.get("head")
        if head is not None and not isinstance(head, str):
            raise InvalidArguments("head is the hash of an entry.")
        verdict = audit.verify(call.tx, head)
        return {
            "accountId": call.account_id,
            "ok": verdict.ok,
            "entries": verdict.count,
            "head": verdict.head,
            "brokenAt": None if verdict.broken_at is None else ids.to_id("AuditEntry", verdict.broken_at),
            "reason": verdict.reason,
        }


def _is_shown(call: Call) -> bool:
    """Whether the caller sees the entries of this account: the declaration decides, alike for all of them."""
    account = None if call.account_row == accounts.DESK else call.account_id
    handler = AuditEntryHandler()
    return permit.is_visible(call, handler, 0, {"id": "", "account": account})


def _here(call: Call) -> tuple[str, tuple[Any, ...]]:
    if call.account_row == accounts.DESK:
        return "1", ()
    return "account_id = ?", (call.account_row,)


def _form(row: sqlite3.Row) -> Json:
    account = row["account_id"]
    return {
        "id": ids.to_id("AuditEntry", row["id"]),
        "at": row["at"],
        "actor": row["actor"],
        "via": row["via"],
        "action": row["action"],
        "account": None if account is None else ids.to_id("Account", account),
        "objectId": row["object_id"],
        "outcome": row["outcome"],
        "detail": json.loads(row["detail"]),
        "previous": row["previous"],
        "hash": row["hash"],
    }


def _conditions(condition: Condition) -> list[tuple[str, Any]]:
    """Every leaf; all of them must fit.

    :raises UnsupportedFilter: OR, NOT, or a property that is none of _FILTERS.
    """
    if condition.operator not in (None, "AND"):
        raise UnsupportedFilter("The audit is filtered by conditions that all hold.")
    unknown = condition.values.keys() - _FILTERS.keys()
    if unknown:
        raise UnsupportedFilter(f"The audit cannot be filtered by {', '.join(sorted(unknown))}.")
    leaves = list(condition.values.items())
    for part in condition.parts:
        leaves += _conditions(part)
    return leaves


def _value(name: str, given: Any) -> Any:
    if not isinstance(given, str):
        raise InvalidArguments(f"filter: {name} is a text.")
    if name != "account":
        return given
    row = ids.to_row("Account", given)
    return -1 if row is None else row


def _descending(query: Query) -> bool:
    """Newest first, unless asked otherwise."""
    if any(sorting.property not in ("at", "id") or sorting.extra for sorting in query.sort):
        raise UnsupportedSort("The audit is sorted by “at”.")
    return not (query.sort and query.sort[0].is_ascending)


def _place(call: Call, where: str, values: tuple[Any, ...], anchor: int, descending: bool) -> int:
    """Where an entry stands in the result.

    :raises AnchorNotFound: it is not in it.
    """
    if not call.tx.value(f"SELECT 1 FROM audit WHERE {where} AND id = ?", (*values, anchor)):
        raise AnchorNotFound()
    before = ">" if descending else "<"
    count: int = call.tx.value(
        f"SELECT COUNT(*) FROM audit WHERE {where} AND id {before} ?", (*values, anchor)
    )
    return count
