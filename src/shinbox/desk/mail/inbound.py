"""From the server to the desk: look at folders, publish what is new, follow what moved, forget what is gone.

Owns the order of one round and what it remembers until the end of it: a message that vanished is forgotten
only after every folder was looked at, since it may turn up in another one. Everything it learns goes through
plan.py; it can be cut off anywhere and the next round takes up where base ends.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from shinbox.desk.mail import ledger, publishing, reports
from shinbox.desk.mail.ahead import Ahead
from shinbox.desk.mail.desk import Desk, Doubts
from shinbox.desk.mail.folders import Folder, Found, reconcile, remove
from shinbox.desk.mail.plan import DELETED, HIDDEN, Arrival, Seen, Spot, plan
from shinbox.desk.mail.publishing import Summary, keywords_of
from shinbox.desk.mail.remote.base import (
    ANY_KEYWORD,
    Changes,
    Connector,
    FlagsRow,
    FolderMissing,
    Remote,
    SelectedFolder,
    UidValidityChanged,
)
from shinbox.desk.mail.rounds import Reached, Round, alike, same_content
from shinbox.desk.mail.tree import Tree
from shinbox.desk.store import base, mailboxes
from shinbox.errors import RemoteRefused
from shinbox.terms import Role

MANY = 1_000
"""New messages in a folder from which on a second connection reads ahead."""
BATCH = 50
"""Messages in one write transaction: others wait a few milliseconds."""
FULL = 3
"""Messages from which on an empty folder is not believed at once."""
SECOND_LOOKS = 4
"""How often one round looks again at folders that changed under it."""

log = logging.getLogger(__name__)

Pause = Callable[[], None]
"""Called between batches, so that people's changes don't wait for the end of a long round."""
Arrived = Callable[[Sequence[tuple[int, Arrival]]], None]
"""Called after the commit with the emails just published."""


class Inbound:
    """The mirror of one account over one connection. `fresh`: a round came to its end on this connection, so
    that base is what the server has. `connect`: for reading ahead; without it, all goes over `remote`.
    `about`: reads what a report is about; without it, a report finds its thread by its header alone. `tries`:
    see reports.with_subjects."""

    def __init__(
        self,
        desk: Desk,
        account: int,
        remote: Remote,
        *,
        root: str | None = None,
        doubts: Doubts,
        pause: Pause = lambda: None,
        arrived: Arrived = lambda _: None,
        connect: Connector | None = None,
        about: reports.About | None = None,
        tries: Counter[Spot],
    ) -> None:
        self.desk, self.account, self.remote, self.connect = desk, account, remote, connect
        self._about, self._tries = about, tries
        self.root, self.doubts, self.pause, self.arrived = root, doubts, pause, arrived
        self.tree = Tree([], "/", "", root)
        self.folders: dict[int, Folder] = {}
        self.fresh = False
        self._round = Round()

    # --- rounds -----------------------------------------------------------------------------------

    def round(self, *, only_changed: bool = True) -> None:
        """Look at every folder that changed; at the end base is what the server has."""
        self.fresh, self._round = False, Round()
        found = self._list()
        for folder in found.folders:
            if not only_changed or self._differs(folder):
                self.look(folder)
        self.fresh = self._settle(found)

    def glance(self, role: Role = Role.INBOX) -> None:
        """Look at one folder, as news of it came; at the others only if something left it."""
        folder = next((each for each in self.folders.values() if each.role is role), None)
        if folder is None:
            self.round()
            return
        fresh, self.fresh, self._round = self.fresh, False, Round()
        self.look(folder)
        if self._round.gone:
            fresh = self._settle(self._list()) and fresh
        else:
            self._note_reached()
        self.fresh = fresh

    def has_left(self, spot: Spot) -> bool:
        """Whether the round under way saw that a message is no longer there."""
        return spot in self._round.gone

    def find_again(self, gone: Iterable[Spot], mailbox: int) -> None:
        """What just left these spots for that folder, where the server did not say the new uids."""
        spots = frozenset(gone)
        kept, self._round = self._round, Round(gone=set(spots))
        if mailbox not in self.folders:
            self._list()
        if mailbox in self.folders:
            self.look(self.folders[mailbox])
        self._round = kept
        with self.desk.write() as tx:
            found = {
                row["email_id"]
                for row in base.rows_of(tx, base.emails_at(tx, spots).values())
                if (row["mailbox_id"], row["uid"]) not in spots
            }
            left = {spot for spot, email in base.emails_at(tx, spots).items() if email in found}
            ledger.settle(tx, self.account, Seen(gone=spots, forgotten=left))

    def _list(self) -> Found:
        self.tree = Tree.of(self.remote.folders(), self.root)
        found = reconcile(self.desk, self.account, self.tree, self.doubts, self._same_content)
        self.folders = {folder.mailbox: folder for folder in found.folders}
        for folder in found.folders:
            known = self._round.seen_uidnext.get(folder.mailbox)
            self._round.seen_uidnext.setdefault(
                folder.mailbox, known or (folder.remote.uidvalidity, folder.remote.uidnext)
            )
        return found

    def _differs(self, folder: Folder) -> bool:
        with self.desk.database.read() as tx:
            row = base.folder(tx, folder.mailbox)
            count = tx.value(
                "SELECT COUNT(*) FROM remote_message WHERE mailbox_id = ? AND uid > 0", (folder.mailbox,)
            )
            lost = base.lost(tx, folder.mailbox)
        now = folder.remote
        return (
            row is None
            or not row["complete"]
            or bool(lost)
            or now.highestmodseq is None
            or (now.uidvalidity, now.uidnext, now.highestmodseq, now.messages)
            != (row["uidvalidity"], row["uidnext"], row["highestmodseq"], count)
        )

    # --- one folder -------------------------------------------------------------------------------

    def look(self, folder: Folder) -> None:
        """Bring base and what people see up to date with one folder, or pass by one that cannot be opened."""
        try:
            self._look(folder)
        except FolderMissing:
            log.info("account %d: folder %d went away while it was looked at", self.account, folder.mailbox)
        except UidValidityChanged:
            self._look(folder)
        except RemoteRefused as error:
            log.warning("account %d: folder %d cannot be read: %s", self.account, folder.mailbox, error)

    def _look(self, folder: Folder) -> None:
        selected = self.remote.select(folder.path)
        known, modseq = self._known(folder.mailbox, selected)
        if known:
            changes = self.remote.changes_since(modseq, known)
        else:
            rows = [FlagsRow(uid, frozenset()) for uid in self.remote.uids()]
            changes = Changes(selected, rows, [], complete=True)
        self._round.gone.update((folder.mailbox, uid) for uid in changes.vanished)
        self._doubt(folder.mailbox, changes, known)
        self._reflag(folder.mailbox, changes.flags, known)
        fresh = [row.uid for row in changes.flags if self._is_new(row, known)]
        for summaries in self._summaries(folder, changes.folder, sorted(fresh, reverse=True)):
            self._publish(folder, changes.folder, summaries)
            self.pause()
        self._round.reached[folder.mailbox] = Reached(changes.folder.uidnext, changes.highestmodseq)
        self._round.seen_uidnext[folder.mailbox] = (changes.folder.uidvalidity, changes.folder.uidnext)
        if not any(spot[0] == folder.mailbox for spot in self._round.gone):
            self._note_reached([folder.mailbox])

    def _known(self, mailbox: int, selected: SelectedFolder) -> tuple[dict[int, int], int | None]:
        """The uids that base has, and the state to ask from; after a new UIDVALIDITY none."""
        keeps = ANY_KEYWORD in selected.permanentflags
        with self.desk.write() as tx:
            mailboxes.update(tx, self.account, mailbox, server_keywords=int(keeps))
            if selected.read_only and selected.rights is None:
                mailboxes.update(tx, self.account, mailbox, server_rights="lr")
            row = base.folder(tx, mailbox)
            if row is None:
                raise FolderMissing("The folder was removed here.")
            if row["uidvalidity"] != selected.uidvalidity:
                base.rebuilt(tx, mailbox, selected.uidvalidity)
                row = base.folder(tx, mailbox)
            assert row is not None
            known = base.known(tx, mailbox)
            self._round.gone.update((mailbox, uid) for uid in base.lost(tx, mailbox))
        return known, row["highestmodseq"] if row["complete"] else None

    def _doubt(self, mailbox: int, changes: Changes, known: dict[int, int]) -> None:
        shown = sum(email != HIDDEN for email in known.values())
        if changes.folder.exists == 0 and shown >= FULL:
            if not self.doubts.believe(("empty", mailbox)):
                self._round.doubted.add(mailbox)
        else:
            self.doubts.clear(("empty", mailbox))

    def _is_new(self, row: FlagsRow, known: dict[int, int]) -> bool:
        email = known.get(row.uid)
        return email is None or (email == HIDDEN and DELETED not in keywords_of(row.flags))

    def _reflag(self, mailbox: int, rows: Sequence[FlagsRow], known: dict[int, int]) -> None:
        said = {row.uid: keywords_of(row.flags) for row in rows if known.get(row.uid, HIDDEN) != HIDDEN}
        hidden = {(mailbox, uid): flags for uid, flags in said.items() if DELETED in flags}
        self._round.hidden |= hidden
        self._round.gone.update(hidden)
        with self.desk.database.read() as tx:
            before = {
                uid: flags
                for part in _batches(list(said), 5000)
                for uid, flags in base.flags(tx, mailbox, part).items()
            }
        changed = [uid for uid, flags in said.items() if DELETED not in flags and before.get(uid) != flags]
        for uids in _batches(changed):
            with self.desk.write() as tx:
                ledger.settle(tx, self.account, Seen(flags={(mailbox, uid): said[uid] for uid in uids}))
            self.pause()

    def _summaries(
        self, folder: Folder, selected: SelectedFolder, uids: Sequence[int]
    ) -> Iterator[list[Summary]]:
        """The messages in batches, newest first; many of them over a connection that reads ahead."""
        if self.connect is not None and len(uids) >= MANY:
            where = (folder.mailbox, folder.path, selected.uidvalidity)
            with Ahead(self.connect, *where, uids, BATCH) as ahead:
                yield from ahead
            return
        for some in _batches(uids):
            self._select(folder, selected)
            for messages in self.remote.fetch_summaries(some, chunk=BATCH):
                yield [publishing.summary_of(folder.mailbox, message) for message in messages]

    def _select(self, folder: Folder, before: SelectedFolder) -> None:
        """Go back into a folder, whose uids must mean what they meant before."""
        now = self.remote.selected
        if now is None or now.path != folder.path:
            now = self.remote.select(folder.path)
        if now.uidvalidity != before.uidvalidity:
            raise UidValidityChanged(f"The folder {folder.path} was rebuilt on the mail server.")

    def _publish(self, folder: Folder, selected: SelectedFolder, summaries: Sequence[Summary]) -> None:
        """Publish one batch, or recognise it."""
        if self._about is not None and any(summary.is_report for summary in summaries):
            self._select(folder, selected)
            summaries = reports.with_subjects(self.remote, summaries, self._about, self._tries)
        self._look_where_they_were(folder, summaries)
        arrivals = [summary.arrival for summary in summaries]
        new = {summary.arrival.spot: summary.email for summary in summaries}
        with self.desk.write() as tx:
            if base.folder(tx, folder.mailbox) is None:
                return
            here = ledger.load(tx, self.account, arrivals=arrivals)
            seen = Seen(arrivals, gone=self._round.gone, hidden=self._round.hidden)
            published = ledger.carry_out(tx, self.account, plan(seen, here), new)
        if published:
            self.arrived(published)

    def _look_where_they_were(self, folder: Folder, summaries: Sequence[Summary]) -> None:
        """An arrival that looks like a known message: has that one left its folder since we looked there?"""
        arrivals = [summary.arrival for summary in summaries]
        for mailbox, uids in alike(self.desk, self.account, arrivals, self._round.gone).items():
            if mailbox in self.folders and mailbox != folder.mailbox:
                self._ask_whether_there(self.folders[mailbox], uids)

    def _ask_whether_there(self, folder: Folder, uids: Sequence[int]) -> None:
        try:
            selected = self.remote.select(folder.path)
        except FolderMissing:
            self._round.gone.update((folder.mailbox, uid) for uid in uids)
            return
        with self.desk.database.read() as tx:
            row = base.folder(tx, folder.mailbox)
        if row is None:
            return
        if row["uidvalidity"] != selected.uidvalidity:
            self.look(folder)  # What of it is still there has the first claim on its emails.
            return
        there = {row.uid: keywords_of(row.flags) for row in self.remote.fetch_flags(uids)}
        for uid in uids:
            spot = (folder.mailbox, uid)
            if uid not in there or DELETED in there[uid]:
                self._round.gone.add(spot)
            if uid in there and DELETED in there[uid]:
                self._round.hidden[spot] = there[uid]

    def _same_content(self, mailbox: int, path: str) -> bool:
        return same_content(self.desk, self.remote, mailbox, path)

    # --- the end of a round -----------------------------------------------------------------------

    def _settle(self, found: Found) -> bool:
        """Forget what is nowhere any more; False if the server changed faster than we could look."""
        self._add_missing(found)
        for _ in range(SECOND_LOOKS):
            if not self._round.gone and not found.gone:
                break
            found = self._list()
            self._add_missing(found)
            moving = [folder for folder in found.folders if self._moved_on(folder)]
            if not moving:
                self._forget(found)
                break
            for folder in moving:
                self.look(folder)
        else:
            return False
        self._note_reached()
        return True

    def _moved_on(self, folder: Folder) -> bool:
        """Whether something may have come into a folder since it was looked at."""
        now = (folder.remote.uidvalidity, folder.remote.uidnext)
        return (
            folder.mailbox not in self._round.seen_uidnext or now != self._round.seen_uidnext[folder.mailbox]
        )

    def _add_missing(self, found: Found) -> None:
        with self.desk.database.read() as tx:
            for mailbox in (*found.gone, *found.absent):
                self._round.gone.update((mailbox, uid) for uid in base.known(tx, mailbox))
                self._round.gone.update((mailbox, uid) for uid in base.lost(tx, mailbox))
        self._round.doubted.update(found.absent)

    def _forget(self, found: Found) -> None:
        believed = {spot for spot in self._round.gone if spot[0] not in self._round.doubted}
        for spots in _batches(sorted(believed)):
            part = set(spots)
            seen = Seen(gone=self._round.gone, hidden=self._round.hidden, forgotten=part)
            with self.desk.write() as tx:
                here = ledger.load(tx, self.account, spots=part)
                ledger.carry_out(tx, self.account, plan(seen, here))
            self.pause()
        self._round.gone -= believed
        if found.gone:
            with self.desk.write() as tx:
                remove(tx, self.account, found.gone)

    def _note_reached(self, only: Sequence[int] | None = None) -> None:
        waiting = {mailbox for mailbox, _ in self._round.gone}
        with self.desk.write() as tx:
            for mailbox, reached in list(self._round.reached.items()):
                if mailbox not in waiting and (only is None or mailbox in only):
                    base.reached(tx, mailbox, uidnext=reached.uidnext, highestmodseq=reached.highestmodseq)
                    del self._round.reached[mailbox]


def _batches(items: Sequence[int] | Sequence[Spot], size: int = BATCH) -> Iterable[Sequence]:  # type: ignore[type-arg]
    return (items[start : start + size] for start in range(0, len(items), size))
