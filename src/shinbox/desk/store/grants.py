"""Grants: who may do what in which account.

The only writer of `grant`. Knows no decision (front/rights.py makes it): it stores lines, finds those
that apply to a person and says what one line gives.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Final

from shinbox.desk.store import changes
from shinbox.desk.store import columns as columns_
from shinbox.desk.store.database import Tx
from shinbox.terms import LEVEL_RIGHTS, SEND_RIGHTS, Level, Right, Send

_SETTABLE: Final = frozenset({"level", "with_rights", "without_rights", "send", "expires_at"})


def create(
    tx: Tx,
    account: int,
    *,
    user: int | None = None,
    team: int | None = None,
    mailbox: int | None = None,
    level: Level = Level.READ,
    with_rights: Collection[Right] = (),
    without_rights: Collection[Right] = (),
    send: Send = Send.NONE,
    expires_at: str | None = None,
    created_by: int | None = None,
    created_at: str,
) -> int:
    """Share an account (or the folder tree `mailbox`) with a user, a team or (both None) everyone."""
    row = tx.insert(
        'INSERT INTO "grant" (account_id, user_id, team_id, mailbox_id, level, with_rights, without_rights,'
        " send, expires_at, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account,
            user,
            team,
            mailbox,
            level,
            _json(with_rights),
            _json(without_rights),
            send,
            expires_at,
            created_by,
            created_at,
        ),
    )
    changes.record(tx, account, "Grant", [row], "created")
    return row


def update(tx: Tx, grant: int, **columns: object) -> None:
    """Change columns of a grant; the rights are given as collections of Right."""
    for name in ("with_rights", "without_rights"):
        value = columns.get(name)
        if isinstance(value, Iterable):
            columns[name] = _json(value)
    if columns_.update(tx, "grant", grant, columns, _SETTABLE):
        account = tx.value('SELECT account_id FROM "grant" WHERE id = ?', (grant,))
        changes.record(tx, account, "Grant", [grant], "updated")


def destroy(tx: Tx, grants: Iterable[int]) -> None:
    """Take grants back; nothing happens for those that are gone."""
    for grant in list(grants):
        account = tx.value('SELECT account_id FROM "grant" WHERE id = ?', (grant,))
        if account is not None:
            tx.run('DELETE FROM "grant" WHERE id = ?', (grant,))
            changes.record(tx, account, "Grant", [grant], "destroyed")


def of_account(tx: Tx, account: int) -> list[sqlite3.Row]:
    """Every grant of an account, oldest first."""
    return tx.all('SELECT * FROM "grant" WHERE account_id = ? ORDER BY id', (account,))


_FOR_PERSON: Final = """
SELECT g.*, team.name AS team_name, user.name AS user_name
FROM "grant" g
JOIN account a ON a.id = g.account_id AND a.deleted_at IS NULL
LEFT JOIN team ON team.id = g.team_id
LEFT JOIN user ON user.id = g.user_id
WHERE (g.user_id = ?1 OR g.team_id IN (SELECT team_id FROM team_member WHERE user_id = ?1)
       OR (g.user_id IS NULL AND g.team_id IS NULL))
"""


def for_person(tx: Tx, user: int, account: int | None = None) -> list[sqlite3.Row]:
    """The grants that apply to a user (own, teams', everyone's), in one account or in all; expired ones too.

    Beside the columns of `grant`: team_name and user_name, by whom the user has it.
    """
    if account is None:
        return tx.all(_FOR_PERSON + "ORDER BY g.id", (user,))
    return tx.all(_FOR_PERSON + "AND g.account_id = ?2 ORDER BY g.id", (user, account))


def for_session(tx: Tx, user: int, now: str) -> list[sqlite3.Row]:
    """What decides a person's session: account, its name and address, and each live grant that applies."""
    return tx.all(
        """SELECT a.id, a.name, a.address, g.id, g.mailbox_id, g.level, g.send, g.with_rights,
                  g.without_rights
           FROM "grant" g JOIN account a ON a.id = g.account_id AND a.deleted_at IS NULL
           WHERE (g.expires_at IS NULL OR g.expires_at > ?2) AND
             (g.user_id = ?1 OR g.team_id IN (SELECT team_id FROM team_member WHERE user_id = ?1)
              OR (g.user_id IS NULL AND g.team_id IS NULL))
           ORDER BY g.id""",
        (user, now),
    )


def rights_given(row: sqlite3.Row) -> frozenset[Right]:
    """What one grant gives: its level, what was added, how it lets send, without what was left out."""
    whole = LEVEL_RIGHTS[Level(row["level"])] | SEND_RIGHTS[Send(row["send"])]
    return (whole | rights_in(row["with_rights"])) - rights_in(row["without_rights"])


def rights_in(text: str) -> frozenset[Right]:
    """Rights from their JSON list."""
    return frozenset(Right(word) for word in json.loads(text))


def _json(rights: Iterable[object]) -> str:
    return json.dumps(sorted(str(right) for right in rights))
