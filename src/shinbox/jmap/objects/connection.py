"""Connection: how an account reaches its mail. One an account, with the id "singleton"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from shinbox.jmap.objects.base import (
    ADMIN_ONLY,
    Change,
    Demand,
    JmapObject,
    Mutable,
    ServerSet,
    declare,
    on,
)
from shinbox.terms import DESK_CAPABILITY, Right


class ServerSettings(msgspec.Struct, rename="camel", kw_only=True):
    """One server. `tls` is "tls", "starttls" or "none" (loopback only)."""

    host: str
    port: int
    tls: str = "tls"
    user: str = ""
    ca_file: str | None = None


@declare
class Connection(JmapObject):
    """IMAP and SMTP of an account.

    `imap_secret` and `smtp_secret` are write-only, always read as None, sealed before they are stored.
    `root` limits the mirror to one folder tree of the server ("shared/support@x", "Public/support").
    `sent_policy`: "append" (we copy to Sent), "server" (it does so itself) or "detect".
    """

    TYPE: ClassVar[str] = "Connection"
    CAPABILITY: ClassVar[str] = DESK_CAPABILITY
    METHODS: ClassVar[frozenset[str]] = frozenset({"get", "set"})

    id: ServerSet[str] = ""
    imap: Mutable[ServerSettings | None] = None
    smtp: Mutable[ServerSettings | None] = None
    imap_secret: Mutable[str | None] = None
    smtp_secret: Mutable[str | None] = None
    has_imap_secret: ServerSet[bool] = False
    has_smtp_secret: ServerSet[bool] = False
    root: Mutable[str | None] = None
    sent_policy: Mutable[str] = "append"

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """Administrators set connections: a host name in the wrong hands would be handed the password."""
        return frozenset({ADMIN_ONLY})

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """Administrators, and whoever may read the account's settings."""
        return frozenset({ADMIN_ONLY, on(None, Right.READ_SETTINGS)})
