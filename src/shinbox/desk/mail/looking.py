"""One folder, looked at: what changed in it since base, published, recognised or marked.

Owns what is asked of the server about a folder, and that a message which turned up is first compared with
what the desk knows from elsewhere. Everything it learns goes through plan.py. Refuses to know which folders
are looked at, and when what is gone is forgotten (inbound.py).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from shinbox.desk.mail import ledger, publishing, reports
from shinbox.desk.mail.ahead import Ahead
from shinbox.desk.mail.desk import Desk, Doubts
from shinbox.desk.mail.folders import Folder
from shinbox.desk.mail.plan import DELETED, HIDDEN, Arrival, Seen, Spot, plan
from shinbox.desk.mail.publishing import Summary, keywords_of
from shinbox.desk.mail.remote.base import (
    ANY_KEYWORD,
    Changes,
    FlagsRow,
    FolderMissing,
    SelectedFolder,
    UidValidityChanged,
)
from shinbox.desk.mail.remote.remote import Connector, Remote
from shinbox.desk.mail.rounds import Reached, Round, alike
from shinbox.desk.store import base, mailboxes
from shinbox.errors import RemoteRefused

MANY = 1_000
"""New messages in a folder from which on a second connection reads ahead."""
BATCH = 50
"""Messages in one write transaction: others wait a few milliseconds."""
FULL = 3
"""Messages from which on an empty folder is not believed at once."""

log = logging.getLogger(__name__)

Pause = Callable[[], None]
"""Called between batches, so that people's changes don't wait for the end of a long round."""
Arrived = Callable[[Sequence[tuple[int, Arrival]]], None]
"""Called after the commit with the emails just published."""


class Looking:
    """Looks at the folders of one account. The caller sets `folders`, those of the last list by mailbox, and
    `round`, which keeps what the round under way saw. `connect`: for reading ahead; without it, all goes over
    `remote`. `about`: reads what a report is about; without it, a report finds its thread by its header
    alone. `tries`: see reports.with_subjects."""

    def __init__(
        self,
        desk: Desk,
        account: int,
        remote: Remote,
        *,
        doubts: Doubts,
        pause: Pause = lambda: None,
        arrived: Arrived = lambda _: None,
        connect: Connector | None = None,
        about: reports.About | None = None,
        tries: Counter[Spot],
    ) -> None:
        self._desk, self._account, self._remote, self._connect = desk, account, remote, connect
        self._about, self._tries = about, tries
        self._doubts, self._pause, self._arrived = doubts, pause, arrived
        self.folders: dict[int, Folder] = {}
        self.round = Round()

    def look(self, folder: Folder) -> None:
        """Bring base and what people see up to date with one folder, or pass by one that cannot be opened."""
        try:
            self._look(folder)
        except FolderMissing:
            log.info("account %d: folder %d went away while it was looked at", self._account, folder.mailbox)
        except UidValidityChanged:
            self._look(folder)
        except RemoteRefused as error:
            log.warning("account %d: folder %d cannot be read: %s", self._account, folder.mailbox, error)

    def _look(self, folder: Folder) -> None:
        selected = self._remote.select(folder.path)
        known, modseq = self._known(folder.mailbox, selected)
        if known:
            changes = self._remote.changes_since(modseq, known)
        else:
            rows = [FlagsRow(uid, frozenset()) for uid in self._remote.uids()]
            changes = Changes(selected, rows, [], complete=True)
        self.round.gone.update((folder.mailbox, uid) for uid in changes.vanished)
        self._doubt(folder.mailbox, changes, known)
        self._reflag(folder.mailbox, changes.flags, known)
        fresh = [row.uid for row in changes.flags if self._is_new(row, known)]
        for summaries in self._summaries(folder, changes.folder, sorted(fresh, reverse=True)):
            self._publish(folder, changes.folder, summaries)
            self._pause()
        self.round.reached[folder.mailbox] = Reached(changes.folder.uidnext, changes.highestmodseq)
        self.round.seen_uidnext[folder.mailbox] = (changes.folder.uidvalidity, changes.folder.uidnext)
        if not any(spot[0] == folder.mailbox for spot in self.round.gone):
            self.note_reached([folder.mailbox])

    def _known(self, mailbox: int, selected: SelectedFolder) -> tuple[dict[int, int], int | None]:
        """The uids that base has, and the state to ask from; after a new UIDVALIDITY none."""
        keeps = ANY_KEYWORD in selected.permanentflags
        with self._desk.write() as tx:
            mailboxes.update(tx, self._account, mailbox, server_keywords=int(keeps))
            if selected.read_only and selected.rights is None:
                mailboxes.update(tx, self._account, mailbox, server_rights="lr")
            row = base.folder(tx, mailbox)
            if row is None:
                raise FolderMissing("The folder was removed here.")
            if row["uidvalidity"] != selected.uidvalidity:
                base.rebuilt(tx, mailbox, selected.uidvalidity)
                row = base.folder(tx, mailbox)
            assert row is not None
            known = base.known(tx, mailbox)
            self.round.gone.update((mailbox, uid) for uid in base.lost(tx, mailbox))
        return known, row["highestmodseq"] if row["complete"] else None

    def _doubt(self, mailbox: int, changes: Changes, known: dict[int, int]) -> None:
        shown = sum(email != HIDDEN for email in known.values())
        if changes.folder.exists == 0 and shown >= FULL:
            if not self._doubts.believe(("empty", mailbox)):
                self.round.doubted.add(mailbox)
        else:
            self._doubts.clear(("empty", mailbox))

    def _is_new(self, row: FlagsRow, known: dict[int, int]) -> bool:
        email = known.get(row.uid)
        return email is None or (email == HIDDEN and DELETED not in keywords_of(row.flags))

    def _reflag(self, mailbox: int, rows: Sequence[FlagsRow], known: dict[int, int]) -> None:
        said = {row.uid: keywords_of(row.flags) for row in rows if known.get(row.uid, HIDDEN) != HIDDEN}
        hidden = {(mailbox, uid): flags for uid, flags in said.items() if DELETED in flags}
        self.round.hidden |= hidden
        self.round.gone.update(hidden)
        with self._desk.database.read() as tx:
            before = {
                uid: flags
                for part in batches(list(said), 5000)
                for uid, flags in base.flags(tx, mailbox, part).items()
            }
        changed = [uid for uid, flags in said.items() if DELETED not in flags and before.get(uid) != flags]
        for uids in batches(changed):
            with self._desk.write() as tx:
                ledger.settle(tx, self._account, Seen(flags={(mailbox, uid): said[uid] for uid in uids}))
            self._pause()

    def _summaries(
        self, folder: Folder, selected: SelectedFolder, uids: Sequence[int]
    ) -> Iterator[list[Summary]]:
        """The messages in batches, newest first; many of them over a connection that reads ahead."""
        if self._connect is not None and len(uids) >= MANY:
            where = (folder.mailbox, folder.path, selected.uidvalidity)
            with Ahead(self._connect, *where, uids, BATCH) as ahead:
                yield from ahead
            return
        for some in batches(uids):
            self._select(folder, selected)
            for messages in self._remote.fetch_summaries(some, chunk=BATCH):
                yield [publishing.summary_of(folder.mailbox, message) for message in messages]

    def _select(self, folder: Folder, before: SelectedFolder) -> None:
        """Go back into a folder, whose uids must mean what they meant before."""
        now = self._remote.selected
        if now is None or now.path != folder.path:
            now = self._remote.select(folder.path)
        if now.uidvalidity != before.uidvalidity:
            raise UidValidityChanged(f"The folder {folder.path} was rebuilt on the mail server.")

    def _publish(self, folder: Folder, selected: SelectedFolder, summaries: Sequence[Summary]) -> None:
        """Publish one batch, or recognise it."""
        if self._about is not None and any(summary.is_report for summary in summaries):
            self._select(folder, selected)
            summaries = reports.with_subjects(self._remote, summaries, self._about, self._tries)
        self._look_where_they_were(folder, summaries)
        arrivals = [summary.arrival for summary in summaries]
        new = {summary.arrival.spot: summary.email for summary in summaries}
        with self._desk.write() as tx:
            if base.folder(tx, folder.mailbox) is None:
                return
            here = ledger.load(tx, self._account, arrivals=arrivals)
            seen = Seen(arrivals, gone=self.round.gone, hidden=self.round.hidden)
            published = ledger.carry_out(tx, self._account, plan(seen, here), new)
        if published:
            self._arrived(published)

    def _look_where_they_were(self, folder: Folder, summaries: Sequence[Summary]) -> None:
        """An arrival that looks like a known message: has that one left its folder since we looked there?"""
        arrivals = [summary.arrival for summary in summaries]
        for mailbox, uids in alike(self._desk, self._account, arrivals, self.round.gone).items():
            if mailbox in self.folders and mailbox != folder.mailbox:
                self._ask_whether_there(self.folders[mailbox], uids)

    def _ask_whether_there(self, folder: Folder, uids: Sequence[int]) -> None:
        try:
            selected = self._remote.select(folder.path)
        except FolderMissing:
            self.round.gone.update((folder.mailbox, uid) for uid in uids)
            return
        with self._desk.database.read() as tx:
            row = base.folder(tx, folder.mailbox)
        if row is None:
            return
        if row["uidvalidity"] != selected.uidvalidity:
            self.look(folder)  # What of it is still there has the first claim on its emails.
            return
        there = {row.uid: keywords_of(row.flags) for row in self._remote.fetch_flags(uids)}
        for uid in uids:
            spot = (folder.mailbox, uid)
            if uid not in there or DELETED in there[uid]:
                self.round.gone.add(spot)
            if uid in there and DELETED in there[uid]:
                self.round.hidden[spot] = there[uid]

    def note_reached(self, only: Sequence[int] | None = None) -> None:
        """Base is what the server had, in the folders that nothing of this round waits in any more."""
        waiting = {mailbox for mailbox, _ in self.round.gone}
        with self._desk.write() as tx:
            for mailbox, reached in list(self.round.reached.items()):
                if mailbox not in waiting and (only is None or mailbox in only):
                    base.reached(tx, mailbox, uidnext=reached.uidnext, highestmodseq=reached.highestmodseq)
                    del self.round.reached[mailbox]


def batches(items: Sequence[int] | Sequence[Spot], size: int = BATCH) -> Iterable[Sequence]:  # type: ignore[type-arg]
    """Parts of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))
