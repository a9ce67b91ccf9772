"""Intents and submissions: what waits to reach the mail server, and which step may follow which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.store import base, changes, emails, intents, mailboxes, recall, submissions
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database, Tx
from shinbox.desk.store.emails import NewEmail
from shinbox.terms import Role, UndoStatus

NOW = "2026-01-01T00:00:00Z"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "desk.db")
    database.migrate()
    return database


def account(tx: Tx, kind: str = "imap") -> tuple[int, dict[Role, int]]:
    row = tx.insert("INSERT INTO account (name, kind, created_at) VALUES ('support', ?, ?)", (kind, NOW))
    return row, mailboxes.create_standard(tx, row)


def email(tx: Tx, owner: int, box: int, *keywords: str) -> int:
    new = NewEmail(
        received_at=NOW, size=1, mailboxes=frozenset({box}), keywords=frozenset(keywords), content_key="k"
    )
    return emails.insert(tx, owner, new)[0]


def submission(tx: Tx, owner: int, mail: int, **extra: object) -> int:
    return submissions.create(
        tx,
        owner,
        identity=1,
        email=mail,
        thread=1,
        user=7,
        message_id="m@x",
        blob_hash="b",
        envelope={"mailFrom": {"email": "a@x"}, "rcptTo": [{"email": "c@x"}]},
        send_at=100.0,
        now=NOW,
        **extra,  # type: ignore[arg-type]  # only what the test is about
    )


def test_a_change_of_an_email_is_made_here_and_queued_in_order(database: Database) -> None:
    with database.write() as tx:
        owner, box = account(tx)
        mail = email(tx, owner, box[Role.INBOX])
        queued = intents.change_email(
            tx,
            owner,
            mail,
            mailboxes=frozenset({box[Role.ARCHIVE]}),
            keywords=frozenset({"$seen"}),
            user=7,
            now=NOW,
        )
        rows = intents.pending(tx, owner)
        assert [row["id"] for row in rows] == queued
        assert [row["kind"] for row in rows] == ["keywords", "move"]
        assert json.loads(rows[0]["payload"]) == {"add": ["$seen"], "remove": []}
        assert json.loads(rows[1]["payload"]) == {"source": [box[Role.INBOX]], "target": [box[Role.ARCHIVE]]}
        assert emails.mailboxes_of(tx, [mail])[mail] == {box[Role.ARCHIVE]}
        assert changes.since(tx, owner, "Intent", 0).created == queued  # type: ignore[union-attr]  # state 0 is known


def test_what_is_so_already_is_not_queued(database: Database) -> None:
    with database.write() as tx:
        owner, box = account(tx)
        mail = email(tx, owner, box[Role.INBOX], "$seen")
        same = intents.change_email(
            tx,
            owner,
            mail,
            mailboxes=frozenset({box[Role.INBOX]}),
            keywords=frozenset({"$seen"}),
            now=NOW,
        )
        assert same == []


def test_a_mailbox_without_a_server_queues_nothing_but_changes(database: Database) -> None:
    with database.write() as tx:
        owner, box = account(tx, "local")
        mail = email(tx, owner, box[Role.INBOX])
        assert intents.change_email(tx, owner, mail, keywords=frozenset({"$seen"}), now=NOW) == []
        assert intents.queue(tx, owner, "remove", email=mail, now=NOW) is None
        assert emails.keywords_of(tx, [mail])[mail] == {"$seen"}


def test_a_removal_takes_along_what_recognises_the_message(database: Database) -> None:
    with database.write() as tx:
        owner, box = account(tx)
        mail = email(tx, owner, box[Role.INBOX])
        intents.queue(tx, owner, "remove", email=mail, now=NOW)
        emails.destroy(tx, owner, [mail])
        assert json.loads(intents.pending(tx, owner)[0]["payload"])["content_key"] == "k"


def test_a_finished_intent_stays_as_it_ended(database: Database) -> None:
    with database.write() as tx:
        owner, box = account(tx)
        row = intents.queue(tx, owner, "createMailbox", mailbox=box[Role.SENT], now=NOW)
        assert row is not None
        intents.finish(tx, row, "refused", "The mail server does not allow it.", NOW)
        intents.finish(tx, row, "done", None, NOW)
        assert tx.value("SELECT status FROM intent WHERE id = ?", (row,)) == "refused"
        assert intents.pending(tx, owner) == []


def test_a_submission_is_due_after_its_hold_and_attempted_once(database: Database) -> None:
    with database.write() as tx:
        owner, box = account(tx)
        row = submission(tx, owner, email(tx, owner, box[Role.DRAFTS]))
        assert submissions.due(tx, 99.9) == []
        assert [r["id"] for r in submissions.due(tx, 100.0)] == [row]
        assert submissions.begin_attempt(tx, row, 100.0)
        assert not submissions.begin_attempt(tx, row, 100.0)
        assert not submissions.cancel(tx, row)
        assert submissions.due(tx, 200.0) == []


def test_an_attempt_that_a_crash_cut_off_is_uncertain_until_somebody_decides(database: Database) -> None:
    with database.write() as tx:
        owner, box = account(tx)
        row = submission(tx, owner, email(tx, owner, box[Role.DRAFTS]))
        submissions.begin_attempt(tx, row, 100.0)
        assert submissions.interrupted(tx, "cut off") == [row]
        assert tx.value("SELECT undo_status FROM submission") == UndoStatus.UNCERTAIN
        assert submissions.due(tx, 1e9) == []
        assert submissions.decide(tx, row, "final")
        assert not submissions.decide(tx, row, "canceled")


def test_what_may_no_longer_leave_is_a_draft_again_unless_it_is_leaving(
    database: Database, tmp_path: Path
) -> None:
    with database.write() as tx:
        owner, box = account(tx)
        mail = email(tx, owner, box[Role.SENT], "$seen")
        undo = {f"mailboxIds/f{box[Role.SENT]}": None, f"mailboxIds/f{box[Role.DRAFTS]}": True}
        row = submission(tx, owner, mail, undo_actions={**undo, "keywords/$draft": True})
        started = submission(tx, owner, email(tx, owner, box[Role.SENT]))
        submissions.begin_attempt(tx, started, 100.0)
        assert recall.hold_back(tx, Blobs(tmp_path), row, NOW, "No more.")
        assert not recall.hold_back(tx, Blobs(tmp_path), started, NOW, "No more.")
        assert tx.column("SELECT error FROM submission ORDER BY id") == ["No more.", None]
        assert emails.mailboxes_of(tx, [mail])[mail] == {box[Role.DRAFTS]}
        assert emails.keywords_of(tx, [mail])[mail] == {"$seen", "$draft"}
        assert [r["kind"] for r in intents.pending(tx, owner)] == ["keywords", "move"]
        assert tx.value("SELECT undo_status FROM submission WHERE id = ?", (row,)) == UndoStatus.CANCELED


def test_what_is_asked_all_the_time_walks_no_table_of_everything_that_was_ever_sent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Any]] = []
    with database.write() as tx:
        run = tx.all

        def noted(sql: str, params: Any = ()) -> Any:
            asked.append((sql, params))
            return run(sql, params)

        monkeypatch.setattr(tx, "all", noted)
        submissions.without_copy(tx)
        submissions.awaiting_copy(tx, 1)
        submissions.due(tx, 0.0)
        submissions.by_message_id(tx, 1, ["a@x"])
        plans = [" ".join(row[3] for row in run(f"EXPLAIN QUERY PLAN {sql}", given)) for sql, given in asked]
    assert all("USING INDEX submission_" in plan for plan in plans), plans


def test_what_is_not_held_yet_is_found_without_a_walk_over_what_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Any]] = []
    with database.write() as tx:
        monkeypatch.setattr(tx, "column", lambda sql, params=(): asked.append((sql, params)))
        base.bodiless(tx, 1, 10)
        (sql, given), *_ = asked
        plan = " ".join(row[3] for row in tx.all(f"EXPLAIN QUERY PLAN {sql}", given))
    assert "USING INDEX email_bodiless" in plan, plan
