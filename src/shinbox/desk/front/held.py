"""What is left to do when somebody may do less than before: their held submissions return to drafts.

Owns the finding of those whose sender may no longer send. Intents that were accepted still run.
"""

from __future__ import annotations

from shinbox.desk.front import access
from shinbox.desk.front.context import Run
from shinbox.desk.front.login import Actor
from shinbox.desk.store import submissions, users
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now
from shinbox.terms import Right

_SENDING = frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF})


def hold_back(run: Run) -> None:
    """Return every waiting submission to drafts whose sender may no longer send; call it after a change
    of grants, teams or users, in its transaction."""
    waiting = run.tx.all(
        "SELECT DISTINCT account_id, user_id FROM submission WHERE undo_status = 'pending'"
        " AND started_at IS NULL"
    )
    for row in waiting:
        account, user = row["account_id"], row["user_id"]
        if not _may_send(run.tx, account, user, run.now):
            submissions.hold_back_for_user(run.tx, account, user, utc_now(run.now))
            run.wakes |= {(account, "submission"), (account, "intents")}


def _may_send(tx: Tx, account: int, user: int, now: float) -> bool:
    row = users.get(tx, user)
    if row is None or not row["is_active"]:
        return False
    decision = access.rights_of(tx, Actor(user, row["name"], False, "desk"), account, now)
    return decision is not None and bool(decision.account_rights & _SENDING)
