"""EmailSubmission: an email on its way out (RFC 8621 §7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from shinbox.jmap.objects.base import Change, Demand, Immutable, JmapObject, Mutable, ServerSet, declare, on
from shinbox.terms import SUBMISSION, Right


class SubmissionAddress(msgspec.Struct, frozen=True):
    """An envelope address (RFC 8621 §7)."""

    email: str
    parameters: dict[str, str | None] | None = None


class Envelope(msgspec.Struct, rename="camel", frozen=True):
    """Who SMTP is told about (RFC 8621 §7)."""

    mail_from: SubmissionAddress
    rcpt_to: list[SubmissionAddress]


class DeliveryStatus(msgspec.Struct, rename="camel", frozen=True):
    """What became of one recipient (RFC 8621 §7)."""

    smtp_reply: str = ""
    delivered: str = "unknown"
    displayed: str = "unknown"


@declare
class EmailSubmission(JmapObject):
    """A message being sent. Ours beside the RFC's:

    `thread_state`: the state of the thread the reply was written against (the send gate);
    `error`: why it did not leave, in a sentence; `sent_by`: the user id of the person;
    `sent_copy`: where the copy in Sent stands: "none", "pending", "done" or "failed".
    """

    TYPE: ClassVar[str] = "EmailSubmission"
    CAPABILITY: ClassVar[str] = SUBMISSION
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes", "query"})
    OURS: ClassVar[frozenset[str]] = frozenset({"threadState", "error", "sentBy", "sentCopy"})

    id: ServerSet[str] = ""
    identity_id: Immutable[str] = ""
    email_id: Immutable[str] = ""
    thread_id: ServerSet[str] = ""
    envelope: Immutable[Envelope | None] = None
    send_at: ServerSet[str] = ""
    undo_status: Mutable[str] = "pending"
    delivery_status: ServerSet[dict[str, DeliveryStatus] | None] = None
    dsn_blob_ids: ServerSet[list[str]] = []
    mdn_blob_ids: ServerSet[list[str]] = []
    thread_state: Immutable[str | None] = None
    error: ServerSet[str | None] = None
    sent_by: ServerSet[str] = ""
    sent_copy: ServerSet[str] = "none"

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Sending, recalling and settling all ask for the right to send."""
        return frozenset({on(None, Right.SUBMIT, Right.SEND_ON_BEHALF)})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Whoever reads the account sees what leaves it."""
        return frozenset({on(None, Right.READ)})
