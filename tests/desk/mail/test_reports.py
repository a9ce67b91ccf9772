"""A delivery report joins the thread of what it is about, and is noted there; it grants nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.mail import reports
from shinbox.desk.mail.bodies import Bodies, Trouble
from shinbox.desk.mail.remote.outcome import Accepted, Refusal, Uncertain
from shinbox.desk.mail.sandbox import Sandbox
from shinbox.desk.store import changes, submissions
from shinbox.errors import RemoteError, RemoteProtocolError, RemoteUnreachable
from tests.desk.mail.test_sending import Outgoing
from tests.desk.mail.world import Breaking, message, report

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
            Trouble(),
            lambda email, reading: reports.reported(self.desk, self.account, email, reading),
        )

    def send(self, *names: str) -> None:
        self.submit(*(f"{name}@customer.example" for name in names))
        self.time += 10
        self.work()

    def comes(self, raw: bytes) -> int:
        """A report comes to the inbox and its body is fetched."""
        mail = self.shows(raw)
        remote = self.connect()
        self.bodies.fetch(remote, mail)
        remote.close()
        return mail

    def shows(self, raw: bytes) -> int:
        """A message comes to the inbox; nobody has asked for its body yet."""
        before = set(self.emails())
        self.server.deliver("INBOX", raw, [])
        self.sync()
        [mail] = set(self.emails()) - before
        return mail

    def thread(self, mail: int) -> int:
        with self.database.read() as tx:
            return int(tx.value("SELECT thread_id FROM email WHERE id = ?", (mail,)))

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(str(self.submission()["delivery_status"]))
        return {who.partition("@")[0]: each for who, each in told.items()}


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


# --- the thread -----------------------------------------------------------------------------------


def test_a_report_joins_the_thread_of_what_it_is_about_as_soon_as_it_is_shown(desk: Desk) -> None:
    desk.send("carla")
    with desk.database.read() as tx:
        before = changes.current(tx, desk.account, "Thread")
    mail = desk.shows(report(carla=FULL))
    assert desk.thread(mail) == desk.thread(desk.draft)
    with desk.database.read() as tx:
        since = changes.since(tx, desk.account, "Thread", before)
    assert since is not None
    assert (since.created, since.updated, since.destroyed) == ([], [desk.thread(mail)], [])


def test_a_report_that_brings_back_a_large_message_joins_it_too(desk: Desk) -> None:
    desk.send("carla")
    ours = b"Message-ID: <m7@test.example>\r\n\r\n"
    whole = report(carla=FULL).replace(b"text/rfc822-headers", b"message/rfc822")
    mail = desk.shows(whole.replace(ours, ours + b"All that was sent.\r\n" * 100_000))
    assert desk.thread(mail) == desk.thread(desk.draft)


def test_the_message_that_is_found_after_its_report_joins_that_ones_thread(desk: Desk) -> None:
    mail = desk.shows(report("m8@test.example", carla=FULL))
    assert desk.thread(desk.shows(message(8))) == desk.thread(mail)


def test_a_report_about_what_nobody_knows_is_a_thread_of_its_own(desk: Desk) -> None:
    desk.send("carla")
    mail = desk.shows(report("made-up@evil.example", carla=FULL))
    assert desk.thread(mail) != desk.thread(desk.draft)


def test_a_report_that_is_moved_while_it_is_read_joins_the_thread_from_where_it_went(desk: Desk) -> None:
    desk.send("carla")
    desk.server.deliver("INBOX", report(carla=FULL), [])

    inbox, archive = desk.server.boxes["INBOX"], desk.server.boxes["Archive"]

    def moved_first(operation: str) -> None:
        if operation == "fetch_starts" and len(inbox.messages) > 0:
            archive.put(inbox.take(max(inbox.messages)))

    desk.server.fault = moved_first  # type: ignore[method-assign]  # what the hook is for
    desk.sync()
    desk.sync()
    assert desk.shown()[desk.email("Undelivered")][1] == {"Archive"}
    assert desk.thread(desk.email("Undelivered")) == desk.thread(desk.draft)


def test_a_reading_that_breaks_a_limit_leaves_the_report_in_a_thread_of_its_own(desk: Desk) -> None:
    desk.about = lambda start: desk.bodies.read(b"").about
    desk.send("carla")
    assert desk.thread(desk.shows(report(carla=FULL))) != desk.thread(desk.draft)


@pytest.mark.parametrize("error", [RemoteProtocolError("nonsense"), RemoteUnreachable("bye")])
def test_a_report_over_which_every_connection_ends_is_shown_all_the_same_and_costs_no_other_its_thread(
    desk: Desk, error: RemoteError
) -> None:
    desk.send("carla")
    other = report(carla=SLOW).replace(b"Undelivered", b"Delayed").replace(b"bounce@", b"second@")
    bad = desk.server.deliver("INBOX", report(carla=FULL), [])
    desk.server.deliver("INBOX", other, [])
    desk.server.deliver("INBOX", other.replace(b"Delayed", b"Again").replace(b"second@", b"third@"), [])
    desk.connect = lambda: Breaking(desk.server, bad, error)
    for _ in range(reports.TRIES):
        with pytest.raises(type(error)):
            desk.sync()
    desk.sync()
    ours = desk.thread(desk.draft)
    threads = [desk.thread(desk.email(subject)) == ours for subject in ("Undelivered", "Delayed", "Again")]
    assert threads == [False, True, True]


def test_a_report_whose_own_words_are_empty_is_about_the_message_that_it_brings_back(desk: Desk) -> None:
    desk.post.answers = [Uncertain("cut")]
    desk.send("carla")
    mail = desk.comes(report())
    assert desk.thread(mail) == desk.thread(desk.draft)
    assert (desk.submission()["undo_status"], desk.submission()["error"]) == ("final", reports.CAME_BACK)


def test_an_out_of_office_answer_joins_its_thread_and_changes_nothing_else_there(desk: Desk) -> None:
    desk.send("carla")
    before, told = desk.shown(), desk.submission()
    absent = (
        b"From: carla@customer.example\r\nTo: support@team.example\r\nSubject: Away\r\n"
        b"Message-ID: <away@customer.example>\r\nAuto-Submitted: auto-replied\r\n"
        b"In-Reply-To: <m7@test.example>\r\n\r\nI am on holiday.\r\n"
    )
    mail = desk.comes(absent)
    assert desk.thread(mail) == desk.thread(desk.draft)
    assert {each: shown for each, shown in desk.shown().items() if each != mail} == before
    assert desk.submission() == told
