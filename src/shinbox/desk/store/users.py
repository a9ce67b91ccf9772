"""Users and teams: the principals of the desk.

The only writer of `user`, `team` and `team_member`. Knows no rights and no passwords (only their hashes);
the names it is given are already checked. What somebody had goes with them: grants, tokens, memberships.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Final

from shinbox.desk.store import changes, grants, tokens
from shinbox.desk.store import columns as columns_
from shinbox.desk.store.database import Tx

DESK: Final = 0
"""The account row that users and teams belong to."""

_SETTABLE: Final = frozenset(
    {
        "name",
        "display_name",
        "email",
        "unix_name",
        "unix_uid",
        "password_hash",
        "is_administrator",
        "is_active",
    }
)


def create(
    tx: Tx,
    name: str,
    *,
    created_at: str,
    display_name: str = "",
    email: str | None = None,
    unix_name: str | None = None,
    unix_uid: int | None = None,
    password_hash: str | None = None,
    is_administrator: bool = False,
    is_active: bool = True,
) -> int:
    """Add a user; their row.

    :raises sqlite3.IntegrityError: the name or the Unix login is taken.
    """
    row = tx.insert(
        "INSERT INTO user (name, display_name, email, unix_name, unix_uid, password_hash, is_administrator,"
        " is_active, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            name,
            display_name,
            email,
            unix_name,
            unix_uid,
            password_hash,
            int(is_administrator),
            int(is_active),
            created_at,
        ),
    )
    changes.record(tx, DESK, "User", [row], "created")
    return row


def update(tx: Tx, user: int, **columns: object) -> None:
    """Change columns of a user. A new password and an end of activity sign them out everywhere.

    :raises sqlite3.IntegrityError: the name or the Unix login is taken.
    """
    if not columns_.update(tx, "user", user, columns, _SETTABLE):
        return
    if "password_hash" in columns or columns.get("is_active") in (False, 0):
        tokens.revoke_user(tx, user)
    changes.record(tx, DESK, "User", [user], "updated")


def destroy(tx: Tx, user: int) -> None:
    """Remove a user with their grants, tokens and memberships."""
    grants.destroy(tx, tx.column('SELECT id FROM "grant" WHERE user_id = ?', (user,)))
    teams = tx.column("SELECT team_id FROM team_member WHERE user_id = ?", (user,))
    tx.run("DELETE FROM user WHERE id = ?", (user,))
    changes.record(tx, DESK, "Team", teams, "updated")
    changes.record(tx, DESK, "User", [user], "destroyed")


def get(tx: Tx, user: int) -> sqlite3.Row | None:
    """A user's row."""
    return tx.one("SELECT * FROM user WHERE id = ?", (user,))


def by_name(tx: Tx, name: str) -> sqlite3.Row | None:
    """The user of that name, whatever its case."""
    return tx.one("SELECT * FROM user WHERE name = ?", (name,))


def by_unix(tx: Tx, uid: int, unix_name: str) -> sqlite3.Row | None:
    """The user bound to that Unix login: the number and the name must both agree."""
    return tx.one("SELECT * FROM user WHERE unix_uid = ? AND unix_name = ?", (uid, unix_name))


def administrators(tx: Tx) -> set[int]:
    """The active administrators."""
    return set(tx.column("SELECT id FROM user WHERE is_administrator = 1 AND is_active = 1"))


def everyone(tx: Tx) -> list[sqlite3.Row]:
    """All users by name."""
    return tx.all("SELECT * FROM user ORDER BY name COLLATE NOCASE")


# --- teams --------------------------------------------------------------------------------------


def create_team(tx: Tx, name: str, members: Collection[int]) -> int:
    """Add a team; its row.

    :raises sqlite3.IntegrityError: the name is taken, or a member is unknown.
    """
    row = tx.insert("INSERT INTO team (name) VALUES (?)", (name,))
    tx.run_many("INSERT INTO team_member VALUES (?, ?)", [(row, user) for user in sorted(members)])
    changes.record(tx, DESK, "Team", [row], "created")
    return row


def update_team(tx: Tx, team: int, name: str, members: Collection[int]) -> None:
    """Give a team exactly this name and these members.

    :raises sqlite3.IntegrityError: the name is taken, or a member is unknown.
    """
    tx.run("UPDATE team SET name = ? WHERE id = ?", (name, team))
    tx.run("DELETE FROM team_member WHERE team_id = ?", (team,))
    tx.run_many("INSERT INTO team_member VALUES (?, ?)", [(team, user) for user in sorted(members)])
    changes.record(tx, DESK, "Team", [team], "updated")


def destroy_team(tx: Tx, team: int) -> None:
    """Remove a team with its grants."""
    grants.destroy(tx, tx.column('SELECT id FROM "grant" WHERE team_id = ?', (team,)))
    tx.run("DELETE FROM team WHERE id = ?", (team,))
    changes.record(tx, DESK, "Team", [team], "destroyed")


def members_of(tx: Tx, team: int) -> list[int]:
    """The users of a team."""
    return tx.column("SELECT user_id FROM team_member WHERE team_id = ? ORDER BY user_id", (team,))
