"""The send gate over both rooms: an answer that a colleague sent with another program, and that the desk
knows only because the sync found it in Sent, stops the one that is being sent here."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from shinbox.desk.front.context import Desk
from shinbox.desk.front.dispatch import dispatch
from shinbox.desk.front.login import Actor
from shinbox.desk.store import grants, identities, ids, users
from shinbox.errors import RemoteUnreachable
from shinbox.terms import CORE, DESK_CAPABILITY, MAIL, SUBMISSION, Level, Send
from tests.desk.mail.world import World, message

QUESTION = message(1, "Invoice")


def answer(number: int, sender: str = "support@team.example") -> bytes:
    """What another program sends as the mailbox."""
    head = b"In-Reply-To: <m1@test.example>\r\nReferences: <m1@test.example>\r\n"
    made = message(number, "Re: Invoice").replace(
        b"From: Carla Customer <carla@customer.example>", f"From: {sender}".encode()
    )
    return head + made


class Office(World):
    """Bob in front of the desk, and a mail server that others use, too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        numbers = itertools.count(1)

        def nobody(email: int, timeout: float) -> None:
            raise RemoteUnreachable(f"The body of {email} is not here.")

        self.front = Desk(
            database=self.database,
            blobs=self.desk.blobs,
            clock=lambda: self.time,
            random=lambda size: next(numbers).to_bytes(size, "big"),
            wake=lambda account, topic: None,
            publish=lambda changed: None,
            fetch_body=nobody,
            session_state=lambda tx, actor: "one",
        )
        with self.database.write() as tx:
            user = users.create(tx, "bob", created_at=self.desk.utc())
            grants.create(
                tx,
                self.account,
                user=user,
                level=Level.WRITE,
                send=Send.SEND_AS,
                created_at=self.desk.utc(),
            )
            self.identity = identities.create(tx, self.account, name="", email="support@team.example")
        self.bob = Actor(user, "bob", False, "unix uid 1000")
        self.server.deliver("INBOX", QUESTION, [])
        self.sync()
        self.question = ids.to_id("Email", self.email("Invoice 1"))

    def ask(self, name: str, **arguments: Any) -> dict[str, Any]:
        """One call by Bob."""
        account = ids.to_id("Account", self.account)
        request = {
            "using": [CORE, MAIL, SUBMISSION, DESK_CAPABILITY],
            "methodCalls": [[name, {"accountId": account, **arguments}, "c"]],
        }
        said = json.loads(dispatch(json.dumps(request).encode(), self.bob, self.front))
        [[answered, value, _]] = said["methodResponses"][:1]
        assert answered == name, value
        return dict(value)

    def thread_state(self) -> str:
        thread = self.ask("Email/get", ids=[self.question], properties=["threadId"])["list"][0]["threadId"]
        return str(self.ask("Thread/get", ids=[thread])["list"][0]["threadState"])

    def send(self, state: str) -> dict[str, Any]:
        """Bob's own answer, written against that state of the conversation."""
        drafts = ids.to_id("Mailbox", self.mailbox("Drafts"))
        made = self.ask(
            "Email/set",
            create={
                "d": {
                    "mailboxIds": {drafts: True},
                    "keywords": {"$draft": True},
                    "from": [{"email": "support@team.example"}],
                    "to": [{"email": "carla@customer.example"}],
                    "inReplyTo": ["m1@test.example"],
                    "subject": "Re: Invoice",
                    "bodyValues": {"t": {"value": "Mine."}},
                    "textBody": [{"partId": "t", "type": "text/plain"}],
                }
            },
        )["created"]["d"]["id"]
        identity = ids.to_id("Identity", self.identity)
        submission = {"identityId": identity, "emailId": made, "threadState": state}
        return self.ask("EmailSubmission/set", create={"s": submission})


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_an_answer_that_another_program_sent_stops_ours(office: Office) -> None:
    state = office.thread_state()
    office.server.deliver("Sent", answer(2), ["\\Seen"])
    office.follow()
    failure = office.send(state)["notCreated"]["s"]
    assert failure["type"] == "urn:shinbox:threadMoved"
    assert failure["emailIds"] == [ids.to_id("Email", office.email("Re: Invoice 2"))]


def test_it_stops_ours_wherever_the_other_program_filed_it(office: Office) -> None:
    state = office.thread_state()
    office.server.deliver("Archive", answer(3), ["\\Seen"])
    office.follow()
    assert "s" in office.send(state)["notCreated"]


def test_without_anything_new_ours_leaves(office: Office) -> None:
    state = office.thread_state()
    office.follow()
    assert office.send(state)["created"]["s"]["undoStatus"] == "pending"


def test_a_flag_that_another_program_sets_stops_nothing(office: Office) -> None:
    state = office.thread_state()
    [uid] = office.server.box("INBOX").messages
    office.server.box("INBOX").flag(uid, frozenset({"\\Seen"}))
    office.follow()
    assert office.shown()[office.email("Invoice 1")][2] == {"$seen"}
    assert office.send(state)["created"]


def test_a_draft_that_another_program_keeps_stops_nothing(office: Office) -> None:
    state = office.thread_state()
    office.server.deliver("Drafts", answer(4), ["\\Draft"])
    office.follow()
    assert office.send(state)["created"]
