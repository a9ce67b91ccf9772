"""Errors of one object of a change, a /set (RFC 8620 §5.3, RFC 8621). Owns their words only."""

from __future__ import annotations

from typing import Any

from shinbox.errors.base import ShinboxError


class SetError(ShinboxError):
    """This could not be changed: look at it again."""

    exit_code = 2


class SetForbidden(SetError):
    """You may not do this: whoever manages the mailbox can change that."""

    jmap_type = "forbidden"
    exit_code = 3


class NotFound(SetError):
    """This is not there, or not shared with you: look again."""

    jmap_type = "notFound"
    exit_code = 3


class InvalidPatch(SetError):
    """This change does not fit what is there by now: look at it again."""

    jmap_type = "invalidPatch"


class InvalidProperties(SetError):
    """Something in this is missing, unknown or of the wrong form: look at it again."""

    jmap_type = "invalidProperties"

    def __init__(self, detail: str = "", *, properties: list[str] | None = None, **extra: Any) -> None:
        super().__init__(detail, **({"properties": properties} if properties else {}), **extra)


class AlreadyExists(SetError):
    """There is one already: change that one."""

    jmap_type = "alreadyExists"


class WillDestroy(SetError):
    """This is being deleted at the same time: do one of both."""

    jmap_type = "willDestroy"


class Singleton(SetError):
    """There is exactly one of these: change it instead."""

    jmap_type = "singleton"


class OverQuota(SetError):
    """The mailbox is full: delete what is not needed, or ask whoever runs the mail server for more room."""

    jmap_type = "overQuota"


class TooLarge(SetError):
    """The message is larger than the mail server accepts: take off files, or send a link."""

    jmap_type = "tooLarge"


class BlobNotFound(SetError):
    """An attachment is no longer there: attach it again."""

    jmap_type = "blobNotFound"


class InvalidEmail(SetError):
    """This is not a message that can be kept or sent: look at its addresses and files."""

    jmap_type = "invalidEmail"


class MailboxHasChild(SetError):
    """The folder has folders inside it: move or delete those first."""

    jmap_type = "mailboxHasChild"


class MailboxHasEmail(SetError):
    """The folder still holds messages: move or delete those first."""

    jmap_type = "mailboxHasEmail"


class NoRecipients(SetError):
    """The message has no recipients: say whom it goes to."""

    jmap_type = "noRecipients"


class InvalidRecipients(SetError):
    """A recipient's address is not valid: correct it."""

    jmap_type = "invalidRecipients"


class TooManyRecipients(SetError):
    """The message has too many recipients: send it in parts."""

    jmap_type = "tooManyRecipients"


class ForbiddenFrom(SetError):
    """You may not send from this address: choose another, or ask whoever manages the mailbox."""

    jmap_type = "forbiddenFrom"
    exit_code = 3


class ForbiddenMailFrom(SetError):
    """You may not send with this return address: choose another sender."""

    jmap_type = "forbiddenMailFrom"
    exit_code = 3


class ForbiddenToSend(SetError):
    """You may not send from this mailbox: whoever manages it can change that."""

    jmap_type = "forbiddenToSend"
    exit_code = 3


class CannotUnsend(SetError):
    """The message has already left: write another to correct it."""

    jmap_type = "cannotUnsend"


class ThreadMoved(SetError):
    """The conversation moved on since you started to answer: read what came in, then send again."""

    jmap_type = "urn:shinbox:threadMoved"
    exit_code = 5


class DraftLocked(SetError):
    """A colleague is writing this draft: wait until they are done, or take it over."""

    jmap_type = "urn:shinbox:draftLocked"
    exit_code = 5


class DraftChanged(SetError):
    """Somebody has gone on with this draft since you saw it: open it again to see their text."""

    jmap_type = "urn:shinbox:draftChanged"
    exit_code = 5


class DraftEnded(SetError):
    """This draft is gone: somebody has sent, kept or discarded it. Send yours all the same, or discard it."""

    jmap_type = "urn:shinbox:draftEnded"
    exit_code = 5


class ServerForbids(SetError):
    """The mail server does not allow this: whoever runs it can change that."""

    jmap_type = "urn:shinbox:serverForbids"
    exit_code = 3


class InvalidField(InvalidProperties):
    """A field holds a character that must not be sent (a line break or a null): take it out."""
