"""The other side of a history: what another client sees and does, on the server in memory."""

from __future__ import annotations

from typing import Protocol

from shinbox.desk.mail.publishing import keywords_of
from shinbox.desk.mail.remote.memory import MemoryRemote
from shinbox.desk.mail.remote.memory_server import MemoryServer, Moment
from shinbox.desk.mail.remote.remote import Remote
from shinbox.mime.parse import parse

Placed = tuple[str, str, tuple[str, ...]]
"""(folder as people see it, subject, keywords)."""


class Side(Protocol):
    """A mail server as another client of the same account has it. Paths are the server's."""

    def connect(self) -> Remote:
        """A connection for the desk."""
        ...

    def fault(self, operation: str) -> Moment | None:
        """Asked before each operation of the desk's connections: does the connection end there? To be
        replaced by a test."""
        ...

    def spots(self, paths: list[str]) -> list[tuple[str, int]]:
        """(path, uid) of every message in these folders."""
        ...

    def subject(self, path: str, uid: int) -> str: ...

    def deliver(self, path: str, raw: bytes) -> None: ...

    def move(self, path: str, uid: int, target: str) -> None: ...

    def flag(self, path: str, uid: int, flag: str, on: bool) -> None: ...

    def remove(self, path: str, uid: int) -> None: ...

    def renumber(self, path: str) -> None:
        """The folder gets a new UIDVALIDITY."""
        ...

    def contents(self) -> list[Placed]:
        """Everything that is not marked as deleted, sorted."""
        ...

    def end(self) -> None:
        """Let go."""
        ...


def shown_folder(path: str) -> str:
    """A folder's name as people see it."""
    return "Inbox" if path == "INBOX" else path.rpartition("/")[2]


class MemorySide:
    """See Side."""

    def __init__(self, server: MemoryServer) -> None:
        self.server = server
        server.fault = lambda operation: self.fault(operation)  # type: ignore[method-assign]  # one hook for both

    def connect(self) -> Remote:
        return MemoryRemote(self.server)

    def fault(self, operation: str) -> Moment | None:
        return None

    def spots(self, paths: list[str]) -> list[tuple[str, int]]:
        return [(path, uid) for path in paths for uid in self.server.boxes[path].messages]

    def subject(self, path: str, uid: int) -> str:
        return str(parse(self.server.boxes[path].messages[uid].raw).subject)

    def deliver(self, path: str, raw: bytes) -> None:
        self.server.deliver(path, raw)

    def move(self, path: str, uid: int, target: str) -> None:
        self.server.boxes[target].put(self.server.boxes[path].take(uid))

    def flag(self, path: str, uid: int, flag: str, on: bool) -> None:
        flags = self.server.boxes[path].messages[uid].flags
        self.server.boxes[path].flag(uid, flags | {flag} if on else flags - {flag})

    def remove(self, path: str, uid: int) -> None:
        self.server.boxes[path].take(uid)

    def renumber(self, path: str) -> None:
        self.server.renumber(path)

    def contents(self) -> list[Placed]:
        return sorted(
            (shown_folder(path), str(parse(stored.raw).subject), tuple(sorted(keywords_of(stored.flags))))
            for path, box in self.server.boxes.items()
            for stored in box.messages.values()
            if "\\Deleted" not in stored.flags
        )

    def end(self) -> None:
        pass
