"""Raw messages: fetched when somebody asks, and the rest in the background, newest first.

Owns which body comes next and how it is held. Fetching never marks a message as read. What cannot be read
within the limits is held and marked, and blocks nothing behind it.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.remote.base import MessageTooLarge, Remote
from shinbox.desk.mail.sandbox import Reading, Sandbox
from shinbox.desk.store import base, emails
from shinbox.desk.store.database import Tx
from shinbox.errors import LimitBroken, RemoteError, RemoteRefused, RemoteUnreachable

TOO_LARGE = "too-large"
"""The defect of a message that broke a limit: to be saved, not shown."""
BATCH = 20
SMALL = 128 * 1024
"""Octets up to which messages are fetched many at once: a server far away is asked once for all of them."""

Reported = Callable[[int, Reading], None]
"""Called with an email that is a report about others, and what it says."""

log = logging.getLogger(__name__)


class Bodies:
    """Fetches bodies of one account over a connection of its own. `hopeless` outlives the connection."""

    def __init__(
        self,
        desk: Desk,
        account: int,
        sandbox: Sandbox,
        hopeless: set[int],
        reported: Reported = lambda _, __: None,
    ) -> None:
        self.desk, self.account, self.sandbox = desk, account, sandbox
        self._hopeless, self._reported = hopeless, reported

    def fetch(self, remote: Remote, email: int) -> None:
        """Hold one body. Raises RemoteError with a sentence for whoever waits."""
        held = self._get(remote, email)
        if held is not None:
            self._hold([(email, *held)])

    def next_batch(self) -> list[int]:
        """What to fetch in the background next."""
        with self.desk.database.read() as tx:
            return base.bodiless(tx, self.account, BATCH, sorted(self._hopeless))

    def fetch_batch(self, remote: Remote, batch: Sequence[int], more_urgent: Callable[[], bool]) -> None:
        """Hold these bodies, in one transaction; stops early for something more urgent.

        Raises RemoteUnreachable.
        """
        small, held = self._small(remote, batch), []
        for email in batch:
            if more_urgent():
                break
            try:
                got = self._keep(small[email]) if email in small else self._get(remote, email)
            except RemoteUnreachable:
                raise
            except RemoteError as error:
                log.info("account %d: the body of email %d does not come: %s", self.account, email, error)
                self._hopeless.add(email)
                continue
            if got is not None:
                held.append((email, *got))
        self._hold(held)

    def _small(self, remote: Remote, batch: Sequence[int]) -> dict[int, bytes]:
        """The small ones of these, with one question a folder; what does not come is asked for alone."""
        places: dict[tuple[str, int], dict[int, int]] = {}
        with self.desk.database.read() as tx:
            for email in batch:
                size, place = tx.value("SELECT size FROM email WHERE id = ?", (email,)), _place(tx, email)
                if place is not None and size is not None and size <= SMALL:
                    places.setdefault((place.path, place.uidvalidity), {})[place.uid] = email
        found: dict[int, bytes] = {}
        for where, some in places.items():
            with contextlib.suppress(RemoteRefused):
                _open(remote, *where)
                starts = remote.fetch_starts(some, SMALL + 1)
                found |= {some[uid]: raw for uid, raw in starts.items() if 0 < len(raw) <= SMALL}
        return found

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
            self._hopeless.add(email)
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
