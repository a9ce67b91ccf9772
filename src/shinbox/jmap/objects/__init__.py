"""The data types, each declared once, and the registry of them all.

Importing this package declares every type; `TYPES` maps a JMAP type name to its declaration.
Pure: no I/O, no knowledge of which side of the wire it runs on.
"""

from __future__ import annotations

from shinbox.jmap.objects.account import Account
from shinbox.jmap.objects.audit import AuditEntry
from shinbox.jmap.objects.base import (
    TYPES,
    Alternatives,
    Change,
    Demand,
    JmapObject,
    ObjectType,
    SetBy,
    TypeProperty,
)
from shinbox.jmap.objects.connection import Connection
from shinbox.jmap.objects.draft import Draft, DraftFile
from shinbox.jmap.objects.email import (
    Email,
    EmailAddress,
    EmailBodyPart,
    EmailBodyValue,
    EmailInvitation,
    EmailProtection,
    EmailReport,
    EventMoment,
    EventPerson,
)
from shinbox.jmap.objects.grant import Grant
from shinbox.jmap.objects.identity import Identity
from shinbox.jmap.objects.intent import Intent
from shinbox.jmap.objects.job import Job
from shinbox.jmap.objects.mailbox import Mailbox
from shinbox.jmap.objects.person import Person
from shinbox.jmap.objects.presence import Presence
from shinbox.jmap.objects.principals import Team, User
from shinbox.jmap.objects.submission import EmailSubmission
from shinbox.jmap.objects.thread import Thread

__all__ = [
    "TYPES",
    "Account",
    "Alternatives",
    "AuditEntry",
    "Change",
    "Connection",
    "Demand",
    "Draft",
    "DraftFile",
    "Email",
    "EmailAddress",
    "EmailBodyPart",
    "EmailBodyValue",
    "EmailInvitation",
    "EmailProtection",
    "EmailReport",
    "EmailSubmission",
    "EventMoment",
    "EventPerson",
    "Grant",
    "Identity",
    "Intent",
    "JmapObject",
    "Job",
    "Mailbox",
    "ObjectType",
    "Person",
    "Presence",
    "SetBy",
    "Team",
    "Thread",
    "TypeProperty",
    "User",
]
