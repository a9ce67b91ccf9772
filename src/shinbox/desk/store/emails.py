"""Emails, their keywords and the folders they lie in, as people see them.

The only writer of `email`, `email_keyword` and `placement`; every function records the change and settles
the counts. Knows no rights (front asks first) and queues no intents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shinbox.desk.store import changes, counts, email_text, threads
from shinbox.desk.store.database import Tx
from shinbox.desk.store.email_text import Texts

Addresses = Sequence[tuple[str | None, str]] | None
"""(name, address) pairs; None where the message has no such header."""


@dataclass(frozen=True)
class NewEmail:
    """Everything known of an email when it is published; times are UTC "…Z" (`sent_at` keeps its offset).

    `structure` is the EmailBodyPart tree as builtins; `text` is what search finds beside the headers; `about`
    the Message-ID of what a report is about, by which it joins that one's thread.
    """

    received_at: str
    size: int
    keywords: frozenset[str] = frozenset()
    mailboxes: frozenset[int] = frozenset()
    sent_at: str | None = None
    subject: str | None = None
    from_: Addresses = None
    to: Addresses = None
    cc: Addresses = None
    bcc: Addresses = None
    reply_to: Addresses = None
    sender: Addresses = None
    message_id: Sequence[str] | None = None
    in_reply_to: Sequence[str] | None = None
    references: Sequence[str] | None = None
    has_attachment: bool = False
    preview: str = ""
    structure: Mapping[str, Any] | None = None
    header: bytes = b""
    blob_hash: str | None = None
    defects: Sequence[str] = ()
    content_key: str | None = None
    remote_email_id: str | None = None
    text: str = field(default="", repr=False)
    about: str | None = None


_COLUMNS = (
    "account_id, thread_id, received_at, sent_at, size, subject, 'from', 'to', cc, bcc, reply_to, sender,"
    " message_id, in_reply_to, 'references', has_attachment, preview, structure, header, blob_hash, defects,"
    " content_key, remote_email_id"
).replace("'", '"')
_INSERT = f"INSERT INTO email ({_COLUMNS}) VALUES ({', '.join('?' * 23)})"


def insert(tx: Tx, account: int, new: NewEmail) -> tuple[int, int]:
    """Publish an email; its row and its thread's row. Settles the counts of that thread."""
    rows = insert_many(tx, account, [new])
    return rows[0]


def insert_many(tx: Tx, account: int, batch: Sequence[NewEmail]) -> list[tuple[int, int]]:
    """Publish a batch of emails at once; (email row, thread row) for each."""
    founded: list[int] = []
    made = [_insert_one(tx, account, new, founded) for new in batch]
    _insert_beside(tx, [(email, new) for (email, _), new in zip(made, batch, strict=True)])
    changes.record(tx, account, "Email", [email for email, _ in made], "created")
    touched = [thread for _, thread in made]
    changes.record(tx, account, "Thread", founded, "created")
    changes.record(tx, account, "Thread", sorted(set(touched) - set(founded)), "updated")
    counts.settle(tx, account, touched)
    return made


def _insert_one(tx: Tx, account: int, new: NewEmail, founded: list[int]) -> tuple[int, int]:
    mentioned = [*(new.references or ()), *([new.about] if new.about else [])]
    ids = (new.message_id or (), new.in_reply_to or (), mentioned)
    thread = threads.join(tx, account, *ids, founded=founded)
    email = tx.insert(
        _INSERT,
        (
            account,
            thread,
            new.received_at,
            new.sent_at,
            new.size,
            new.subject,
            *(_json(a) for a in (new.from_, new.to, new.cc, new.bcc, new.reply_to, new.sender)),
            *(_json(each) for each in (new.message_id, new.in_reply_to, new.references)),
            int(new.has_attachment),
            new.preview,
            _text(new.structure),
            new.header,
            new.blob_hash,
            _text(new.defects),
            new.content_key,
            new.remote_email_id,
        ),
    )
    return email, thread


def _insert_beside(tx: Tx, made: Sequence[tuple[int, NewEmail]]) -> None:
    """What stands of new emails in other tables."""
    tx.run_many(
        "INSERT INTO email_keyword VALUES (?, ?)",
        [(email, keyword) for email, new in made for keyword in sorted(new.keywords)],
    )
    tx.run_many(
        "INSERT INTO placement VALUES (?, ?, ?)",
        [(box, new.received_at, email) for email, new in made for box in sorted(new.mailboxes)],
    )
    email_text.put_many(
        tx,
        (
            Texts(email, new.subject or "", _names(new.from_ or ()), _names(_recipients(new)), new.text)
            for email, new in made
        ),
    )


def _recipients(new: NewEmail) -> list[tuple[str | None, str]]:
    return [*(new.to or ()), *(new.cc or ()), *(new.bcc or ())]


def set_keywords(tx: Tx, account: int, email: int, keywords: frozenset[str]) -> bool:
    """Give an email exactly these keywords; False if it had them already."""
    before = keywords_of(tx, [email]).get(email, frozenset())
    if before == keywords:
        return False
    tx.run_many(
        "DELETE FROM email_keyword WHERE email_id = ? AND keyword = ?",
        [(email, k) for k in before - keywords],
    )
    tx.run_many("INSERT INTO email_keyword VALUES (?, ?)", [(email, k) for k in sorted(keywords - before)])
    changes.record(tx, account, "Email", [email], "updated")
    if "$seen" in before ^ keywords:
        counts.settle(tx, account, tx.column("SELECT thread_id FROM email WHERE id = ?", (email,)))
    return True


def set_mailboxes(tx: Tx, account: int, email: int, mailboxes: frozenset[int]) -> bool:
    """Place an email in exactly these folders (at least one); False if it lay so already.

    A move is an update of the email and of its thread: its id stays.
    """
    if not mailboxes:
        raise ValueError("an email lies in at least one folder: destroy it instead")
    before = mailboxes_of(tx, [email]).get(email, frozenset())
    if before == mailboxes:
        return False
    row = tx.one("SELECT thread_id, received_at FROM email WHERE id = ?", (email,))
    assert row is not None
    tx.run_many(
        "DELETE FROM placement WHERE email_id = ? AND mailbox_id = ?",
        [(email, m) for m in before - mailboxes],
    )
    tx.run_many(
        "INSERT INTO placement VALUES (?, ?, ?)", [(m, row["received_at"], email) for m in mailboxes - before]
    )
    changes.record(tx, account, "Email", [email], "updated")
    changes.record(tx, account, "Thread", [row["thread_id"]], "updated")
    counts.settle(tx, account, [row["thread_id"]])
    return True


def destroy(tx: Tx, account: int, emails: Iterable[int]) -> None:
    """Take emails away for good, with what only they had.

    On an account with a mail server queue the `remove` intent before (store/intents.py): it takes along
    what recognises the message. Base rows stay until the server has heard of it.
    """
    rows = list(dict.fromkeys(emails))
    email_text.remove(tx, rows)
    touched = []
    for email in rows:
        touched.append(tx.value("SELECT thread_id FROM email WHERE id = ?", (email,)))
        tx.run("DELETE FROM email_keyword WHERE email_id = ?", (email,))
        tx.run("DELETE FROM placement WHERE email_id = ?", (email,))
    counts.settle(tx, account, touched)
    tx.run_many("DELETE FROM email WHERE id = ?", [(email,) for email in rows])
    changes.record(tx, account, "Email", rows, "destroyed")
    threads.after_removal(tx, account, touched)


def hold_body(
    tx: Tx,
    account: int,
    email: int,
    *,
    blob_hash: str,
    preview: str,
    text: str,
    defects: Sequence[str] = (),
    structure: Mapping[str, Any] | None = None,
) -> None:
    """Note that the raw message is held, and what it says. `structure` counts only where none was known."""
    tx.run(
        "UPDATE email SET blob_hash = ?, preview = ?, defects = ? WHERE id = ?",
        (blob_hash, preview, _text(defects), email),
    )
    if structure is not None:
        tx.run(
            "UPDATE email SET structure = ? WHERE id = ? AND structure = 'null'",
            (_text(structure), email),
        )
    email_text.set_body(tx, email, text)
    changes.record(tx, account, "Email", [email], "updated")


def set_content_key(tx: Tx, email: int, content_key: str) -> None:
    """Note what recognises the message on a server; nobody sees it."""
    tx.run("UPDATE email SET content_key = ? WHERE id = ?", (content_key, email))


def mailboxes_of(tx: Tx, emails: Sequence[int]) -> dict[int, frozenset[int]]:
    """The folders each of these emails lies in."""
    found: dict[int, set[int]] = {}
    for row in tx.all(
        f"SELECT email_id, mailbox_id FROM placement WHERE email_id IN ({_marks(emails)})", emails
    ):
        found.setdefault(row[0], set()).add(row[1])
    return {email: frozenset(boxes) for email, boxes in found.items()}


def keywords_of(tx: Tx, emails: Sequence[int]) -> dict[int, frozenset[str]]:
    """The keywords of each of these emails; emails without any are absent."""
    found: dict[int, set[str]] = {}
    for row in tx.all(
        f"SELECT email_id, keyword FROM email_keyword WHERE email_id IN ({_marks(emails)})", emails
    ):
        found.setdefault(row[0], set()).add(row[1])
    return {email: frozenset(keywords) for email, keywords in found.items()}


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _json(value: object) -> str | None:
    return None if value is None else _text(value)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _names(people: Iterable[tuple[str | None, str]]) -> str:
    return " ".join(f"{name or ''} {address}".strip() for name, address in people)
