"""The audit: what people did, each line chained to the one before it by its hash.

The only writer of `audit`, and it only appends. `verify` finds a line that was changed, taken out or put in;
a cut-off end shows only against a hash that was kept elsewhere (the anchor).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shinbox.desk.store.database import Tx

_COVERED: Final = ("id", "at", "actor", "via", "action", "account_id", "object_id", "outcome", "detail")


@dataclass(frozen=True)
class Verdict:
    """What verify found. `broken_at`: the first line that does not fit; `head`: the hash of the last."""

    ok: bool
    count: int
    head: str
    broken_at: int | None = None
    reason: str | None = None


def append(
    tx: Tx,
    *,
    at: str,
    actor: str,
    via: str,
    action: str,
    outcome: str = "ok",
    account: int | None = None,
    object_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Write a line in the transaction of what it records; its row."""
    last = tx.one("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
    row = (tx.value("SELECT seq FROM sqlite_sequence WHERE name = 'audit'") or 0) + 1
    previous = last["hash"] if last else ""
    told = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    covered = (row, at, actor, via, action, account, object_id, outcome, told)
    return tx.insert(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*covered, previous, _hash(covered, previous)),
    )


def verify(tx: Tx, anchor: str | None = None) -> Verdict:
    """Recompute the chain. `anchor`: the hash of a line that somebody noted elsewhere: it must be there."""
    previous, count, before = "", 0, 0
    anchored = anchor is None
    for row in tx.each("SELECT * FROM audit ORDER BY id"):
        reason = _flaw(row, before, previous)
        if reason:
            return Verdict(False, count, previous, row["id"], reason)
        anchored = anchored or row["hash"] == anchor
        previous, before = row["hash"], row["id"]
        count += 1
    if not anchored:
        return Verdict(False, count, previous, None, "The line that was noted elsewhere is not in it.")
    written = tx.value("SELECT seq FROM sqlite_sequence WHERE name = 'audit'") or 0
    if written != before:
        return Verdict(False, count, previous, before + 1, "Lines are missing at the end.")
    return Verdict(True, count, previous)


def _flaw(row: sqlite3.Row, before: int, previous: str) -> str | None:
    if row["id"] != before + 1:
        return "Lines are missing before it."
    if row["previous"] != previous:
        return "It does not follow the line before it."
    if row["hash"] != _hash(tuple(row[name] for name in _COVERED), previous):
        return "It was changed after it was written."
    return None


def _hash(covered: tuple[Any, ...], previous: str) -> str:
    text = json.dumps([*covered, previous], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
