"""What a draft may hold: its texts, its files, what it answers, each within limits.

Owns the refusals. A file must be the caller's to use when it is attached; an upload that is a file of a draft
is for everybody who sees the draft, a part of a message stays for those who see the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import draft_sight, permit
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.store import identities, ids, uploads
from shinbox.desk.store.drafts import Answered
from shinbox.errors import BlobNotFound, InvalidProperties, TooLarge

CONTENT: Final = (
    "identityId",
    "to",
    "cc",
    "bcc",
    "subject",
    "text",
    "attachments",
    "inReplyTo",
    "references",
    "threadState",
    "participants",
)
"""The properties that are kept as they were given."""
LONGEST: Final = {"to": 50_000, "cc": 50_000, "bcc": 50_000, "subject": 5_000, "text": 1_000_000}
"""Characters."""
MOST_LISTED: Final = {"attachments": 100, "inReplyTo": 100, "references": 500, "participants": 500}
LONGEST_WORD: Final = 1_000
"""Characters of a name, a message id, an address."""
LONGEST_LEASE: Final = 64
_MESSAGE_PART: Final = re.compile(r"(?:m(\d{1,18})|[pe](\d{1,18})-[0-9_]{1,200}(?:-\d{1,4})?)")


def lease_word(word: str) -> str:
    """An editor's own word.

    :raises InvalidProperties: it is too long.
    """
    if len(word) > LONGEST_LEASE:
        raise InvalidProperties(f"lease has up to {LONGEST_LEASE} characters.", properties=["lease"])
    return word


def check(call: Call, emails: TypeHandler, new: Json, old: Mapping[str, Any]) -> None:
    """Refuse what a draft cannot hold; uploads get the size that they have.

    :raises TooLarge: a text or a list is too long.
    :raises InvalidProperties: there is no such identity.
    :raises BlobNotFound: a file is not the caller's to use.
    """
    for name, most in LONGEST.items():
        if len(new[name]) > most:
            raise TooLarge(f"{name} has up to {most:,} characters.", maxSize=most)
    for name, most in MOST_LISTED.items():
        words = new[name] if name != "attachments" else [file["name"] for file in new[name]]
        if len(words) > most or any(len(word) > LONGEST_WORD for word in words):
            raise TooLarge(f"{name}: up to {most}, each up to {LONGEST_WORD:,} characters.", maxSize=most)
    if len(new["threadState"] or "") > LONGEST_WORD:
        raise InvalidProperties("threadState is none of ours.", properties=["threadState"])
    if new["identityId"] != old.get("identityId"):
        _check_identity(call, new["identityId"])
    held = {file["blobId"] for file in old.get("attachments", ())}
    new["attachments"] = [
        file if file["blobId"] in held else _usable(call, emails, file) for file in new["attachments"]
    ]


def _check_identity(call: Call, id_: str | None) -> None:
    row = ids.to_row("Identity", id_) if id_ else None
    if id_ and (row is None or identities.get(call.tx, call.account_row, row) is None):
        raise InvalidProperties("There is no such identity.", properties=["identityId"])


def _usable(call: Call, emails: TypeHandler, file: Json) -> Json:
    """A file that the caller may attach, in the declared form."""
    blob_id, size = file["blobId"], file["size"]
    upload = ids.to_row("Upload", blob_id)
    if upload is not None:
        row = uploads.get(call.tx, call.account_row, call.actor.user_id, upload, call.now)
        row = row or draft_sight.file_of_a_draft(call, upload)
        if row is None:
            raise BlobNotFound(notFound=[blob_id])
        size = row["size"]
    else:
        part = _MESSAGE_PART.fullmatch(blob_id)
        email = int(part[1] or part[2]) if part else None
        if email is None or not permit.visible_rows(call, emails, [email], named=True):
            raise BlobNotFound(notFound=[blob_id])
    return {"blobId": blob_id, "name": file["name"], "type": file["type"], "size": size}


def uploads_in(new: Mapping[str, Any]) -> set[int]:
    """The rows of the uploads among a draft's files."""
    rows = (ids.to_row("Upload", file["blobId"]) for file in new["attachments"])
    return {row for row in rows if row is not None}


def answered(call: Call, emails: TypeHandler, new: Mapping[str, Any]) -> Answered:
    """What a draft is about.

    :raises InvalidProperties: it names an email that the caller does not see.
    """
    rows: dict[str, int | None] = {"emailId": None, "replacesId": None}
    for name in rows:
        if new[name]:
            row = ids.to_row("Email", new[name])
            if row is None or not permit.visible_rows(call, emails, [row], named=True):
                raise InvalidProperties(
                    "The message that this is about is no longer there.", properties=[name]
                )
            rows[name] = row
    email = rows["emailId"]
    thread = call.tx.value("SELECT thread_id FROM email WHERE id = ?", (email,)) if email else None
    return Answered(email, thread, rows["replacesId"])
