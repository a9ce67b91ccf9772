"""What is left to do when somebody may do less than before: their held submissions return to drafts.

Owns the finding of those whose sender may no longer send. Intents that were accepted still run.
"""

from __future__ import annotations

from shinbox.desk.front import access
from shinbox.desk.front.context import Desk, Run
from shinbox.desk.front.login import Actor
from shinbox.desk.store import recall, users
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now
from shinbox.terms import Right

_SENDING = frozenset({Right.SUBMIT, Right.SEND_ON_BEHALF})


def hold_back(run: Run) -> None:
    """Return every waiting submission to drafts whose sender may no longer send; call it after a change
    of grants, teams or users, in its transaction."""
    for account, user in overdue(run.tx, run.now):
        recall.hold_back_for_user(run.tx, run.desk.blobs, account, user, utc_now(run.now))
        run.wakes |= {(account, "submission"), (account, "intents")}


def hold_back_expired(desk: Desk) -> bool:
    """The same for shares that ended by their date, which no request announces; whether any was found."""
    now = desk.clock()
    with desk.database.read() as tx:
        if not overdue(tx, now):
            return False
    with desk.database.write() as tx:
        run = Run(desk, Actor(0, "desk", False, "desk"), tx, now, {}, {})
        hold_back(run)
    desk.publish(frozenset(tx.touched))
    for account, topic in sorted(run.wakes):
        desk.wake(account, topic)
    return True


def overdue(tx: Tx, now: float) -> list[tuple[int, int]]:
    """(account, user) rows of waiting submissions whose sender may not send any more."""
    waiting = tx.all(
        "SELECT DISTINCT account_id, user_id FROM submission WHERE undo_status = 'pending'"
        " AND started_at IS NULL"
    )
    pairs = [(row["account_id"], row["user_id"]) for row in waiting]
    return [(account, user) for account, user in pairs if not _may_send(tx, account, user, now)]


def _may_send(tx: Tx, account: int, user: int, now: float) -> bool:
    row = users.get(tx, user)
    if row is None or not row["is_active"]:
        return False
    decision = access.rights_of(tx, Actor(user, row["name"], False, "desk"), account, now)
    return decision is not None and bool(decision.account_rights & _SENDING)
