"""Reading many rows by their ids, always of one account.

Owns how a long list of ids travels into a statement. Knows no type.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from shinbox.desk.store.database import Tx


def by_id(tx: Tx, select: str, account: int, wanted: Sequence[int]) -> list[sqlite3.Row]:
    """The rows of `select` (no WHERE in it) with these ids that belong to the account, in no order."""
    # The + keeps SQLite from walking all rows of the account to find these few.
    return tx.all(
        f"{select} WHERE +account_id = ? AND id IN (SELECT value FROM json_each(?))",
        (account, json.dumps(list(wanted))),
    )


def listed(rows: Sequence[int]) -> str:
    """Rows as the parameter of `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(rows))
