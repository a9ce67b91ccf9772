"""Email/import (RFC 8621 §4.8): a message that the caller uploaded, or has elsewhere, becomes an email.

Owns the form of an import; permission, audit and undoing are set.py's, as for any creation.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit
from shinbox.desk.front.methods.arguments import read
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.front.methods.email_placing import (
    check_kept,
    checked_date,
    checked_keywords,
    checked_mailboxes,
    mailbox_rows,
    publish,
)
from shinbox.desk.front.methods.email_raw import parsed_message, read_blob
from shinbox.desk.front.methods.set import Outcome, attempt, with_real_ids
from shinbox.desk.store.arrival import new_email
from shinbox.errors import InvalidEmail, InvalidProperties, RequestTooLarge, StateMismatch


class ImportArguments(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """RFC 8621 §4.8."""

    account_id: str
    emails: dict[str, Json]
    if_in_state: str | None = None


class EmailImport(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """One of them."""

    blob_id: str
    mailbox_ids: dict[str, bool]
    keywords: dict[str, bool] = {}
    received_at: str | None = None


def import_(call: Call, handler: TypeHandler) -> Json:
    """Answer an Email/import.

    :raises MethodError: an argument is wrong, there is too much, or ifInState does not hold.
    """
    asked = read(call.arguments, ImportArguments)
    if len(asked.emails) > call.desk.limits.objects_in_set:
        raise RequestTooLarge(f"One call may import {call.desk.limits.objects_in_set} emails.")
    old_state = handler.state(call)
    if asked.if_in_state not in (None, old_state):
        raise StateMismatch()
    outcome = Outcome()
    for key, given in asked.emails.items():
        attempt(call, handler, outcome, key, "import", partial(_import_one, call, handler, key, given))
    return {
        "accountId": call.account_id,
        "oldState": old_state,
        "newState": handler.state(call),
        "created": outcome.done or None,
        "notCreated": outcome.failed or None,
        "intents": call.scratch.get("intents", {}),
    }


def _import_one(call: Call, handler: TypeHandler, key: str, given: Json) -> Json:
    one = _convert(with_real_ids(call, handler, given))
    new: Json = {
        "mailboxIds": checked_mailboxes(call, one.mailbox_ids, None),
        "keywords": checked_keywords(one.keywords),
    }
    edit = Edit(None, None, new, frozenset(new))
    permit.require(call, handler, edit)
    check_kept(call, new["mailboxIds"], new["keywords"])
    blob = read_blob(call, handler, one.blob_id)
    if blob is None:
        raise InvalidProperties("The file is no longer there: give it once more.", properties=["blobId"])
    parsed = parsed_message(call, one.blob_id, blob.content)
    if not parsed.headers:
        raise InvalidEmail("This is no message: it has no headers.")
    row = publish(
        call,
        new_email(
            parsed,
            received_at=checked_date(one.received_at, "receivedAt") if one.received_at else call.now_text,
            mailboxes=mailbox_rows(new["mailboxIds"]),
            keywords=frozenset(new["keywords"]),
            blob_hash=blob.durable or call.desk.blobs.put(blob.content),
        ),
    )
    id_ = handler.to_id(call, row)
    call.run.created_ids[key] = id_
    call.note("Email/import", id_, "ok", handler.explain(call, edit))
    value = handler.load(call, [row], ["threadId", "size"])[row]
    return {name: value[name] for name in ("id", "blobId", "threadId", "size")}


def _convert(given: Any) -> EmailImport:
    try:
        return msgspec.convert(given, EmailImport)
    except msgspec.ValidationError as wrong:
        # "Object missing required field `blobId`", or "… - at `$.keywords[...]`".
        where = re.split(r"[`\[]", str(wrong).rpartition("$.")[2].rpartition("field `")[2])[0]
        raise InvalidProperties(f"{wrong}.", properties=[where] if where.isalnum() else None) from None
