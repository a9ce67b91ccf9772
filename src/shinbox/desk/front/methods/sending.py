"""What leaves the desk: the From and Sender that a person may use, the envelope, the very bytes.

Owns the rules of RFC 8621 §7.5 and BEHAVIOURS.md (Sending) about one message. Queues nothing and asks for
no right: whether somebody may send at all was decided before, how they may is read from the Decision.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods.email_draft import new_message_id
from shinbox.desk.store import identities, users
from shinbox.desk.store.leaving import is_one_of
from shinbox.errors import (
    ForbiddenFrom,
    ForbiddenMailFrom,
    InvalidEmail,
    InvalidField,
    InvalidProperties,
    InvalidRecipients,
    NoRecipients,
    TooManyRecipients,
)
from shinbox.mime import fields
from shinbox.mime.build import strip_bcc
from shinbox.mime.model import Address
from shinbox.mime.parse import ParsedMessage
from shinbox.mime.split import header_end
from shinbox.terms import Right

MOST_RECIPIENTS: Final = 500
_SENDER: Final = re.compile(rb"(?im)^sender[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)")
_ONCE: Final = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id")
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_ADDRESS: Final = re.compile(r"[^\s@<>\x00-\x1f\x7f]+@[^\s@<>\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Outgoing:
    """A message ready to be sent: the bytes, who is told about it, its Message-ID without <>."""

    wire: bytes
    envelope: Json
    message_id: str


def with_mail_lines(raw: bytes) -> bytes:
    """The message with CRLF after every line, as it will travel; what is sent is checked in this form.

    A lone CR or LF would let a message end early at a server that takes it for a line's end, and a header
    that hides behind one be read by others than by us.
    """
    return _LINE_END.sub(b"\r\n", raw)


def prepare(call: Call, raw: bytes, message: ParsedMessage, envelope: Json | None) -> Outgoing:
    """Check a message, given in the lines that it travels in, and fix what is sent.

    :raises SetError: forbiddenFrom, forbiddenMailFrom, invalidEmail, noRecipients, invalidRecipients or
        tooManyRecipients.
    """
    own = [row["email"] for row in identities.of_account(call.tx, call.account_row)]
    if b"\0" in raw:
        raise InvalidEmail("The message holds a null byte, which no mail server takes: take it out.")
    _check_once(message)
    if not message.from_:
        raise InvalidEmail("The message has no From address.", properties=["from"])
    foreign = [address.email for address in message.from_ if not is_one_of(address.email, own)]
    if foreign:
        raise ForbiddenFrom(f"“{foreign[0]}” is no identity of this mailbox.")
    sender = _sender(call, message, own)
    told = _envelope(message, envelope, own)
    ids = message.message_id or [new_message_id(call, message.from_)]
    return Outgoing(_wire(call, raw, message, sender, ids[0]), told, ids[0])


def _check_once(message: ParsedMessage) -> None:
    """Refuse two From lines and the like (RFC 5322 §3.6): which of them counts, every reader decides anew."""
    counts = Counter(name.strip().lower() for name, _ in message.headers)
    twice = [name for name in _ONCE if counts[name] > 1]
    if twice:
        raise InvalidEmail(f"The message has more than one {twice[0]} header.")


def _sender(call: Call, message: ParsedMessage, own: Sequence[str]) -> Address | None:
    """The person, when their share lets them send on behalf of the mailbox; else what the draft says."""
    person = users.get(call.tx, call.actor.user_id)
    address = person["email"] if person is not None else None
    if Right.SUBMIT not in call.decision.account_rights:
        if not address or person is None:
            raise ForbiddenFrom(
                "You send on behalf of this mailbox, and the desk knows no address of yours:"
                " ask its administrator to add one."
            )
        return Address(person["display_name"] or person["name"], address)
    for given in message.sender:
        if not is_one_of(given.email, [*own, *([address] if address else [])]):
            raise ForbiddenFrom(f"“{given.email}” is neither yours nor this mailbox's (Sender).")
    return None


def _envelope(message: ParsedMessage, given: Json | None, own: Sequence[str]) -> Json:
    if given is not None:
        told = given
        if any(each.get("parameters") for each in [given["mailFrom"], *given["rcptTo"]]):
            # submissionExtensions promises none: a HOLDFOR that is ignored would send too early.
            raise InvalidProperties(
                "The desk gives the mail server no parameters with an address.", properties=["envelope"]
            )
        back = given["mailFrom"]["email"]
        if not _ADDRESS.fullmatch(back) or not is_one_of(back, own):
            raise ForbiddenMailFrom(f"“{back}” is no identity of this mailbox.")
    else:
        # A person's own address in Sender is no address that the mailbox's server sends for.
        senders = [a.email for a in [*message.sender, *message.from_] if is_one_of(a.email, own)]
        people = [a.email for a in [*message.to, *message.cc, *message.bcc]]
        told = {
            "mailFrom": {"email": senders[0], "parameters": None},
            "rcptTo": [{"email": email, "parameters": None} for email in _distinct(people)],
        }
    _check_recipients([each["email"] for each in told["rcptTo"]])
    return told


def _distinct(addresses: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for address in addresses:
        local, at, domain = address.rpartition("@")
        found.setdefault(f"{local}{at}{domain.casefold()}", address)
    return list(found.values())


def _check_recipients(addresses: Sequence[str]) -> None:
    if not addresses:
        raise NoRecipients()
    if len(addresses) > MOST_RECIPIENTS:
        raise TooManyRecipients(maxRecipients=MOST_RECIPIENTS)
    wrong = [address for address in addresses if not _ADDRESS.fullmatch(address)]
    if wrong:
        raise InvalidRecipients(f"“{wrong[0]}” is no mail address.", invalidRecipients=wrong)


def _wire(call: Call, raw: bytes, message: ParsedMessage, sender: Address | None, message_id: str) -> bytes:
    """The bytes: Bcc out, Sender in, what must be there there."""
    added = b""
    content = strip_bcc(raw)
    try:
        if sender is not None:
            end, _ = header_end(content, 0, len(content))
            content = _SENDER.sub(b"", content[:end]) + content[end:]
            added += fields.field("Sender", fields.address_tokens([sender], "sender"))
        if not message.message_id:
            added += fields.field("Message-ID", fields.id_tokens([message_id], "messageId"))
        if message.header("date") is None:
            added += fields.field("Date", [format_datetime(datetime.fromtimestamp(call.now, UTC))])
    except InvalidField as wrong:
        raise InvalidEmail(str(wrong)) from None
    return added + content
