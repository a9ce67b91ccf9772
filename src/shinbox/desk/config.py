"""The desk's configuration: one TOML file, every key with a default.

Owns the keys and their meaning; packaging/desk.toml lists them with comments. An unknown key or a
value of the wrong form is an error that names the file and the key. Reads nothing but that file.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from shinbox.errors import ConfigError

DEFAULT_FILE: Final = Path("/etc/shinbox/desk.toml")
Count = Annotated[int, Meta(ge=1)]


class SocketConfig(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where people connect. `group` (a name) owns the socket, mode 0660; empty: the desk's own group."""

    path: str = "/run/shinbox/desk.sock"
    group: str = ""


class TcpConfig(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`listen`: "127.0.0.1:8025", off when empty; loopback only, a TLS proxy goes in front of it.

    `public_url`: the https address that the proxy is reached at; URLs of the session begin with it. Without
    a proxy it may be the address of this machine itself, for clients here that resolve no relative URL.
    """

    listen: str = ""
    public_url: str = ""


class Limits(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How much one person may ask for. Sizes are bytes."""

    request_bytes: Count = 10_000_000
    upload_bytes: Count = 50_000_000
    calls_in_request: Count = 64
    objects_in_get: Count = 500
    objects_in_set: Count = 500
    requests_at_once: Count = 8
    uploads_at_once: Count = 4
    streams_at_once: Count = 16
    work_seconds: Annotated[float, Meta(gt=0)] = 10.0
    body_seconds: Annotated[float, Meta(gt=0)] = 30.0
    token_hours: Annotated[float, Meta(gt=0)] = 12.0
    sign_ins_per_minute: Count = 5


class Config(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole file. `demo_users` are shown on the login screen of a demo and nowhere else."""

    data: str = "/var/lib/shinbox"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    demo_users: list[str] = []
    socket: SocketConfig = msgspec.field(default_factory=SocketConfig)
    tcp: TcpConfig = msgspec.field(default_factory=TcpConfig)
    limits: Limits = msgspec.field(default_factory=Limits)

    @property
    def data_folder(self) -> Path:
        """Where everything is kept."""
        return Path(self.data)

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data_folder / "desk.db"

    @property
    def blobs(self) -> Path:
        """The folder of raw messages."""
        return self.data_folder / "blobs"


def load(path: Path | None = None) -> Config:
    """Read the configuration; without a path the usual file, or the defaults where that is absent.

    :raises ConfigError: the file cannot be read, or a key is unknown or wrong; it names both.
    """
    file = path or DEFAULT_FILE
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        if path is None:
            return Config()
        raise ConfigError(f"{file}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ConfigError(f"{file} cannot be read: {unreadable}.") from None
    return parse(text, str(file))


def parse(text: str, name: str = "desk.toml") -> Config:
    """Read a configuration from its text; `name` is what errors call it.

    :raises ConfigError: see load.
    """
    try:
        config = msgspec.convert(tomllib.loads(text), Config)
    except tomllib.TOMLDecodeError as broken:
        raise ConfigError(f"{name} is no TOML: {broken}.") from None
    except msgspec.ValidationError as wrong:
        reason, _, where = str(wrong).partition(" - at `$.")
        key = f"{where.rstrip('`')}: " if where else ""
        raise ConfigError(f"{name}: {key}{_in_words(reason)}.") from None
    _check(config, name)
    return config


_KINDS: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_BOUNDS: Final = {">=": "at least", ">": "more than"}


def _in_words(reason: str) -> str:
    """What msgspec says of a value, for whoever edits the file."""
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", reason):
        return f"there is no setting “{unknown[1]}”: correct its name, or take it out"
    if wrong := re.fullmatch(r"Expected `(\w+)`, got `(\w+)`", reason):
        wanted, given = wrong.groups()
        other = "a fraction" if given == "float" else _KINDS.get(given, given)
        return f"must be {_KINDS.get(wanted, wanted)}, not {other}"
    if bound := re.fullmatch(r"Expected `\w+` (>=?) ([\d.]+)", reason):
        return f"must be {_BOUNDS[bound[1]]} {float(bound[2]):g}"
    return reason


def _check(config: Config, name: str) -> None:
    for key, value in (("data", config.data), ("socket.path", config.socket.path)):
        if not Path(value).is_absolute():
            raise ConfigError(f"{name}: {key}: “{value}” must be a whole path, beginning with /.")
    if config.tcp.listen:
        try:
            tcp_address(config.tcp.listen)
        except ValueError as wrong:
            raise ConfigError(f"{name}: tcp.listen: {wrong}") from None
    if config.tcp.public_url and not _is_safe(config.tcp.public_url):
        raise ConfigError(
            f"{name}: tcp.public_url: must begin with https://, or with http:// and 127.0.0.1 or [::1]."
        )


def _is_safe(url: str) -> bool:
    """Tokens may go there: it is encrypted, or does not leave this machine."""
    scheme, _, rest = url.partition("://")
    if scheme == "http":
        try:
            tcp_address(rest.rstrip("/"))
        except ValueError:
            return False
    return scheme in ("http", "https") and bool(rest)


def tcp_address(text: str) -> tuple[str, int]:
    """Host and port of `tcp.listen`.

    :raises ValueError: it is no loopback address with a port.
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"“{text}” must be address:port, such as 127.0.0.1:8025.")
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            f"“{host}” is not this machine (127.0.0.1 or ::1): put a TLS proxy in front instead."
        )
    return host, int(port)
