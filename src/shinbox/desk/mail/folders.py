"""Folders: what the server lists becomes mailboxes, with roles and the server's own rights.

Owns `reconcile`: new folders appear, a renamed one keeps its id, one that is missing is believed gone only at
a second look. Looks into no folder (looking.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shinbox.desk.mail.desk import Desk, Doubts
from shinbox.desk.mail.remote.base import RemoteFolder
from shinbox.desk.mail.tree import Tree
from shinbox.desk.store import base, emails, intents, mailboxes
from shinbox.desk.store.database import Tx
from shinbox.terms import Role

CONTAINER_RIGHTS = "kl"
"""What one may do in a folder that holds only folders: look, and make others in it."""

SameContent = Callable[[int, str], bool]
"""Whether a mailbox's messages lie at that path now: asked of the server before a rename is believed."""


@dataclass(frozen=True)
class Folder:
    """A mailbox and what the server listed for it."""

    mailbox: int
    remote: RemoteFolder
    role: Role | None

    @property
    def path(self) -> str:
        return self.remote.path


@dataclass
class Found:
    """The outcome: the folders to look into, Inbox first, and the mailboxes whose folder is believed gone."""

    tree: Tree
    folders: list[Folder] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)


def reconcile(desk: Desk, account: int, tree: Tree, doubts: Doubts, same: SameContent) -> Found:
    """Make the mailboxes what the server lists. `gone` and `absent` are not there any more; only `gone` is
    believed."""
    with desk.database.read() as tx:
        renamed = _renamed(tx, account, tree)
    renamed = {mailbox: path for mailbox, path in renamed.items() if same(mailbox, path)}
    found = Found(tree)
    with desk.write() as tx:
        rename(tx, account, renamed, tree)
        known = {row["path"]: row["mailbox_id"] for row in base.folders(tx, account)}
        dropped = {
            row["mailbox_id"] for row in intents.pending(tx, account) if row["kind"] == "destroyMailbox"
        }
        coming = dict(_being_made(tx, account, tree))
        roles = {path: role for role, path in tree.roles().items()}
        listed = tree.with_those_above()
        for path, remote in listed.items():
            if path not in known:
                known[path] = coming.get(path) or _make(tx, account, tree, known, path)
                base.add_folder(tx, account, known[path], path, None)
            mailbox = known[path]
            if mailbox in dropped or tx.value("SELECT 1 FROM mailbox WHERE id = ?", (mailbox,)) is None:
                continue
            _describe(tx, account, mailbox, remote)
            doubts.clear(("folder", mailbox))
            if remote is not None and remote.selectable:
                found.folders.append(Folder(mailbox, remote, roles.get(path)))
        _give_roles(tx, account, {role: known[path] for path, role in roles.items()}, dropped)
        for path, mailbox in known.items():
            if path not in listed:
                believed = doubts.believe(("folder", mailbox))
                (found.gone if believed else found.absent).append(mailbox)
    found.folders.sort(key=lambda folder: _ORDER.get(folder.role, 9))
    return found


_ORDER: Mapping[Role | None, int] = {Role.INBOX: 0, Role.DRAFTS: 1, Role.SENT: 2, None: 3, Role.ARCHIVE: 4}


def _make(tx: Tx, account: int, tree: Tree, known: Mapping[str, int], path: str) -> int:
    above = tree.above(path)
    parent = known[above] if above is not None else None
    if parent is not None and tx.value("SELECT 1 FROM mailbox WHERE id = ?", (parent,)) is None:
        parent = None
    return mailboxes.create(tx, account, free_name(tx, account, parent, tree.names(path)[-1]), parent=parent)


def free_name(tx: Tx, account: int, parent: int | None, name: str, mailbox: int = 0) -> str:
    """`name`, or with a number if a sibling of `mailbox` has it."""
    taken = set(
        tx.column(
            "SELECT name FROM mailbox WHERE account_id = ? AND IFNULL(parent_id, 0) = ? AND id <> ?",
            (account, parent or 0, mailbox),
        )
    )
    wanted, number = name, 2
    while wanted in taken:
        wanted, number = f"{name} ({number})", number + 1
    return wanted


def _describe(tx: Tx, account: int, mailbox: int, remote: RemoteFolder | None) -> None:
    if remote is None or not remote.selectable:
        mailboxes.update(tx, account, mailbox, server_rights=CONTAINER_RIGHTS)
    elif remote.rights is not None:
        mailboxes.update(tx, account, mailbox, server_rights="".join(sorted(remote.rights)))


def _give_roles(tx: Tx, account: int, roles: Mapping[Role, int], dropped: set[int]) -> None:
    has = {row["role"]: row["id"] for row in mailboxes.all_of(tx, account) if row["role"]}
    for role, mailbox in has.items():
        if roles.get(Role(role), mailbox) != mailbox:
            mailboxes.update(tx, account, mailbox, role=None)
    for role, mailbox in roles.items():
        if mailbox not in dropped and tx.value("SELECT 1 FROM mailbox WHERE id = ?", (mailbox,)):
            mailboxes.update(tx, account, mailbox, role=role, sort_order=mailboxes.SORT_ORDER.get(role, 100))


def _being_made(tx: Tx, account: int, tree: Tree) -> Iterator[tuple[str, int]]:
    """Folders that people made here and the server may have by now: path → mailbox."""
    for row in intents.pending(tx, account):
        payload = json.loads(row["payload"])
        if row["kind"] != "createMailbox" or row["started_at"] is None or base.folder(tx, row["mailbox_id"]):
            continue
        if (path := path_of(tx, tree, payload.get("parent"), payload["name"])) is not None:
            yield path, row["mailbox_id"]


def path_of(tx: Tx, tree: Tree, parent: int | None, name: str) -> str | None:
    """Where a mailbox with that name and parent lies on the server; None if the server has no such parent.

    Raises BadName."""
    above = base.folder(tx, parent) if parent is not None else None
    if parent is not None and above is None:
        return None
    return tree.child(above["path"] if above is not None else None, name)


def _renamed(tx: Tx, account: int, tree: Tree) -> dict[int, str]:
    """Folders that are missing under their name while a new one has their UIDVALIDITY: mailbox → new path."""
    known = base.folders(tx, account)
    paths = {row["path"] for row in known}
    listed = {folder.path for folder in tree.folders}
    fresh: dict[int, list[RemoteFolder]] = {}
    for folder in tree.folders:
        if folder.path not in paths and folder.uidvalidity is not None:
            fresh.setdefault(folder.uidvalidity, []).append(folder)
    found = {}
    for row in known:
        if row["path"] in listed or row["uidvalidity"] is None:
            continue
        candidates = fresh.get(row["uidvalidity"], [])
        if len(candidates) == 1 and (candidates[0].uidnext or 0) >= row["uidnext"]:
            found[row["mailbox_id"]] = candidates[0].path
    return found


def rename(tx: Tx, account: int, renamed: Mapping[int, str], tree: Tree) -> None:
    """The server calls these folders so now; people see it, unless they are renaming one themselves."""
    for mailbox, path in renamed.items():
        base.rename_folder(tx, mailbox, path)
    ours = {row["mailbox_id"] for row in intents.pending(tx, account) if row["kind"] == "renameMailbox"}
    for mailbox in renamed:
        if mailbox not in ours:
            show_name(tx, account, mailbox, tree)


def show_name(tx: Tx, account: int, mailbox: int, tree: Tree) -> None:
    """Show a folder where base has it."""
    row = base.folder(tx, mailbox)
    if row is None or tx.value("SELECT 1 FROM mailbox WHERE id = ?", (mailbox,)) is None:
        return
    above = tree.above(row["path"])
    parents = {each["path"]: each["mailbox_id"] for each in base.folders(tx, account)}
    parent = parents.get(above) if above is not None else None
    name = free_name(tx, account, parent, tree.names(row["path"])[-1], mailbox)
    mailboxes.update(tx, account, mailbox, name=name, parent_id=parent)


def remove(tx: Tx, account: int, gone: Sequence[int]) -> None:
    """Take away mailboxes that the server no longer has; what only the desk holds moves to the Inbox."""
    for mailbox in gone:
        base.forget_folder(tx, mailbox)
    order = [row["id"] for row in reversed(mailboxes.all_of(tx, account)) if row["id"] in set(gone)]
    for mailbox in order:
        rehome(tx, account, mailbox)
        if not tx.value("SELECT 1 FROM mailbox WHERE parent_id = ?", (mailbox,)):
            mailboxes.destroy(tx, account, mailbox)


def rehome(tx: Tx, account: int, mailbox: int) -> None:
    """Emails that still lie in a folder that goes away."""
    left = tx.column("SELECT email_id FROM placement WHERE mailbox_id = ?", (mailbox,))
    if not left:
        return
    refuge = mailboxes.by_role(tx, account, Role.INBOX) or mailboxes.by_role(tx, account, Role.DRAFTS)
    for email, boxes in emails.mailboxes_of(tx, left).items():
        elsewhere = boxes - {mailbox}
        if not elsewhere and (refuge is None or refuge == mailbox):
            emails.destroy(tx, account, [email])
        else:
            emails.set_mailboxes(tx, account, email, elsewhere or frozenset({refuge or 0}))
