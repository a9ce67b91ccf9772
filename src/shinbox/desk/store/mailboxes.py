"""Folders of an account.

The only writer of `mailbox` (its counts are store/counts.py's). Knows no rights; the names and roles
it is given are already checked.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from shinbox.desk.store import changes
from shinbox.desk.store import columns as columns_
from shinbox.desk.store.database import Tx
from shinbox.terms import Role

STANDARD: Final = (
    (Role.INBOX, "Inbox"),
    (Role.DRAFTS, "Drafts"),
    (Role.SENT, "Sent"),
    (Role.ARCHIVE, "Archive"),
    (Role.JUNK, "Junk"),
    (Role.TRASH, "Trash"),
)
"""The folders that a local account is born with."""

SORT_ORDER: Final = {role: 10 * (i + 1) for i, (role, _) in enumerate(STANDARD)}


def create(
    tx: Tx,
    account: int,
    name: str,
    *,
    parent: int | None = None,
    role: Role | None = None,
    server_rights: str | None = None,
    is_subscribed: bool = True,
) -> int:
    """Make a folder; its row.

    :raises sqlite3.IntegrityError: a sibling has that name, or the account has that role already.
    """
    row = tx.insert(
        "INSERT INTO mailbox (account_id, parent_id, name, role, sort_order, server_rights, is_subscribed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            account,
            parent,
            name,
            role,
            SORT_ORDER.get(role, 100) if role else 100,
            server_rights,
            is_subscribed,
        ),
    )
    changes.record(tx, account, "Mailbox", [row], "created")
    return row


def create_standard(tx: Tx, account: int) -> dict[Role, int]:
    """The folders of a new local account, by role."""
    return {role: create(tx, account, name, role=role) for role, name in STANDARD}


_SETTABLE: Final = frozenset(
    {"name", "parent_id", "role", "sort_order", "is_subscribed", "server_rights", "server_keywords"}
)


def update(tx: Tx, account: int, mailbox: int, **columns: object) -> None:
    """Change columns of a folder; nothing is recorded if none differs."""
    columns_.check(columns, _SETTABLE)
    old = tx.one("SELECT * FROM mailbox WHERE id = ?", (mailbox,))
    assert old is not None
    differing = {name: value for name, value in columns.items() if old[name] != value}
    if columns_.update(tx, "mailbox", mailbox, differing, _SETTABLE):
        changes.record(tx, account, "Mailbox", [mailbox], "updated")


def destroy(tx: Tx, account: int, mailbox: int) -> None:
    """Remove an empty folder without children; its emails must be gone before; base is not touched."""
    tx.run("DELETE FROM mailbox WHERE id = ?", (mailbox,))
    changes.record(tx, account, "Mailbox", [mailbox], "destroyed")


def all_of(tx: Tx, account: int) -> list[sqlite3.Row]:
    """Every folder of an account, parents before children, in the order people see them."""
    return tx.all(
        """WITH RECURSIVE tree(id, depth, path) AS (
             SELECT id, 0, printf('%05d %s', sort_order, name) FROM mailbox
               WHERE account_id = ?1 AND parent_id IS NULL
             UNION ALL
             SELECT m.id, depth + 1, path || char(1) || printf('%05d %s', m.sort_order, m.name)
               FROM mailbox m JOIN tree ON m.parent_id = tree.id)
           SELECT mailbox.*, tree.depth FROM tree JOIN mailbox USING (id) ORDER BY tree.path""",
        (account,),
    )


def by_role(tx: Tx, account: int, role: Role) -> int | None:
    """The account's folder with that role, or None."""
    row: int | None = tx.value("SELECT id FROM mailbox WHERE account_id = ? AND role = ?", (account, role))
    return row


def subtree(tx: Tx, mailbox: int) -> list[int]:
    """A folder and everything below it."""
    return tx.column(
        """WITH RECURSIVE tree(id) AS (VALUES (?) UNION ALL
             SELECT m.id FROM mailbox m JOIN tree ON m.parent_id = tree.id) SELECT id FROM tree""",
        (mailbox,),
    )
