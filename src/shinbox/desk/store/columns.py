"""Changing some columns of one row, in the same way for every table.

Owns the refusal of a column that its module does not let be changed. Records no change and knows no table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from shinbox.desk.store.database import Tx


def check(columns: Mapping[str, object], settable: Collection[str]) -> None:
    """Raises ValueError for a column that is none of `settable`: the caller's fault."""
    unknown = columns.keys() - set(settable)
    if unknown:
        raise ValueError(f"not a settable column: {', '.join(sorted(unknown))}")


def update(tx: Tx, table: str, row: int, columns: Mapping[str, object], settable: Collection[str]) -> bool:
    """Give the row with that id these values; False if there are none. Raises ValueError, see check."""
    check(columns, settable)
    if not columns:
        return False
    assignments = ", ".join(f"{name} = ?" for name in columns)
    tx.run(f'UPDATE "{table}" SET {assignments} WHERE id = ?', (*columns.values(), row))
    return True
