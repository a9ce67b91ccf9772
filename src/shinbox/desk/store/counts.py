"""The counts of folders (RFC 8621 §2): kept beside the emails, never counted on request.

Owns `mailbox_thread` and the four count columns of `mailbox`. Whoever places an email, takes it away or
flips `$seen` names the threads to `settle` in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from shinbox.desk.store import changes
from shinbox.desk.store.database import Tx

_NOW = """
SELECT e.thread_id, p.mailbox_id, COUNT(*) AS emails, SUM(k.email_id IS NULL) AS unread
FROM json_each(?) t JOIN email e ON e.thread_id = t.value JOIN placement p ON p.email_id = e.id
LEFT JOIN email_keyword k ON k.email_id = e.id AND k.keyword IN ('$seen')
GROUP BY e.thread_id, p.mailbox_id
"""
_BEFORE = "SELECT * FROM mailbox_thread WHERE thread_id IN (SELECT value FROM json_each(?))"

_Sums = tuple[int, int, int, int]
"""emails, unread emails, threads, unread threads."""
_Place = tuple[int, int]
"""(thread, mailbox)."""


def settle(tx: Tx, account: int, threads: Iterable[int]) -> None:
    """Bring the counts of these threads, and of every folder they lie in, up to date."""
    trash = set(tx.column("SELECT id FROM mailbox WHERE account_id = ? AND role = 'trash'", (account,)))
    some = json.dumps(list(set(threads)))
    before: dict[_Place, _Sums] = {
        (row["thread_id"], row["mailbox_id"]): (row["emails"], row["unread"], 1, row["thread_unread"])
        for row in tx.all(_BEFORE, (some,))
    }
    after = _now(tx, some, trash)
    _write(tx, before, after)
    moved: dict[int, list[int]] = {}
    for place in before.keys() | after.keys():
        was, now = before.get(place, (0, 0, 0, 0)), after.get(place, (0, 0, 0, 0))
        sums = moved.setdefault(place[1], [0, 0, 0, 0])
        for i in range(4):
            sums[i] += now[i] - was[i]
    for mailbox, changed in sorted(moved.items()):
        if any(changed):
            tx.run(
                "UPDATE mailbox SET total_emails = total_emails + ?, unread_emails = unread_emails + ?,"
                " total_threads = total_threads + ?, unread_threads = unread_threads + ? WHERE id = ?",
                (*changed, mailbox),
            )
            changes.record(tx, account, "Mailbox", [mailbox], "counted")


def _now(tx: Tx, threads: str, trash: set[int]) -> dict[_Place, _Sums]:
    """What is there. A thread is unread in Trash by what lies there, elsewhere by what lies outside of it."""
    rows = tx.all(_NOW, (threads,))
    unread_outside = {row["thread_id"] for row in rows if row["unread"] and row["mailbox_id"] not in trash}
    found: dict[_Place, _Sums] = {}
    for row in rows:
        thread, box = row["thread_id"], row["mailbox_id"]
        thread_unread = bool(row["unread"]) if box in trash else thread in unread_outside
        found[thread, box] = (row["emails"], row["unread"], 1, int(thread_unread))
    return found


def _write(tx: Tx, before: Mapping[_Place, _Sums], after: Mapping[_Place, _Sums]) -> None:
    tx.run_many(
        "DELETE FROM mailbox_thread WHERE thread_id = ? AND mailbox_id = ?", before.keys() - after.keys()
    )
    tx.run_many(
        "INSERT OR REPLACE INTO mailbox_thread VALUES (?, ?, ?, ?, ?)",
        [
            (*place, emails, unread, thread_unread)
            for place, (emails, unread, _, thread_unread) in after.items()
            if before.get(place) != (emails, unread, 1, thread_unread)
        ],
    )
