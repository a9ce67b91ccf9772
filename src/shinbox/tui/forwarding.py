"""Forwarding: the message inline below what one writes, its files carried along.

Pure. The files stay at the desk: only their blob ids travel (RFC 8621 §4.6).
"""

from __future__ import annotations

from datetime import datetime

from shinbox.client.drafts import Attached, Draft
from shinbox.client.formats import full_addresses, long_date
from shinbox.client.outgoing_checks import people_of
from shinbox.client.signatures import signature_block
from shinbox.jmap.objects import Email, Identity
from shinbox.text.filenames import safe_filename
from shinbox.text.quote import forward_subject, forwarded
from shinbox.text.references import next_references


def forward_draft(
    account: str, email: Email, text: str, identity: Identity, now: datetime | None = None
) -> Draft:
    """A message to somebody else that holds this one."""
    headers = [
        ("From", full_addresses(email.from_)),
        ("Date", long_date(email.sent_at or email.received_at, now)),
        ("Subject", email.subject or ""),
        ("To", full_addresses(email.to)),
        ("Cc", full_addresses(email.cc)),
    ]
    return Draft(
        account=account,
        identity=identity.id,
        subject=forward_subject(email.subject),
        body=f"\n{signature_block(identity)}\n{forwarded(headers, text)}",
        forwards=email.id,
        references=next_references(email.references or [], email.message_id or [], email.in_reply_to or []),
        attachments=[
            Attached(part.blob_id, safe_filename(part.name or ""), part.type, part.size)
            for part in email.attachments
            if part.blob_id
        ],
        people=people_of(email),
    )
