"""What did not leave becomes a draft again, also when its email was destroyed meanwhile.

Owns the making of a draft from the bytes that were to be sent. The steps of a submission and the email that
still exists are submissions.py's.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3

from shinbox.desk.store import arrival, emails, intents, mailboxes, submissions
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Tx
from shinbox.errors import InvalidField
from shinbox.mime import fields
from shinbox.mime.model import Address
from shinbox.mime.parse import ParsedMessage, parse
from shinbox.terms import Keyword, Role


def to_drafts(tx: Tx, blobs: Blobs, submission: int, now: str) -> bool:
    """Make the message of a submission a draft, here and as intents; False if there is no folder for it.

    An email that was destroyed is made anew from what was to be sent; the submission is about that one then.

    :raises FileNotFoundError: the email is destroyed and the bytes are not held any more.
    """
    if submissions.return_to_drafts(tx, submission, now):
        return True
    row = tx.one("SELECT * FROM submission WHERE id = ?", (submission,))
    return row is not None and _made_anew(tx, blobs, row, now)


def hold_back(tx: Tx, blobs: Blobs, submission: int, now: str, why: str) -> bool:
    """What waits may not leave any more: it returns to drafts, and `why` is said. False if it does not wait.

    :raises FileNotFoundError: see to_drafts.
    """
    if not submissions.cancel(tx, submission):
        return False
    to_drafts(tx, blobs, submission, now)
    submissions.explain(tx, submission, why)
    return True


def _made_anew(tx: Tx, blobs: Blobs, row: sqlite3.Row, now: str) -> bool:
    account = row["account_id"]
    box = mailboxes.by_role(tx, account, Role.DRAFTS) or mailboxes.by_role(tx, account, Role.INBOX)
    if box is None:
        return False
    raw = blobs.get(row["blob_hash"])
    raw = _bcc(row, parse(raw)) + raw
    new = arrival.new_email(
        parse(raw),
        received_at=now,
        mailboxes=frozenset({box}),
        keywords=frozenset({Keyword.DRAFT, Keyword.SEEN}),
        blob_hash=blobs.put(raw),
    )
    email, thread = emails.insert(tx, account, new)
    intents.queue(tx, account, "append", email=email, mailbox=box, user=row["user_id"], now=now)
    submissions.now_about(tx, row["id"], email, thread)
    return True


def _bcc(row: sqlite3.Row, message: ParsedMessage) -> bytes:
    """The line that was taken out before sending: whoever was to get it and is named nowhere."""
    named = {address.email.casefold() for address in (*message.to, *message.cc)}
    tokens: list[str] = []
    for each in json.loads(row["envelope"])["rcptTo"]:
        if each["email"].casefold() not in named:
            # What no header can hold stays to be read in the submission's envelope.
            with contextlib.suppress(InvalidField):
                tokens += [
                    f"{token}," for token in fields.address_tokens([Address(None, each["email"])], "bcc")
                ]
    if not tokens:
        return b""
    return fields.field("Bcc", [*tokens[:-1], tokens[-1].removesuffix(",")])
