"""Errors of a whole request (RFC 8620 §3.6), and of signing in. Owns their words only."""

from __future__ import annotations

from typing import ClassVar

from shinbox.errors.base import ShinboxError


class RequestError(ShinboxError):
    """The request could not be read: the program that sent it may be older or newer than the desk."""

    jmap_type = "about:blank"
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

    status = 401
    exit_code = 4


class SignInFailed(RequestError):
    """The name or the password is not right, or there were too many attempts: wait a minute."""

    status = 401
    exit_code = 4
