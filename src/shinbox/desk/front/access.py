"""From the store to a Decision: which accounts a person has, and what they may do in one.

Owns the reading of grants, teams and folders for rights.py. Looked at anew for every request, from the
object's own account.
"""

from __future__ import annotations

import sqlite3

from shinbox.desk.front.login import Actor
from shinbox.desk.front.rights import Decision, Folder, GrantLine
from shinbox.desk.store import accounts, grants, ids
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_seconds
from shinbox.terms import LEVEL_RIGHTS, Level, Role


def rights_of(tx: Tx, actor: Actor, account: int, now: float) -> Decision | None:
    """What `actor` may do in an account; None: there is no such account for them.

    Everyone has the desk itself. Administrators have every account, without a right to its mail.
    """
    if account == accounts.DESK:
        return Decision((), (), administrator=actor.is_administrator, now=now)
    if accounts.get(tx, account) is None:
        return None
    lines = [line_of(row) for row in grants.for_person(tx, actor.user_id, account)]
    decision = Decision(lines, folders_of(tx, account), administrator=actor.is_administrator, now=now)
    return decision if decision.lines or actor.is_administrator else None


def accounts_of(tx: Tx, actor: Actor, now: float) -> dict[int, list[GrantLine]]:
    """The live grant lines of a person in each account that is shared with them, by account row."""
    shared: dict[int, list[GrantLine]] = {}
    for row in grants.for_person(tx, actor.user_id):
        line = line_of(row)
        if line.expires_at is None or line.expires_at > now:
            shared.setdefault(row["account_id"], []).append(line)
    return shared


def folders_of(tx: Tx, account: int) -> list[Folder]:
    """The folders of an account as rights.py sees them."""
    rows = tx.all("SELECT id, parent_id, role, server_rights FROM mailbox WHERE account_id = ?", (account,))
    return [
        Folder(r["id"], r["parent_id"], Role(r["role"]) if r["role"] else None, r["server_rights"])
        for r in rows
    ]


def line_of(row: sqlite3.Row) -> GrantLine:
    """A grant (with team_name and user_name) as a line."""
    return GrantLine(
        grant_id=row["id"],
        principal=f"{principal_of(row)} (share {ids.to_id('Grant', row['id'])})",
        mailbox=row["mailbox_id"],
        rights=grants.rights_given(row),
        expires_at=utc_seconds(row["expires_at"]) if row["expires_at"] else None,
        left_out=LEVEL_RIGHTS[Level(row["level"])] & grants.rights_in(row["without_rights"]),
    )


def principal_of(row: sqlite3.Row) -> str:
    """By whom a person has a grant: "team Support", "user alice", "everyone"."""
    if row["team_id"] is not None:
        return f"team {row['team_name']}"
    return f"user {row['user_name']}" if row["user_id"] is not None else "everyone"
