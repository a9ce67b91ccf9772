"""A clock that was set back makes nothing last for as long as it takes to come there again."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.desk.store import accounts, drafts, uploads, users
from shinbox.desk.store.database import Database

NOW = 1_800_000_000.0
LATER = NOW + 365 * 86_400


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "desk.db")
    database.migrate()
    return database


def test_a_lease_from_the_future_is_over(database: Database) -> None:
    with database.write() as tx:
        at = "2026-11-21T12:00:00Z"
        account = accounts.create(tx, "support", address="s@x.example", kind="local", created_at=at)
        editor = drafts.Editor(1, "a window")
        row = drafts.create(tx, account, editor, {}, drafts.Answered(), at=at, now=LATER)
        draft = drafts.get(tx, account, row)
        assert draft is not None
        assert drafts.holder(draft, LATER) == editor
        assert drafts.holder(draft, LATER - 1) == editor, "a second is no reason"
        assert drafts.holder(draft, NOW) is None


def test_uploads_from_the_future_expire_a_day_after_the_clock_was_set_back(database: Database) -> None:
    with database.write() as tx:
        at = "2026-11-21T12:00:00Z"
        account = accounts.create(tx, "support", address="s@x.example", kind="local", created_at=at)
        user = users.create(tx, "bob", created_at=at)
        uploads.add(tx, account, user, hash_="0" * 64, type_="text/plain", size=10, now=LATER)
        uploads.forget_expired(tx, NOW)
        assert uploads.held(tx, user, NOW) == 10
        uploads.forget_expired(tx, NOW + uploads.KEPT_SECONDS)
        assert uploads.held(tx, user, NOW) == 0
