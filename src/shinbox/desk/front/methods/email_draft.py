"""Email/set create (RFC 8621 §4.6): a draft, built from its properties.

Owns what such a creation may say and how it becomes the message that mime/build.py writes. The raw message
is on the disk before its row is written, its row before the caller hears of it.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import header_forms
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.front.methods.draft_body import BODY, DraftBody, read_body
from shinbox.desk.front.methods.email_placing import check_kept, checked_date, mailbox_rows, publish
from shinbox.desk.store.arrival import new_email
from shinbox.errors import InvalidArguments, InvalidProperties, ShinboxError
from shinbox.jmap.objects import SetBy, TypeProperty
from shinbox.mime import headers
from shinbox.mime.build import OutgoingMessage, build
from shinbox.mime.model import Address
from shinbox.mime.parse import ParsedMessage, parse

_CONVENIENT: Final = {
    "from": "from",
    "sender": "sender",
    "replyTo": "reply-to",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "subject": "subject",
    "sentAt": "date",
    "messageId": "message-id",
    "inReplyTo": "in-reply-to",
    "references": "references",
}
"""Properties that stand for a header of the message (RFC 8621 §4.1.3)."""
INLINE_BYTES: Final = 500_000
"""Attachments larger than this are not encoded while the transaction holds everyone else up."""
_FORM_TYPES: Final[dict[str, Any]] = {
    "Raw": str,
    "Text": str,
    "Addresses": list[dict[str, str | None]],
    "GroupedAddresses": list[dict[str, Any]],
    "MessageIds": list[str],
    "Date": str,
    "URLs": list[str],
}


def header_type(name: str) -> TypeProperty | None:
    """A header:… property as something that a creation may set; None: it is no such property."""
    try:
        asked = header_forms.parse_property(name)
    except InvalidArguments:
        return None
    form: Any = _FORM_TYPES[asked.form]
    several: Any = types.GenericAlias(list, form)
    return TypeProperty(name, (several if asked.all else form) | None, SetBy.CREATE, None)


def check(new: Mapping[str, Any], given: Collection[str]) -> None:
    """Refuse a creation that cannot become a message (RFC 8621 §4.6).

    :raises InvalidProperties: it says which property.
    """
    if new["receivedAt"]:
        checked_date(new["receivedAt"], "receivedAt")
    seen: dict[str, str] = {}
    for name in given:
        header = _header_of(name)
        if header is None:
            continue
        if header.startswith("content-") or header == "mime-version":
            raise InvalidProperties(f"{header} is set with the body.", properties=[name])
        if header in seen:
            raise InvalidProperties(f"{header} stands there twice.", properties=sorted([name, seen[header]]))
        seen[header] = name


def _header_of(name: str) -> str | None:
    if name.startswith("header:"):
        return header_forms.parse_property(name).header.lower()
    return _CONVENIENT.get(name)


def make(call: Call, handler: TypeHandler, new: Mapping[str, Any]) -> int:
    """Build the draft and publish it; its row.

    :raises SetError: its body cannot be built (blobNotFound, invalidProperties, tooLarge).
    """
    check_kept(call, new["mailboxIds"], new["keywords"])
    body = read_body(call, handler, {name: new[name] for name in BODY})
    parsed, blob_hash = _written(call, _message(call, new, body))
    return publish(
        call,
        new_email(
            parsed,
            received_at=checked_date(new["receivedAt"], "receivedAt") if new["receivedAt"] else call.now_text,
            mailboxes=mailbox_rows(new["mailboxIds"]),
            keywords=frozenset(new["keywords"]),
            blob_hash=blob_hash,
        ),
    )


def _written(call: Call, message: OutgoingMessage) -> tuple[ParsedMessage, str]:
    """The message built and read back, and its file's hash: durable before the transaction that names it.

    A large one is written outside the transaction, known again by its place among the call's drafts.
    """

    def write() -> tuple[ParsedMessage, str]:
        raw = build(message)
        return parse(raw), call.desk.blobs.put(raw)

    if sum(len(file.content) for file in message.attachments) <= INLINE_BYTES:
        return write()
    call.scratch["large drafts"] = number = call.scratch.get("large drafts", 0) + 1
    key = ("draft", number, message.subject, tuple(file.content for file in message.attachments))
    written = call.run.outside({key: write})[key]
    if isinstance(written, ShinboxError):
        raise written
    assert isinstance(written, tuple)
    return written


@dataclass
class _Fields:
    """The header as it comes together: what the message has fields for, and the rest in order."""

    people: dict[str, list[Address]] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    subject: str = ""
    date: datetime | None = None
    others: list[tuple[str, str]] = field(default_factory=list)


_PEOPLE: Final = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
_MESSAGE_IDS: Final = frozenset({"message-id", "in-reply-to", "references"})


def _message(call: Call, new: Mapping[str, Any], body: DraftBody) -> OutgoingMessage:
    found = _Fields()
    for name, value in new.items():
        if value is None:
            continue
        if name in _CONVENIENT:
            _put(found, _CONVENIENT[name], name, _native(_CONVENIENT[name], value))
        elif name.startswith("header:"):
            _put_header(found, name, value)
    own_ids = found.ids.get("message-id", [])
    if len(own_ids) > 1:
        raise InvalidProperties("A message has one Message-ID.", properties=["messageId"])
    return OutgoingMessage(
        from_=found.people.get("from", []),
        to=found.people.get("to", []),
        subject=found.subject,
        text=body.text,
        message_id=own_ids[0] if own_ids else new_message_id(call, found.people.get("from", [])),
        date=found.date or datetime.fromtimestamp(call.now, UTC),
        cc=found.people.get("cc", []),
        bcc=found.people.get("bcc", []),
        reply_to=found.people.get("reply-to", []),
        sender=found.people.get("sender", []),
        html=body.html,
        attachments=body.attachments,
        in_reply_to=found.ids.get("in-reply-to", []),
        references=found.ids.get("references", []),
        extra_headers=found.others,
    )


def new_message_id(call: Call, from_: list[Address]) -> str:
    """A Message-ID that tells nothing: random, at the sender's domain."""
    address = from_[0].email if from_ else str(call.account["address"])
    domain = address.rpartition("@")[2] or "localhost"
    return f"{call.desk.random(16).hex()}@{domain}"


def _native(header: str, value: Any) -> Any:
    """A convenience property's value as the header's own form."""
    if header in _PEOPLE:
        return [Address(each.get("name"), each["email"]) for each in value]
    return value


def _put_header(found: _Fields, name: str, value: Any) -> None:
    asked = header_forms.parse_property(name)
    header = asked.header.lower()
    known = header in _PEOPLE | _MESSAGE_IDS | {"subject", "date"}
    values = value if asked.all else [value]
    if known and len(values) > 1:
        raise InvalidProperties(f"A message has one {asked.header}.", properties=[name])
    for each in values:
        if known:
            _put(found, header, name, _known(header, asked.form, each))
        else:
            found.others.append((asked.header, _as_text(asked.form, each, name)))


def _put(found: _Fields, header: str, name: str, value: Any) -> None:
    if header in _PEOPLE:
        found.people[header] = value
    elif header in _MESSAGE_IDS:
        found.ids[header] = value
    elif header == "subject":
        found.subject = value
    else:
        found.date = _moment(value, name)


def _known(header: str, form: str, value: Any) -> Any:
    """A header:… value as the header's own form."""
    if form == "Raw":
        if header in _PEOPLE:
            return headers.as_addresses(value)
        if header in _MESSAGE_IDS:
            return headers.as_message_ids(value) or []
        return headers.as_date(value) if header == "date" else headers.as_text(value)
    if form == "GroupedAddresses":
        return [_address(each) for group in value for each in group.get("addresses", [])]
    return [_address(each) for each in value] if form == "Addresses" else value


def _address(value: Json) -> Address:
    if not isinstance(value.get("email"), str):
        raise InvalidProperties("An address has an email.")
    return Address(value.get("name"), value["email"])


def _moment(text: Any, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidProperties(f"{name}: “{text}” is no date.", properties=[name]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _as_text(form: str, value: Any, name: str) -> str:
    """A value of a header that the message has no field for, as its text."""
    if form == "Raw":
        return headers.as_text(value)
    if form == "Date":
        return format_datetime(_moment(value, name))
    if form == "MessageIds":
        return " ".join(f"<{each}>" for each in value)
    if form == "URLs":
        return ", ".join(f"<{each}>" for each in value)
    if form == "Addresses":
        return _people_text(value)
    if form == "GroupedAddresses":
        return ", ".join(_group_text(each) for each in value)
    return str(value)


def _people_text(people: list[Json]) -> str:
    written = [_address(each) for each in people]
    return ", ".join(f'"{each.name}" <{each.email}>' if each.name else each.email for each in written)


def _group_text(group: Json) -> str:
    people = _people_text(group.get("addresses", []))
    return f"{group['name']}: {people};" if group.get("name") else people
