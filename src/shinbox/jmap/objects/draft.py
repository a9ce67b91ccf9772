"""Draft: a text being written, kept at the desk while it grows (under urn:shinbox:desk).

It is no email: it changes with every pause of the writer's hands, and ends when it is postponed or sent. Who
may send from the mailbox may write and see drafts; whoever only reads it sees them when they are postponed:
as emails in Drafts. Of those who may send, a colleague's draft is for those who see what it answers and may
read the folder of drafts (desk/front/methods/draft_sight.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec

from shinbox.jmap.objects.base import Change, Demand, Immutable, JmapObject, Mutable, ServerSet, declare, on
from shinbox.jmap.objects.person import Person
from shinbox.terms import DESK_CAPABILITY, Right

SENDERS: Final = on(None, Right.SUBMIT, Right.SEND_ON_BEHALF)
"""Writing is for those who may send what was written."""


class DraftFile(msgspec.Struct, rename="camel", frozen=True):
    """A file that goes along: an upload of the one who attached it, or a part of a message."""

    blob_id: str
    name: str
    type: str
    size: int


@declare
class Draft(JmapObject):
    """What was typed; not what it means: `to` is the line of recipients as it stands.

    `revision` counts the changes: an update says which it was made against. `writer` holds the lease just
    now, null where nobody does; an update takes or renews it, setting it to null gives it up. `email_id` is
    what is answered, `replaces_id` an email in Drafts that this goes on with. Arguments of Draft/set:
    `lease`, the editor's own word (another terminal of the same person is another editor), and `takeOver`,
    true to end a colleague's lease.
    """

    TYPE: ClassVar[str] = "Draft"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes", "query"})

    id: ServerSet[str] = ""
    identity_id: Mutable[str | None] = None
    to: Mutable[str] = ""
    cc: Mutable[str] = ""
    bcc: Mutable[str] = ""
    subject: Mutable[str] = ""
    text: Mutable[str] = ""
    attachments: Mutable[list[DraftFile]] = []
    email_id: Immutable[str | None] = None
    thread_id: ServerSet[str | None] = None
    replaces_id: Immutable[str | None] = None
    in_reply_to: Immutable[list[str]] = []
    references: Immutable[list[str]] = []
    thread_state: Immutable[str | None] = None
    participants: Immutable[list[str]] = []
    revision: Mutable[int] = 0
    writer: Mutable[Person | None] = None
    started_by: ServerSet[Person | None] = None
    started_at: ServerSet[str] = ""
    edited_by: ServerSet[Person | None] = None
    edited_at: ServerSet[str] = ""

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """To write is to be about to send; without reading the mailbox nobody writes for it."""
        return frozenset({SENDERS, on(None, Right.READ)})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """A half-written text is for those who might go on with it."""
        return frozenset({SENDERS})
