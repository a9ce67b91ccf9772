"""From the server to the desk: look at folders, publish what is new, follow what moved, forget what is gone.

Owns the order of one round and what it remembers until the end of it: a message that vanished is forgotten
only after every folder was looked at (looking.py), since it may turn up in another one. It can be cut off
anywhere and the next round takes up where base ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from shinbox.desk.mail import ledger
from shinbox.desk.mail.desk import Desk, Doubts
from shinbox.desk.mail.folders import Folder, Found, reconcile, remove
from shinbox.desk.mail.looking import Arrived, Looking, Pause, batches
from shinbox.desk.mail.plan import Seen, Spot, plan
from shinbox.desk.mail.remote.remote import Connector, Remote
from shinbox.desk.mail.reports import About
from shinbox.desk.mail.rounds import Round, same_content
from shinbox.desk.mail.tree import Tree
from shinbox.desk.store import base
from shinbox.terms import Role

SECOND_LOOKS = 4
"""How often one round looks again at folders that changed under it."""


class Inbound:
    """The mirror of one account over one connection. `fresh`: a round came to its end on this connection, so
    that base is what the server has. `connect`, `about`, `tries`: see Looking."""

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
        about: About | None = None,
        tries: Counter[Spot],
    ) -> None:
        self.desk, self.account, self.remote = desk, account, remote
        self._root, self._doubts, self._pause = root, doubts, pause
        self.tree = Tree([], "/", "", root)
        self.fresh = False
        self._looking = Looking(
            desk,
            account,
            remote,
            doubts=doubts,
            pause=pause,
            arrived=arrived,
            connect=connect,
            about=about,
            tries=tries,
        )

    @property
    def _round(self) -> Round:
        """What the round under way saw so far."""
        return self._looking.round

    # --- rounds -----------------------------------------------------------------------------------

    def round(self, *, only_changed: bool = True) -> None:
        """Look at every folder that changed; at the end base is what the server has."""
        self.fresh, self._looking.round = False, Round()
        found = self._list()
        for folder in found.folders:
            if not only_changed or self._differs(folder):
                self._looking.look(folder)
        self.fresh = self._settle(found)

    def glance(self, role: Role = Role.INBOX) -> None:
        """Look at one folder, as news of it came; at the others only if something left it."""
        folder = next((each for each in self._looking.folders.values() if each.role is role), None)
        if folder is None:
            self.round()
            return
        fresh, self.fresh, self._looking.round = self.fresh, False, Round()
        self._looking.look(folder)
        if self._round.gone:
            fresh = self._settle(self._list()) and fresh
        else:
            self._looking.note_reached()
        self.fresh = fresh

    def has_left(self, spot: Spot) -> bool:
        """Whether the round under way saw that a message is no longer there."""
        return spot in self._round.gone

    def find_again(self, gone: Iterable[Spot], mailbox: int) -> None:
        """What just left these spots for that folder, where the server did not say the new uids."""
        spots = frozenset(gone)
        kept, self._looking.round = self._round, Round(gone=set(spots))
        if mailbox not in self._looking.folders:
            self._list()
        if mailbox in self._looking.folders:
            self._looking.look(self._looking.folders[mailbox])
        self._looking.round = kept
        with self.desk.write() as tx:
            found = {
                row["email_id"]
                for row in base.rows_of(tx, base.emails_at(tx, spots).values())
                if (row["mailbox_id"], row["uid"]) not in spots
            }
            left = {spot for spot, email in base.emails_at(tx, spots).items() if email in found}
            ledger.settle(tx, self.account, Seen(gone=spots, forgotten=left))

    def _list(self) -> Found:
        self.tree = Tree.of(self.remote.folders(), self._root)
        found = reconcile(self.desk, self.account, self.tree, self._doubts, self._same_content)
        self._looking.folders = {folder.mailbox: folder for folder in found.folders}
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
                self._looking.look(folder)
        else:
            return False
        self._looking.note_reached()
        return True

    def _moved_on(self, folder: Folder) -> bool:
        """Whether something may have come into a folder since it was looked at."""
        now = (folder.remote.uidvalidity, folder.remote.uidnext)
        return self._round.seen_uidnext.get(folder.mailbox) != now

    def _add_missing(self, found: Found) -> None:
        with self.desk.database.read() as tx:
            for mailbox in (*found.gone, *found.absent):
                self._round.gone.update((mailbox, uid) for uid in base.known(tx, mailbox))
                self._round.gone.update((mailbox, uid) for uid in base.lost(tx, mailbox))
        self._round.doubted.update(found.absent)

    def _forget(self, found: Found) -> None:
        believed = {spot for spot in self._round.gone if spot[0] not in self._round.doubted}
        for spots in batches(sorted(believed)):
            part = set(spots)
            seen = Seen(gone=self._round.gone, hidden=self._round.hidden, forgotten=part)
            with self.desk.write() as tx:
                here = ledger.load(tx, self.account, spots=part)
                ledger.carry_out(tx, self.account, plan(seen, here))
            self._pause()
        self._round.gone -= believed
        if found.gone:
            with self.desk.write() as tx:
                remove(tx, self.account, found.gone)
