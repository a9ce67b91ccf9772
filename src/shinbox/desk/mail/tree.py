"""The server's folders as one tree of named mailboxes.

Owns how a path becomes names and back: the delimiter, the root that a connection is limited to, the `INBOX.`
that some servers put before everything. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shinbox.desk.mail.remote.base import BadName, NamespaceKind, RemoteFolder
from shinbox.terms import Role

INBOX: Final = "INBOX"


@dataclass(frozen=True)
class Tree:
    """The folders in sight. `top` is what a path begins with that has no parent here."""

    folders: Sequence[RemoteFolder]
    delimiter: str
    top: str
    root: str | None

    @classmethod
    def of(cls, listed: Sequence[RemoteFolder], root: str | None = None) -> Tree:
        """The tree of everything listed, or of what lies in `root`."""
        delimiter = next((folder.delimiter for folder in listed if folder.delimiter), "/")
        if root:
            inside = [f for f in listed if f.path == root or f.path.startswith(root + delimiter)]
            return cls(inside, delimiter, root + delimiter, root)
        below = INBOX + delimiter
        own = [f.path for f in listed if f.namespace is NamespaceKind.PERSONAL and f.path != INBOX]
        everything_below = bool(own) and all(path.startswith(below) for path in own)
        return cls(list(listed), delimiter, below if everything_below else "", None)

    def names(self, path: str) -> tuple[str, ...]:
        """The names of a folder and those above it, outermost first."""
        if path in (INBOX, self.root):
            return (_shown(path.split(self.delimiter)[-1]),)
        return tuple(_shown(name) for name in self._below(path).split(self.delimiter))

    def above(self, path: str) -> str | None:
        """The path of the folder that this one lies in, None at the top."""
        if path in (INBOX, self.root):
            return None
        inside, _, _ = self._below(path).rpartition(self.delimiter)
        if not inside:
            return None
        return (self.top if path.startswith(self.top) else "") + inside

    def with_those_above(self) -> dict[str, RemoteFolder | None]:
        """Every path, parents before children; None for a folder that is not listed itself."""
        listed = {folder.path: folder for folder in self.folders}
        found: dict[str, RemoteFolder | None] = {}
        for path in sorted(listed, key=lambda path: (path != INBOX, path)):
            chain = [path]
            while (above := self.above(chain[-1])) is not None:
                chain.append(above)
            for each in reversed(chain):
                found.setdefault(each, listed.get(each))
        return found

    def child(self, above: str | None, name: str) -> str:
        """The path of a folder to be made. Raises BadName."""
        if self.delimiter in name:
            raise BadName(f"The mail server cannot have “{self.delimiter}” in a folder's name.")
        return (self.top if above is None else above + self.delimiter) + name

    def roles(self) -> dict[Role, str]:
        """Which path has which role: the mailbox's own folders, not those of others in the same list."""
        found: dict[Role, str] = {}
        for folder in self.folders:
            if folder.role is not None and (self.root or folder.root is None):
                found.setdefault(folder.role, folder.path)
        if (
            self.root
            and Role.INBOX not in found
            and any(f.path == self.root and f.selectable for f in self.folders)
        ):
            found[Role.INBOX] = self.root
        return found

    def _below(self, path: str) -> str:
        return path[len(self.top) :] if path.startswith(self.top) else path


def _shown(name: str) -> str:
    return "Inbox" if name.upper() == INBOX else name
