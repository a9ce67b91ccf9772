"""The demo's house: mailboxes, people and who may do what.

Owns invented facts only; corpus.py writes their mail, seed.py puts them into a desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shinbox.terms import Level, Send

DOMAIN: Final = "halden.example"


@dataclass(frozen=True)
class DemoAccount:
    """A shared mailbox and its identity."""

    name: str
    sender: str
    signature: str

    @property
    def address(self) -> str:
        """Its address."""
        return f"{self.name}@{DOMAIN}"


@dataclass(frozen=True)
class DemoGrant:
    """A share: `account` is a mailbox's name."""

    account: str
    level: Level
    send: Send = Send.NONE


@dataclass(frozen=True)
class DemoUser:
    """A person with a one-sentence introduction for the login screen."""

    name: str
    display_name: str
    about: str
    grants: tuple[DemoGrant, ...] = ()
    team: str | None = None
    administrator: bool = False


PASSWORD: Final = "lampshade"
"""Everybody's password in the demo, and only there."""

ACCOUNTS: Final = (
    DemoAccount("support", "Halden Support", "Halden Lamps – Support\nMon–Fri 8–17 · +47 69 00 00 00"),
    DemoAccount("sales", "Halden Sales", "Halden Lamps – Sales\nStorgata 1, Halden"),
    DemoAccount("hr", "Halden People", "People team, Halden Lamps"),
)

TEAMS: Final = {"Sales": (DemoGrant("sales", Level.WRITE, Send.SEND_AS),)}

USERS: Final = (
    DemoUser("alice", "Alice Moen", "reads support and sales", (
        DemoGrant("support", Level.READ), DemoGrant("sales", Level.READ))),
    DemoUser("tom", "Tom Aas", "triages support: reads, flags, moves", (DemoGrant("support", Level.TRIAGE),)),
    DemoUser("bob", "Bob Lund", "answers as support@", (
        DemoGrant("support", Level.WRITE, Send.SEND_AS), DemoGrant("sales", Level.READ))),
    DemoUser("nina", "Nina Falk", "team Sales; answers support on behalf", (
        DemoGrant("support", Level.WRITE, Send.ON_BEHALF),), team="Sales"),
    DemoUser("mia", "Mia Lindqvist", "manages hr and support", (
        DemoGrant("hr", Level.MANAGE, Send.SEND_AS), DemoGrant("support", Level.MANAGE, Send.SEND_AS))),
    DemoUser("ada", "Ada Strøm", "administrator: makes mailboxes, shares; sees no mail",
             administrator=True),
)  # fmt: skip
