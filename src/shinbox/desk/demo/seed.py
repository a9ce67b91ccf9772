"""Puts the demo's house and mail into an empty store, before the desk starts.

Owns the order: accounts, people, shares, mail. Knows the store's functions and no process.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from shinbox.desk.demo.corpus import messages
from shinbox.desk.demo.people import ACCOUNTS, DOMAIN, TEAMS, USERS, DemoGrant
from shinbox.desk.store import accounts, connections, emails, grants, identities, mailboxes, users
from shinbox.desk.store.arrival import new_email, utc_now
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database, Tx
from shinbox.mime.parse import parse
from shinbox.terms import Level, Role

POSTMAN: Final = "postman"
"""The user who delivers; not offered on the login screen."""

UNDO_SECONDS: Final = 5


def seed(database: Database, blobs: Blobs, *, now: datetime, smtp_port: int) -> int:
    """Fill the store; how many messages there are. `smtp_port` is where the demo's mail world listens.

    The store is initialised: its first administrator is there, and everybody gets their password.
    """
    prepared = [
        (message, parse(message.raw), blobs.put(message.raw, durable=False)) for message in messages(now)
    ]
    at = utc_now(now.timestamp())
    with database.write() as tx:
        boxes = {account.name: _account(tx, account.name, at, smtp_port) for account in ACCOUNTS}
        _people(tx, {name: row for name, (row, _) in boxes.items()}, at)
        for name, (row, folders) in boxes.items():
            emails.insert_many(
                tx,
                row,
                [
                    new_email(
                        parsed,
                        received_at=utc_now(message.received_at.timestamp()),
                        mailboxes=frozenset({folders[message.role]}),
                        keywords=message.keywords,
                        blob_hash=blob,
                    )
                    for message, parsed, blob in prepared
                    if message.account == name
                ],
            )
    return len(prepared)


def _account(tx: Tx, name: str, at: str, smtp_port: int) -> tuple[int, dict[Role, int]]:
    about = next(account for account in ACCOUNTS if account.name == name)
    row = accounts.create(
        tx, about.address, address=about.address, kind="local", created_at=at, undo_seconds=UNDO_SECONDS
    )
    folders = mailboxes.create_standard(tx, row)
    identities.create(tx, row, name=about.sender, email=about.address, text_signature=about.signature)
    smtp = {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "user": ""}
    connections.put(tx, row, smtp=json.dumps(smtp))
    return row, folders


def _people(tx: Tx, rows: dict[str, int], at: str) -> None:
    password_hash = tx.value("SELECT password_hash FROM user WHERE is_administrator = 1")
    teams: dict[str, list[int]] = {name: [] for name in TEAMS}
    for user in USERS:
        known = users.by_name(tx, user.name)
        person = known["id"] if known else users.create(tx, user.name, created_at=at)
        users.update(
            tx,
            person,
            display_name=user.display_name,
            email=f"{user.name}@{DOMAIN}",
            password_hash=password_hash,
            is_administrator=int(user.administrator),
        )
        if user.team:
            teams[user.team].append(person)
        for grant in user.grants:
            _grant(tx, rows, grant, at, user=person)
    for name, members in teams.items():
        team = users.create_team(tx, name, members)
        for grant in TEAMS[name]:
            _grant(tx, rows, grant, at, team=team)
    postman = users.create(tx, POSTMAN, created_at=at, display_name="Postman", password_hash=password_hash)
    for row in rows.values():
        grants.create(tx, row, user=postman, level=Level.WRITE, created_at=at)


def _grant(
    tx: Tx,
    rows: dict[str, int],
    grant: DemoGrant,
    at: str,
    *,
    user: int | None = None,
    team: int | None = None,
) -> None:
    grants.create(
        tx, rows[grant.account], user=user, team=team, level=grant.level, send=grant.send, created_at=at
    )
