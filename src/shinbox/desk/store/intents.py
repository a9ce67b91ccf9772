"""Intents: changes made here that still have to reach the mail server.

The only writer of `intent`. Owns the order they are carried out in and what each kind's payload holds;
knows neither rights (front asked first) nor how a server is told (mail/outbound.py).

| kind | email | mailbox | payload |
|---|---|---|---|
| keywords | its row | — | add, remove: lists of keywords |
| move | its row | a folder it comes to | source, target: lists of mailbox rows it leaves and joins |
| append | its row | the folder it is added to | content_key, remote_email_id (filled in) |
| remove | its row (queue before `emails.destroy`) | — | content_key, remote_email_id (filled in) |
| createMailbox, renameMailbox | — | its row, already changed | name, parent (filled in) |
| destroyMailbox | — | its row; the messages in it go with it | — |
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from shinbox.desk.store import changes, emails
from shinbox.desk.store.database import Tx

Kind = Literal["keywords", "move", "append", "remove", "createMailbox", "renameMailbox", "destroyMailbox"]
KINDS: Final = frozenset(get_args(Kind))


def queue(
    tx: Tx,
    account: int,
    kind: Kind,
    *,
    email: int | None = None,
    mailbox: int | None = None,
    payload: Mapping[str, Any] | None = None,
    user: int | None = None,
    now: str,
) -> int | None:
    """Queue a change in the transaction that makes it here; its row.

    None on an account without a mail server: there is nobody to tell. `now` is UTC "…Z".
    """
    if kind not in KINDS:
        raise ValueError(f"there is no intent of the kind {kind!r}")
    if not has_server(tx, account):
        return None
    filled = {**_filled_in(tx, kind, email, mailbox), **(payload or {})}
    row = tx.insert(
        "INSERT INTO intent (account_id, kind, email_id, mailbox_id, payload, created_by, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account, kind, email, mailbox, json.dumps(filled), user, now),
    )
    changes.record(tx, account, "Intent", [row], "created")
    return row


def has_server(tx: Tx, account: int) -> bool:
    """Whether the account's mail lies on a mail server that has to hear of changes."""
    return bool(tx.value("SELECT kind = 'imap' FROM account WHERE id = ?", (account,)))


def _filled_in(tx: Tx, kind: Kind, email: int | None, mailbox: int | None) -> dict[str, Any]:
    """What must be remembered now: later changes may have taken the row away."""
    if kind in ("append", "remove"):
        row = tx.one("SELECT content_key, remote_email_id FROM email WHERE id = ?", (email,))
    elif kind in ("createMailbox", "renameMailbox"):
        row = tx.one("SELECT name, parent_id AS parent FROM mailbox WHERE id = ?", (mailbox,))
    else:
        return {}
    return dict(row) if row is not None else {}


def change_email(
    tx: Tx,
    account: int,
    email: int,
    *,
    mailboxes: frozenset[int] | None = None,
    keywords: frozenset[str] | None = None,
    user: int | None = None,
    now: str,
) -> list[int]:
    """Give an email these folders and keywords, here and as intents; the rows of what was queued.

    None leaves a side as it is. Nothing is queued for what was so already.
    """
    queued: list[int | None] = []
    if keywords is not None:
        before = emails.keywords_of(tx, [email]).get(email, frozenset())
        if emails.set_keywords(tx, account, email, keywords):
            payload = {"add": sorted(keywords - before), "remove": sorted(before - keywords)}
            queued.append(queue(tx, account, "keywords", email=email, payload=payload, user=user, now=now))
    if mailboxes is not None:
        was = emails.mailboxes_of(tx, [email]).get(email, frozenset())
        if emails.set_mailboxes(tx, account, email, mailboxes):
            move = {"source": sorted(was - mailboxes), "target": sorted(mailboxes - was)}
            to = min(mailboxes - was, default=min(mailboxes))
            queued.append(
                queue(tx, account, "move", email=email, mailbox=to, payload=move, user=user, now=now)
            )
    return [row for row in queued if row is not None]


def pending(tx: Tx, account: int, most: int = -1) -> list[sqlite3.Row]:
    """What is queued, in the order in which it has to be carried out; the first `most`, or everything."""
    return tx.all(
        "SELECT * FROM intent WHERE account_id = ? AND status = 'queued' ORDER BY id LIMIT ?", (account, most)
    )


def pending_for(tx: Tx, account: int, emails_: list[int]) -> list[sqlite3.Row]:
    """What is queued about these emails, in order."""
    return tx.all(
        "SELECT * FROM intent WHERE account_id = ? AND status = 'queued'"
        " AND email_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (account, json.dumps(emails_)),
    )


def start(tx: Tx, intent: int, now: str, remember: Mapping[str, Any] | None = None) -> None:
    """Note that the server is about to hear of it; `remember` joins the payload. Commit before telling."""
    payload = json.loads(tx.value("SELECT payload FROM intent WHERE id = ?", (intent,)))
    tx.run(
        "UPDATE intent SET started_at = IFNULL(started_at, ?), payload = ? WHERE id = ?",
        (now, json.dumps({**payload, **(remember or {})}), intent),
    )


def finish(tx: Tx, intent: int, status: Literal["done", "refused"], reason: str | None, now: str) -> None:
    """End an intent; `reason` is a sentence for whoever did it. A finished one stays as it is."""
    account = tx.value("SELECT account_id FROM intent WHERE id = ? AND status = 'queued'", (intent,))
    if account is None:
        return
    tx.run(
        "UPDATE intent SET status = ?, reason = ?, finished_at = ? WHERE id = ?",
        (status, reason, now, intent),
    )
    changes.record(tx, account, "Intent", [intent], "updated")


def forget_done(tx: Tx, account: int, before: str) -> int:
    """Drop what was done before that time (UTC "…Z"); how many. What was refused stays to be read."""
    rows = tx.column(
        "SELECT id FROM intent WHERE account_id = ? AND status = 'done' AND finished_at < ?",
        (account, before),
    )
    tx.run_many("DELETE FROM intent WHERE id = ?", [(row,) for row in rows])
    changes.record(tx, account, "Intent", rows, "destroyed")
    return len(rows)
