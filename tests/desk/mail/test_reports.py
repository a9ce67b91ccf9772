"""A delivery report is noted at the message that it is about; it says what happened and grants nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.mail import reports
from shinbox.desk.mail.bodies import Bodies
from shinbox.desk.mail.remote.outcome import Accepted, Refusal, Uncertain
from shinbox.desk.mail.sandbox import Sandbox
from shinbox.desk.store import submissions
from tests.desk.mail.test_sending import Outgoing

OURS = "m7@test.example"


def report(about: str = OURS, **people: str) -> bytes:
    """What a mail server writes; `people`: name at customer.example → "action status text"."""
    groups = []
    for name, told in people.items():
        action, status, text = told.split(" ", 2)
        groups.append(
            f"Final-Recipient: rfc822; {name}@customer.example\r\nAction: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; {text}\r\n"
        )
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@team.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <bounce@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        + "\r\n".join(groups)
        + f"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{about}>\r\n\r\n--b--\r\n"
    ).encode()


FULL = "failed 5.2.2 552 5.2.2 Over quota"
SLOW = "delayed 4.4.1 connection timed out"
THERE = "delivered 2.0.0 250 ok"


class Desk(Outgoing):
    """A desk whose bodies are fetched as the worker does it."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        super().__init__(folder)
        self.bodies = Bodies(
            self.desk,
            self.account,
            sandbox,
            set(),
            lambda email, reading: reports.reported(self.desk, self.account, email, reading),
        )

    def send(self, *names: str) -> None:
        self.submit(*(f"{name}@customer.example" for name in names))
        self.time += 10
        self.work()

    def comes(self, raw: bytes) -> int:
        """A report comes to the inbox and its body is fetched."""
        before = set(self.emails())
        self.server.deliver("INBOX", raw, [])
        self.sync()
        [mail] = set(self.emails()) - before
        remote = self.connect()
        self.bodies.fetch(remote, mail)
        remote.close()
        return mail

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(str(self.submission()["delivery_status"]))
        return {who.partition("@")[0]: each for who, each in told.items()}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Desk:
    return Desk(tmp_path, sandbox)


def test_what_was_not_delivered_is_said_with_the_reason(desk: Desk) -> None:
    desk.send("carla")
    mail = desk.comes(report(carla=FULL))
    assert desk.status()["carla"] == {
        "smtpReply": "552 5.2.2 Over quota",
        "delivered": "no",
        "displayed": "unknown",
    }
    told = desk.submission()
    assert told["error"] == "Not delivered to carla@customer.example, because the mailbox is full."
    assert told["undo_status"] == "final"
    assert json.loads(str(told["reports"])) == [mail]


def test_each_recipient_has_an_outcome_of_their_own(desk: Desk) -> None:
    desk.send("carla", "dan", "eve")
    desk.comes(report(carla=FULL, dan=THERE))
    told = {name: each["delivered"] for name, each in desk.status().items()}
    assert told == {"carla": "no", "dan": "yes", "eve": "queued"}
    assert "carla" in str(desk.submission()["error"])
    assert "dan" not in str(desk.submission()["error"])


def test_a_delay_is_noted_and_is_no_failure(desk: Desk) -> None:
    desk.send("carla")
    desk.comes(report(carla=SLOW))
    assert desk.status()["carla"]["delivered"] == "queued"
    assert desk.submission()["error"] is None


def test_a_failure_stays_one_whatever_comes_after_it(desk: Desk) -> None:
    desk.post.answers = [Accepted("250 ok", {"dan@customer.example": Refusal(550, "no such user")})]
    desk.send("carla", "dan")
    desk.comes(report(carla=FULL))
    desk.comes(report(carla=THERE, dan=SLOW).replace(b"bounce@", b"second@"))
    assert {name: each["delivered"] for name, each in desk.status().items()} == {"carla": "no", "dan": "no"}
    assert len(json.loads(str(desk.submission()["reports"]))) == 2


def test_behind_an_alias_the_only_recipient_is_meant(desk: Desk) -> None:
    desk.send("carla")
    desk.comes(report(c_backend=FULL))
    assert desk.status()["carla"]["delivered"] == "no"


def test_behind_an_alias_of_one_among_several_nobody_knows_who_is_meant(desk: Desk) -> None:
    desk.send("carla", "dan")
    desk.comes(report(c_backend=FULL))
    assert {each["delivered"] for each in desk.status().values()} == {"queued"}


def test_a_report_about_something_else_changes_nothing(desk: Desk) -> None:
    desk.send("carla")
    before = desk.submission()
    desk.comes(report("made-up@evil.example", carla=FULL))
    assert desk.submission() == before


def test_a_report_about_what_has_not_left_changes_nothing(desk: Desk) -> None:
    desk.submit("carla@customer.example")
    before = desk.submission()
    desk.comes(report(carla=FULL))
    assert desk.submission() == before


def test_a_report_about_what_was_taken_back_changes_nothing(desk: Desk) -> None:
    row = desk.submit("carla@customer.example")
    with desk.database.write() as tx:
        assert submissions.cancel(tx, row)
    before = desk.submission()
    desk.comes(report(carla=FULL))
    assert desk.submission() == before


def test_a_report_about_an_uncertain_message_proves_that_it_left(desk: Desk) -> None:
    desk.post.answers = [Uncertain("cut")]
    desk.send("carla")
    assert desk.submission()["undo_status"] == "uncertain"
    desk.comes(report(carla=SLOW))
    assert (desk.submission()["undo_status"], desk.submission()["error"]) == ("final", reports.CAME_BACK)


def test_a_failure_of_an_uncertain_message_says_why(desk: Desk) -> None:
    desk.post.answers = [Uncertain("cut")]
    desk.send("carla")
    desk.comes(report(carla=FULL))
    assert desk.submission()["undo_status"] == "final"
    assert "mailbox is full" in str(desk.submission()["error"])


def test_what_a_server_says_at_length_is_cut(desk: Desk) -> None:
    desk.send("carla")
    desk.comes(report(carla="failed 5.0.0 " + "x" * 5000))
    assert len(desk.status()["carla"]["smtpReply"]) == reports.LONGEST_REPLY
    assert len(str(desk.submission()["error"])) < 1000
