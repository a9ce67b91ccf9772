"""How an account reaches its mail: host, TLS, who logs in and how long to wait.

Owns the settings that the IMAP and SMTP connectors share, and the TLS rule: verified always, plain text only
to loopback or when an administrator said so. Refuses to know where the secret was kept.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from shinbox.errors import ConfigError, TlsFailed


class Security(StrEnum):
    """TLS from the first octet, by STARTTLS (required, never optional), or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Auth(StrEnum):
    """How to log in. PASSWORD takes SASL PLAIN or LOGIN, whichever the server offers."""

    PASSWORD = "password"
    XOAUTH2 = "xoauth2"
    OAUTHBEARER = "oauthbearer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in. `secret` is a password or an OAuth access token and is never shown."""

    user: str = ""
    secret: str = field(default="", repr=False)
    auth: Auth = Auth.PASSWORD

    def __post_init__(self) -> None:
        for text in (self.user, self.secret):
            if any(character in text for character in "\r\n\0"):
                raise ConfigError("The user name and the password must not hold line breaks or nulls.")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server. Timeouts are seconds; `ca_file` is trusted beside the system's authorities.

    `ignore` names capabilities that are not used even if offered, for servers that have them wrong.
    """

    host: str
    port: int
    security: Security
    login: Login
    ca_file: Path | None = None
    allow_plain: bool = False
    connect_timeout: float = 20.0
    timeout: float = 60.0
    ignore: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.host or any(character.isspace() or ord(character) < 33 for character in self.host):
            raise ConfigError("The mail server's name is empty or holds spaces.")
        if not 0 < self.port < 65536:
            raise ConfigError(f"There is no port {self.port}.")
        if self.timeout <= 0 or self.connect_timeout <= 0:
            raise ConfigError("A timeout must be more than 0 seconds.")

    def tls_context(self) -> ssl.SSLContext:
        """A context that verifies certificate and host name. Raises TlsFailed for a bad `ca_file`."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca_file is not None:
            try:
                context.load_verify_locations(self.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise TlsFailed(f"The authorities in {self.ca_file} cannot be read: {error}") from error
        return context

    def check_plain(self, peer: str) -> None:
        """Refuse to speak without TLS to `peer` (an IP address) unless it is this machine or allowed."""
        if self.security is Security.NONE and not self.allow_plain and not _is_loopback(peer):
            raise TlsFailed(f"{self.host} ({peer}) would be reached without TLS: choose tls or starttls.")


def _is_loopback(peer: str) -> bool:
    address = ipaddress.ip_address(peer.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
