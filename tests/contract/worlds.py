"""The mail servers that the contract suite runs against, seen through one small window.

A world makes connections and mail for one mailbox of its own; knows which server is behind it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from shinbox.desk.mail.remote.imap import connect
from shinbox.desk.mail.remote.memory import MemoryRemote
from shinbox.desk.mail.remote.memory_server import MemoryServer
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.remote.settings import Endpoint, Login, Security
from tests.servers.mail import MailServers, User

CONDSTORE_ONLY = frozenset({"QRESYNC"})
BARE = CONDSTORE_ONLY | {"CONDSTORE", "ENABLE", "MOVE", "ESEARCH", "NAMESPACE", "ACL", "UNSELECT"}
BARE |= {"LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE"}
NO_UIDPLUS = BARE | {"UIDPLUS"}


class World(Protocol):
    """One mailbox on one server."""

    tells_modseq: bool
    removes_singly: bool
    tells_rights: bool

    def connect(self) -> Remote:
        """A new connection as the owner."""
        ...

    def connect_as_guest(self, path: str, rights: str) -> tuple[Remote, str]:
        """A connection of somebody with only these rights on `path`, and the path they see it under."""
        ...

    def cut(self, remote: Remote) -> None:
        """End the connection from the server's side."""
        ...


class MemoryWorld:
    """A server in memory; a guest's restricted view is the same folder with fewer rights."""

    tells_rights = True

    def __init__(self, *, condstore: bool = True, uidplus: bool = True) -> None:
        self.server = MemoryServer(condstore=condstore, uidplus=uidplus)
        self.tells_modseq, self.removes_singly = condstore, uidplus
        self._remotes: list[Remote] = []

    def connect(self) -> Remote:
        self._remotes.append(MemoryRemote(self.server))
        return self._remotes[-1]

    def connect_as_guest(self, path: str, rights: str) -> tuple[Remote, str]:
        self.server.box(path).rights = frozenset(rights)
        return self.connect(), path

    def cut(self, remote: Remote) -> None:
        remote.abort()

    def close(self) -> None:
        for remote in self._remotes:
            remote.close()


class DovecotWorld:
    """A mailbox on the real Dovecot, some of whose extensions may be left unused."""

    def __init__(self, servers: MailServers, ignore: frozenset[str] = frozenset()) -> None:
        self._servers, self._ignore = servers, ignore
        self.tells_modseq, self.tells_rights = "CONDSTORE" not in ignore, "ACL" not in ignore
        self.removes_singly = "UIDPLUS" not in ignore
        self.domain = servers.new_domain()
        self.owner = servers.new_user("owner", domain=self.domain)
        self._remotes: list[Remote] = []

    def endpoint(self, user: User) -> Endpoint:
        login = Login(user.address, user.password)
        return Endpoint(
            self._servers.host,
            self._servers.imaps_port,
            Security.TLS,
            login,
            ca_file=self._servers.ca_file,
            ignore=self._ignore,
        )

    def connect(self) -> Remote:
        return self._connect(self.owner)

    def _connect(self, user: User) -> Remote:
        self._remotes.append(connect(self.endpoint(user)))
        return self._remotes[-1]

    def connect_as_guest(self, path: str, rights: str) -> tuple[Remote, str]:
        guest = self._servers.new_user(f"guest{secrets.token_hex(3)}", domain=self.domain)
        self._servers.set_acl(self.owner, path, guest.address, rights)
        return self._connect(guest), f"shared/{self.owner.address}/{path}"

    def cut(self, remote: Remote) -> None:
        self._servers.kill_sessions(self.owner)

    def close(self) -> None:
        for remote in self._remotes:
            remote.close()


@contextmanager
def closing_world(world: MemoryWorld | DovecotWorld) -> Iterator[World]:
    """Close the connections that a test left open."""
    try:
        yield world
    finally:
        world.close()
