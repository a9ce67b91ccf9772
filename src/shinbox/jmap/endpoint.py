"""Where a desk is reached: a Unix socket here or on a host (over SSH), or the https address of a JMAP server.

Owns the forms of an address and the URLs of a session. Opens no connection; which desk is meant where none is
named is in `finding`, the way to a host in `ssh`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

from shinbox.errors import ConfigError, DeskProtocolError, DeskUnreachable

SYSTEM_SOCKET: Final = Path("/run/shinbox/desk.sock")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_UNIX_BASE: Final = "http://desk/"
_SSH: Final = re.compile(
    r"ssh://(?:(?P<user>\w[\w.+-]*)@)?(?P<host>\w[\w.-]*|\[[\da-f:.]+(?:%\w+)?\])"
    r"(?::(?P<port>\d{1,5}))?(?P<path>/[\w./@+=,-]*)?",
    re.ASCII | re.IGNORECASE,
)
"""No word of it can be taken for an option, a token or a variable by ssh or by the person's ssh_config."""


@dataclass(frozen=True)
class Target:
    """One URL taken apart, as a connection needs it. `socket` is None over TCP."""

    socket: Path | None
    host: str
    port: int
    tls: bool
    path: str
    over: str = ""
    """The host that the socket leads to, where it does not end on this machine."""

    @property
    def origin(self) -> tuple[Path | None, str, int, bool]:
        """What two targets share when one connection serves both."""
        return (self.socket, "" if self.socket else self.host, self.port, self.tls)


@dataclass(frozen=True)
class SshPlace:
    """A desk's socket on a host that one reaches by OpenSSH."""

    host: str
    """A name, an address, or a `Host` of the person's own ssh_config."""
    user: str = ""
    port: int | None = None
    socket: Path = SYSTEM_SOCKET

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        return f"ssh://{user}{host}{port}{'' if self.socket == SYSTEM_SOCKET else self.socket}"


class WayBack(Protocol):
    """What brings a lost desk back where it takes more than calling it again."""

    asks: bool
    """Whether it may ask the person something, on the terminal."""

    def needs_person(self) -> bool:
        """Whether it does not come back before somebody was asked.

        :raises DeskUnreachable: it never comes back, with what to do.
        """

    def connect(self) -> None:
        """Return once the desk answers. What cannot be asked later is asked now.

        :raises ShinboxError: it does not, with what to do.
        """

    def give_up(self) -> None:
        """Let a `connect` of another thread fail soon."""


@dataclass(frozen=True)
class Endpoint:
    """The address of a desk: one of `socket`, `url`, `ssh`; beside `ssh`, `socket` is where it comes out."""

    socket: Path | None = None
    url: str | None = None
    ssh: SshPlace | None = None
    back: WayBack | None = field(default=None, compare=False, repr=False)
    """For a desk that was reached by more than its address."""

    def __str__(self) -> str:
        if self.ssh:
            return str(self.ssh)
        return f"unix:{self.socket}" if self.socket else str(self.url)

    @property
    def name(self) -> str:
        """What to call it beside other desks."""
        if self.ssh:
            return self.ssh.host
        if self.socket:
            if self.socket == SYSTEM_SOCKET:
                return "this machine"
            # A sidebar has no room for a path: sockets tend to have one name, their folders tell them apart.
            return self.socket.parent.name or str(self.socket)
        return urlsplit(str(self.url)).hostname or str(self.url)

    def through(self, socket: Path, back: WayBack | None = None) -> Endpoint:
        """The same desk, reached through a socket of this machine."""
        return replace(self, socket=socket, back=back)

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read `unix:/path/desk.sock`, `ssh://user@host:port/path`, `https://host`; http only to here.

        :raises ConfigError: it is neither, or would send a password unprotected.
        """
        text = text.strip()
        if text.startswith("unix:"):
            path = Path(text.removeprefix("unix:").removeprefix("//")).expanduser()
            if not path.is_absolute():
                raise ConfigError(
                    f"“{text}” is no desk's address: give the whole path, unix:/path/desk.sock."
                )
            return cls(socket=path)
        if text.startswith("/"):
            return cls(socket=Path(text))
        if text.lower().startswith("ssh:"):
            return cls(ssh=_ssh_place(text))
        _check_url(text)
        return cls(url=text if urlsplit(text).path else text + "/")

    def session_url(self) -> str:
        """Where the session is found (RFC 8620 §2.2); a URL with a path of its own is taken as it is."""
        if self.url and urlsplit(self.url).path not in ("", "/"):
            return self.url
        return self.resolve("/.well-known/jmap")

    def resolve(self, url: str) -> str:
        """An absolute URL from one that may be relative (RFC 8620 §2 allows both)."""
        return urljoin(self.url or _UNIX_BASE, url)

    def target(self, url: str) -> Target:
        """How to reach `url` from here. Over a Unix socket only its path counts: the socket is the host.

        :raises DeskProtocolError: the URL is of another kind, or leaves TLS.
        """
        parts = urlsplit(self.resolve(url))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if self.socket:
            return Target(self.socket, "desk", 0, False, path, self.ssh.host if self.ssh else "")
        if self.ssh:
            raise DeskUnreachable(f"No connection over SSH with {self.ssh.host} has been opened.")
        try:
            _check_url(parts.geturl())
        except ConfigError as unusable:
            raise DeskProtocolError(f"The server sent an address that cannot be used: {unusable}") from None
        tls = parts.scheme == "https"
        return Target(None, parts.hostname or "", parts.port or (443 if tls else 80), tls, path)


def _ssh_place(text: str) -> SshPlace:
    found = _SSH.fullmatch(text)
    port = int(found["port"] or 0) if found else 0
    if not found or port > 65535:
        raise ConfigError(
            f"“{text}” is no desk's address: give ssh://host or ssh://user@host:port/path/desk.sock."
        )
    path = found["path"] if found["path"] not in (None, "/") else str(SYSTEM_SOCKET)
    return SshPlace(found["host"].strip("[]"), found["user"] or "", port or None, Path(path))


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as unreadable:
        raise ConfigError(f"“{url}” is no desk's address: {unreadable}.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError(
            f"“{url}” is no desk's address: give unix:/path/desk.sock, ssh://host or https://host."
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ConfigError(f"“{url}” would send your password unprotected: use https.")
    if parts.username or parts.password:
        raise ConfigError("A desk's address holds no name or password: sign in instead.")
