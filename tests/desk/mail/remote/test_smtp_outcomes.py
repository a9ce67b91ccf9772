"""A message is sent once, and what became of it is said exactly: the line is the final dot."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path

import pytest

from shinbox.desk.mail.remote.outcome import (
    Accepted,
    Envelope,
    NotAttempted,
    Notify,
    Outcome,
    Phase,
    Refusal,
    Refused,
    Uncertain,
)
from shinbox.desk.mail.remote.settings import Auth, Endpoint, Login, Security
from shinbox.desk.mail.remote.steps import try_smtp
from shinbox.desk.mail.remote.submitting import submit
from shinbox.errors import (
    InvalidEmail,
    InvalidRecipients,
    NoRecipients,
    RemoteAuthFailed,
    RemoteProtocolError,
    RemoteUnreachable,
    TlsFailed,
)
from tests.desk.mail.remote.hostile_smtp import DROP, SILENCE, HostileSmtp
from tests.servers.certificates import make_certificates

RAW = b"From: a@example.org\r\nSubject: Hi\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n.hidden dot\r\n"
LARGE = RAW + b"more than the network's buffers hold\r\n" * 600_000
ENVELOPE = Envelope("a@example.org", ("b@example.org",))


def endpoint(server: HostileSmtp, **changed: object) -> Endpoint:
    settings: dict[str, object] = {
        "security": Security.NONE, "login": Login("me", "secret"), "timeout": 60.0, "connect_timeout": 60.0,
    }  # fmt: skip
    return Endpoint("127.0.0.1", server.port, **{**settings, **changed})  # type: ignore[arg-type]


async def outcome_of(
    replies: dict[str, bytes], envelope: Envelope = ENVELOPE, raw: bytes = RAW, **changed: object
) -> tuple[Outcome, HostileSmtp]:
    async with HostileSmtp(replies).running() as server:
        final = float(str(changed.pop("final_timeout", 60.0)))
        return await submit(endpoint(server, **changed), envelope, raw, final_timeout=final), server


async def test_a_message_is_accepted_as_it_was_given() -> None:
    outcome, server = await outcome_of({})
    assert outcome == Accepted("250 taken")
    # The dot at the start of a line is doubled on the wire (RFC 5321 §4.5.2).
    assert server.messages == [RAW.replace(b"\r\n.hidden", b"\r\n..hidden") + b".\r\n"]


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_dot_is_safe_to_try_again(step: str) -> None:
    outcome, server = await outcome_of({step: DROP})
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteUnreachable)
    assert server.messages == []


async def test_a_connection_lost_after_the_dot_is_uncertain() -> None:
    outcome, server = await outcome_of({".": DROP})
    assert isinstance(outcome, Uncertain)
    assert len(server.messages) == 1


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_falls_silent_before_the_dot_is_unreachable(step: str) -> None:
    outcome, server = await outcome_of({step: SILENCE}, timeout=0.2, connect_timeout=0.2)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteUnreachable)
    assert server.messages == []


async def test_a_server_that_falls_silent_after_the_dot_leaves_it_uncertain() -> None:
    async with HostileSmtp({".": SILENCE}).running() as server:
        outcome = await submit(endpoint(server), ENVELOPE, RAW, final_timeout=0.2)
        await asyncio.wait_for(server.came.wait(), 60)
    assert isinstance(outcome, Uncertain)
    assert len(server.messages) == 1


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_speaks_something_else_before_the_dot_got_nothing(step: str) -> None:
    outcome, server = await outcome_of({step: b"HTTP/1.1 400 Bad Request"})
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteProtocolError)
    assert server.messages == []


@pytest.mark.parametrize("reply", [b"nonsense", b"354 go on", b"999 what"])
async def test_nonsense_after_the_dot_is_uncertain(reply: bytes) -> None:
    outcome, _ = await outcome_of({".": reply})
    assert isinstance(outcome, Uncertain)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("code", "permanent"), [(451, False), (550, True)])
async def test_a_refusal_says_its_code_and_whether_it_is_final(step: str, code: int, permanent: bool) -> None:
    outcome, _ = await outcome_of({step: b"%d 5.1.1 not here" % code})
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.text, outcome.permanent) == (code, "5.1.1 not here", permanent)
    expected = {"b@example.org": Refusal(code, "5.1.1 not here")} if step == "RCPT" else {}
    assert outcome.recipients == expected


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY"])
async def test_a_server_that_closes_for_now_is_tried_again_later(step: str) -> None:
    outcome, server = await outcome_of({step: b"421 shutting down"}, raw=LARGE)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteUnreachable)
    assert server.messages == []


async def test_a_refusal_in_the_middle_of_the_message_is_heard() -> None:
    outcome, server = await outcome_of({"BODY": b"552 too large"}, raw=LARGE)
    assert outcome == Refused(552, "too large", permanent=True)
    assert server.messages == []


async def test_a_message_is_not_taken_for_sent_because_the_server_says_so_too_early() -> None:
    outcome, server = await outcome_of({"BODY": b"250 taken"}, raw=LARGE)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteProtocolError)
    assert server.messages == []


@pytest.mark.parametrize("reply", [DROP, SILENCE])
async def test_a_connection_lost_in_the_middle_of_the_message_is_safe_to_try_again(reply: bytes) -> None:
    outcome, server = await outcome_of({"BODY": reply}, raw=LARGE, timeout=0.3)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteUnreachable)
    assert server.messages == []


async def test_one_refused_recipient_does_not_stop_the_others() -> None:
    class Picky(HostileSmtp):
        async def _say(self, writer, step):  # type: ignore[no-untyped-def]
            refused = step == "RCPT" and "nobody" in self.seen[-1]
            self.replies = {"RCPT": b"550 unknown"} if refused else {}
            await super()._say(writer, step)

    async with Picky().running() as server:
        envelope = Envelope("a@example.org", ("nobody@example.org", "b@example.org"))
        outcome = await submit(endpoint(server), envelope, RAW)
    assert outcome == Accepted("250 taken", {"nobody@example.org": Refusal(550, "unknown")})
    assert len(server.messages) == 1


# --- logging in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("extensions", [("AUTH CRAM-MD5 PLAIN LOGIN",), ("AUTH LOGIN CRAM-MD5",)])
async def test_a_wrong_password_is_tried_once_with_one_mechanism(extensions: tuple[str, ...]) -> None:
    async with HostileSmtp({"AUTH": b"535 wrong"}, extensions=extensions).running() as server:
        outcome = await submit(endpoint(server), ENVELOPE, RAW)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteAuthFailed)
    assert len([line for line in server.seen if line.startswith("AUTH")]) == 1


async def test_a_login_that_fails_for_now_is_no_wrong_password() -> None:
    outcome, _ = await outcome_of({"AUTH": b"454 4.7.0 temporary authentication failure"})
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteUnreachable)


async def test_a_server_without_logins_is_told_as_such_and_gets_no_message() -> None:
    async with HostileSmtp(extensions=("SIZE",)).running() as server:
        outcome = await submit(endpoint(server), ENVELOPE, RAW)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteAuthFailed)
    assert not [line for line in server.seen if line.startswith("MAIL")]


@pytest.mark.parametrize(
    ("auth", "mechanism"), [(Auth.XOAUTH2, "XOAUTH2"), (Auth.OAUTHBEARER, "OAUTHBEARER")]
)
async def test_a_token_is_sent_by_the_mechanism_that_was_chosen(auth: Auth, mechanism: str) -> None:
    outcome, server = await outcome_of({}, login=Login("me@example.org", "tok3n", auth))
    assert isinstance(outcome, Accepted)
    _, name, coded = next(line for line in server.seen if line.startswith("AUTH")).split(" ")
    assert name == mechanism
    assert b"auth=Bearer tok3n\1\1" in base64.b64decode(coded)


async def test_without_a_login_none_is_tried() -> None:
    outcome, server = await outcome_of({"AUTH": b"535 no"}, login=Login(auth=Auth.NONE))
    assert isinstance(outcome, Accepted)
    assert not [line for line in server.seen if line.startswith("AUTH")]


# --- TLS ----------------------------------------------------------------------------------------


async def test_starttls_that_is_asked_for_is_required() -> None:
    outcome, server = await outcome_of({}, security=Security.STARTTLS)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, TlsFailed)
    assert not [line for line in server.seen if line.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize("reply", [b"454 not now", b"220 go on\r\n250 injected\r\n", DROP, b"220 go on"])
async def test_no_secret_is_told_when_starttls_goes_wrong(reply: bytes) -> None:
    # Only to silence time has to run out.
    patience = 0.3 if reply == b"220 go on" else 60.0
    async with HostileSmtp({"STARTTLS": reply}, extensions=("STARTTLS", "AUTH PLAIN")).running() as server:
        outcome = await submit(endpoint(server, security=Security.STARTTLS, timeout=patience), ENVELOPE, RAW)
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, RemoteUnreachable if reply in (DROP, b"220 go on") else TlsFailed)
    assert not [line for line in server.seen if line.startswith(("AUTH", "MAIL"))]


async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    async with HostileSmtp(extensions=("STARTTLS", "AUTH PLAIN"), tls=tls).running() as server:
        untrusted = await submit(endpoint(server, security=Security.STARTTLS), ENVELOPE, RAW)
        trusting = endpoint(server, security=Security.STARTTLS, ca_file=tmp_path / "ca.pem")
        trusted = await submit(trusting, ENVELOPE, RAW)
    assert isinstance(untrusted, NotAttempted)
    assert isinstance(untrusted.error, TlsFailed)
    assert "certificate" in str(untrusted.error)
    assert isinstance(trusted, Accepted)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_file_of_authorities_that_is_not_there_is_named(security: Security, tmp_path: Path) -> None:
    missing = tmp_path / "no-such-ca.pem"
    async with HostileSmtp(extensions=("STARTTLS", "AUTH PLAIN")).running() as server:
        settings = endpoint(server, security=security, ca_file=missing)
        outcome = await submit(settings, ENVELOPE, RAW)
        trial = await try_smtp(settings, "a@example.org")
    assert isinstance(outcome, NotAttempted)
    assert isinstance(outcome.error, TlsFailed)
    assert (trial[-1].name, trial[-1].ok) == ("tls", False)
    assert str(missing) in trial[-1].reason


# --- what the server can take -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extensions", "raw", "sender", "code"),
    [
        (("SIZE 50",), RAW, "a@example.org", 552),
        ((), RAW + "größer\r\n".encode(), "a@example.org", 554),
        (("8BITMIME",), "Subject: größer\r\n\r\nx\r\n".encode(), "a@example.org", 553),
        (("8BITMIME",), RAW, "jürgen@example.org", 553),
    ],
)
async def test_what_the_server_cannot_take_is_refused_before_it_is_sent(
    extensions: tuple[str, ...], raw: bytes, sender: str, code: int
) -> None:
    async with HostileSmtp(extensions=(*extensions, "AUTH PLAIN")).running() as server:
        outcome = await submit(endpoint(server), Envelope(sender, ("b@example.org",)), raw)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == (code, True)
    assert not [line for line in server.seen if line.startswith("MAIL")]


async def test_the_envelope_carries_what_the_extensions_allow() -> None:
    envelope = Envelope(
        "", ("jürgen@example.org", "b+c@example.org"), Notify(frozenset({"FAILURE"}), envelope_id="a=1")
    )
    raw = RAW + "größer".encode()
    outcome, server = await outcome_of({}, envelope, raw)
    assert isinstance(outcome, Accepted)
    mail, first, second = (line for line in server.seen if line.startswith(("MAIL", "RCPT")))
    assert mail == f"MAIL FROM:<> SIZE={len(raw) + 2} BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+3D1"
    assert first == "RCPT TO:<jürgen@example.org> NOTIFY=FAILURE"
    assert second == "RCPT TO:<b+c@example.org> NOTIFY=FAILURE ORCPT=rfc822;b+2Bc@example.org"


async def test_line_ends_are_made_whole_so_that_no_dot_ends_the_message_early() -> None:
    outcome, server = await outcome_of({}, raw=b"Subject: x\n\na\n.\nMAIL FROM:<evil@example.org>\r.\rend")
    assert isinstance(outcome, Accepted)
    assert server.messages == [
        b"Subject: x\r\n\r\na\r\n..\r\nMAIL FROM:<evil@example.org>\r\n..\r\nend\r\n.\r\n"
    ]


async def test_a_bcc_field_is_never_sent() -> None:
    with pytest.raises(InvalidEmail):
        await outcome_of({}, raw=b"From: a@example.org\r\nBCC : secret@example.org\r\n\r\nHello\r\n")


@pytest.mark.parametrize("address", ["a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a@b>", "nul\0@b", '"a\nb"@c'])
def test_an_address_that_could_be_a_command_is_no_address(address: str) -> None:
    with pytest.raises(InvalidRecipients):
        Envelope("a@example.org", (address,))
    with pytest.raises(InvalidRecipients):
        Envelope(address, ("a@example.org",))


def test_a_message_to_nobody_is_none() -> None:
    with pytest.raises(NoRecipients):
        Envelope("a@example.org", ())


# --- what is noted on the way -------------------------------------------------------------------


async def test_the_point_of_no_return_is_noted_before_the_dot_is_sent() -> None:
    async with HostileSmtp().running() as server:
        noted: list[tuple[Phase, int]] = []
        await submit(
            endpoint(server), ENVELOPE, RAW, lambda phase, *_: noted.append((phase, len(server.messages)))
        )
    assert noted[0] == (Phase.CONNECTED, 0)
    assert noted[-1] == (Phase.COMMITTING, 0)
    assert {phase for phase, _ in noted[1:-1]} == {Phase.SENDING}


@pytest.mark.parametrize("phase", list(Phase))
async def test_a_note_that_cannot_be_written_stops_the_message(phase: Phase) -> None:
    def full_disk(now: Phase, sent: int, total: int) -> None:
        if now is phase:
            raise OSError(28, "No space left on device")

    async with HostileSmtp().running() as server:
        with pytest.raises(OSError, match="No space left"):
            await submit(endpoint(server), ENVELOPE, RAW, full_disk)
    assert server.messages == []


# --- trying it out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replies", "failed"),
    [({"CONNECT": DROP}, "greet"), ({"AUTH": b"535 no"}, "login"), ({"RCPT": b"553 not yours"}, "send-as")],
)
async def test_a_trial_names_the_step_that_failed(replies: dict[str, bytes], failed: str) -> None:
    async with HostileSmtp(replies).running() as server:
        results = await try_smtp(endpoint(server), "a@example.org")
    assert [result.name for result in results if not result.ok] == [failed]
    assert results[-1].name == failed and results[-1].reason
    assert server.messages == []


async def test_a_trial_that_works_sends_nothing() -> None:
    async with HostileSmtp().running() as server:
        results = await try_smtp(endpoint(server), "a@example.org")
    assert [result.name for result in results] == ["resolve", "connect", "greet", "login", "send-as"]
    assert all(result.ok for result in results)
    assert server.messages == []
