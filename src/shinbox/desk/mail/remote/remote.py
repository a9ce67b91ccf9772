"""What can be asked of a mail server: the `Remote` protocol that every connector (IMAP, in memory) keeps to.

Owns what each operation promises and raises. Refuses to know how bytes travel; what is told is in base.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import BinaryIO, Protocol

from shinbox.desk.mail.remote.base import (
    DEFAULT_MAX_SIZE,
    Appended,
    Changes,
    Copied,
    FlagsRow,
    FolderState,
    IdleEvent,
    RemoteFolder,
    RemoteMessage,
    SelectedFolder,
)


class Stop(Protocol):
    """What ends an `idle` from another thread; see `waker.Waker`."""

    def is_set(self) -> bool: ...

    def fileno(self) -> int:
        """A descriptor that is readable once set."""
        ...


class Remote(Protocol):
    """One connection to a mailbox. It belongs to the thread that made it; any other caller gets RuntimeError.

    Every operation may raise `RemoteUnreachable` (the connection is then closed: make a new one) and
    `RemoteRefused`, whose `extra["code"]` is the server's response code (RFC 5530) if it gave one. UIDs
    mean messages of the folder selected last.
    """

    @property
    def capabilities(self) -> frozenset[str]:
        """In upper case, as of after the login."""
        ...

    @property
    def selected(self) -> SelectedFolder | None: ...

    def folders(self) -> list[RemoteFolder]:
        """All folders of all namespaces, with roles, rights and counters."""
        ...

    def status(self, path: str) -> FolderState:
        """A folder's counters. Raises FolderMissing."""
        ...

    def select(self, path: str) -> SelectedFolder:
        """Open a folder, read-write where the server allows. Raises FolderMissing."""
        ...

    def uids(self) -> list[int]:
        """The UIDs in the selected folder, ascending."""
        ...

    def fetch_summaries(self, uids: Iterable[int], *, chunk: int = 250) -> Iterator[list[RemoteMessage]]:
        """Headers, structure and flags in lists of about `chunk`, newest (highest UID) first. UIDs that
        are gone are left out. Never sets `\\Seen`."""
        ...

    def fetch_flags(self, uids: Iterable[int] | None = None) -> list[FlagsRow]:
        """Flags of these messages, or of all, ascending by UID."""
        ...

    def changes_since(self, modseq: int | None, known: Collection[int]) -> Changes:
        """What changed in the selected folder since `modseq`, given the UIDs the desk knows.

        Selects the folder again first. Raises UidValidityChanged if it was rebuilt since the last select,
        FolderMissing."""
        ...

    def fetch_raw(self, uid: int, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
        """The message as it lies there. Never sets `\\Seen`. Raises MessageMissing, MessageTooLarge."""
        ...

    def fetch_raw_into(self, uid: int, sink: BinaryIO, *, max_size: int = DEFAULT_MAX_SIZE) -> int:
        """As `fetch_raw`, written to `sink` piece by piece; the number of octets."""
        ...

    def fetch_starts(self, uids: Iterable[int], octets: int) -> dict[int, bytes]:
        """The first octets of these messages as they lie there; empty for one that the server cannot read,
        and none for one that is gone. Never sets `\\Seen`."""
        ...

    def store_flags(
        self, uids: Iterable[int], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> dict[int, FlagsRow]:
        """Change flags and return what the server really has afterwards: compare, since a server may
        answer OK and do nothing. A message that is gone is missing from the answer."""
        ...

    def move(self, uids: Iterable[int], target: str) -> Copied:
        """Move messages. When refused half-way, the error's `extra["copied"]` is what has moved.
        Raises FolderMissing (target), NotAllowed."""
        ...

    def copy(self, uids: Iterable[int], target: str) -> Copied:
        """Copy messages. Raises FolderMissing (target), NotAllowed."""
        ...

    def append(
        self, path: str, raw: bytes, *, flags: Iterable[str] = (), internaldate: datetime | None = None
    ) -> Appended | None:
        """Add a message, octet for octet; `None` if the server does not say where (no UIDPLUS): look with
        `find_by_message_id`. `internaldate` must be aware."""
        ...

    def find_by_message_id(self, path: str, message_id: str, *, since_uid: int = 1) -> list[int]:
        """Select `path` and return the UIDs, from `since_uid` on, whose Message-ID is exactly this."""
        ...

    def expunge_uids(self, uids: Iterable[int]) -> list[int]:
        """Remove exactly these messages (UID EXPUNGE, RFC 4315); those that are really gone, ascending.
        Raises NotAllowed where the server cannot remove single messages."""
        ...

    def create_folder(self, path: str) -> None: ...

    def rename_folder(self, path: str, new_path: str) -> None: ...

    def delete_folder(self, path: str) -> None: ...

    def idle(self, stop: Stop, timeout: float) -> list[IdleEvent]:
        """Wait for a change of the selected folder: at most `timeout` seconds, or until `stop` is set.
        Empty when nothing happened. Without IDLE the server is asked once, after the wait."""
        ...

    def noop(self) -> None:
        """Show that the connection lives."""
        ...

    def abort(self) -> None:
        """Cut the connection, from any thread: whoever waits on it gets RemoteUnreachable."""
        ...

    def close(self) -> None:
        """Log out politely if possible; never raises, may be called twice."""
        ...


Connector = Callable[[], Remote]
"""Makes a new connection, logged in: what a worker is given."""
