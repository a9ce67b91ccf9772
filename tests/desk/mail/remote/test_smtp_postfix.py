"""What a real Postfix says to a message that is handed in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shinbox.desk.mail.remote.outcome import (
    Accepted,
    Envelope,
    NotAttempted,
    Notify,
    Phase,
    Refused,
    Uncertain,
)
from shinbox.desk.mail.remote.settings import Endpoint, Login, Security
from shinbox.desk.mail.remote.steps import try_smtp
from shinbox.desk.mail.remote.submitting import submit
from shinbox.errors import RemoteAuthFailed, RemoteUnreachable
from tests.servers.cuttable import Cuttable
from tests.servers.mail import MailServers, User

pytestmark = pytest.mark.system


def endpoint(servers: MailServers, user: User, security: Security = Security.TLS) -> Endpoint:
    port = servers.submissions_port if security is Security.TLS else servers.submission_port
    login = Login(user.address, user.password)
    return Endpoint("127.0.0.1", port, security, login, ca_file=servers.ca_file)


def raw(sender: str, identity: str, body: str = "Text\r\n..\r\n.\r\n") -> bytes:
    date = "Date: Sat, 01 Jun 2024 10:00:00 +0000"
    return f"From: {sender}\r\n{date}\r\nMessage-ID: {identity}\r\nSubject: Hi\r\n\r\n{body}".encode()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_message_arrives_as_it_was_sent(servers: MailServers, security: Security) -> None:
    domain = servers.new_domain()
    bob, ann = (servers.new_user(name, domain=domain) for name in ("bob", "ann"))
    message = raw(bob.address, "<1@example.org>")
    envelope = Envelope(bob.address, (ann.address,), Notify())
    outcome = await submit(endpoint(servers, bob, security), envelope, message)
    assert isinstance(outcome, Accepted), outcome
    assert outcome.refused == {}
    assert servers.wait_for_message(ann, "<1@example.org>").endswith(message)


async def test_a_foreign_sender_is_refused_at_the_recipient(servers: MailServers) -> None:
    domain = servers.new_domain()
    bob, ann = (servers.new_user(name, domain=domain) for name in ("bob", "ann"))
    outcome = await submit(endpoint(servers, bob), Envelope(ann.address, (ann.address,)), raw("x", "<2@x>"))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == (553, True)
    assert outcome.recipients[ann.address].code == 553
    assert (await try_smtp(endpoint(servers, bob), ann.address))[-1].name == "send-as"
    assert all(step.ok for step in await try_smtp(endpoint(servers, bob), bob.address))


async def test_one_unknown_recipient_does_not_stop_the_other(servers: MailServers) -> None:
    domain = servers.new_domain()
    bob, ann = (servers.new_user(name, domain=domain) for name in ("bob", "ann"))
    servers.refuse_recipient(f"later@{domain}", "450 4.2.0 try later")
    envelope = Envelope(bob.address, (f"later@{domain}", ann.address))
    outcome = await submit(endpoint(servers, bob), envelope, raw(bob.address, "<3@example.org>"))
    assert isinstance(outcome, Accepted), outcome
    assert {address: refusal.permanent for address, refusal in outcome.refused.items()} == {
        f"later@{domain}": False
    }
    assert servers.wait_for_message(ann, "<3@example.org>")


async def test_a_wrong_password_is_named(servers: MailServers) -> None:
    bob = servers.new_user("bob")
    settings = replace(endpoint(servers, bob), login=Login(bob.address, "wrong"))
    outcome = await submit(settings, Envelope(bob.address, (bob.address,)), raw("x", "<4@x>"))
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteAuthFailed)


async def test_an_answer_that_is_lost_leaves_it_uncertain_and_the_message_may_have_arrived(
    servers: MailServers,
) -> None:
    bob = servers.new_user("bob")
    with Cuttable(servers.submissions_port) as wire:

        def from_here_on_no_answer(phase: Phase, sent: int, total: int) -> None:
            if phase is Phase.COMMITTING:
                wire.hold_replies_after(0)

        outcome = await submit(
            replace(endpoint(servers, bob), port=wire.port),
            Envelope(bob.address, (bob.address,)),
            raw(bob.address, "<5@example.org>"),
            from_here_on_no_answer,
            final_timeout=1.0,
        )
    assert isinstance(outcome, Uncertain)
    assert servers.wait_for_message(bob, "<5@example.org>")


async def test_a_connection_cut_before_the_end_delivers_nothing(servers: MailServers) -> None:
    bob = servers.new_user("bob")
    with Cuttable(servers.submissions_port) as wire:
        wire.cut_after(up=500_000)
        outcome = await submit(
            replace(endpoint(servers, bob), port=wire.port),
            Envelope(bob.address, (bob.address,)),
            raw(bob.address, "<6@example.org>", "x" * 70 + "\r\n" * 8_000_000),
        )
        assert wire.was_cut.wait(60)
    assert isinstance(outcome, NotAttempted), outcome
    assert isinstance(outcome.error, RemoteUnreachable)
    # A message that is handed in now arrives, and it is the only one.
    await submit(
        endpoint(servers, bob), Envelope(bob.address, (bob.address,)), raw(bob.address, "<7@example.org>")
    )
    assert servers.wait_for_message(bob, "<7@example.org>")
    with pytest.raises(TimeoutError):
        servers.wait_for_message(bob, "<6@example.org>", timeout=0.1)
