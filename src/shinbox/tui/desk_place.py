"""One desk of those the client is given: its name, the client that speaks with it, who one is there.

Owns how addresses become clients: one desk gets a plain client, several get marked ones and a switchboard.
Draws nothing, asks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shinbox.jmap.client import Client, Connectivity
from shinbox.jmap.endpoint import Endpoint

if TYPE_CHECKING:
    from shinbox.tui.mail_desk import AccountView


def _keep_nothing(token: str) -> None:
    pass


@dataclass(frozen=True)
class DeskAddress:
    """A desk that somebody wants to see: what it is called and where it is."""

    endpoint: Endpoint
    name: str = ""
    token: str | None = None
    keep_token: Callable[[str], None] = _keep_nothing
    """Called with a new token after signing in."""


@dataclass(eq=False)
class DeskPlace:
    """A desk in the client. `accounts` are its mailboxes as they were known last, also while it is away."""

    number: int
    name: str
    client: Client
    keep_token: Callable[[str], None] = _keep_nothing
    who: str = ""
    is_administrator: bool = False
    accounts: dict[str, AccountView] = field(default_factory=dict)
    started: bool = False
    """Whether it has answered once, and its events are listened to."""
    was_away: bool = False
    failed: bool = False
    """Whether the last attempt to reach it failed; so until one succeeds, also while it is tried again."""
    problem: str = ""
    """Why it is not open, as a sentence; empty while there is hope."""

    needs_person: bool = False
    """Whether it is lost, and somebody must be asked before it can be reached again."""

    @property
    def offline(self) -> bool:
        """Whether it does not answer just now."""
        return self.client.connectivity is Connectivity.OFFLINE

    @property
    def away(self) -> bool:
        """Whether it is lost, also in the moments in which it is tried again."""
        return self.offline or (self.started and self.was_away)

    @property
    def lost(self) -> bool:
        """Whether it takes somebody who tries again, or is worth a try now rather than later."""
        return self.away or self.needs_person or bool(self.problem)

    @property
    def why_signed_out(self) -> str:
        """Why somebody who was in has to sign in, as a sentence; empty for who was not."""
        if self.client.token:
            return "Your sign-in has ended, or was taken back. Sign in again; nothing you wrote is lost."
        if self.started:
            return "The desk no longer lets you in by your login here. Sign in, or ask its administrator."
        return ""

    def key(self, account: str) -> str:
        """An account id of this desk, with or without a mark, as this run of the program knows it."""
        from shinbox.jmap.several import MarkedClient, bare

        return self.client.marked(bare(account)) if isinstance(self.client, MarkedClient) else bare(account)


def open_places(
    addresses: Sequence[DeskAddress], on_connection: Callable[[int, Connectivity], None]
) -> tuple[Client, list[DeskPlace]]:
    """Clients for the addresses, at least one; and the client that carries a call to the right one."""

    def listener(number: int) -> Callable[[Connectivity], None]:
        return lambda state: on_connection(number, state)

    if len(addresses) == 1:
        (only,) = addresses
        client = Client(only.endpoint, only.token, on_connection=listener(0))
        return client, [DeskPlace(0, only.name, client, only.keep_token)]
    from shinbox.jmap.several import MarkedClient, Switchboard

    clients = [
        MarkedClient(str(number), address.endpoint, address.token, on_connection=listener(number))
        for number, address in enumerate(addresses)
    ]
    places = [
        DeskPlace(number, address.name or str(address.endpoint), client, address.keep_token)
        for number, (address, client) in enumerate(zip(addresses, clients, strict=True))
    ]
    return Switchboard(clients), places
