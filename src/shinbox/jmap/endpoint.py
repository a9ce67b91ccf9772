"""Where a desk is reached: a Unix socket, or the https address of another JMAP server.

Owns the forms of an address, the default places and the URLs of a session. Opens no connection.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from shinbox.errors import ConfigError, DeskProtocolError

SYSTEM_SOCKET: Final = Path("/run/shinbox/desk.sock")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_UNIX_BASE: Final = "http://desk/"


@dataclass(frozen=True)
class Target:
    """One URL taken apart, as a connection needs it. `socket` is None over TCP."""

    socket: Path | None
    host: str
    port: int
    tls: bool
    path: str

    @property
    def origin(self) -> tuple[Path | None, str, int, bool]:
        """What two targets share when one connection serves both."""
        return (self.socket, "" if self.socket else self.host, self.port, self.tls)


@dataclass(frozen=True)
class Endpoint:
    """The address of a desk. Exactly one of `socket` and `url` is set."""

    socket: Path | None = None
    url: str | None = None

    def __str__(self) -> str:
        return f"unix:{self.socket}" if self.socket else str(self.url)

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read `unix:/path/desk.sock` or `https://host`; http only to this machine.

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
        _check_url(text)
        return cls(url=text if urlsplit(text).path else text + "/")

    @classmethod
    def default(cls, environ: Mapping[str, str] = os.environ) -> Endpoint:
        """$SHINBOX_DESK, then `desk` in the user's config.toml, then the usual sockets.

        The system's socket is the answer when nothing is found: the error then names it.

        :raises ConfigError: an address that was given cannot be used.
        """
        if environ.get("SHINBOX_DESK"):
            return cls.parse(environ["SHINBOX_DESK"])
        configured = _configured()
        if configured:
            return cls.parse(configured)
        runtime = environ.get("XDG_RUNTIME_DIR")
        own = Path(runtime) / "shinbox" / "desk.sock" if runtime else None
        if own and own.exists() and not SYSTEM_SOCKET.exists():
            return cls(socket=own)
        return cls(socket=SYSTEM_SOCKET)

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
            return Target(self.socket, "desk", 0, False, path)
        try:
            _check_url(parts.geturl())
        except ConfigError as unusable:
            raise DeskProtocolError(f"The server sent an address that cannot be used: {unusable}") from None
        tls = parts.scheme == "https"
        return Target(None, parts.hostname or "", parts.port or (443 if tls else 80), tls, path)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as unreadable:
        raise ConfigError(f"“{url}” is no desk's address: {unreadable}.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError(f"“{url}” is no desk's address: give unix:/path/desk.sock or https://host.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ConfigError(f"“{url}” would send your password unprotected: use https.")
    if parts.username or parts.password:
        raise ConfigError("A desk's address holds no name or password: sign in instead.")


def config_path() -> Path:
    """The user's configuration file."""
    from platformdirs import user_config_path

    return user_config_path("shinbox") / "config.toml"


def _configured() -> str | None:
    """`desk = "…"` of the user's configuration, or None."""
    import tomllib

    path = config_path()
    try:
        value = tomllib.loads(path.read_text("utf-8")).get("desk")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as unreadable:
        raise ConfigError(f"{path} cannot be read: {unreadable}.") from None
    if value is not None and not isinstance(value, str):
        raise ConfigError(f'{path}: desk must be a text, such as desk = "unix:{SYSTEM_SOCKET}".')
    return value
