"""Bounces, receipts and complaints become one sentence; ordinary mail does not."""

from __future__ import annotations

from collections import Counter

import pytest

from shinbox.mime.parse import parse
from shinbox.mime.reasons import reason_of
from shinbox.mime.report import read_report
from tests.mime import oracles


def dsn(fields: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        "--x\n\nSorry.\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"{fields}\n--x\nContent-Type: message/rfc822\n\n"
        "Message-ID: <1@us.example>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nHi\n--x--\n"
    ).encode()


def test_a_bounce_says_to_whom_and_why_and_about_what() -> None:
    report = read_report(
        parse(dsn("Final-Recipient: rfc822; jane@example.org\nAction: failed\nStatus: 5.2.2\n"))
    )
    assert report is not None
    assert report.sentence() == "not delivered to jane@example.org, because the mailbox is full"
    assert (report.about_message_id, report.about_subject) == ("1@us.example", "Grüße")


def test_the_worst_outcome_is_told_first() -> None:
    fields = "Final-Recipient: rfc822; a@x\nAction: delivered\nStatus: 2.0.0\n\n"
    fields += (
        "Final-Recipient: rfc822; b@x\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; timed out\n"
    )
    report = read_report(parse(dsn(fields)))
    assert report is not None
    assert report.sentence() == "not delivered yet to b@x, because the server could not be reached"


def test_a_receipt_says_who_read_or_deleted_which_message() -> None:
    raw = (
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n--x\n\nRead.\n"
        b"--x\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; jane@example.org\n"
        b"Original-Message-ID: <1@us.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n"
        b"--x--\n"
    )
    report = read_report(parse(raw))
    assert report is not None
    assert (report.sentence(), report.about_message_id) == ("read by jane@example.org", "1@us.example")
    deleted = read_report(parse(raw.replace(b"displayed", b"deleted")))
    assert deleted is not None
    assert deleted.sentence() == "deleted without being read by jane@example.org"


def test_a_complaint_says_as_what_and_by_whom() -> None:
    raw = (
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\nAbuse.\n"
        b"--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x\nVersion: 1\n"
        b"--x\nContent-Type: message/rfc822\n\nTo: jane@example.org\n"
        b"Message-ID: <1@us.example>\n\nHi\n--x--\n"
    )
    report = read_report(parse(raw))
    assert report is not None
    assert report.sentence() == "reported as spam by jane@example.org"


def test_a_bounce_in_free_words() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example\nTo: support@us.example\nSubject: failure notice\n\n"
        b"Hi. This is the qmail-send program.\n\n<jane@example.org>:\n550 5.1.1 No such user here\n\n"
        b"--- Below this line is a copy of the message.\n\nMessage-ID: <1@us.example>\n"
        b"From: other@us.example\n"
    )
    report = read_report(parse(raw))
    assert report is not None
    assert report.sentence() == "not delivered to jane@example.org, because there is no such address"
    assert report.about_message_id == "1@us.example"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: jane@example.org\nSubject: Undelivered Mail\n\nI got: 550 5.1.1 <bob@x.example> unknown",
        b"From: postmaster@example.org\nSubject: New server\n\nOn Monday we move.",
        b"Content-Type: message/delivery-status\n\n",
        b"",
    ],
)
def test_ordinary_mail_is_no_report(raw: bytes) -> None:
    assert read_report(parse(raw)) is None


def test_reasons_come_from_precise_codes_then_words_then_the_server() -> None:
    assert reason_of("5.1.1", "") == "there is no such address"
    assert reason_of("5.0.0", "552 Quota exceeded") == "the mailbox is full"
    assert reason_of("5.7.1", "Message looks like spam") == "it was taken for spam"
    assert reason_of("", "599 Zorp\n is  down") == "the server said: 599 Zorp is down"
    assert reason_of("", "") == ""


@pytest.mark.skipif(not oracles.CORPORA.is_dir(), reason=f"the corpora are not at {oracles.CORPORA}")
def test_real_bounces_are_recognised() -> None:
    kinds: Counter[str] = Counter()
    unnamed = 0
    for case in oracles.cases("sisimai"):
        if case.origin.name.startswith(("is-not-bounce", "rfc3834")):
            continue
        report = read_report(parse(case.raw))
        kinds[report.kind if report else "none"] += 1
        unnamed += report is not None and report.kind == "failed" and not report.sentence().count("because")
    print(kinds, f"{unnamed} without a reason")
    assert kinds["none"] / kinds.total() < 0.05
    assert unnamed / kinds["failed"] < 0.03
