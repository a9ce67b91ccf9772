"""Every error that crosses a room's wall.

The docstring of a class is what a person reads; `jmap_type` is what the wire says (RFC 8620 §3.6,
§5.3) and `exit_code` is what the command line returns. Owns no handling: who catches what is decided
where it is caught.
"""

from __future__ import annotations

from typing import Any, ClassVar


class ShinboxError(Exception):
    """Something went wrong: try again."""

    jmap_type: ClassVar[str] = "serverFail"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra

    def __str__(self) -> str:
        return self.detail or self.message()

    @classmethod
    def message(cls) -> str:
        """The first line of the docstring: the sentence for a person."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


# --- requests (RFC 8620 §3.6) -------------------------------------------------------------------


class RequestError(ShinboxError):
    """The request could not be read: the program that sent it may be older or newer than the desk."""

    status: ClassVar[int] = 400
    exit_code = 2


class NotJson(RequestError):
    """The request is not valid I-JSON: the program that sent it has a fault."""

    jmap_type = "urn:ietf:params:jmap:error:notJSON"


class NotRequest(RequestError):
    """The request is JSON, but not a JMAP request: the program that sent it has a fault."""

    jmap_type = "urn:ietf:params:jmap:error:notRequest"


class UnknownCapability(RequestError):
    """The request uses a capability that this desk does not have: a newer desk may have it."""

    jmap_type = "urn:ietf:params:jmap:error:unknownCapability"


class LimitExceeded(RequestError):
    """The request is larger than the desk accepts: ask for less at once."""

    jmap_type = "urn:ietf:params:jmap:error:limit"


class NotSignedIn(RequestError):
    """Sign in first: the desk does not know who you are."""

    jmap_type = "about:blank"
    status = 401
    exit_code = 4


class SignInFailed(RequestError):
    """The name or the password is not right, or there were too many attempts: wait a minute."""

    jmap_type = "about:blank"
    status = 401
    exit_code = 4


# --- methods (RFC 8620 §3.6.2, §5) --------------------------------------------------------------


class MethodError(ShinboxError):
    """This could not be carried out: try again."""

    exit_code = 2


class ServerFail(MethodError):
    """The desk failed; nothing was changed. Its log says why."""

    jmap_type = "serverFail"
    exit_code = 70


class ServerPartialFail(MethodError):
    """This was done already, but your rights changed since: look at what became of it."""

    jmap_type = "serverPartialFail"
    exit_code = 5


class UnknownMethod(MethodError):
    """The desk cannot do this: a newer desk may."""

    jmap_type = "unknownMethod"


class InvalidArguments(MethodError):
    """Something in this is missing or of the wrong form: look at it again."""

    jmap_type = "invalidArguments"


class InvalidResultReference(MethodError):
    """What this builds on could not be done: try again."""

    jmap_type = "invalidResultReference"


class AccountNotFound(MethodError):
    """There is no such mailbox, or it is not shared with you: ask whoever manages it."""

    jmap_type = "accountNotFound"
    exit_code = 3


class AccountNotSupportedByMethod(MethodError):
    """This mailbox has nothing of that kind: choose another."""

    jmap_type = "accountNotSupportedByMethod"


class AccountReadOnly(MethodError):
    """This mailbox is shared with you for reading only: whoever manages it can change that."""

    jmap_type = "accountReadOnly"
    exit_code = 3


class Forbidden(MethodError):
    """You may not do this: whoever manages the mailbox can change that."""

    jmap_type = "forbidden"
    exit_code = 3


class ServerUnavailable(MethodError):
    """The message could not be fetched from the mail server: try again later."""

    jmap_type = "serverUnavailable"
    exit_code = 6


class StateMismatch(MethodError):
    """Something changed since you looked: look again."""

    jmap_type = "stateMismatch"
    exit_code = 5


class CannotCalculateChanges(MethodError):
    """That state is too old, or your rights changed since: fetch everything again."""

    jmap_type = "cannotCalculateChanges"


class RequestTooLarge(MethodError):
    """This is too much at once: take less."""

    jmap_type = "requestTooLarge"


class TakesTooLong(RequestTooLarge):
    """This is too much work for one request: ask for less, or narrow the search to a folder or a time."""


class UnsupportedFilter(MethodError):
    """The desk cannot search for that: leave it out."""

    jmap_type = "unsupportedFilter"


class UnsupportedSort(MethodError):
    """The desk cannot sort by that: choose another order."""

    jmap_type = "unsupportedSort"


class AnchorNotFound(MethodError):
    """The message to start from is no longer in the list: look again."""

    jmap_type = "anchorNotFound"


class FromAccountNotFound(MethodError):
    """There is no such mailbox to copy from, or it is not shared with you: ask whoever manages it."""

    jmap_type = "fromAccountNotFound"
    exit_code = 3


# --- one object of a /set (RFC 8620 §5.3) -------------------------------------------------------


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


# --- the mail world (desk/mail/remote) ----------------------------------------------------------


class RemoteError(ShinboxError):
    """The mail server could not be used: try again later."""

    exit_code = 6


class RemoteUnreachable(RemoteError):
    """The mail server cannot be reached: it is tried again by itself."""


class RemoteAuthFailed(RemoteError):
    """The mail server did not accept the name and password: whoever manages the mailbox can give new ones."""


class RemoteRefused(RemoteError):
    """The mail server refused: whoever runs it can say why."""


class RemoteProtocolError(RemoteError):
    """The mail server sent something that makes no sense: whoever runs it should look."""


class TlsFailed(RemoteError):
    """No safe connection: the mail server's certificate was not accepted. Whoever runs it should look."""


# --- the desk and its client --------------------------------------------------------------------


class DeskUnreachable(ShinboxError):
    """The desk cannot be reached: is `shinbox serve` running?"""

    exit_code = 6


class ConnectionLost(DeskUnreachable):
    """The connection to the desk broke: look whether your last change was made, then try again."""


class DeskProtocolError(ShinboxError):
    """What answered is no desk: look at its address."""

    exit_code = 6


class ConfigError(ShinboxError):
    """The configuration cannot be used: correct it."""

    exit_code = 7


class DatabaseTooNew(ConfigError):
    """The data folder was written by a newer shinbox: install that version, or restore a backup."""


class AlreadyRunning(ConfigError):
    """Another desk is running on this data folder: stop that one first."""


class SecretUnavailable(ShinboxError):
    """The mailbox's secret cannot be opened with the desk's key: give the password again."""


class LimitBroken(ShinboxError):
    """Too large to display: save the original."""
