"""New messages and answers: what stands in the composer at first, and what is sent in the end.

Owns recipients, subject and quotation. Pure. Knows no widget; the draft holds what
was typed, and `outgoing`, `submission` and `once_sent` say it to the desk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence, Set
from datetime import datetime
from typing import Any

from shinbox.client.drafts import Attached, Draft
from shinbox.client.formats import full_address, long_date
from shinbox.client.signatures import signature_block
from shinbox.errors import InvalidRecipients, NoRecipients
from shinbox.jmap.objects import Email, EmailAddress, Identity
from shinbox.terms import Keyword
from shinbox.text.quote import attribution, quote, reply_subject, without_signature
from shinbox.text.references import next_references


def new_draft(account: str, identity: Identity) -> Draft:
    """An empty message with the identity's signature."""
    return Draft(account=account, identity=identity.id, body="\n" + signature_block(identity))


def reply_draft(
    account: str,
    email: Email,
    text: str,
    identity: Identity,
    ours: Iterable[str],
    *,
    everyone: bool,
    now: datetime | None = None,
) -> Draft:
    """An answer. `text` is the message's text; `ours` are the mailbox's own addresses, which get no copy.

    Dates are written in the zone of `now`, without it in the message's own.
    """
    own = {address.lower() for address in ours} | {identity.email.lower()}
    to = _answered(email, own)
    return Draft(
        account=account,
        identity=identity.id,
        to=written(to),
        cc=written(_others(email, own, to) if everyone else []),
        subject=reply_subject(email.subject),
        body=f"\n\n{quotation(email, text, now)}{signature_block(identity)}",
        in_reply_to=list(email.message_id or []),
        references=next_references(email.references or [], email.message_id or [], email.in_reply_to or []),
        replies_to=email.id,
        thread=email.thread_id,
    )


def _answered(email: Email, own: Set[str]) -> list[EmailAddress]:
    """Whom an answer goes to: the sender; those whom one's own message went to."""
    senders = email.reply_to or email.from_ or []
    return list((email.to or []) if all(person.email.lower() in own for person in senders) else senders)


def _others(email: Email, own: Set[str], to: Sequence[EmailAddress]) -> list[EmailAddress]:
    """Who else got the message, each once, without ourselves and those who get the answer anyway."""
    there = own | {person.email.lower() for person in to}
    others: dict[str, EmailAddress] = {}
    for person in [*(email.to or []), *(email.cc or [])]:
        others.setdefault(person.email.lower(), person)
    return [person for address, person in others.items() if address not in there]


def identity_for(email: Email, identities: Sequence[Identity]) -> Identity:
    """The identity to answer as: the one that it was sent to, or from; else the mailbox's first."""
    people = [*(email.to or []), *(email.cc or []), *(email.from_ or []), *(email.bcc or [])]
    addresses = {person.email.lower() for person in people}
    return next((known for known in identities if known.email.lower() in addresses), identities[0])


def continued_draft(account: str, email: Email, text: str, identities: Sequence[Identity]) -> Draft:
    """A draft that lies at the desk, to be gone on with. It keeps its files and what it answers."""
    sender = (email.from_[0].email if email.from_ else "").lower()
    identity = next((known for known in identities if known.email.lower() == sender), identities[0])
    always = {person.email.lower() for person in identity.bcc or ()}
    return Draft(
        account=account,
        identity=identity.id,
        to=written(email.to or []),
        cc=written(email.cc or []),
        bcc=written([person for person in email.bcc or () if person.email.lower() not in always]),
        subject=email.subject or "",
        body=text.replace("\r\n", "\n"),
        in_reply_to=list(email.in_reply_to or []),
        references=list(email.references or []),
        thread=email.thread_id,
        at_desk=email.id,
        attachments=[
            Attached(part.blob_id, part.name or "", part.type, part.size)
            for part in email.attachments
            if part.blob_id
        ],
    )


def quotation(email: Email, text: str, now: datetime | None = None) -> str:
    """The text that is answered, without its signature, with who wrote it and when."""
    sender = full_address(email.from_[0]) if email.from_ else "someone"
    date = long_date(email.sent_at or email.received_at, now)
    return f"{attribution(sender, date)}\n{quote(without_signature(text).strip(chr(10)))}\n"


def written(people: Sequence[EmailAddress]) -> str:
    """Recipients as one types them; a name with a comma or the like is quoted."""
    return ", ".join(_written(person) for person in people)


def _written(person: EmailAddress) -> str:
    name = (person.name or "").strip()
    if not person.email.strip('"'):
        return name  # See `recipients_so_far`.
    if any(character in '()<>@,;:\\".[]' for character in name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{person.email}>" if name else person.email


def recipients(text: str) -> list[EmailAddress]:
    """Read a line of recipients.

    :raises InvalidRecipients: one of them is no address.
    """
    from email.utils import getaddresses

    if not text.isprintable():
        raise InvalidRecipients("A line of recipients holds a character that cannot be seen: write it anew.")
    if '"' not in text:
        text = ", ".join(part.strip() for part in re.split("[,;]", text) if part.strip())
    people = []
    for name, address in getaddresses([text]) if text.strip() else ():
        local, at, domain = address.rpartition("@")
        if not at or not local or not domain or any(c.isspace() or not c.isprintable() for c in address):
            raise InvalidRecipients(f"“{address or name or text}” is no address: write name@example.org.")
        people.append(EmailAddress(address, name or None))
    return people


def recipients_so_far(text: str) -> list[EmailAddress]:
    """Read a line of recipients for a draft: what is no address yet is a name without one, as it is typed."""
    people = []
    for part in re.findall('(?:"[^"]*"|[^,;])+', text):
        try:
            people += recipients(part)
        except InvalidRecipients:
            people.append(EmailAddress("", " ".join(part.split())))
    return people


Reading = Callable[[str], list[EmailAddress]]


def outgoing(draft: Draft, identity: Identity, folder: str, *, read: Reading = recipients) -> dict[str, Any]:
    """The Email to create in `folder`, as a draft.

    :raises InvalidRecipients: a recipient is no address.
    """
    bcc = [*read(draft.bcc), *(identity.bcc or [])]
    return {
        "mailboxIds": {folder: True},
        "keywords": {Keyword.DRAFT: True, Keyword.SEEN: True},
        "from": [_wire(EmailAddress(identity.email, identity.name or None))],
        "to": [_wire(person) for person in read(draft.to)],
        "cc": [_wire(person) for person in read(draft.cc)],
        "bcc": [_wire(person) for person in bcc],
        "replyTo": [_wire(person) for person in identity.reply_to] if identity.reply_to else None,
        "subject": " ".join(draft.subject.split()),
        "inReplyTo": draft.in_reply_to or None,
        "references": draft.references or None,
        "textBody": [{"type": "text/plain", "partId": "text"}],
        "bodyValues": {"text": {"value": draft.body}},
        "attachments": [
            {"blobId": file.blob, "name": file.name, "type": file.type, "disposition": "attachment"}
            for file in draft.attachments
        ],
    }


def submission(draft: Draft) -> dict[str, str]:
    """The EmailSubmission of the Email that the same request creates as `email` (RFC 8621 §7.5)."""
    seen = {"threadState": draft.thread_state} if draft.thread_state else {}
    return {"identityId": draft.identity, "emailId": "#email", **seen}


def once_sent(drafts: str, sent: str | None) -> dict[str, bool | None]:
    """What changes in the Email when it is submitted: no draft any more, and from `drafts` into `sent`."""
    moved = {f"mailboxIds/{drafts}": None, f"mailboxIds/{sent}": True} if sent not in (None, drafts) else {}
    return {f"keywords/{Keyword.DRAFT}": None, **moved}


def check_recipients(draft: Draft) -> int:
    """How many people get it.

    :raises NoRecipients: nobody.
    :raises InvalidRecipients: one of them is no address.
    """
    number = sum(len(recipients(text)) for text in (draft.to, draft.cc, draft.bcc))
    if not number:
        raise NoRecipients("There is nobody to send it to: fill in To.")
    return number


def _wire(person: EmailAddress) -> dict[str, Any]:
    return {"name": person.name, "email": person.email}
