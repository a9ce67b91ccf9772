"""A mailbox to be connected, as somebody types it: servers in one word, everything else as usual.

Owns how the words become a connection. Pure: asks no server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shinbox.errors import InvalidArguments

_USUAL: Final[Mapping[str, int]] = {"imap": 993, "smtp": 465}
_TLS: Final[Mapping[int, str]] = {993: "tls", 465: "tls", 143: "starttls", 587: "starttls", 25: "starttls"}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class NewMailbox:
    """What was typed. Servers are `host` or `host:port`; without a user the address is the user's name."""

    address: str
    imap: str
    smtp: str
    user: str
    password: str

    def connection(self) -> dict[str, Any]:
        """The patch that sets the connection up.

        :raises InvalidArguments: a word cannot be used; the sentence names it.
        """
        user = self.user or self.address
        patch: dict[str, Any] = {
            "imap": server(self.imap, "imap", user),
            "imapSecret": self.password,
        }
        if self.smtp:
            patch |= {"smtp": server(self.smtp, "smtp", user), "smtpSecret": self.password}
        return patch

    def check(self) -> None:
        """See that it can be tried.

        :raises InvalidArguments: something is missing; the sentence names it.
        """
        check_address(self.address)
        if not self.imap:
            raise InvalidArguments("Type the name of the server that the mail is read from.")
        if not self.password:
            raise InvalidArguments("Type the mailbox's password at its mail server.")
        self.connection()


def check_address(address: str) -> None:
    """See that it is a whole one.

    :raises InvalidArguments: it is not.
    """
    name, at, domain = address.partition("@")
    if not (name and at and domain) or any(letter.isspace() for letter in address):
        raise InvalidArguments("Type the mailbox's whole address, such as support@example.org.")


def usual_servers(address: str) -> tuple[str, str]:
    """The names that servers for reading and for sending usually have; empty without a domain."""
    domain = address.partition("@")[2].strip()
    return (f"imap.{domain}", f"smtp.{domain}") if "." in domain else ("", "")


def server(text: str, protocol: str, user: str) -> dict[str, Any]:
    """A server's settings. Encryption goes by the port; without any only to this machine.

    :raises InvalidArguments: it is no host, or no host with a port.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon:
        host, port = port, str(_USUAL[protocol])
    host = host.strip("[]")
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if not host or not 0 < number < 65536 or any(letter.isspace() or letter in "/@" for letter in host):
        raise InvalidArguments(f"“{text}” is no server: type its name, or name:port.")
    tls = _TLS.get(number, "none" if host in _LOOPBACK else "tls")
    return {"host": host, "port": number, "tls": tls, "user": user}
