"""What is due leaves once; what was refused is a draft again; what is in doubt is never sent by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from shinbox.desk.mail import sent
from shinbox.desk.mail.remote.outcome import (
    Accepted,
    Envelope,
    NotAttempted,
    Outcome,
    Refusal,
    Refused,
    Uncertain,
)
from shinbox.desk.mail.remote.settings import Endpoint, Login, Security
from shinbox.desk.mail.sending import ATTEMPTS, Sending
from shinbox.desk.store import connections, emails, grants, identities, ids, leaving, submissions, users
from shinbox.desk.store.database import Tx
from shinbox.desk.store.times import utc_now
from shinbox.errors import RemoteUnreachable
from shinbox.mime.parse import parse
from shinbox.terms import Level, Role, Send
from tests.desk.mail.world import World, message

SERVER = Endpoint("smtp.example", 465, Security.TLS, Login())


ANSWER = message(7, "Answer").replace(
    b"From: Carla Customer <carla@customer.example>", b"From: support@team.example"
)


class Post:
    """A submission server: keeps what it was given, and answers as told."""

    def __init__(self) -> None:
        self.answers: list[Outcome | BaseException] = []
        self.attempts = 0
        self.taken: list[tuple[Envelope, bytes]] = []

    def submit(self, endpoint: Endpoint, envelope: Envelope, raw: bytes) -> Outcome:
        self.attempts += 1
        answer = self.answers.pop(0) if self.answers else Accepted("250 queued")
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Accepted | Uncertain):
            self.taken.append((envelope, raw))
        return answer


class Outgoing(World):
    """A world with a draft on its way: `draft` lies in Sent already, as onSuccessUpdateEmail puts it."""

    def __init__(self, folder: Path, policy: str = "append") -> None:
        super().__init__(folder)
        self.post = Post()
        self.sending = Sending(self.desk, lambda row: SERVER if row else None, self.post.submit, lambda: 0.0)
        with self.database.write() as tx:
            connections.put(tx, self.account, imap="{}", sent_policy=policy)
            self.bob = users.create(tx, "bob", email="bob@team.example", created_at=self.desk.utc())
            self.share = grants.create(
                tx,
                self.account,
                user=self.bob,
                level=Level.WRITE,
                send=Send.SEND_AS,
                created_at=self.desk.utc(),
            )
            self.identity = identities.create(tx, self.account, name="", email="support@team.example")
        self.sync()
        self.raw = ANSWER
        self.draft = self.add(self.raw, "Drafts", "$draft", "$seen")
        self.sync()

    def submit(self, *recipients: str) -> int:
        to = recipients or ("carla@customer.example",)
        drafts = ids.to_id("Mailbox", self.mailbox("Drafts"))
        with self.database.write() as tx:
            row = submissions.create(
                tx,
                self.account,
                identity=self.identity,
                email=self.draft,
                thread=1,
                user=self.bob,
                message_id="m7@test.example",
                blob_hash=self.desk.blobs.put(self.raw),
                envelope={
                    "mailFrom": {"email": "support@team.example"},
                    "rcptTo": [{"email": a} for a in to],
                },
                send_at=self.time + 10,
                undo_actions={"mailboxIds": {drafts: True}, "keywords": {"$draft": True, "$seen": True}},
                now=self.desk.utc(),
            )
        self.set_keywords(self.draft, "$seen")
        self.move(self.draft, "Sent")
        return row

    def work(self) -> None:
        """The sender's and the worker's turn."""
        for row in self.sending.due():
            self.sending.attempt(row)
        self.sending.keep_copies()
        self.sync()
        sent.check(self.desk, self.account)

    def submission(self) -> dict[str, object]:
        with self.database.read() as tx:
            row = tx.one("SELECT * FROM submission")
        assert row is not None
        return dict(row)

    def blob_of(self, mail: int) -> str:
        with self.database.read() as tx:
            return str(tx.value("SELECT blob_hash FROM email WHERE id = ?", (mail,)))

    def in_folder(self, folder: str) -> list[str]:
        return [subject for name, subject, _ in self.on_server() if name == folder]


@pytest.fixture
def world(tmp_path: Path) -> Outgoing:
    return Outgoing(tmp_path)


def test_a_message_leaves_when_its_hold_is_over_and_lies_in_sent(world: Outgoing) -> None:
    world.submit()
    world.work()
    assert world.post.attempts == 0
    world.time += 10
    world.work()
    world.work()
    [(envelope, raw)] = world.post.taken
    assert envelope == Envelope("support@team.example", ("carla@customer.example",))
    assert raw == world.raw
    told = world.submission()
    assert (told["undo_status"], told["sent_copy"], told["error"]) == ("final", "done", None)
    assert json.loads(str(told["delivery_status"]))["carla@customer.example"]["delivered"] == "queued"
    assert world.in_folder("Sent") == ["Answer 7"]
    assert world.in_folder("Drafts") == []


def test_a_clock_that_was_set_back_holds_nothing_for_longer(world: Outgoing) -> None:
    world.submit()
    world.time -= 365 * 86_400
    world.work()
    assert world.submission()["undo_status"] == "final"


def test_a_clock_that_was_set_back_a_little_keeps_the_hold(world: Outgoing) -> None:
    world.submit()
    world.time -= 60
    world.work()
    assert world.post.attempts == 0


def test_what_was_recalled_does_not_leave(world: Outgoing) -> None:
    row = world.submit()
    with world.database.write() as tx:
        assert submissions.cancel(tx, row)
    world.time += 10
    world.work()
    assert world.post.attempts == 0


def test_a_refusal_gives_the_draft_back_and_says_why(world: Outgoing) -> None:
    world.submit()
    world.post.answers = [Refused(553, "Sender address rejected", permanent=True)]
    world.time += 10
    world.work()
    told = world.submission()
    assert told["undo_status"] == "canceled"
    assert "553 Sender address rejected" in str(told["error"])
    assert world.in_folder("Drafts") == ["Answer 7"]
    assert world.shown()[world.draft][2] == {"$draft", "$seen"}


def test_a_refusal_gives_back_a_draft_that_was_destroyed_meanwhile(world: Outgoing) -> None:
    world.submit("support@team.example", "secret@x.example", "müller@x.example")
    world.destroy(world.draft)
    world.post.answers = [Refused(553, "Sender address rejected", permanent=True)]
    world.time += 10
    world.work()
    world.work()
    assert world.on_server() == [("Drafts", "Answer 7", ("$draft", "$seen"))]
    [given_back] = world.emails()
    assert world.submission()["email_id"] == given_back
    raw = world.desk.blobs.get(world.blob_of(given_back))
    assert [address.email for address in parse(raw).bcc] == ["secret@x.example", "müller@x.example"]
    assert raw.endswith(world.raw)


@pytest.mark.parametrize(
    "trouble",
    [
        Refused(451, "Try later", permanent=False),
        NotAttempted(RemoteUnreachable("No route to smtp.example.")),
    ],
)
def test_a_server_that_is_away_is_asked_again_later(world: Outgoing, trouble: Outcome) -> None:
    world.submit()
    world.post.answers = [trouble]
    world.time += 10
    world.work()
    told = world.submission()
    assert told["undo_status"] == "pending"
    assert told["error"]
    world.work()
    assert world.post.attempts == 1
    world.time += 30
    world.work()
    assert world.submission()["undo_status"] == "final"
    assert len(world.post.taken) == 1


def test_after_many_attempts_the_sender_gets_the_draft_back(world: Outgoing) -> None:
    world.submit()
    world.post.answers = [Refused(451, "Try later", permanent=False)] * ATTEMPTS
    for _ in range(ATTEMPTS):
        world.time += 4000
        world.work()
    assert world.submission()["undo_status"] == "canceled"
    assert world.in_folder("Drafts") == ["Answer 7"]


def test_a_cut_after_the_message_was_handed_over_is_never_sent_again(world: Outgoing) -> None:
    world.submit()
    world.post.answers = [Uncertain("no answer in time")]
    for _ in range(5):
        world.time += 100_000
        world.work()
    assert world.submission()["undo_status"] == "uncertain"
    assert world.post.attempts == 1


def test_a_crash_during_an_attempt_leaves_it_uncertain(world: Outgoing) -> None:
    world.submit()
    world.post.answers = [KeyboardInterrupt()]  # the process dies
    world.time += 10
    with pytest.raises(KeyboardInterrupt):
        world.work()
    world.sending.take_up()
    world.time += 100_000
    world.work()
    assert world.submission()["undo_status"] == "uncertain"
    assert world.post.attempts == 1


def test_a_fault_of_the_desk_during_an_attempt_leaves_it_uncertain(world: Outgoing) -> None:
    world.submit()
    world.post.answers = [ZeroDivisionError()]
    world.time += 10
    with pytest.raises(ZeroDivisionError):
        world.work()
    assert world.submission()["undo_status"] == "uncertain"


def test_a_copy_that_the_server_put_into_sent_settles_an_uncertain_one(tmp_path: Path) -> None:
    world = Outgoing(tmp_path, "server")
    world.submit()
    world.post.answers = [Uncertain("cut")]
    world.time += 10
    world.work()
    world.server.deliver("Sent", message(7, "Answer", body="As the server keeps it."), ["\\Seen"])
    world.follow()
    assert world.submission()["undo_status"] == "final"


def decided(world: Outgoing, what: Literal["final", "canceled"]) -> None:
    with world.database.write() as tx:
        assert submissions.decide(tx, int(str(world.submission()["id"])), what)


def test_of_what_left_after_all_there_is_a_copy_in_sent(world: Outgoing) -> None:
    world.submit()
    world.move(world.draft, "Drafts")  # a client that does not file by itself
    world.post.answers = [Uncertain("cut")]
    world.time += 10
    world.work()
    assert world.in_folder("Sent") == []
    decided(world, "final")
    world.work()
    world.work()
    assert world.in_folder("Sent") == ["Answer 7"]
    assert world.submission()["sent_copy"] == "done"


def test_a_copy_that_came_while_it_was_uncertain_is_the_only_one(world: Outgoing) -> None:
    world.submit()
    world.destroy(world.draft)
    world.post.answers = [Uncertain("cut")]
    world.time += 10
    world.work()
    world.server.deliver("Sent", message(7, "Answer", body="As the server keeps it."), ["\\Seen"])
    world.follow()
    world.work()
    world.work()
    assert world.in_folder("Sent") == ["Answer 7"]
    assert (world.submission()["undo_status"], world.submission()["sent_copy"]) == ("final", "done")


def test_where_the_server_keeps_its_own_copy_ours_makes_room(tmp_path: Path) -> None:
    world = Outgoing(tmp_path, "server")
    world.submit()
    world.time += 10
    world.work()
    assert world.submission()["sent_copy"] == "pending"
    world.server.deliver("Sent", message(7, "Answer", body="As the server keeps it."), ["\\Seen"])
    world.follow()
    world.sync()
    told = world.submission()
    assert told["sent_copy"] == "done"
    assert world.in_folder("Sent") == ["Answer 7"]
    assert told["email_id"] in world.emails()


def test_detect_puts_our_copy_there_if_none_comes(tmp_path: Path) -> None:
    world = Outgoing(tmp_path, "detect")
    world.submit()
    world.move(world.draft, "Drafts")
    world.time += 10
    world.work()
    assert world.submission()["sent_copy"] == "pending"
    world.time += 200
    world.work()
    world.work()
    assert world.submission()["sent_copy"] == "done"
    assert world.in_folder("Sent") == ["Answer 7"]


def test_a_destroyed_draft_still_leaves_a_copy_in_sent(world: Outgoing) -> None:
    world.submit()
    world.destroy(world.draft)
    world.time += 10
    world.work()
    world.work()
    assert world.in_folder("Sent") == ["Answer 7"]
    assert world.submission()["sent_copy"] == "done"


def test_some_recipients_refused_is_sent_and_said(world: Outgoing) -> None:
    world.submit("carla@customer.example", "gone@customer.example")
    world.post.answers = [Accepted("250 ok", {"gone@customer.example": Refusal(550, "no such user")})]
    world.time += 10
    world.work()
    told = world.submission()
    status = json.loads(str(told["delivery_status"]))
    assert told["undo_status"] == "final"
    assert status["gone@customer.example"]["delivered"] == "no"
    assert status["carla@customer.example"]["delivered"] == "queued"
    assert "gone@customer.example" in str(told["error"])


def test_a_mailbox_without_a_mail_server_keeps_its_copy_here(world: Outgoing) -> None:
    with world.database.write() as tx:
        tx.run("UPDATE account SET kind = 'local'")
    world.submit()
    world.time += 10
    for row in world.sending.due():
        world.sending.attempt(row)
    assert world.submission()["sent_copy"] == "done"
    with world.database.read() as tx:
        box = tx.value("SELECT id FROM mailbox WHERE role = ?", (Role.SENT,))
        assert emails.mailboxes_of(tx, [world.draft])[world.draft] == {box}


# --- what may no longer leave at the moment of sending ----------------------------------------------


def no_share(world: Outgoing, tx: Tx) -> None:
    grants.destroy(tx, [world.share])


def ended_share(world: Outgoing, tx: Tx) -> None:
    grants.update(tx, world.share, expires_at=utc_now(world.time + 10))


def on_behalf(world: Outgoing, tx: Tx) -> None:
    grants.update(tx, world.share, send=Send.ON_BEHALF)


def deactivated(world: Outgoing, tx: Tx) -> None:
    users.update(tx, world.bob, is_active=0)


def no_identity(world: Outgoing, tx: Tx) -> None:
    identities.destroy(tx, world.account, world.identity)


def another_identity(world: Outgoing, tx: Tx) -> None:
    identities.update(tx, world.account, world.identity, email="sales@team.example")


def no_connection(world: Outgoing, tx: Tx) -> None:
    connections.remove(tx, world.account)


TAKEN_AWAY: dict[Callable[[Outgoing, Tx], None], str] = {
    no_share: leaving.NO_LONGER,
    ended_share: leaving.NO_LONGER,
    on_behalf: leaving.WITHOUT_NAME,
    deactivated: leaving.NO_LONGER,
    no_identity: "is no longer an address of this mailbox",
    another_identity: "“support@team.example” is no longer an address of this mailbox",
    no_connection: "no server to send through",
}


@pytest.mark.parametrize("take_away", TAKEN_AWAY, ids=lambda each: each.__name__)
def test_what_ended_during_the_hold_keeps_the_message_here_as_a_draft(
    world: Outgoing, take_away: Callable[[Outgoing, Tx], None]
) -> None:
    world.submit()
    with world.database.write() as tx:
        take_away(world, tx)
    world.time += 10
    for row in world.sending.due():
        world.sending.attempt(row)
    told = world.submission()
    assert world.post.attempts == 0
    assert told["undo_status"] == "canceled"
    assert TAKEN_AWAY[take_away] in str(told["error"])
    assert world.shown()[world.draft][1:] == ({"Drafts"}, {"$draft", "$seen"})


def test_what_was_due_when_it_was_looked_for_is_still_asked_about_when_it_leaves(world: Outgoing) -> None:
    world.submit()
    world.time += 10
    [row] = world.sending.due()
    with world.database.write() as tx:
        on_behalf(world, tx)
    world.sending.attempt(row)
    assert world.post.attempts == 0
    assert world.submission()["undo_status"] == "canceled"


def test_on_behalf_with_the_persons_name_in_it_leaves(world: Outgoing) -> None:
    world.raw = b"Sender: Bob <bob@team.example>\r\n" + ANSWER
    world.submit()
    with world.database.write() as tx:
        on_behalf(world, tx)
    world.time += 10
    world.work()
    assert world.submission()["undo_status"] == "final"


def test_on_behalf_with_another_persons_name_does_not_leave(world: Outgoing) -> None:
    world.raw = b"Sender: Mia <mia@team.example>\r\n" + ANSWER
    world.submit()
    with world.database.write() as tx:
        on_behalf(world, tx)
    world.time += 10
    world.work()
    assert world.post.attempts == 0


def test_a_share_that_ends_while_the_server_is_away_stops_the_next_attempt(world: Outgoing) -> None:
    world.submit()
    world.post.answers = [Refused(451, "Try later", permanent=False)]
    world.time += 10
    world.work()
    with world.database.write() as tx:
        no_share(world, tx)
    world.time += 100
    world.work()
    assert world.post.attempts == 1
    assert world.submission()["undo_status"] == "canceled"


def test_what_the_desk_lost_is_given_up_in_plain_words(world: Outgoing) -> None:
    world.submit()
    world.destroy(world.draft)
    world.desk.blobs.path(str(world.submission()["blob_hash"])).unlink()
    world.time += 10
    world.work()
    told = world.submission()
    assert (told["undo_status"], told["error"]) == ("canceled", leaving.NO_BYTES)
