"""What one round remembers, and how it tells whether a message is one that the desk knows from elsewhere.

Owns nothing that outlives the round. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from shinbox.desk.mail import ledger, publishing
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.plan import Arrival, Spot
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.store import base
from shinbox.errors import RemoteRefused

SAMPLE = 5
"""Messages that are compared before a folder is taken for a renamed one."""


@dataclass
class Reached:
    """How far a look came, to be noted once nothing of it waits any more."""

    uidnext: int
    highestmodseq: int | None


@dataclass
class Round:
    """`gone`: spots of base that the server no longer shows. `hidden`: those of them that are marked as
    deleted. `doubted`: mailboxes whose losses are not believed yet. `seen_uidnext`: (UIDVALIDITY, UIDNEXT) of
    each folder as it was looked at."""

    gone: set[Spot] = field(default_factory=set)
    hidden: dict[Spot, frozenset[str]] = field(default_factory=dict)
    doubted: set[int] = field(default_factory=set)
    reached: dict[int, Reached] = field(default_factory=dict)
    seen_uidnext: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)


def alike(
    desk: Desk, account: int, arrivals: Sequence[Arrival], gone: AbstractSet[Spot]
) -> dict[int, list[int]]:
    """Where base has messages that one of these arrivals could be: mailbox → uids. What has an id of the
    server's own needs no comparing."""
    with desk.database.read() as tx:
        here = ledger.load(tx, account, arrivals=arrivals)
    keys = {arrival.key for arrival in arrivals}
    same = {email for email, known in here.emails.items() if known.key in keys and not known.remote_id}
    return base.by_mailbox(
        row.spot for row in here.rows if row.email in same and row.uid > 0 and row.spot not in gone
    )


def same_content(desk: Desk, remote: Remote, mailbox: int, path: str) -> bool:
    """Whether the newest messages of a mailbox lie at that path under their uids."""
    with desk.database.read() as tx:
        known = base.known(tx, mailbox)
        uids = sorted(known, reverse=True)[:SAMPLE]
        keys = {uid: tx.value("SELECT content_key FROM email WHERE id = ?", (known[uid],)) for uid in uids}
    try:
        remote.select(path)
    except RemoteRefused:
        return False
    found = [message for chunk in remote.fetch_summaries(uids) for message in chunk]
    there = [publishing.summary_of(mailbox, message).arrival for message in found]
    return not uids or (bool(there) and all(keys[each.uid] in (None, each.key) for each in there))
