"""Email: one message (RFC 8621 §4), and the parts it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from shinbox.jmap.objects.base import Change, Demand, Immutable, JmapObject, Mutable, ServerSet, declare, on
from shinbox.terms import MAIL, Keyword, Right, Role


class EmailAddress(msgspec.Struct, frozen=True):
    """A mailbox address with its display name (RFC 8621 §4.1.2.3)."""

    email: str
    name: str | None = None


class EmailBodyPart(msgspec.Struct, rename="camel", kw_only=True):
    """One MIME part (RFC 8621 §4.1.4); `part_id` is None on multiparts, `sub_parts` None on leaves."""

    part_id: str | None = None
    blob_id: str | None = None
    size: int = 0
    headers: list[dict[str, str]] = []
    name: str | None = None
    type: str = "text/plain"
    charset: str | None = None
    disposition: str | None = None
    cid: str | None = None
    language: list[str] | None = None
    location: str | None = None
    sub_parts: list[EmailBodyPart] | None = None


class EmailBodyValue(msgspec.Struct, rename="camel", kw_only=True):
    """The text of a text part (RFC 8621 §4.1.4)."""

    value: str
    is_encoding_problem: bool = False
    is_truncated: bool = False


class EmailReport(msgspec.Struct, rename="camel", kw_only=True):
    """What became of a message sent before, as a bounce, receipt or complaint claims it (ours).

    `kind`: failed, delayed, delivered, relayed, expanded, read, deleted, complaint. `sentence` says it all.
    """

    kind: str
    sentence: str
    recipients: list[str] = []
    about_message_id: str | None = None
    about_subject: str | None = None


class EventMoment(msgspec.Struct, rename="camel", kw_only=True):
    """When an event begins or ends (ours): a date, or a local time in `time_zone`; null: wherever one is."""

    at: str
    time_zone: str | None = None


class EventPerson(msgspec.Struct, rename="camel", kw_only=True):
    """Who is invited (ours); `answer`: accepted, declined, tentative, delegated, needs-action."""

    email: str
    name: str | None = None
    answer: str = "needs-action"
    is_optional: bool = False


class EmailInvitation(msgspec.Struct, rename="camel", kw_only=True):
    """The event that a message is about (RFC 5546; ours). `state`: in words, for the mailbox it came to."""

    method: str
    summary: str
    state: str
    starts: EventMoment | None = None
    ends: EventMoment | None = None
    location: str = ""
    repeats: str = ""
    organizer: EventPerson | None = None
    attendees: list[EventPerson] = []


class EmailProtection(msgspec.Struct, rename="camel", kw_only=True):
    """How a message is signed or encrypted by its own account (ours): nothing of it was checked."""

    kind: str
    method: str
    sentence: str


Addresses = list[EmailAddress] | None


@declare
class Email(JmapObject):
    """A message. Only `mailbox_ids` and `keywords` change after creation.

    Ours, only told when asked for by name: `defects`, what is wrong with the message as it arrived, and
    `undelivered`, who did not get it though it was sent, and why, both for a person; and what its body has to
    be fetched for: `report`, `invitation`, `protection`, and `embedded_files`, those that are no parts of it
    (uuencoded in its text, packed in a winmail.dat).
    """

    TYPE: ClassVar[str] = "Email"
    CAPABILITY: ClassVar[str] = MAIL
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "query", "changes", "import"})
    OURS: ClassVar[frozenset[str]] = frozenset(
        {"defects", "undelivered", "report", "invitation", "protection", "embeddedFiles"}
    )

    id: ServerSet[str] = ""
    blob_id: ServerSet[str] = ""
    thread_id: ServerSet[str] = ""
    mailbox_ids: Mutable[dict[str, bool]] = {}
    keywords: Mutable[dict[str, bool]] = {}
    size: ServerSet[int] = 0
    received_at: Immutable[str] = ""
    message_id: Immutable[list[str] | None] = None
    in_reply_to: Immutable[list[str] | None] = None
    references: Immutable[list[str] | None] = None
    sender: Immutable[Addresses] = None
    from_: Immutable[Addresses] = msgspec.field(name="from", default=None)
    to: Immutable[Addresses] = None
    cc: Immutable[Addresses] = None
    bcc: Immutable[Addresses] = None
    reply_to: Immutable[Addresses] = None
    subject: Immutable[str | None] = None
    sent_at: Immutable[str | None] = None
    headers: ServerSet[list[dict[str, str]]] = []
    body_structure: Immutable[EmailBodyPart | None] = None
    body_values: Immutable[dict[str, EmailBodyValue]] = {}
    text_body: Immutable[list[EmailBodyPart]] = []
    html_body: Immutable[list[EmailBodyPart]] = []
    attachments: Immutable[list[EmailBodyPart]] = []
    has_attachment: ServerSet[bool] = False
    preview: ServerSet[str] = ""
    defects: ServerSet[list[str]] = []
    undelivered: ServerSet[str | None] = None
    report: ServerSet[EmailReport | None] = None
    invitation: ServerSet[EmailInvitation | None] = None
    protection: ServerSet[EmailProtection | None] = None
    embedded_files: ServerSet[list[EmailBodyPart]] = []

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Flags ask their right in every folder the message lies in; a move asks both ends."""
        if change.old is None:
            return frozenset(on(m, Right.ADD) for m in (change.new or {}).get("mailboxIds", {}))
        old_boxes = set(change.old["mailboxIds"])
        if change.new is None:
            return frozenset(on(m, Right.REMOVE) for m in old_boxes)
        new_boxes = set(change.new["mailboxIds"])
        wanted = _move_demands(old_boxes, new_boxes, change.roles)
        before, after = set(change.old["keywords"]), set(change.new["keywords"])
        flipped = before ^ after
        if Keyword.SEEN in flipped:
            wanted |= {on(m, Right.SET_SEEN) for m in old_boxes}
        if flipped - {Keyword.SEEN}:
            wanted |= {on(m, Right.SET_KEYWORDS) for m in old_boxes}
        return frozenset(wanted)

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """A message is seen by whoever may read one of the folders it lies in."""
        return frozenset(on(m, Right.READ) for m in value["mailboxIds"])


def _move_demands(old: set[str], new: set[str], roles: Mapping[str, Role | None]) -> set[Demand]:
    gone, come = old - new, new - old
    if come and not gone:
        return {on(m, Right.ADD) for m in come}
    if gone and not come:
        return {on(m, Right.REMOVE) for m in gone}
    to_trash = any(roles.get(m) is Role.TRASH for m in come)
    if to_trash:
        return {on(m, Right.REMOVE) for m in gone} | {on(m, Right.ADD) for m in come}
    return {on(m, Right.MOVE, Right.REMOVE) for m in gone} | {on(m, Right.MOVE, Right.ADD) for m in come}
