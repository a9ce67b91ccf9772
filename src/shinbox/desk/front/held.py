"""What is left to do when somebody may do less than before: their held submissions return to drafts.

Owns the finding of those that may no longer leave; the rule is store/leaving.py's, and the mail process asks
it again at the moment of sending. Intents that were accepted still run.
"""

from __future__ import annotations

import sqlite3

from shinbox.desk.front.context import Desk, Run
from shinbox.desk.front.login import Actor
from shinbox.desk.store import leaving, recall, submissions
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now


def hold_back(run: Run) -> None:
    """Return every waiting submission to drafts that may no longer leave; call it after a change of grants,
    teams, users or identities, in its transaction."""
    for row in submissions.waiting(run.tx):
        why = _objection(run, row)
        if why is not None:
            recall.hold_back(run.tx, run.desk.blobs, row["id"], utc_now(run.now), why)
            run.wakes |= {(row["account_id"], "submission"), (row["account_id"], "intents")}


def hold_back_expired(desk: Desk) -> bool:
    """The same for shares that ended by their date, which no request announces; whether any was found."""
    now = desk.clock()
    with desk.database.read() as tx:
        if not _anybody_may_not_send(tx, now):
            return False
    with desk.database.write() as tx:
        run = Run(desk, Actor(0, "desk", False, "desk"), tx, now, {}, {})
        hold_back(run)
    desk.publish(frozenset(tx.touched))
    for account, topic in sorted(run.wakes):
        desk.wake(account, topic)
    return True


def _anybody_may_not_send(tx: Tx, now: float) -> bool:
    """Rights alone, which is cheap: nothing else ends by itself."""
    people = {(row["account_id"], row["user_id"]) for row in submissions.waiting(tx)}
    return any(not leaving.may_send(tx, account, user, now) for account, user in people)


def _objection(run: Run, row: sqlite3.Row) -> str | None:
    try:
        header = leaving.header_of(run.desk.blobs, row["blob_hash"])
    except FileNotFoundError:
        return None  # the attempt itself finds that out and says so
    return leaving.objection(run.tx, row, header, run.now)
