"""Errors of the mail world: what desk/mail/remote raises. Owns their words only."""

from __future__ import annotations

from shinbox.errors.base import ShinboxError


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
