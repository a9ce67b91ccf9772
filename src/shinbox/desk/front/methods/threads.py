"""Thread: the emails of a conversation (RFC 8621 §3), as far as the caller sees them.

Owns the order of emails and `threadState` (ours), which the send gate compares: it changes when an email
arrives in the conversation or leaves it for the outside, not when a draft is saved or a flag set.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import email_history, rows
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.store import emails, ids


class ThreadHandler(TypeHandler):
    """See the module."""

    TYPE = "Thread"
    IN_FOLDERS = True
    JUDGED = frozenset({"emailIds"})

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return call.tx.column(
            "SELECT DISTINCT thread_id FROM email WHERE account_id = ? ORDER BY thread_id LIMIT ?",
            (call.account_row, most + 1),
        )

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler. A thread without a visible email is as if it were not."""
        found = call.tx.all(
            "SELECT id, thread_id FROM email WHERE +account_id = ? AND thread_id IN"
            " (SELECT value FROM json_each(?)) ORDER BY thread_id, received_at, id",
            (call.account_row, rows.listed(wanted)),
        )
        seen = visible_emails(call, [row["id"] for row in found])
        held: dict[int, list[int]] = {}
        for row in found:
            if row["id"] in seen:
                held.setdefault(row["thread_id"], []).append(row["id"])
        return {
            thread: {
                "id": ids.to_id("Thread", thread),
                "emailIds": [ids.to_id("Email", email) for email in inside],
                "threadState": thread_state(call, thread) if "threadState" in properties else "",
            }
            for thread, inside in held.items()
        }

    def seen_before(self, call: Call, row: int, seq: int) -> bool | None:
        """See TypeHandler."""
        return bool(email_history.visible_in_thread(call, row, seq))

    def differs(self, call: Call, row: int, seq: int) -> bool:
        """See TypeHandler: a hidden email that comes or goes is no change for this caller."""
        now = call.tx.column("SELECT id FROM email WHERE thread_id = ?", (row,))
        return email_history.visible_in_thread(call, row, seq) != visible_emails(call, now)


def visible_emails(call: Call, wanted: Sequence[int]) -> set[int]:
    """Those of `wanted` that lie in a folder that the caller sees."""
    if call.decision.sees_everything:
        return set(wanted)
    seen = call.decision.visible_mailboxes
    return {email for email, boxes in emails.mailboxes_of(call.tx, list(wanted)).items() if boxes & seen}


def thread_state(call: Call, thread: int) -> str:
    """The state of a thread for the send gate: what was the last to arrive in it or to be sent from it."""
    return f"y{max((seq for _, seq in _arrivals(call, thread)), default=0)}"


def arrived_since(call: Call, thread: int, state: str, but: int) -> list[int]:
    """The visible emails, `but` left out, that came into a thread or were sent from it after a state."""
    number = int(state[1:]) if state[:1] == "y" and state[1:].isascii() and state[1:].isdigit() else -1
    return [email for email, seq in _arrivals(call, thread) if seq > number and email != but]


def _arrivals(call: Call, thread: int) -> list[tuple[int, int]]:
    """Emails with the number of their arrival or of their sending: drafts do neither."""
    found = call.tx.all(
        """SELECT e.id, MAX(IIF(d.email_id IS NULL, c.created_seq, 0), IFNULL((
             SELECT MAX(sent.created_seq) FROM submission s CROSS JOIN change sent ON sent.object_id = s.id
               AND sent.account_id = ?1 AND sent.type = 'EmailSubmission'
             WHERE s.email_id = e.id AND s.undo_status <> 'canceled'), 0)) AS seq
           FROM email e
           JOIN change c ON c.account_id = ?1 AND c.type = 'Email' AND c.object_id = e.id
           LEFT JOIN email_keyword d ON d.email_id = e.id AND d.keyword = '$draft'
           WHERE e.thread_id = ?2 ORDER BY e.received_at, e.id""",
        (call.account_row, thread),
    )
    seen = visible_emails(call, [row["id"] for row in found])
    return [(row["id"], row["seq"]) for row in found if row["id"] in seen and row["seq"]]
