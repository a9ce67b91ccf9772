"""The counts of folders (RFC 8621 §2): kept beside the emails, never counted on request.

Owns `mailbox_thread` and the four count columns of `mailbox`. Whoever places an email, takes it away or
flips `$seen` names the threads to `settle` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from shinbox.desk.store import changes
from shinbox.desk.store.database import Tx

_NOW = """
SELECT p.mailbox_id, COUNT(*) AS emails, SUM(k.email_id IS NULL) AS unread
FROM email e JOIN placement p ON p.email_id = e.id
LEFT JOIN email_keyword k ON k.email_id = e.id AND k.keyword IN ('$seen')
WHERE e.thread_id = ? GROUP BY p.mailbox_id
"""


def settle(tx: Tx, account: int, threads: Iterable[int]) -> None:
    """Bring the counts of these threads, and of every folder they lie in, up to date."""
    trash = set(tx.column("SELECT id FROM mailbox WHERE account_id = ? AND role = 'trash'", (account,)))
    moved: dict[int, list[int]] = {}
    for thread in set(threads):
        _settle_thread(tx, thread, trash, moved)
    for mailbox, (emails, unread, total_threads, unread_threads) in moved.items():
        if not (emails or unread or total_threads or unread_threads):
            continue
        tx.run(
            "UPDATE mailbox SET total_emails = total_emails + ?, unread_emails = unread_emails + ?,"
            " total_threads = total_threads + ?, unread_threads = unread_threads + ? WHERE id = ?",
            (emails, unread, total_threads, unread_threads, mailbox),
        )
        changes.record(tx, account, "Mailbox", [mailbox], "counted")


def _settle_thread(tx: Tx, thread: int, trash: set[int], moved: dict[int, list[int]]) -> None:
    before = {
        row["mailbox_id"]: (row["emails"], row["unread"], 1, row["thread_unread"])
        for row in tx.all("SELECT * FROM mailbox_thread WHERE thread_id = ?", (thread,))
    }
    rows = tx.all(_NOW, (thread,))
    unread_outside = any(r["unread"] for r in rows if r["mailbox_id"] not in trash)
    after = {}
    for r in rows:
        box = r["mailbox_id"]
        after[box] = (r["emails"], r["unread"], 1, int(bool(r["unread"]) if box in trash else unread_outside))
    if before == after:
        return
    for box in before.keys() - after.keys():
        tx.run("DELETE FROM mailbox_thread WHERE thread_id = ? AND mailbox_id = ?", (thread, box))
    for box, (emails, unread, _, thread_unread) in after.items():
        tx.run(
            "INSERT OR REPLACE INTO mailbox_thread VALUES (?, ?, ?, ?, ?)",
            (thread, box, emails, unread, thread_unread),
        )
    for box in before.keys() | after.keys():
        was, now = before.get(box, (0, 0, 0, 0)), after.get(box, (0, 0, 0, 0))
        sums = moved.setdefault(box, [0, 0, 0, 0])
        for i in range(4):
            sums[i] += now[i] - was[i]
