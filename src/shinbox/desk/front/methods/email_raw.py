"""The raw message of an email, and what a blob id means inside a call (RFC 8620 §6).

`b1` is an upload, for its uploader in that account and for whoever sees a draft that it is a file of. `m1` is
the raw message of email 1, `p1-2_3` the decoded part 2.3 of it and `e1-2_3-4` the 4th file inside that part,
for whoever sees that email: there is no other table of blobs, so no other rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from shinbox.desk.front.context import Call
from shinbox.desk.front.methods import draft_sight, permit, rows
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.front.methods.email_telling import find_embedded
from shinbox.desk.store import ids, uploads
from shinbox.errors import RemoteError, RemoteUnreachable, ServerUnavailable
from shinbox.mime.parse import ParsedMessage, parse

_BLOB: Final = re.compile(r"(?:b(\d{1,18})|m(\d{1,18})|[pe](\d{1,18})-([0-9_]{1,200})(?:-(\d{1,4}))?)")
_INLINE_BYTES: Final = 500_000
"""Larger messages are parsed outside a write transaction: it would hold everyone else up."""


@dataclass(frozen=True)
class Blob:
    """The bytes of a blob and what type they were sent as; `email` is the row of the email they are of.

    `durable` is the hash of a file on the disk that holds them, where that is sure.
    """

    content: bytes
    type: str
    email: int | None = None
    durable: str | None = None


def part_blob_id(email: int, part_id: str) -> str:
    """The blob id of a part's decoded content."""
    return f"p{email}-{part_id.replace('.', '_')}"


def read_blob(call: Call, emails: TypeHandler, blob_id: str) -> Blob | None:
    """A blob that the caller may use in this account; None: there is none, or not for them.

    :raises ServerUnavailable: the message cannot be had from its mail server now.
    """
    match = _BLOB.fullmatch(blob_id)
    if match is None or (blob_id[0] == "e") != (match[5] is not None):
        return None
    upload, message, part_of, part, file = match.groups()
    if upload:
        return _upload(call, int(upload))
    email = int(message or part_of)
    if not permit.visible_rows(call, emails, [email], named=True):
        return None
    content = raw(call, email)
    if message:
        return Blob(content, "message/rfc822", email)
    parsed, part_id = parsed_message(call, email, content), part.replace("_", ".")
    if file is not None:
        inside = find_embedded(parsed, part_id, int(file))
        return None if inside is None else Blob(inside.content, inside.type, email)
    found = parsed.part(part_id)
    return None if found is None else Blob(parsed.content(found), found.type, email)


def _upload(call: Call, upload: int) -> Blob | None:
    row = uploads.get(call.tx, call.account_row, call.actor.user_id, upload, call.now)
    row = row or draft_sight.file_of_a_draft(call, upload)
    if row is None:
        return None
    return Blob(call.desk.blobs.get(row["hash"]), row["type"], durable=row["hash"])


def raw(call: Call, email: int) -> bytes:
    """The raw message of an email that the caller sees, fetched if it is not held.

    :raises ServerUnavailable: it cannot be had.
    """
    fetch_bodies(call, [email])
    return call.desk.blobs.get(call.tx.value("SELECT blob_hash FROM email WHERE id = ?", (email,)))


def parsed_message(call: Call, key: object, content: bytes) -> ParsedMessage:
    """`content` parsed; `key` names it within the request."""
    if not call.tx.writable or len(content) <= _INLINE_BYTES:
        return parse(content)
    task = ("parse", key)
    parsed = call.run.outside({task: partial(parse, content)})[task]
    assert isinstance(parsed, ParsedMessage)
    return parsed


def fetch_bodies(call: Call, wanted: Sequence[int]) -> None:
    """Return when the raw messages of these emails are held.

    :raises ServerUnavailable: one cannot be had; it says which, and why.
    """
    missing = call.tx.column(
        "SELECT id FROM email WHERE blob_hash IS NULL AND id IN (SELECT value FROM json_each(?))",
        (rows.listed(wanted),),
    )
    if not missing:
        return
    tasks: dict[object, Callable[[], object]] = {("body", row): partial(_fetch, call, row) for row in missing}
    failures = [each for each in call.run.outside(tasks).values() if isinstance(each, RemoteError)]
    reason = str(failures[0]) if failures else ""
    raise ServerUnavailable(reason, emailIds=[ids.to_id("Email", row) for row in missing])


def _fetch(call: Call, email: int) -> None:
    """One body, within what the whole request may wait: many would hold a thread for hours."""
    allowance = call.run.allowance
    seconds = min(allowance.waiting, call.desk.limits.body_seconds)
    if not seconds:
        raise RemoteUnreachable("The mail server is slow to deliver these messages: open fewer at once.")
    with allowance.waits():
        call.desk.fetch_body(email, seconds)
