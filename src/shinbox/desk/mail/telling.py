"""How each kind of intent is told to the server, and taken back here when it refuses.

Owns the one right order of commands for each kind and what base says afterwards. Every function may be told
twice: it begins with what base shows to be so already. Knows no order among intents (outbound.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from shinbox.desk.mail import folder_telling
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.inbound import Inbound
from shinbox.desk.mail.plan import DELETED, HIDDEN, Row
from shinbox.desk.mail.publishing import flags_of, keywords_of
from shinbox.desk.mail.remote.base import DELETED as DELETED_FLAG
from shinbox.desk.mail.remote.base import Copied, NotAllowed
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.tasks import GONE, IGNORED, MOVED, UNHELD, Change, Ended, Task, with_crlf
from shinbox.desk.mail.tree import Tree
from shinbox.desk.store import base, emails
from shinbox.desk.store.database import Tx
from shinbox.errors import RemoteRefused


def tell(inbound: Inbound, desk: Desk, account: int, tasks: Sequence[Task]) -> list[Ended]:
    """Carry out tasks of one kind and payload. Raises RemoteRefused, RemoteUnreachable."""
    told = _Told(inbound, desk, account)
    match tasks[0].kind:
        case "keywords":
            return told.keywords(tasks)
        case "move":
            return told.moves(tasks)
        case "append":
            return [told.append(tasks[0])]
        case "remove":
            return [told.remove(tasks[0])]
        case _:
            changes = folder_telling.tell(
                inbound, desk, account, tasks[0].kind, tasks[0].mailbox or 0, tasks[0].payload
            )
            return [Ended(tasks[0], None, changes)]


class _Told:
    def __init__(self, inbound: Inbound, desk: Desk, account: int) -> None:
        self.inbound, self.desk, self.account = inbound, desk, account
        self.remote: Remote = inbound.remote

    def select(self, mailbox: int) -> None:
        path = self.path(mailbox)
        if self.remote.selected is None or self.remote.selected.path != path:
            selected = self.remote.select(path)
            with self.desk.database.read() as tx:
                row = base.folder(tx, mailbox)
            if row is not None and row["uidvalidity"] not in (None, selected.uidvalidity):
                raise RemoteRefused("The folder was rebuilt on the mail server.", code="INUSE")

    def path(self, mailbox: int) -> str:
        with self.desk.database.read() as tx:
            row = base.folder(tx, mailbox)
        if row is None:
            raise RemoteRefused("The mail server does not have that folder.")
        return str(row["path"])

    # --- keywords ---------------------------------------------------------------------------------

    def keywords(self, tasks: Sequence[Task]) -> list[Ended]:
        add, remove = (
            frozenset(tasks[0].payload.get("add", ())),
            frozenset(tasks[0].payload.get("remove", ())),
        )
        flags: dict[tuple[int, int], frozenset[str]] = {}
        for mailbox, uids in base.by_mailbox(row.spot for task in tasks for row in task.rows).items():
            self.select(mailbox)
            said = self.remote.store_flags(uids, add=flags_of(add), remove=flags_of(remove))
            flags |= {(mailbox, uid): keywords_of(row.flags) for uid, row in said.items()}
        return [self._flagged(task, flags, add, remove) for task in tasks]

    def _flagged(
        self,
        task: Task,
        flags: dict[tuple[int, int], frozenset[str]],
        add: frozenset[str],
        remove: frozenset[str],
    ) -> Ended:
        there = [row for row in task.rows if DELETED not in flags.get(row.spot, {DELETED})]
        changes: list[Change] = [
            partial(base.put, mailbox=row.mailbox, uid=row.uid, email=row.email, keywords=flags[row.spot])
            for row in there
        ]
        if not there:
            return Ended(task, GONE, changes)
        for row in there:
            kept = flags[row.spot]
            if lost := sorted((add - kept) | (remove & kept)):
                return Ended(
                    task,
                    f"The mail server does not keep a change of {', '.join(lost)} in this folder.",
                    changes,
                )
        return Ended(task, None, changes)

    # --- moves ------------------------------------------------------------------------------------

    def moves(self, tasks: Sequence[Task]) -> list[Ended]:
        simple: dict[tuple[int, int], list[Task]] = {}
        ended = []
        for task in tasks:
            leaves, joins = self._steps(task)
            if isinstance(leaves, str) or not (leaves or joins):
                ended.append(Ended(task, leaves or None))  # type: ignore[arg-type]  # a reason, or an empty list
            elif len(leaves) == 1 and len(joins) == 1:
                simple.setdefault((leaves[0].mailbox, joins[0]), []).append(task)
            else:
                ended.append(self._copy_and_remove(task, leaves, joins))
        for (source, target), some in simple.items():
            ended += self._move(some, source, target)
        return ended

    def _steps(self, task: Task) -> tuple[list[Row] | str, list[int]]:
        """The rows that the message has to leave and the folders that it has to join; or why not at all."""
        lies = {row.mailbox for row in task.rows}
        source, target = task.boxes("source"), task.boxes("target")
        if not task.rows:
            return GONE, []
        leaves = [row for row in task.rows if row.mailbox in source]
        joins = [box for box in target if box not in lies]
        if source and not leaves:
            return MOVED if joins else [], []
        if not joins and len(leaves) == len(task.rows):
            return MOVED, []  # The folder that it was to stay in has lost it: this is the last one.
        if task.again and any(
            task.payload.get("uids", {}).get(str(row.mailbox)) != row.uid for row in leaves
        ):
            # We had moved it, and before we knew somebody moved it back: their move stands.
            return [], []
        return leaves, joins

    def _move(self, tasks: Sequence[Task], source: int, target: int) -> list[Ended]:
        uid_of = {task.intent: next(r.uid for r in task.rows if r.mailbox == source) for task in tasks}
        to = self.path(target)
        self.select(source)
        try:
            copied = self.remote.move(uid_of.values(), to)
        except RemoteRefused as error:
            if isinstance(error.extra.get("copied"), Copied) and error.extra["copied"].uids:
                # Half of it is done: what base says must be looked up before anyone tries again.
                self._look_again(target, {(source, uid) for uid in uid_of.values()})
            raise
        unnamed = {(source, uid) for uid in uid_of.values() if uid not in copied.uids}
        if unnamed:
            self._look_again(target, unnamed)
        return [self._moved(task, (source, uid_of[task.intent]), target, copied) for task in tasks]

    def _moved(self, task: Task, spot: tuple[int, int], target: int, copied: Copied) -> Ended:
        row = next(row for row in task.rows if row.spot == spot)
        if (uid := copied.uids.get(spot[1])) is not None:
            return Ended(
                task,
                None,
                [
                    partial(base.drop, mailbox=spot[0], uid=spot[1]),
                    partial(base.put, mailbox=target, uid=uid, email=row.email, keywords=row.flags),
                ],
            )
        with self.desk.database.read() as tx:
            now = {r["mailbox_id"] for r in base.rows_of(tx, [row.email])}
        return Ended(task, None if target in now else IGNORED if spot[0] in now else GONE)

    def _look_again(self, target: int, spots: set[tuple[int, int]]) -> None:
        """Which of these are still there, and where are the others now?"""
        gone = set()
        for mailbox, uids in base.by_mailbox(spots).items():
            self.select(mailbox)
            there = {row.uid for row in self.remote.fetch_flags(uids)}
            gone |= {(mailbox, uid) for uid in uids if uid not in there}
        if gone:
            self.inbound.find_again(gone, target)

    def _copy_and_remove(self, task: Task, leaves: Sequence[Row], joins: Sequence[int]) -> Ended:
        origin = (leaves or task.rows)[0]
        changes: list[Change] = []
        for box in joins:
            to = self.path(box)
            self.select(origin.mailbox)
            uid = self.remote.copy([origin.uid], to).uids.get(origin.uid)
            if uid is not None:
                # At once: a copy that base did not know would be a second email after a crash.
                put = partial(base.put, mailbox=box, uid=uid, email=origin.email, keywords=origin.flags)
                self._commit([put])
            else:
                self.inbound.find_again((), box)
            if not self._lies_in(origin.email, box):
                return Ended(task, GONE)  # Nothing is removed that was not copied before.
        for mailbox, uids in base.by_mailbox(row.spot for row in leaves).items():
            changes += self._expunge(mailbox, uids)
        return Ended(task, None, changes)

    # --- adding and removing ----------------------------------------------------------------------

    def append(self, task: Task) -> Ended:
        mailbox = task.mailbox or 0
        if any(row.mailbox == mailbox for row in task.rows):
            return Ended(task)
        with self.desk.database.read() as tx:
            email = tx.one("SELECT received_at, blob_hash FROM email WHERE id = ?", (task.email,))
            keywords = emails.keywords_of(tx, [task.email or 0]).get(task.email or 0, frozenset())
        if email is None:
            return Ended(task)  # Destroyed here before the server ever heard of it.
        if email["blob_hash"] is None or not self.desk.blobs.has(email["blob_hash"]):
            return Ended(task, UNHELD)
        raw = with_crlf(self.desk.blobs.get(email["blob_hash"]))
        moment = datetime.fromisoformat(email["received_at"].replace("Z", "+00:00"))
        said = self.remote.append(self.path(mailbox), raw, flags=flags_of(keywords), internaldate=moment)
        if said is None:
            self.inbound.find_again((), mailbox)
            return Ended(task)
        put = partial(base.put, mailbox=mailbox, uid=said.uid, email=task.email or 0, keywords=keywords)
        return Ended(task, None, [put])

    def remove(self, task: Task) -> Ended:
        changes: list[Change] = []
        for mailbox, uids in base.by_mailbox(row.spot for row in task.rows).items():
            changes += self._expunge(mailbox, uids)
        return Ended(task, None, changes)

    def _expunge(self, mailbox: int, uids: Sequence[int]) -> list[Change]:
        """Remove these; where single messages cannot be removed, mark them. Raises RemoteRefused."""
        self.select(mailbox)
        try:
            gone = set(self.remote.expunge_uids(uids))
            left = [row for row in self.remote.fetch_flags(uids) if row.uid not in gone]
        except NotAllowed as refusal:
            left = list(self.remote.store_flags(uids, add=[DELETED_FLAG]).values())
            if any(DELETED_FLAG not in row.flags for row in left):
                raise refusal from None
        still = {row.uid: keywords_of(row.flags) for row in left}
        if any(DELETED not in flags for flags in still.values()):
            raise RemoteRefused(IGNORED)
        return [
            partial(base.put, mailbox=mailbox, uid=uid, email=HIDDEN, keywords=still[uid])
            if uid in still
            else partial(base.drop, mailbox=mailbox, uid=uid)
            for uid in uids
        ]

    def _lies_in(self, email: int, mailbox: int) -> bool:
        with self.desk.database.read() as tx:
            return any(row["mailbox_id"] == mailbox for row in base.rows_of(tx, [email]))

    def _commit(self, changes: Sequence[Change]) -> None:
        with self.desk.write() as tx:
            for change in changes:
                change(tx)


def take_back(tx: Tx, desk: Desk, account: int, tree: Tree, task: Task, reason: str) -> None:
    """Undo here what the server refused. Emails are shown again by the caller, from base."""
    if task.email is not None:
        destroyed = tx.value("SELECT 1 FROM email WHERE id = ?", (task.email,)) is None
        if task.kind == "remove" and destroyed:
            # Its id is spent: the next look finds the message unknown and publishes it anew.
            for row in base.rows_of(tx, [task.email]):
                base.drop(tx, row["mailbox_id"], row["uid"])
        return
    folder_telling.take_back(tx, account, tree, task.kind, task.mailbox or 0, reason, desk.utc())
