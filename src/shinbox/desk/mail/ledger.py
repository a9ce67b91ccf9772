"""Between the plan and the tables: load what a plan must know, carry out what it says.

Owns the translation of rows into plan's words and back. Decides nothing (plan.py) and asks no server.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from shinbox.desk.mail import plan
from shinbox.desk.mail.plan import Arrival, Here, Known, Row, Seen, Shown, Spot, Waiting
from shinbox.desk.store import base, emails, intents
from shinbox.desk.store.database import Tx
from shinbox.desk.store.emails import NewEmail


def row_of(row: sqlite3.Row) -> Row:
    """A base row in plan's words."""
    return Row(row["mailbox_id"], row["uid"], row["email_id"], frozenset(json.loads(row["flags"])))


def waiting_of(intent: sqlite3.Row) -> Waiting:
    """A queued intent in plan's words."""
    payload = json.loads(intent["payload"])
    target = payload.get("target", []) if intent["kind"] == "move" else [intent["mailbox_id"]]
    return Waiting(
        intent["kind"],
        intent["email_id"],
        add=frozenset(payload.get("add", ())),
        remove=frozenset(payload.get("remove", ())),
        source=frozenset(payload.get("source", ())),
        target=frozenset(target if intent["kind"] in ("move", "append") else ()),
        started=intent["started_at"] is not None,
    )


def load(
    tx: Tx,
    account: int,
    *,
    arrivals: Sequence[Arrival] = (),
    spots: Iterable[Spot] = (),
    about: Iterable[int] = (),
) -> Here:
    """What a plan about these arrivals, spots of base and emails has to know."""
    spots = [*spots, *(arrival.spot for arrival in arrivals)]
    emails_ = set(about) | set(base.emails_at(tx, spots).values())
    known = _recognisable(tx, account, arrivals) if arrivals else {}
    emails_ |= known.keys()
    emails_.discard(plan.HIDDEN)
    rows = [row_of(row) for row in base.rows_of(tx, emails_)]
    hidden = _hidden_rows(tx, spots)
    some = sorted(emails_)
    return Here(
        rows=rows + hidden,
        emails=known,
        shown=_shown(tx, some),
        waiting=[waiting_of(row) for row in intents.pending_for(tx, account, some)],
        missing=frozenset(_missing(tx, {row.mailbox for row in rows})),
    )


def _hidden_rows(tx: Tx, spots: Iterable[Spot]) -> list[Row]:
    found = []
    for (mailbox, uid), email in base.emails_at(tx, spots).items():
        if email == plan.HIDDEN:
            flags = base.flags(tx, mailbox, [uid])[uid]
            found.append(Row(mailbox, uid, plan.HIDDEN, flags))
    return found


def _recognisable(tx: Tx, account: int, arrivals: Sequence[Arrival]) -> dict[int, Known]:
    """Emails that one of the arrivals could be, also destroyed ones that an intent remembers."""
    keys = json.dumps([arrival.key for arrival in arrivals])
    remote_ids = json.dumps([arrival.remote_id for arrival in arrivals if arrival.remote_id])
    found: dict[int, Known] = {}
    for row in tx.each(
        "SELECT id, content_key, remote_email_id FROM email WHERE account_id = ?1"
        " AND content_key IN (SELECT value FROM json_each(?2))"
        " UNION SELECT id, content_key, remote_email_id FROM email WHERE account_id = ?1"
        " AND remote_email_id IN (SELECT value FROM json_each(?3))",
        (account, keys, remote_ids),
    ):
        found[row[0]] = Known(row[1], row[2])
    message_ids = json.dumps([arrival.message_id for arrival in arrivals if arrival.message_id])
    for intent in tx.each(
        "SELECT email_id, payload FROM intent WHERE account_id = ?1 AND status = 'queued'"
        " AND kind IN ('append', 'remove') AND email_id IS NOT NULL"
        " AND (json_extract(payload, '$.content_key') IN (SELECT value FROM json_each(?2))"
        " OR json_extract(payload, '$.remote_email_id') IN (SELECT value FROM json_each(?3))"
        " OR json_extract(payload, '$.message_id') IN (SELECT value FROM json_each(?4)))",
        (account, keys, remote_ids, message_ids),
    ):
        payload = json.loads(intent[1])
        before = found.get(intent[0], Known(None))
        found[intent[0]] = Known(
            before.key or payload.get("content_key"),
            before.remote_id or payload.get("remote_email_id"),
            payload.get("message_id"),
        )
    return found


def _shown(tx: Tx, some: Sequence[int]) -> dict[int, Shown]:
    boxes: dict[int, frozenset[int]] = {}
    keywords: dict[int, frozenset[str]] = {}
    for start in range(0, len(some), 500):
        part = some[start : start + 500]
        boxes |= emails.mailboxes_of(tx, part)
        keywords |= emails.keywords_of(tx, part)
    return {email: Shown(boxes[email], keywords.get(email, frozenset())) for email in boxes}


def _missing(tx: Tx, mailboxes: set[int]) -> set[int]:
    listed = json.dumps(sorted(mailboxes))
    present = tx.column("SELECT id FROM mailbox WHERE id IN (SELECT value FROM json_each(?))", (listed,))
    return mailboxes - set(present)


def carry_out(
    tx: Tx, account: int, actions: Sequence[plan.Action], new: Mapping[Spot, NewEmail] | None = None
) -> list[tuple[int, Arrival]]:
    """Do what the plan says, in one transaction; the emails published, for whoever waits for one."""
    published = [action for action in actions if isinstance(action, plan.Publish)]
    made = emails.insert_many(tx, account, [(new or {})[action.arrival.spot] for action in published])
    arrived = [(email, each.arrival) for each, (email, _) in zip(published, made, strict=True)]
    base.put_many(tx, [(arrival.spot, email, arrival.flags) for email, arrival in arrived])
    for action in actions:
        _do(tx, account, action)
    return arrived


def settle(tx: Tx, account: int, seen: Seen, about: Iterable[int] = ()) -> None:
    """Plan and carry out what brings no arrivals."""
    here = load(tx, account, spots=[*seen.flags, *seen.gone], about=about)
    carry_out(tx, account, plan.plan(seen, here))


def show_again(tx: Tx, account: int, about: Iterable[int]) -> None:
    """Show these emails as base and what still waits say: after an intent ended otherwise than hoped."""
    here = load(tx, account, about=about)
    for email in sorted(set(about)):
        rows = [row for row in here.rows if row.email == email]
        waiting = [intent for intent in here.waiting if intent.email == email]
        if rows and email in here.shown:
            after = plan.shown_after(rows, waiting, here.missing)
            if after.mailboxes and after != here.shown[email]:
                carry_out(tx, account, [plan.Show(email, after)])


def _do(tx: Tx, account: int, action: plan.Action) -> None:
    match action:
        case plan.PutRow(row):
            base.put(tx, *row.spot, row.email, row.flags)
        case plan.DropRow(spot):
            base.drop(tx, *spot)
        case plan.Show(email, shown):
            emails.set_keywords(tx, account, email, shown.keywords)
            emails.set_mailboxes(tx, account, email, shown.mailboxes)
        case plan.Destroy(email):
            emails.destroy(tx, account, [email])
        case plan.Publish():
            pass  # Done before, all at once.
