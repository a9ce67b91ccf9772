"""Which blobs are still in use: the one list of columns that hold a blob's hash.

Owns that question alone: it removes no file (store/blobs.py) and no row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from shinbox.desk.store.database import Tx


def unneeded(tx: Tx, blobs: Iterable[str]) -> list[str]:
    """Those of these hashes that no row names."""
    return tx.column(
        "SELECT value FROM json_each(?)"
        " WHERE NOT EXISTS (SELECT 1 FROM email WHERE blob_hash = value)"
        " AND NOT EXISTS (SELECT 1 FROM submission WHERE blob_hash = value)"
        " AND NOT EXISTS (SELECT 1 FROM upload WHERE hash = value)",
        (json.dumps(sorted(blobs)),),
    )
