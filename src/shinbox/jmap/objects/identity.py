"""Identity: a From address of an account with its signature (RFC 8621 §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shinbox.jmap.objects.base import (
    ADMIN_ONLY,
    Change,
    Demand,
    Immutable,
    JmapObject,
    Mutable,
    ServerSet,
    declare,
    on,
)
from shinbox.jmap.objects.email import EmailAddress
from shinbox.terms import SUBMISSION, Right


@declare
class Identity(JmapObject):
    """A name and address that mail of this account goes out under."""

    TYPE: ClassVar[str] = "Identity"
    CAPABILITY: ClassVar[str] = SUBMISSION
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set", "changes"})

    id: ServerSet[str] = ""
    name: Mutable[str] = ""
    email: Immutable[str] = ""
    reply_to: Mutable[list[EmailAddress] | None] = None
    bcc: Mutable[list[EmailAddress] | None] = None
    text_signature: Mutable[str] = ""
    html_signature: Mutable[str] = ""
    may_delete: ServerSet[bool] = False

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """An identity belongs to the account's settings; an administrator sets up new accounts."""
        return frozenset({Demand(frozenset({Right.WRITE_SETTINGS}), None, "administrator")})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Whoever may read the account's mail sees its addresses anyway; a settings reader too."""
        readers = {on(None, Right.READ), on(None, Right.READ_SETTINGS), on(None, Right.ADMIN)}
        return frozenset({ADMIN_ONLY, *readers})
