"""Which desks are meant: those that are named, else the person's configuration, else the usual sockets.

Owns that order and the keys `desk` and `desks` of config.toml. Opens no connection.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shinbox.errors import ConfigError
from shinbox.jmap.endpoint import SYSTEM_SOCKET, Endpoint


@dataclass(frozen=True)
class KnownDesk:
    """A desk and what the person calls it."""

    name: str
    endpoint: Endpoint


def find_desks(given: Sequence[str] = (), environ: Mapping[str, str] = os.environ) -> list[KnownDesk]:
    """The desks that the terminal client shows, in order; none if nothing is named and none is running here.

    `given` are addresses, or names of the configuration. Without them: $SHINBOX_DESK, then `desk` and
    `desks`, then the system's socket, then the person's own.

    :raises ConfigError: an address that was given cannot be used.
    """
    if given:
        return _distinct(_named(text) for text in given)
    if environ.get("SHINBOX_DESK"):
        return [_named(environ["SHINBOX_DESK"])]
    configured = configured_desks()
    if configured:
        return configured
    here = [path for path in (SYSTEM_SOCKET, own_socket(environ)) if path is not None and path.exists()]
    return [_known(Endpoint(socket=path)) for path in here[:1]]


def find_desk(given: str | None = None, environ: Mapping[str, str] = os.environ) -> Endpoint:
    """The one desk that a command talks with: the first of `find_desks`.

    The system's socket is the answer when nothing is found: the error then names it.

    :raises ConfigError: see find_desks.
    """
    found = find_desks([given] if given else [], environ)
    return found[0].endpoint if found else Endpoint(socket=SYSTEM_SOCKET)


def is_found(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a command that is told no desk finds this one."""
    try:
        return str(find_desk(None, environ)) == str(endpoint)
    except ConfigError:
        return False


def own_socket(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where a person's own desk listens; None where the machine gives them no runtime folder."""
    runtime = environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "shinbox" / "desk.sock" if runtime else None


def configured_desks() -> list[KnownDesk]:
    """`desk = "…"`, and `desks = ["…", …]` or a table of names and addresses; none without a configuration.

    :raises ConfigError: the file cannot be read, or a value is no address.
    """
    path = config_path()
    values = _read(path)
    desk, desks = values.get("desk"), values.get("desks", [])
    if desk is not None and not isinstance(desk, str):
        raise ConfigError(f'{path}: desk must be a text, such as desk = "unix:{SYSTEM_SOCKET}".')
    pairs = list(desks.items()) if isinstance(desks, dict) else [("", each) for each in _listed(desks)]
    if not all(isinstance(address, str) for _, address in pairs):
        raise ConfigError(f'{path}: desks must be addresses, such as desks = ["unix:{SYSTEM_SOCKET}"].')
    try:
        known = [_known(Endpoint.parse(address), name) for name, address in pairs]
        if desk is not None:
            first = next((each for each in known if each.name == desk), None)
            known.insert(0, first or _known(Endpoint.parse(desk)))
    except ConfigError as unusable:
        raise ConfigError(f"{path}: {unusable}") from None
    return _distinct(known)


def config_path() -> Path:
    """The person's configuration file."""
    from platformdirs import user_config_path

    return user_config_path("shinbox") / "config.toml"


def _listed(desks: Any) -> list[Any]:
    return desks if isinstance(desks, list) else [desks]


def _named(text: str) -> KnownDesk:
    """A desk by its address, or by the name that the configuration gives it."""
    if ":" not in text and "/" not in text:
        for known in configured_desks():
            if known.name == text:
                return known
    return _known(Endpoint.parse(text))


def _known(endpoint: Endpoint, name: str = "") -> KnownDesk:
    return KnownDesk(name or endpoint.name, endpoint)


def _distinct(desks: Iterable[KnownDesk]) -> list[KnownDesk]:
    """Each desk once; where two have one name, both are called by their addresses."""
    known: dict[str, KnownDesk] = {}
    for desk in desks:
        known.setdefault(str(desk.endpoint), desk)
    once = list(known.values())
    names = [desk.name for desk in once]
    return [
        desk if names.count(desk.name) == 1 else KnownDesk(str(desk.endpoint), desk.endpoint) for desk in once
    ]


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as unreadable:
        raise ConfigError(f"{path} cannot be read: {unreadable}.") from None
