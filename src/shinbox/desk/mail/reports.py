"""Delivery reports (RFC 3464): they join the thread of what they are about, and what they say is noted there.

A thread is chosen once, when an email is published (RFC 8621 §4.1.1: it never changes), so what a report is
about is read before that. Owns also which report counts: one that names the Message-ID of a submission of the
same account, which is random and known only to us and to whoever received the message, and recipients that it
was sent to. Anybody among those can write such a report: it says what became of a message and grants nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.plan import Spot
from shinbox.desk.mail.publishing import Summary
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.sandbox import Reading
from shinbox.desk.store import submissions
from shinbox.desk.store.database import Tx
from shinbox.mime.reasons import Failure
from shinbox.mime.report import Report
from shinbox.terms import UndoStatus

CAME_BACK: Final = "The message left, and a report about its delivery came back: read it."
LONGEST_REPLY: Final = 500
"""Characters of what a foreign server says."""
START: Final = 64 * 1024
"""Octets of a report that are read before it is published: what it is about stands behind a few words and
the recipients, and before the message that it may bring back."""
TRIES: Final = 2
"""Connections that may be lost over a report before it is published without what it is about."""

About = Callable[[bytes], str | None]
"""The Message-ID that a report is about, read from its first octets."""

_DELIVERED: Final = {"failed": "no", "delivered": "yes", "delayed": "queued"}
"""RFC 8621 §7 for the actions of RFC 3464 §2.3.3; of what was passed on nobody knows more."""
_STRENGTH: Final = {"queued": 0, "unknown": 0, "yes": 1, "no": 2}
"""A later report replaces only what is not stronger: a failure stays one."""

Status = dict[str, dict[str, str]]


def with_subjects(
    remote: Remote, summaries: Sequence[Summary], about: About, tries: Counter[Spot]
) -> list[Summary]:
    """The same messages of the selected folder, where each report says what it is about.

    A report that is gone meanwhile is left out: wherever it went, it is read there. `tries`, which outlives
    the connection: over how many it was asked for and did not come; from then on alone, after TRIES never.
    """
    starts = _starts(remote, [each.arrival.spot for each in summaries if each.is_report], tries)
    found = [each for each in summaries if not each.is_report or each.arrival.uid in starts]
    return [
        replace(each, email=replace(each.email, about=about(starts[each.arrival.uid])))
        if each.is_report
        else each
        for each in found
    ]


def _starts(remote: Remote, spots: Sequence[Spot], tries: Counter[Spot]) -> dict[int, bytes]:
    found = {spot[1]: b"" for spot in spots if tries[spot] >= TRIES}
    together = [spot for spot in spots if not tries[spot]]
    alone = [[spot] for spot in spots if 0 < tries[spot] < TRIES]
    for some in filter(None, [together, *alone]):
        tries.update(some)
        found |= remote.fetch_starts([uid for _, uid in some], START)
        for spot in some:
            del tries[spot]
    return found


def reported(desk: Desk, account: int, email: int, reading: Reading) -> None:
    """An email is a report: note what it says at the submissions that it is about."""
    ids = [reading.about] if reading.about is not None else []
    with desk.database.read() as tx:
        if not submissions.by_message_id(tx, account, ids):
            return
    with desk.write() as tx:
        for row in submissions.by_message_id(tx, account, ids):
            if row["undo_status"] in (UndoStatus.FINAL, UndoStatus.UNCERTAIN):
                _note(tx, row, email, reading.deliveries)


def _note(tx: Tx, row: sqlite3.Row, email: int, deliveries: Sequence[Mapping[str, Any]]) -> None:
    people = [each["email"] for each in json.loads(row["envelope"])["rcptTo"]]
    status = _before(row, people)
    failed: list[Failure] = []
    for each in deliveries:
        for person in _meant(each["addresses"], people):
            delivered = _DELIVERED.get(each["kind"], "unknown")
            if _STRENGTH[delivered] < _STRENGTH[status[person]["delivered"]]:
                continue
            reply = (each["diagnostic"] or each["status"])[:LONGEST_REPLY]
            status[person] = {**status[person], "smtpReply": reply, "delivered": delivered}
            if delivered == "no":
                failed.append(Failure(person, each["status"], each["reason"], each["diagnostic"]))
    error = row["error"] if row["undo_status"] == UndoStatus.FINAL else CAME_BACK
    if failed:
        said = Report("failed", failed).sentence()
        error = f"{said[0].upper()}{said[1:]}."
    submissions.settle(tx, row["id"], UndoStatus.FINAL, delivery_status=status, error=error)
    submissions.add_report(tx, row["id"], email)


def _before(row: sqlite3.Row, people: Sequence[str]) -> Status:
    """What is known of each recipient; RFC 8621 §7 deliveryStatus."""
    known: Status = json.loads(row["delivery_status"]) if row["delivery_status"] else {}
    nothing = {"smtpReply": "", "delivered": "unknown", "displayed": "unknown"}
    return {person: dict(known.get(person, nothing)) for person in people}


def _meant(addresses: Sequence[str], people: Sequence[str]) -> list[str]:
    """Whom of those the message was sent to a report names. A single one may be called otherwise behind an
    alias; of several nobody knows which."""
    named = {address.casefold() for address in addresses}
    found = [person for person in people if person.casefold() in named]
    return found or (list(people) if len(people) == 1 else [])
