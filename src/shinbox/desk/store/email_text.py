"""The words of emails, as search finds them.

The only writer of `email_text` and `email_text_waiting`: every text is indexed in the form of
text/unspaced.py, also what was indexed by a shinbox that did not know it. Knows neither folders nor who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from shinbox.desk.store.database import Tx
from shinbox.text.unspaced import spread


class Texts(NamedTuple):
    """What is searched of an email."""

    email: int
    subject: str
    sender: str
    recipients: str
    body: str

    def indexed(self) -> Texts:
        """In the form that the index has of it."""
        return Texts(self.email, *map(spread, self[1:]))


def put_many(tx: Tx, texts: Iterable[Texts]) -> None:
    """Index new emails."""
    tx.run_many(
        "INSERT INTO email_text (rowid, subject, sender, recipients, body) VALUES (?, ?, ?, ?, ?)",
        (each.indexed() for each in texts),
    )


def set_body(tx: Tx, email: int, body: str) -> None:
    """Index what an email says, now that it is known."""
    waiting = _waiting(tx, "WHERE email_id = ?", email)
    if waiting:
        renew(tx, [each._replace(body=body).indexed() for each in waiting], [])
    else:
        tx.run("UPDATE email_text SET body = ? WHERE rowid = ?", (spread(body), email))


def remove(tx: Tx, emails: Iterable[int]) -> None:
    """Forget the words of these emails."""
    tx.run_many("DELETE FROM email_text WHERE rowid = ?", [(email,) for email in emails])


def waiting(tx: Tx, most: int) -> list[Texts]:
    """The newest emails that are not yet in this form, as they are indexed now."""
    return _waiting(tx, "ORDER BY email_id DESC LIMIT ?", most)


def is_settled(tx: Tx) -> bool:
    """Whether none waits: else what a search finds changes, and no state with it."""
    return tx.one("SELECT 1 FROM email_text_waiting LIMIT 1") is None


def renew(tx: Tx, renewed: Iterable[Texts], same: Iterable[int]) -> None:
    """Index emails anew that still wait; of the `same` ones the form is none other."""
    for each in renewed:
        if tx.run("DELETE FROM email_text_waiting WHERE email_id = ?", (each.email,)):
            tx.run(
                "UPDATE email_text SET subject = ?, sender = ?, recipients = ?, body = ? WHERE rowid = ?",
                (*each[1:], each.email),
            )
    tx.run_many("DELETE FROM email_text_waiting WHERE email_id = ?", [(email,) for email in same])


def _waiting(tx: Tx, which: str, value: int) -> list[Texts]:
    rows = tx.all(
        "SELECT email_id, subject, sender, recipients, body"
        f" FROM email_text_waiting CROSS JOIN email_text ON email_text.rowid = email_id {which}",
        (value,),
    )
    return [Texts(*row) for row in rows]
