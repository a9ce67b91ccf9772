"""What front writes into the audit: who did what, in the transaction of what was done.

Owns how an Actor becomes a line; the chain is store/audit.py's. Passwords, tokens and mail are never told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shinbox.desk.store import audit
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now

if TYPE_CHECKING:
    from shinbox.desk.front.login import Actor


def write(
    tx: Tx,
    actor: Actor,
    action: str,
    account: int | None,
    object_id: str | None,
    outcome: str,
    detail: Mapping[str, Any],
    now: float,
) -> None:
    """Append a line. `account` is its row, `outcome` "ok" or "refused", `now` is in seconds."""
    audit.append(
        tx,
        at=utc_now(now),
        actor=actor.name,
        via=actor.via,
        action=action,
        account=account,
        object_id=object_id,
        outcome=outcome,
        detail=detail,
    )
