"""What search finds of emails is indexed in today's form, also what an older shinbox indexed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlite_utils

from shinbox.desk.front.methods.email_words import match
from shinbox.desk.store import email_text, emails
from shinbox.desk.store.database import Database, Tx
from shinbox.desk.store.email_text import Texts
from shinbox.desk.store.migrations import MIGRATIONS

OLD = "INSERT INTO email_text (rowid, subject, sender, recipients, body) VALUES (?, ?, ?, ?, ?)"
MAIL = [
    (
        "ペンダントライトの取り付けについて",
        "田中 美咲 misaki@yubin.example",
        "support@example.org",
        "引掛シーリングに",
    ),
    ("Lamp", "Ann ann@example.org", "李小龙 li@example.org", "a shade"),
    ("询价：餐厅吊灯二十套", "Li li@example.org", "support@example.org", ""),
]


@pytest.fixture
def old(tmp_path: Path) -> Database:
    """A database of the first shape, with mail, brought to today's."""
    path = tmp_path / "desk.db"
    connection = sqlite3.connect(path)
    MIGRATIONS.apply(sqlite_utils.Database(connection), stop_before="0002_blob_uses.sql")
    with connection:
        connection.execute("INSERT INTO account (id, name, kind, created_at) VALUES (1, 'a', 'local', '')")
        connection.execute("INSERT INTO thread (id, account_id) VALUES (1, 1)")
        for number, texts in enumerate(MAIL, 1):
            connection.execute(
                "INSERT INTO email (id, account_id, thread_id, received_at, size) VALUES (?, 1, 1, '', 0)",
                (number,),
            )
            connection.execute(OLD, (number, *texts))
    connection.close()
    database = Database(path)
    database.migrate()
    return database


def found(tx: Tx, words: str, column: str | None = None) -> list[int]:
    """The emails that a search finds."""
    return tx.column(
        "SELECT rowid FROM email_text WHERE email_text MATCH ? ORDER BY rowid", (match(words, column),)
    )


def renew(tx: Tx, most: int) -> int:
    """As housekeeping does; how many there were."""
    waiting = email_text.waiting(tx, most)
    changed = [each.indexed() for each in waiting if each.indexed() != each]
    email_text.renew(tx, changed, [each.email for each in waiting if each.indexed() == each])
    return len(waiting)


def test_mail_that_an_older_shinbox_indexed_is_found_by_any_piece_once_it_was_its_turn(old: Database) -> None:
    with old.write() as tx:
        assert found(tx, "吊灯") == found(tx, "取り付け") == []
        assert found(tx, "lam") == [2]
        assert renew(tx, 1) == 1
        assert found(tx, "吊灯") == [3]
    with old.write() as tx:
        assert renew(tx, 9) == 2
        assert renew(tx, 9) == 0
        assert found(tx, "取り付け", "subject") == found(tx, "咲", "sender") == found(tx, "シーリング") == [1]
        assert found(tx, "小龙", "recipients") == found(tx, "lam") == [2]
    old.close()


def test_a_text_that_comes_before_its_email_had_its_turn_is_indexed_once(old: Database) -> None:
    with old.write() as tx:
        read_before = email_text.waiting(tx, 9)
        emails.hold_body(tx, 1, 1, blob_hash="b", preview="", text="新しい照明")
        email_text.renew(tx, [each.indexed() for each in read_before], [])
        assert found(tx, "照明", "body") == found(tx, "取り付け", "subject") == [1]
        assert found(tx, "シーリング") == []
        assert email_text.waiting(tx, 9) == []
    old.close()


def test_an_email_that_is_destroyed_waits_no_longer_and_is_not_found(old: Database) -> None:
    with old.write() as tx:
        emails.destroy(tx, 1, [3])
        assert [each.email for each in email_text.waiting(tx, 9)] == [2, 1]
        assert renew(tx, 9) == 2
        assert found(tx, "吊灯") == []
    old.close()


def test_new_mail_never_waits(tmp_path: Path) -> None:
    database = Database(tmp_path / "desk.db")
    database.migrate()
    with database.write() as tx:
        email_text.put_many(tx, [Texts(1, *MAIL[0])])
        assert email_text.waiting(tx, 9) == []
        assert found(tx, "取り付け") == [1]
        email_text.set_body(tx, 1, "別の照明")
        assert found(tx, "の照") == found(tx, "取り付け") == [1]
        email_text.remove(tx, [1])
        assert found(tx, "取り付け") == []
    database.close()
