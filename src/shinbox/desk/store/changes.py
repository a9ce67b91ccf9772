"""What changed: the state of each type in each account (RFC 8620 §5.2).

Each change of an object takes the account's next number, so an answer can be cut after any of them.
Owns the table `change` and the numbers; whoever changes a row calls `record` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from shinbox.desk.store.database import Tx

Kind = Literal["created", "updated", "counted", "destroyed"]
"""`counted` is an update of counts alone."""


@dataclass(frozen=True)
class Changes:
    """The difference between two states. `counts_only`: no update was more than counts."""

    old_seq: int
    new_seq: int
    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    destroyed: list[int] = field(default_factory=list)
    has_more: bool = False
    counts_only: bool = False


def record(tx: Tx, account: int, type_name: str, objects: Iterable[int], kind: Kind) -> None:
    """Note that these objects changed; call it in the transaction that changes them."""
    rows = list(dict.fromkeys(objects))
    if not rows:
        return
    last = tx.value("UPDATE account SET seq = seq + ? WHERE id = ? RETURNING seq", (len(rows), account))
    first = last - len(rows) + 1
    tx.run_many(_STATEMENTS[kind], [(account, type_name, row, first + i) for i, row in enumerate(rows)])
    tx.touched.add((account, type_name))


_THIS: Final = " WHERE account_id = ?1 AND type = ?2 AND object_id = ?3 AND destroyed_seq IS NULL"
_STATEMENTS: Final = {
    "created": "INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?4, ?4, NULL)",
    "updated": "UPDATE change SET updated_seq = ?4, detail_seq = ?4" + _THIS,
    "counted": "UPDATE change SET updated_seq = ?4" + _THIS,
    "destroyed": "UPDATE change SET updated_seq = ?4, destroyed_seq = ?4" + _THIS,
}


def current(tx: Tx, account: int, type_name: str) -> int:
    """The number of the last change of that type: its state."""
    seq = tx.value(
        "SELECT MAX(updated_seq) FROM change WHERE account_id = ? AND type = ?", (account, type_name)
    )
    floor: int = tx.value("SELECT floor_seq FROM account WHERE id = ?", (account,)) or 0
    return max(seq or 0, floor)


def since(tx: Tx, account: int, type_name: str, seq: int, limit: int | None = None) -> Changes | None:
    """What changed after `seq`, oldest first, at most `limit` objects; None if that is too long ago."""
    newest = current(tx, account, type_name)
    floor = tx.value("SELECT floor_seq FROM account WHERE id = ?", (account,))
    if seq < floor or seq > newest:
        return None
    rows = tx.all(
        """SELECT object_id, created_seq, updated_seq, detail_seq, destroyed_seq,
                  CASE WHEN created_seq > ?3 THEN created_seq ELSE updated_seq END AS at
           FROM change WHERE account_id = ?1 AND type = ?2 AND updated_seq > ?3
             AND NOT (created_seq > ?3 AND destroyed_seq IS NOT NULL)
           ORDER BY at""",
        (account, type_name, seq),
    )
    has_more = limit is not None and len(rows) > limit
    if has_more:
        rows = rows[:limit]
    created = [r["object_id"] for r in rows if r["created_seq"] > seq]
    destroyed = [r["object_id"] for r in rows if r["destroyed_seq"] is not None]
    updated = [r for r in rows if r["created_seq"] <= seq and r["destroyed_seq"] is None]
    return Changes(
        old_seq=seq,
        new_seq=rows[-1]["at"] if has_more else newest,
        created=created,
        updated=[r["object_id"] for r in updated],
        destroyed=destroyed,
        has_more=has_more,
        counts_only=bool(updated) and all(r["detail_seq"] <= seq for r in updated),
    )
