"""From a message's header and BODYSTRUCTURE to the email that people see before its body is held.

Owns that translation and the words for flags. Pure: asks no server and writes no row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Final

from shinbox.desk.mail.plan import DELETED, Arrival, content_key
from shinbox.desk.mail.remote import base as remote
from shinbox.desk.store import arrival
from shinbox.desk.store.emails import NewEmail
from shinbox.mime.parse import parse
from shinbox.mime.structure import lists_of, read_structure

_WORDS: Final = {
    remote.SEEN: "$seen",
    remote.ANSWERED: "$answered",
    remote.FLAGGED: "$flagged",
    remote.DRAFT: "$draft",
    remote.DELETED: DELETED,
}
_FLAGS: Final = {word: flag for flag, word in _WORDS.items()}


def keywords_of(flags: Iterable[str]) -> frozenset[str]:
    """IMAP flags as keywords (RFC 8621 §4.1.1), lower case; `\\Deleted` as plan.DELETED."""
    words = (_WORDS.get(flag, flag.lower()) for flag in flags)
    return frozenset(word for word in words if not word.startswith("\\") or word == DELETED)


def flags_of(keywords: Iterable[str]) -> frozenset[str]:
    """Keywords as IMAP flags."""
    return frozenset(_FLAGS.get(word, word) for word in keywords)


@dataclass(frozen=True)
class Summary:
    """A message as the server tells of it, ready to be recognised or published; for a report, once it is
    known what that is about (reports.py)."""

    arrival: Arrival
    email: NewEmail
    is_report: bool = False


def summary_of(mailbox: int, message: remote.RemoteMessage) -> Summary:
    """Read a message's header; never raises for what is in it."""
    parsed = parse(message.header)
    keywords = keywords_of(message.flags)
    key = content_key(message.header, message.size)
    new = arrival.new_email(
        parsed,
        received_at=message.internaldate.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        mailboxes=frozenset({mailbox}),
        keywords=keywords - {DELETED},
        content_key=key,
        remote_email_id=message.email_id,
    )
    structure, has_attachment, names = None, False, ""
    if message.bodystructure is not None:
        root = read_structure(message.bodystructure)
        lists, has_attachment = lists_of(root)
        structure = arrival.structure(root)
        names = "\n".join(part.name for part in lists.attachments if part.name)
    email = replace(
        new,
        size=message.size,
        structure=structure,
        has_attachment=has_attachment,
        preview="",
        text=names,
        defects=(),
    )
    ids = new.message_id or ()
    found = Arrival(mailbox, message.uid, key, keywords, message.email_id, ids[0] if ids else None)
    return Summary(found, email, arrival.is_report(parsed))
