"""Errors of one call in a request (RFC 8620 §3.6.2, §5). Owns their words only."""

from __future__ import annotations

from shinbox.errors.base import ShinboxError


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
