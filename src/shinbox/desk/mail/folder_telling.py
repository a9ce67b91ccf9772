"""How folders are made, renamed and destroyed on the server, and taken back here when it refuses.

Owns these three kinds of intent. Told twice, each finds what is already so.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shinbox.desk.mail import folders, ledger
from shinbox.desk.mail.desk import Desk
from shinbox.desk.mail.inbound import Inbound
from shinbox.desk.mail.plan import Seen
from shinbox.desk.mail.remote.base import FolderMissing
from shinbox.desk.mail.tree import Tree
from shinbox.desk.store import base, intents, mailboxes
from shinbox.desk.store.database import Tx
from shinbox.errors import RemoteRefused

Change = Callable[[Tx], None]


def tell(
    inbound: Inbound, desk: Desk, account: int, kind: str, mailbox: int, payload: Mapping[str, Any]
) -> Sequence[Change]:
    """Tell the server; what base becomes. Raises RemoteRefused, RemoteUnreachable."""
    told = _Folders(inbound, desk, account, mailbox, payload)
    return {"createMailbox": told.create, "renameMailbox": told.rename, "destroyMailbox": told.destroy}[
        kind
    ]()


class _Folders:
    def __init__(
        self, inbound: Inbound, desk: Desk, account: int, mailbox: int, payload: Mapping[str, Any]
    ) -> None:
        self.inbound, self.desk, self.account = inbound, desk, account
        self.mailbox, self.payload = mailbox, payload

    def _known(self) -> str | None:
        with self.desk.database.read() as tx:
            row = base.folder(tx, self.mailbox)
        return None if row is None else str(row["path"])

    def _wanted(self) -> str:
        with self.desk.database.read() as tx:
            path = folders.path_of(tx, self.inbound.tree, self.payload.get("parent"), self.payload["name"])
        if path is None:
            raise RemoteRefused("The mail server does not have the folder that it should lie in.")
        return path

    def create(self) -> Sequence[Change]:
        if self._known() is not None:
            return []
        path = self._wanted()
        # After a crash the folder is bound to its mailbox by the round; here it is new, or somebody else's.
        self.inbound.remote.create_folder(path)
        return [lambda tx: base.add_folder(tx, self.account, self.mailbox, path)]

    def rename(self) -> Sequence[Change]:
        old = self._known()
        if old is None:
            raise RemoteRefused("The mail server does not have that folder.")
        new = self._wanted()
        if old == new:
            return []
        self.inbound.remote.rename_folder(old, new)
        delimiter = self.inbound.tree.delimiter

        def change(tx: Tx) -> None:
            for row in base.folders(tx, self.account):
                if row["path"] == old or row["path"].startswith(old + delimiter):
                    base.rename_folder(tx, row["mailbox_id"], new + row["path"][len(old) :])

        return [change]

    def destroy(self) -> Sequence[Change]:
        path = self._known()
        if path is not None:
            # That it is gone already is what we want.
            with contextlib.suppress(FolderMissing):
                if news := self._came_since(path):
                    raise RemoteRefused(
                        f"There is mail in the folder that came since: {news} in all."
                        " The folder is shown again; look at it before you destroy it."
                    )
                self.inbound.remote.delete_folder(path)
        return [lambda tx: forget(tx, self.account, self.mailbox)]

    def _came_since(self, path: str) -> int:
        """How many messages the server has there that nobody here knew when the folder was destroyed."""
        if any(each.path == path and not each.selectable for each in self.inbound.tree.folders):
            return 0
        selected = self.inbound.remote.select(path)
        with self.desk.database.read() as tx:
            row, known = base.folder(tx, self.mailbox), base.known(tx, self.mailbox)
        if row is not None and row["uidvalidity"] not in (None, selected.uidvalidity):
            return selected.exists
        return len(set(self.inbound.remote.uids()) - known.keys())


def forget(tx: Tx, account: int, mailbox: int) -> None:
    """The folder is gone from the server with all that lay in it."""
    spots = {(mailbox, uid) for uid in (*base.known(tx, mailbox), *base.lost(tx, mailbox))}
    ledger.settle(tx, account, Seen(gone=spots, forgotten=spots))
    base.forget_folder(tx, mailbox)


def take_back(tx: Tx, account: int, tree: Tree, kind: str, mailbox: int, reason: str, now: str) -> None:
    """Undo here what the server refused."""
    if kind == "renameMailbox":
        waiting = [row for row in intents.pending(tx, account) if row["kind"] == "renameMailbox"]
        if not any(row["mailbox_id"] == mailbox for row in waiting):
            folders.show_name(tx, account, mailbox, tree)
    elif kind == "destroyMailbox":
        # Its id is spent: the next round finds the folder unknown and shows it anew.
        base.forget_folder(tx, mailbox)
    else:
        _unmake(tx, account, mailbox, reason, now)


def _unmake(tx: Tx, account: int, mailbox: int, reason: str, now: str) -> None:
    """A folder that the server does not want, with everything that waited to go into it."""
    unmade = mailboxes.subtree(tx, mailbox)
    about = set()
    for row in intents.pending(tx, account):
        payload = json.loads(row["payload"])
        if row["mailbox_id"] in unmade or set(payload.get("target", ())) & set(unmade):
            intents.finish(tx, row["id"], "refused", reason, now)
            about.add(row["email_id"])
    lying = {
        email
        for box in unmade
        for email in tx.column("SELECT email_id FROM placement WHERE mailbox_id = ?", (box,))
    }
    ledger.show_again(tx, account, (about | lying) - {None})
    for box in reversed(unmade):
        folders.rehome(tx, account, box)
        if base.folder(tx, box) is None:
            mailboxes.destroy(tx, account, box)
