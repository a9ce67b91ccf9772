"""What did not leave becomes a draft again, also when its email was destroyed meanwhile.

Owns the way back to the draft that an email was, and the making of one from the bytes that were to be sent.
The steps of a submission are submissions.py's.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from shinbox.desk.store import arrival, emails, ids, intents, mailboxes, submissions
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
    if return_to_drafts(tx, submission, now):
        return True
    row = tx.one("SELECT * FROM submission WHERE id = ?", (submission,))
    return row is not None and _made_anew(tx, blobs, row, now)


def return_to_drafts(tx: Tx, submission: int, now: str) -> bool:
    """Make the email the draft that it was, here and as intents; False if it is gone (see to_drafts)."""
    row = tx.one(
        "SELECT account_id, email_id, user_id, undo_actions FROM submission WHERE id = ?", (submission,)
    )
    if row is None or not tx.value("SELECT 1 FROM email WHERE id = ?", (row["email_id"],)):
        return False
    account, email = row["account_id"], row["email_id"]
    patch = json.loads(row["undo_actions"])
    boxes = {ids.to_id("Mailbox", m): True for m in emails.mailboxes_of(tx, [email]).get(email, ())}
    wanted = _patched(boxes, patch, "mailboxIds")
    known = set(tx.column("SELECT id FROM mailbox WHERE account_id = ?", (account,)))
    mailboxes = frozenset(m for id_ in wanted if (m := ids.to_row("Mailbox", id_)) in known and m is not None)
    keywords = dict.fromkeys(emails.keywords_of(tx, [email]).get(email, ()), True)
    intents.change_email(
        tx,
        account,
        email,
        mailboxes=mailboxes or None,
        keywords=frozenset(_patched(keywords, patch, "keywords")),
        user=row["user_id"],
        now=now,
    )
    return True


def _patched(value: dict[str, bool], patch: Mapping[str, Any], name: str) -> dict[str, bool]:
    """A set of ids or keywords after a patch (RFC 8620 §5.3)."""
    result = dict(patch[name]) if isinstance(patch.get(name), Mapping) else dict(value)
    for path, on in patch.items():
        whole, slash, key = path.partition("/")
        if whole != name or not slash:
            continue
        key = key.replace("~1", "/").replace("~0", "~")
        result[key] = bool(on)
    return {key: on for key, on in result.items() if on}


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
