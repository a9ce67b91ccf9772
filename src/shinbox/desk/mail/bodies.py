"""Raw messages: fetched when somebody asks, and the rest in the background, newest first.

Owns which body comes next and how it is held. Fetching never marks a message as read. What cannot be read
within the limits is held and marked, and blocks nothing behind it.
"""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.remote.base import MessageTooLarge
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.sandbox import Reading, Sandbox
from shinbox.desk.store import base, emails
from shinbox.desk.store.database import Tx
from shinbox.errors import LimitBroken, RemoteError, RemoteProtocolError, RemoteRefused, RemoteUnreachable

TOO_LARGE = "too-large"
"""The defect of a message that broke a limit: to be saved, not shown."""
BATCH = 20
SMALL = 128 * 1024
"""Octets up to which messages are fetched many at once: a server far away is asked once for all of them."""
TRIES = 3
"""Connections that may be lost over one body before it is given up: the network loses some as well."""

Reported = Callable[[int, Reading], None]
"""Called with an email that is a report about others, and what it says."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trouble:
    """What outlives the connection, by email. `hopeless`: not asked for in the background any more; `lost`:
    how many connections ended while it was asked for. From the first on it is asked for alone."""

    hopeless: set[int] = field(default_factory=set)
    lost: Counter[int] = field(default_factory=Counter)

    def ended(self, email: int, error: RemoteError) -> None:
        """A connection ended while this one was asked for, alone."""
        self.lost[email] += 1
        if self.lost[email] >= TRIES or isinstance(error, RemoteProtocolError):
            self.hopeless.add(email)


class Bodies:
    """Fetches bodies of one account over a connection of its own."""

    def __init__(
        self,
        desk: Desk,
        account: int,
        sandbox: Sandbox,
        trouble: Trouble,
        reported: Reported = lambda _, __: None,
    ) -> None:
        self.desk, self.account, self.sandbox = desk, account, sandbox
        self._trouble, self._reported = trouble, reported

    def fetch(self, remote: Remote, email: int) -> None:
        """Hold one body. Raises RemoteError with a sentence for whoever waits."""
        held = self._get(remote, email)
        if held is not None:
            self._hold([(email, *held)])

    def next_batch(self) -> list[int]:
        """What to fetch in the background next."""
        with self.desk.database.read() as tx:
            return base.bodiless(tx, self.account, BATCH, sorted(self._trouble.hopeless))

    def fetch_batch(self, remote: Remote, batch: Sequence[int], more_urgent: Callable[[], bool]) -> None:
        """Hold these bodies, in one transaction; stops early for something more urgent.

        Raises RemoteUnreachable or RemoteProtocolError where the connection ended; what was read is held.
        """
        small, held = self._small(remote, batch), []
        try:
            for email in batch:
                if more_urgent():
                    break
                got = self._keep(small[email]) if email in small else self._try(remote, email)
                if got is not None:
                    held.append((email, *got))
        finally:
            self._hold(held)

    def _try(self, remote: Remote, email: int) -> tuple[str, Reading] | None:
        """As `_get`; None also for one that does not come."""
        try:
            got = self._get(remote, email)
        except RemoteError as error:
            log.info("account %d: the body of email %d does not come: %s", self.account, email, error)
            if isinstance(error, RemoteUnreachable | RemoteProtocolError):
                self._trouble.ended(email, error)
                raise
            self._trouble.hopeless.add(email)
            return None
        self._trouble.lost.pop(email, None)
        return got

    def _small(self, remote: Remote, batch: Sequence[int]) -> dict[int, bytes]:
        """The small ones of these, with one question a folder; what does not come is asked for alone."""
        places: dict[tuple[str, int], dict[int, int]] = {}
        with self.desk.database.read() as tx:
            for email in (each for each in batch if each not in self._trouble.lost):
                size, place = tx.value("SELECT size FROM email WHERE id = ?", (email,)), _place(tx, email)
                if place is not None and size is not None and size <= SMALL:
                    places.setdefault((place.path, place.uidvalidity), {})[place.uid] = email
        found: dict[int, bytes] = {}
        for where, some in places.items():
            with contextlib.suppress(RemoteRefused):
                starts = self._starts(remote, where, some)
                found |= {some[uid]: raw for uid, raw in starts.items() if 0 < len(raw) <= SMALL}
        return found

    def _starts(self, remote: Remote, where: tuple[str, int], some: Mapping[int, int]) -> dict[int, bytes]:
        try:
            _open(remote, *where)
            return remote.fetch_starts(some, SMALL + 1)
        except (RemoteUnreachable, RemoteProtocolError):
            self._trouble.lost.update(some.values())
            raise

    def _get(self, remote: Remote, email: int) -> tuple[str, Reading] | None:
        """Fetch and read; None if it is held already."""
        with self.desk.database.read() as tx:
            blob = tx.value("SELECT blob_hash FROM email WHERE id = ?", (email,))
            place = _place(tx, email)
        if blob is not None and self.desk.blobs.has(blob):
            return None
        if place is None:
            raise RemoteRefused("The message is no longer on the mail server.")
        _open(remote, place.path, place.uidvalidity)
        try:
            raw = remote.fetch_raw(place.uid)
        except MessageTooLarge:
            self._trouble.hopeless.add(email)
            raise
        return self._keep(raw)

    def _keep(self, raw: bytes) -> tuple[str, Reading]:
        return self.desk.blobs.put(raw, durable=False), self.read(raw)

    def read(self, raw: bytes) -> Reading:
        """What a message says; one that breaks a limit says so."""
        try:
            return self.sandbox.read(raw)
        except LimitBroken:
            return Reading(defects=[TOO_LARGE])

    def _hold(self, held: Sequence[tuple[int, str, Reading]]) -> None:
        if not held:
            return
        with self.desk.write() as tx:
            for email, name, reading in held:
                if tx.value("SELECT 1 FROM email WHERE id = ?", (email,)) is None:
                    continue
                emails.hold_body(
                    tx,
                    self.account,
                    email,
                    blob_hash=name,
                    preview=reading.preview,
                    text=reading.text,
                    defects=reading.defects,
                    structure=reading.structure,
                )
        for email, _, reading in held:
            if reading.about is not None:
                self._reported(email, reading)


@dataclass(frozen=True)
class _Place:
    """Where a message lies on the server."""

    path: str
    uidvalidity: int
    uid: int


def _place(tx: Tx, email: int) -> _Place | None:
    row = next((row for row in base.rows_of(tx, [email]) if row["uid"] > 0), None)
    folder = base.folder(tx, row["mailbox_id"]) if row is not None else None
    if row is None or folder is None:
        return None
    return _Place(folder["path"], folder["uidvalidity"], row["uid"])


def _open(remote: Remote, path: str, uidvalidity: int) -> None:
    selected = remote.selected
    if selected is None or selected.path != path:
        selected = remote.select(path)
    if selected.uidvalidity != uidvalidity:
        raise RemoteRefused("The folder is being rebuilt on the mail server: try again in a minute.")
