"""The store publishes emails, keeps counts and tells what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.desk.store import arrival, changes, emails, mailboxes
from shinbox.desk.store.database import Database, Tx
from shinbox.desk.store.emails import NewEmail
from shinbox.mime.parse import parse
from shinbox.terms import Role


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "desk.db")
    database.migrate()
    return database


def account_with_folders(tx: Tx) -> tuple[int, dict[Role, int]]:
    account = tx.insert(
        "INSERT INTO account (name, kind, created_at) VALUES ('support', 'local', '2026-01-01T00:00:00Z')"
    )
    return account, mailboxes.create_standard(tx, account)


def mail(box: int, message_id: str, *references: str, seen: bool = False, at: int = 0) -> NewEmail:
    return NewEmail(
        received_at=f"2026-01-01T00:00:{at:02}Z",
        size=100,
        mailboxes=frozenset({box}),
        keywords=frozenset({"$seen"}) if seen else frozenset(),
        message_id=[message_id],
        references=list(references),
        subject="Invoice",
    )


def counts_of(tx: Tx, box: int) -> tuple[int, ...]:
    row = tx.one(
        "SELECT total_emails, unread_emails, total_threads, unread_threads FROM mailbox WHERE id = ?", (box,)
    )
    assert row is not None
    return tuple(row)


def test_an_answer_that_arrives_before_its_question_shares_the_thread(database: Database) -> None:
    with database.write() as tx:
        account, box = account_with_folders(tx)
        _, answer = emails.insert(tx, account, mail(box[Role.INBOX], "b@x", "a@x"))
        _, question = emails.insert(tx, account, mail(box[Role.INBOX], "a@x"))
        assert answer == question
        assert counts_of(tx, box[Role.INBOX]) == (2, 2, 1, 1)


def test_same_subject_alone_makes_no_thread(database: Database) -> None:
    with database.write() as tx:
        account, box = account_with_folders(tx)
        first = emails.insert(tx, account, mail(box[Role.INBOX], "a@x"))
        second = emails.insert(tx, account, mail(box[Role.INBOX], "b@x"))
        assert first[1] != second[1]


def test_an_unread_answer_elsewhere_makes_the_thread_unread_but_one_in_trash_does_not(
    database: Database,
) -> None:
    with database.write() as tx:
        account, box = account_with_folders(tx)
        emails.insert(tx, account, mail(box[Role.INBOX], "a@x", seen=True))
        answer, _ = emails.insert(tx, account, mail(box[Role.ARCHIVE], "b@x", "a@x"))
        assert counts_of(tx, box[Role.INBOX]) == (1, 0, 1, 1)
        emails.set_mailboxes(tx, account, answer, frozenset({box[Role.TRASH]}))
        assert counts_of(tx, box[Role.INBOX]) == (1, 0, 1, 0)
        assert counts_of(tx, box[Role.TRASH]) == (1, 1, 1, 1)
        emails.set_keywords(tx, account, answer, frozenset({"$seen"}))
        assert counts_of(tx, box[Role.TRASH]) == (1, 0, 1, 0)


def test_a_state_can_be_walked_in_small_steps_and_each_object_is_told_once(database: Database) -> None:
    with database.write() as tx:
        account, box = account_with_folders(tx)
        old, _ = emails.insert(tx, account, mail(box[Role.INBOX], "old@x"))
        gone, _ = emails.insert(tx, account, mail(box[Role.INBOX], "gone@x"))
        start = changes.current(tx, account, "Email")
        new = [emails.insert(tx, account, mail(box[Role.INBOX], f"{i}@x"))[0] for i in range(5)]
        emails.set_keywords(tx, account, old, frozenset({"$flagged"}))
        emails.destroy(tx, account, [gone, new[0]])
        told: dict[str, list[int]] = {"created": [], "updated": [], "destroyed": []}
        state, more = start, True
        while more:
            step = changes.since(tx, account, "Email", state, limit=2)
            assert step is not None
            assert len(step.created) + len(step.updated) + len(step.destroyed) <= 2
            told["created"] += step.created
            told["updated"] += step.updated
            told["destroyed"] += step.destroyed
            state, more = step.new_seq, step.has_more
        # new[0] was never told as created: a client does not know it, and hears at most of its end
        assert told["created"] == new[1:] and told["updated"] == [old]
        assert [email for email in told["destroyed"] if email != new[0]] == [gone]
        assert state == changes.current(tx, account, "Email")


def test_counts_alone_are_told_as_counts(database: Database) -> None:
    with database.write() as tx:
        account, box = account_with_folders(tx)
        start = changes.current(tx, account, "Mailbox")
        emails.insert(tx, account, mail(box[Role.INBOX], "a@x"))
        step = changes.since(tx, account, "Mailbox", start)
        assert step is not None
        assert (step.updated, step.counts_only) == ([box[Role.INBOX]], True)
        mailboxes.update(tx, account, box[Role.INBOX], name="In")
        later = changes.since(tx, account, "Mailbox", start)
        assert later is not None and not later.counts_only


def test_a_thread_ends_with_its_last_email(database: Database) -> None:
    with database.write() as tx:
        account, box = account_with_folders(tx)
        start = changes.current(tx, account, "Thread")
        email, thread = emails.insert(tx, account, mail(box[Role.INBOX], "a@x"))
        middle = changes.current(tx, account, "Thread")
        emails.destroy(tx, account, [email])
        step = changes.since(tx, account, "Thread", middle)
        assert step is not None and step.destroyed == [thread]
        whole = changes.since(tx, account, "Thread", start)
        assert whole is not None and not (whole.created or whole.updated or whole.destroyed)
        assert counts_of(tx, box[Role.INBOX]) == (0, 0, 0, 0)


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as tx:
        account_with_folders(tx)
        raise RuntimeError("crash")
    with database.read() as tx:
        assert tx.value("SELECT COUNT(*) FROM account") == 1


def test_the_audit_cannot_be_rewritten(database: Database) -> None:
    import sqlite3

    with database.write() as tx:
        tx.insert(
            "INSERT INTO audit (at, actor, via, action, outcome, previous, hash)"
            " VALUES ('', 'a', '', '', '', '', '')"
        )
    for statement in ("UPDATE audit SET actor = 'b'", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError), database.write() as tx:
            tx.run(statement)


REPORT = (
    b"From: MAILER-DAEMON@mx.example\r\nMessage-ID: <bounce@mx.example>\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@x\r\nAction: failed\r\n"
    b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <a@x>\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize("report_first", [False, True])
def test_a_delivery_report_joins_the_thread_of_what_it_is_about(
    database: Database, report_first: bool
) -> None:
    with database.write() as tx:
        account, box = account_with_folders(tx)
        inbox = box[Role.INBOX]
        report = arrival.new_email(
            parse(REPORT), received_at="2026-11-20T09:00:00Z", mailboxes=frozenset({inbox})
        )
        both = [mail(inbox, "a@x"), report]
        threads = {emails.insert(tx, account, new)[1] for new in (both[::-1] if report_first else both)}
        assert len(threads) == 1
        assert tx.column('SELECT "references" FROM email WHERE subject IS NULL') == [None]
