"""A small desk in a database: people, teams and mailboxes for the tests of front.

Owns no rule: it calls the store as the methods do.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from shinbox.desk.front.login import Actor
from shinbox.desk.store import accounts, grants, mailboxes, users
from shinbox.desk.store.database import Database
from shinbox.terms import Level, Role, Send

NOW = 1_800_000_000.0
THEN = "2027-01-01T00:00:00Z"


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class People:
    """`await`-free helpers; each makes its own transaction."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    _uids: itertools.count[int] = field(default_factory=lambda: itertools.count(5000))

    @classmethod
    def at(cls, folder: Path) -> People:
        database = Database(folder / "desk.db")
        database.migrate()
        return cls(database)

    def user(self, name: str, *, administrator: bool = False, password_hash: str | None = None) -> Actor:
        uid = next(self._uids)
        with self.database.write() as tx:
            row = users.create(
                tx,
                name,
                created_at=THEN,
                unix_name=name,
                unix_uid=uid,
                is_administrator=administrator,
                password_hash=password_hash,
            )
        return Actor(row, name, administrator, f"unix uid {uid}")

    def team(self, name: str, *members: Actor) -> int:
        with self.database.write() as tx:
            return users.create_team(tx, name, [member.user_id for member in members])

    def account(self, name: str) -> tuple[int, dict[Role, int]]:
        with self.database.write() as tx:
            account = accounts.create(tx, name, address=f"{name}@example.org", kind="local", created_at=THEN)
            return account, mailboxes.create_standard(tx, account)

    def grant(
        self,
        account: int,
        user: Actor | None = None,
        *,
        team: int | None = None,
        level: Level = Level.READ,
        mailbox: int | None = None,
        send: Send = Send.NONE,
        expires_at: str | None = None,
    ) -> int:
        with self.database.write() as tx:
            return grants.create(
                tx,
                account,
                user=user.user_id if user else None,
                team=team,
                mailbox=mailbox,
                level=level,
                send=send,
                expires_at=expires_at,
                created_at=THEN,
            )
