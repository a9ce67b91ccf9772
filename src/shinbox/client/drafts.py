"""Drafts on this machine: what is being written survives a killed terminal.

Owns the journal: one file a draft in the user's state folder, written to a new file, fsynced, renamed, so
that at any moment one whole version is there. A draft that another running shinbox is writing is locked and
not offered. Knows no screen and no desk.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec


class Attached(msgspec.Struct, frozen=True):
    """A file that goes along, as the desk holds it."""

    blob: str
    name: str
    type: str
    size: int


class Draft(msgspec.Struct, kw_only=True):
    """A message being written; the fields hold what was typed, not what it means."""

    id: str = msgspec.field(default_factory=lambda: secrets.token_hex(8))
    desk: str = ""
    """Address of the desk that it is for: ids of mailboxes mean something there alone."""
    user: str = ""
    """Who writes it, as the desk names them."""
    account: str = ""
    identity: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    body: str = ""
    in_reply_to: list[str] = []
    references: list[str] = []
    replies_to: str = ""
    """The email that it answers."""
    forwards: str = ""
    """The email that it passes on."""
    thread: str = ""
    thread_state: str | None = None
    """What the conversation looked like when the answer was begun (the send gate)."""
    saved_at: str = ""
    attempt: str = msgspec.field(default_factory=lambda: secrets.token_hex(8))
    """Which attempt to send it this is: a new one begins only when it is sure that the last sent nothing."""
    at_desk: str = ""
    """The email in Drafts that it goes on with, and takes the place of."""
    attachments: list[Attached] = []
    desk_id: str = ""
    """The draft at the desk that this is as well (client/desk_drafts.py)."""
    revision: int = 0
    """Which revision of that the desk has confirmed."""
    lease: str = msgspec.field(default_factory=lambda: secrets.token_hex(8))
    """This editor's own word: it keeps its lease when an ended shinbox is started again."""
    parted: bool = False
    """Whether a colleague went on with the draft at the desk, or it is over: this text is one's own."""
    people: list[str] = []
    """Addresses that took part in what it answers; whoever else gets it is pointed out. Empty: not asked."""

    def sending_id(self) -> str:
        """The same for the same text in the same attempt: what the desk is told twice is sent once."""
        said = (self.identity, self.to, self.cc, self.bcc, self.subject, self.body, self.attachments)
        digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]
        return f"send-{self.id}-{self.attempt}-{digest}"

    def part(self) -> None:
        """The draft at the desk is over, or another's: this one begins anew there."""
        self.desk_id, self.revision, self.parted, self.lease = "", 0, False, secrets.token_hex(8)

    def begin_anew(self) -> None:
        """Nothing was sent, for certain: the next attempt is another one."""
        self.attempt = secrets.token_hex(8)

    @property
    def worth_keeping(self) -> bool:
        """Whether somebody would miss it."""
        return bool((self.to + self.cc + self.bcc + self.subject + self.body).strip() or self.attachments)


@dataclass
class DraftJournal:
    """The drafts in a folder. Every method does disk work: call them off the loop."""

    folder: Path
    _locks: dict[str, IO[str]] = field(default_factory=dict)

    def begin(self, draft: Draft) -> None:
        """Take a draft: from now on no other shinbox offers it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if draft.id not in self._locks:
            lock = self._lock_path(draft.id).open("w", encoding="ascii")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                raise
            self._locks[draft.id] = lock

    def save(self, draft: Draft) -> None:
        """Keep this version; when it returns, it is on the disk."""
        self.begin(draft)
        path = self._path(draft.id)
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(draft))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        self._sync_folder()

    def drop(self, draft_id: str) -> None:
        """The draft was sent, kept at the desk, or thrown away."""
        for path in (self._path(draft_id), self.editor_file(draft_id), self._lock_path(draft_id)):
            path.unlink(missing_ok=True)
        self.release(draft_id)
        if self.folder.is_dir():
            self._sync_folder()

    def release(self, draft_id: str) -> None:
        """Stop writing it; it stays in the journal."""
        lock = self._locks.pop(draft_id, None)
        if lock is not None:
            lock.close()

    def lost(self, desk: str, user: str) -> list[Draft]:
        """One person's drafts for one desk that nobody is writing now, the newest last.

        What an editor left behind is taken in.
        """
        own = (draft for draft in self._read_all() if (draft.desk, draft.user) == (desk, user))
        drafts = [draft for draft in own if not self._is_locked(draft.id)]
        return sorted(drafts, key=lambda draft: draft.saved_at)

    def editor_file(self, draft_id: str) -> Path:
        """Where `$EDITOR` writes the text of a draft: beside it, so that it survives as well."""
        return self.folder / f"{draft_id}.txt"

    def _read_all(self) -> Iterator[Draft]:
        for path in sorted(self.folder.glob("*.json")):
            # A file that is no draft is not ours to judge or to delete.
            with suppress(msgspec.MsgspecError, OSError):
                draft = msgspec.json.decode(path.read_bytes(), type=Draft)
                left = self.editor_file(draft.id)
                if left.exists() and left.stat().st_mtime >= path.stat().st_mtime:
                    draft.body = left.read_text(encoding="utf-8", errors="replace")
                yield draft

    def _is_locked(self, draft_id: str) -> bool:
        if draft_id in self._locks:
            return True
        try:
            with self._lock_path(draft_id).open("r", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _path(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.json"

    def _lock_path(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.lock"

    def _sync_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def default_folder() -> Path:
    """`$XDG_STATE_HOME/shinbox/drafts`."""
    from platformdirs import user_state_path

    return user_state_path("shinbox") / "drafts"
