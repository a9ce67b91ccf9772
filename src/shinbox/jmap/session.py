"""The session: who you are, which mailboxes you have, where the methods are (RFC 8620 §2)."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import msgspec

from shinbox.errors import DeskProtocolError
from shinbox.terms import CORE, DESK_CAPABILITY, MAIL, SUBMISSION

_OURS: Final = (CORE, MAIL, SUBMISSION, DESK_CAPABILITY)


class SessionAccount(msgspec.Struct, rename="camel", kw_only=True):
    """One mailbox as its user sees it."""

    name: str
    is_personal: bool = False
    is_read_only: bool = False
    account_capabilities: dict[str, Any] = {}

    @property
    def address(self) -> str:
        """Its main mail address; elsewhere than at a desk its name, which usually is one."""
        desk = self.account_capabilities.get(DESK_CAPABILITY)
        return str(desk.get("address") or self.name) if isinstance(desk, dict) else self.name


class CoreLimits(msgspec.Struct, rename="camel", kw_only=True):
    """How much the server takes at once (RFC 8620 §2); the defaults are the least it should take."""

    max_size_upload: int = 50_000_000
    max_concurrent_upload: int = 4
    max_size_request: int = 10_000_000
    max_concurrent_requests: int = 4
    max_calls_in_request: int = 16
    max_objects_in_get: int = 500
    max_objects_in_set: int = 500


class Session(msgspec.Struct, rename="camel", kw_only=True):
    """What the desk says about the caller."""

    username: str = ""
    accounts: dict[str, SessionAccount] = {}
    primary_accounts: dict[str, str] = {}
    capabilities: dict[str, Any] = {}
    api_url: str
    download_url: str
    upload_url: str
    event_source_url: str = ""
    state: str = ""

    @property
    def is_desk(self) -> bool:
        """True at a shinbox desk, false at another JMAP server."""
        return DESK_CAPABILITY in self.capabilities

    @property
    def is_administrator(self) -> bool:
        """Whether the caller administers the desk. A hint for what to offer: the desk decides each time."""
        desk = self.capabilities.get(DESK_CAPABILITY)
        return isinstance(desk, dict) and bool(desk.get("administrator"))

    @property
    def user_id(self) -> str:
        """The caller's id at a desk; empty at another server."""
        desk = self.capabilities.get(DESK_CAPABILITY)
        user = desk.get("user") if isinstance(desk, dict) else None
        return str(user.get("id", "")) if isinstance(user, dict) else ""

    def using(self) -> list[str]:
        """The capabilities that we know and the server has."""
        return [name for name in _OURS if name in self.capabilities]

    def limits(self) -> CoreLimits:
        """What the server takes at once."""
        return msgspec.convert(self.capabilities.get(CORE) or {}, CoreLimits)

    @classmethod
    def decode(cls, body: bytes) -> Session:
        """Read a session object.

        :raises DeskProtocolError: it is none.
        """
        try:
            return msgspec.json.decode(body, type=cls)
        except msgspec.MsgspecError as broken:
            raise DeskProtocolError(f"What answered is no desk: look at its address. ({broken})") from None


def fill(template: str, **values: str) -> str:
    """A URI template of level 1 (RFC 6570) with its variables filled in."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", quote(value, safe=""))
    return template
