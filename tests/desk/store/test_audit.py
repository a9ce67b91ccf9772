"""The audit shows when somebody tampered with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.desk.store import audit
from shinbox.desk.store.audit import Verdict
from shinbox.desk.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "desk.db")
    database.migrate()
    with database.write() as tx:
        for number in range(1, 6):
            audit.append(
                tx,
                at=f"2027-01-01T00:00:0{number}Z",
                actor="alice",
                via="unix uid 1000",
                action="Email/set",
                account=None,
                object_id=f"e{number}",
                detail={"changed": ["keywords"], "name": "Zoë"},
            )
    return database


def verdict(database: Database, anchor: str | None = None) -> Verdict:
    with database.read() as tx:
        return audit.verify(tx, anchor)


def tamper(database: Database, statement: str) -> None:
    with database.write() as tx:
        tx.run("DROP TRIGGER audit_no_update")
        tx.run("DROP TRIGGER audit_no_delete")
        tx.run(statement)


def test_an_untouched_audit_verifies(database: Database) -> None:
    found = verdict(database)
    assert found.ok and found.count == 5 and found.broken_at is None
    with database.read() as tx:
        assert found.head == tx.value("SELECT hash FROM audit WHERE id = 5")
    assert verdict(database, found.head).ok


def test_an_empty_audit_verifies(tmp_path: Path) -> None:
    database = Database(tmp_path / "empty.db")
    database.migrate()
    assert verdict(database) == Verdict(True, 0, "")


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE id = 3", 3),
        ("UPDATE audit SET detail = '{}' WHERE id = 2", 2),
        ("UPDATE audit SET outcome = 'refused' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 5", 5),
        ("DELETE FROM audit", 1),
        ("INSERT INTO audit SELECT 6, at, actor, via, action, account_id, object_id, outcome, detail,"
         " hash, hash FROM audit WHERE id = 5", 6),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(database: Database, statement: str, broken_at: int) -> None:
    tamper(database, statement)
    found = verdict(database)
    assert not found.ok and found.broken_at == broken_at and found.reason


def test_a_chain_that_was_forged_from_a_line_on_fails_against_an_anchor(database: Database) -> None:
    anchor = verdict(database).head
    tamper(database, "DELETE FROM audit WHERE id >= 4")
    with database.write() as tx:
        tx.run("UPDATE sqlite_sequence SET seq = 3 WHERE name = 'audit'")
        for _ in range(2):
            audit.append(tx, at="2027-01-01T00:00:04Z", actor="mallory", via="x", action="nothing")
    assert verdict(database).ok
    assert not verdict(database, anchor).ok


def test_a_line_written_in_a_failed_transaction_leaves_no_gap(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as tx:
        audit.append(tx, at="2027-01-01T00:00:09Z", actor="bob", via="x", action="y")
        raise RuntimeError("crash")
    with database.write() as tx:
        audit.append(tx, at="2027-01-01T00:00:09Z", actor="bob", via="x", action="y")
    assert verdict(database).ok
