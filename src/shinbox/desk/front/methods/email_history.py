"""Which emails a caller who sees only some folders could see at an earlier state.

Owns the reading of `placement_move` backwards from where emails lie now. Exact: /changes may neither
mention what was never visible nor forget what was.
"""

from __future__ import annotations

from shinbox.desk.front.context import Call
from shinbox.desk.store import emails
from shinbox.terms import Right


def was_visible(call: Call, email: int, seq: int) -> bool:
    """Whether an email that existed at the state `seq` lay in a folder that the caller could see."""
    lay = set(emails.mailboxes_of(call.tx, [email]).get(email, frozenset()))
    moves = call.tx.all(
        "SELECT mailbox_id, came FROM placement_move WHERE email_id = ? AND seq >= ? ORDER BY rowid DESC",
        (email, seq),
    )
    for mailbox, came in moves:
        if came:
            lay.discard(mailbox)
        else:
            lay.add(mailbox)
    return any(_could_see(call, mailbox) for mailbox in lay)


def visible_in_thread(call: Call, thread: int, seq: int) -> set[int]:
    """The emails of a thread that the caller could see at the state `seq`."""
    existed = call.tx.column(
        """SELECT c.object_id FROM change c WHERE c.account_id = ?1 AND c.type = 'Email'
             AND c.created_seq <= ?3 AND c.object_id IN (
               SELECT id FROM email WHERE thread_id = ?2
               UNION SELECT email_id FROM placement_move WHERE thread_id = ?2 AND seq >= ?3)""",
        (call.account_row, thread, seq),
    )
    return {email for email in existed if was_visible(call, email, seq)}


def _could_see(call: Call, mailbox: int) -> bool:
    """Readers of the account could see a folder that is gone: the end of a hidden one changes the epoch."""
    if mailbox in call.decision.folders:
        return mailbox in call.decision.visible_mailboxes
    return Right.READ in call.decision.account_rights
