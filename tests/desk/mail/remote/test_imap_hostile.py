"""What a broken or hostile server says costs the connection at most: no memory, no wrong state, no secret."""

from __future__ import annotations

import contextlib
import io
import threading
from datetime import UTC, datetime

import pytest

from shinbox.desk.mail.remote.base import HEADER_LIMIT, MessageMissing, NotAllowed
from shinbox.desk.mail.remote.imap import connect
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.remote.settings import Auth, Endpoint, Login, Security
from shinbox.desk.mail.remote.steps import try_imap
from shinbox.desk.mail.remote.waker import Waker
from shinbox.errors import (
    ConfigError,
    RemoteAuthFailed,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    TlsFailed,
)
from tests.desk.mail.remote.hostile_imap import HANG_UP, HostileImap

FOR_EVER = 3600.0
"""Seconds: longer than any test may take, so that whoever waits them out fails."""


def endpoint(server: HostileImap, **changed: object) -> Endpoint:
    settings: dict[str, object] = {
        "security": Security.NONE, "login": Login("me", "s3cret"), "timeout": 60.0, "connect_timeout": 60.0,
    }  # fmt: skip
    return Endpoint("127.0.0.1", server.port, **{**settings, **changed})  # type: ignore[arg-type]


def selected(server: HostileImap, **changed: object) -> Remote:
    """A connection with its folder selected; another where a busy machine took longer than its timeout."""
    for _ in range(20):
        with contextlib.suppress(RemoteUnreachable):
            remote = connect(endpoint(server, **changed))
            remote.select("INBOX")
            return remote
    raise AssertionError("no connection within 20 timeouts")


# --- before the login ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"* PREAUTH welcome back\r\n", TlsFailed),
        (b"* BYE overloaded\r\n", RemoteError),
        (b"220 smtp.example.org ESMTP\r\n", RemoteProtocolError),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", RemoteProtocolError),
        (b"", RemoteUnreachable),
        (b"* OK {99999999999}\r\n", RemoteProtocolError),
    ],
)
@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
def test_a_strange_greeting_ends_the_connection_before_any_secret(
    greeting: bytes, error: type[RemoteError], security: Security
) -> None:
    with HostileImap(greeting=greeting).running() as server:
        # Only to silence time has to run out.
        patience = {} if greeting else {"timeout": 0.3, "connect_timeout": 0.3}
        with pytest.raises(error):
            connect(endpoint(server, security=security, **patience))
        assert not any(b"AUTHENTICATE" in line or b"LOGIN" in line for line in server.commands)


@pytest.mark.parametrize(
    ("replies", "extensions"),
    [
        ({}, b""),
        ({b"STARTTLS": b"TAG NO not today\r\n"}, b"STARTTLS"),
        ({b"STARTTLS": b"TAG OK go\r\n* CAPABILITY injected\r\n"}, b"STARTTLS"),
        ({b"STARTTLS": b"TAG OK go\r\n"}, b"STARTTLS"),
        ({b"STARTTLS": HANG_UP}, b"STARTTLS"),
    ],
)
def test_starttls_that_goes_wrong_ends_the_connection_before_any_secret(
    replies: dict[bytes, bytes], extensions: bytes
) -> None:
    with HostileImap(dict(replies), extensions=extensions).running() as server:
        with pytest.raises(RemoteError):
            connect(endpoint(server, security=Security.STARTTLS, timeout=0.5))
        assert not any(b"AUTHENTICATE" in line or b"LOGIN" in line for line in server.commands)


def test_octets_before_the_handshake_are_named_as_the_reason() -> None:
    replies = {b"STARTTLS": b"TAG OK go\r\n* OK injected\r\n"}
    with (
        HostileImap(dict(replies), extensions=b"STARTTLS").running() as server,
        pytest.raises(TlsFailed, match="before the TLS handshake"),
    ):
        connect(endpoint(server, security=Security.STARTTLS))


def test_without_tls_nothing_is_said_to_another_machine() -> None:
    elsewhere = Endpoint("192.0.2.1", 143, Security.NONE, Login("me", "s3cret"))
    with pytest.raises(TlsFailed, match="without TLS"):
        elsewhere.check_plain("192.0.2.1")
    elsewhere.check_plain("127.0.0.1")
    elsewhere.check_plain("::1")
    elsewhere.check_plain("::ffff:127.0.0.1")
    Endpoint("192.0.2.1", 143, Security.NONE, Login(), allow_plain=True).check_plain("192.0.2.1")


@pytest.mark.parametrize("secret", ["a\r\nb LOGOUT", "nul\0", "\n"])
def test_a_secret_cannot_be_a_command(secret: str) -> None:
    with pytest.raises(ConfigError):
        Login("me", secret)
    assert "s3cret" not in repr(Login("me", "s3cret"))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n", RemoteAuthFailed),
        (b"TAG NO wrong\r\n", RemoteAuthFailed),
        (b"TAG NO [UNAVAILABLE] directory is down\r\n", RemoteUnreachable),
        (HANG_UP, RemoteUnreachable),
    ],
)
def test_a_wrong_password_is_told_from_a_server_that_cannot_ask(
    reply: bytes, error: type[RemoteError]
) -> None:
    with HostileImap({b"AUTHENTICATE": reply}).running() as server, pytest.raises(error) as raised:
        connect(endpoint(server))
    assert "s3cret" not in str(raised.value)


def test_a_token_is_sent_once_and_its_rejection_is_acknowledged() -> None:
    with HostileImap({b"AUTHENTICATE": b"+ \r\n"}).running() as server:
        remote = connect(endpoint(server, login=Login("me", "tok3n", Auth.OAUTHBEARER)))
        remote.close()
    assert sum(b"AUTHENTICATE OAUTHBEARER" in line for line in server.commands) == 1


# --- after it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        b"* 1 FETCH (UID 1 RFC822.SIZE 10 BODY[] {9223372036854775807}\r\n",
        b"* 1 FETCH (UID 1 RFC822.SIZE 10 BODY[] {4000000000}\r\n",
        b"* 1 FETCH (UID 1 FLAGS (\\Seen)\r\nTAG OK done\r\n",
        b"* 1 FETCH (UID 1 FLAGS ()))))\r\nTAG OK done\r\n",
        b"* 1 FETCH (UID {3}\r\n",
        b"* 1 FETCH (UID abc FLAGS ())\r\nTAG OK done\r\n",
        b"* 1 FETCH (UID " + b"(" * 100_000 + b"\r\nTAG OK done\r\n",
        b"other OK done\r\n",
        b"+ go on\r\n",
        b"\r\n",
        b"* BYE out of memory\r\n",
        HANG_UP,
    ],
)
def test_a_broken_answer_is_an_error_in_bounded_time_and_memory(reply: bytes) -> None:
    with HostileImap({b"UID FETCH": reply}).running() as server:
        remote = selected(server, timeout=0.5)
        with pytest.raises((RemoteProtocolError, RemoteUnreachable)):
            remote.fetch_flags()
        remote.close()


def test_a_message_longer_than_the_server_said_is_cut_off() -> None:
    def fetch(line: bytes) -> bytes:
        if b"BODY" in line:
            return b"* 1 FETCH (UID 1 BODY[] {4000000000}\r\n" + b"x" * 100_000
        return b"* 1 FETCH (UID 1 RFC822.SIZE 10)\r\nTAG OK done\r\n"

    with HostileImap({b"UID FETCH": fetch}).running() as server:
        remote, sink = selected(server), io.BytesIO()
        with pytest.raises(RemoteProtocolError):
            remote.fetch_raw_into(1, sink, max_size=1000)
        assert len(sink.getvalue()) == 0


def test_an_answer_about_another_message_is_not_taken_for_the_one_asked_for() -> None:
    other = b"* 2 FETCH (UID 2 RFC822.SIZE 5 BODY[] {5}\r\nwrong)\r\nTAG OK done\r\n"
    with HostileImap({b"UID FETCH": other}).running() as server, pytest.raises(MessageMissing):
        selected(server).fetch_raw(1)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"7 1:3 11:13", {1: 11, 2: 12, 3: 13}),
        (b"7 3,1:2 5:7", {3: 5, 1: 6, 2: 7}),
        (b"7 1:3 11:12", {}),
        (b"7 1,2,3 9", {}),
    ],
)
def test_where_messages_went_is_never_guessed(data: bytes, expected: dict[int, int]) -> None:
    replies = {b"UID MOVE": b"* OK [COPYUID " + data + b"] moved\r\n* 1 EXPUNGE\r\nTAG OK done\r\n"}
    with HostileImap(dict(replies), extensions=b"MOVE UIDPLUS").running() as server:
        assert selected(server).move([1, 2, 3], "Archive").uids == expected


@pytest.mark.parametrize("data", [b"7 1:4294967295 1:4294967295", b"7 x y", b"7", b""])
def test_a_copyuid_that_cannot_be_is_a_protocol_error(data: bytes) -> None:
    replies = {b"UID COPY": b"TAG OK [COPYUID " + data + b"] done\r\n"}
    with HostileImap(dict(replies)).running() as server, pytest.raises(RemoteProtocolError):
        selected(server).copy([1], "Archive")


def test_a_move_that_is_refused_half_way_says_what_has_moved() -> None:
    replies = {b"UID MOVE": b"* OK [COPYUID 7 1 11] moved\r\nTAG NO [NOPERM] the others not\r\n"}
    with (
        HostileImap(dict(replies), extensions=b"MOVE").running() as server,
        pytest.raises(NotAllowed) as raised,
    ):
        selected(server).move([1, 2], "Archive")
    assert raised.value.extra["copied"].uids == {1: 11}


def test_a_store_that_is_ignored_shows_in_the_flags_that_come_back() -> None:
    replies = {
        b"UID STORE": b"TAG OK done\r\n",
        b"UID FETCH": b"* 1 FETCH (FLAGS (\\recent $Other) UID 1)\r\nTAG OK done\r\n",
    }
    with HostileImap(dict(replies)).running() as server:
        after = selected(server).store_flags([1], add=[r"\Seen"])
    assert after[1].flags == {"$Other"}


def test_no_plain_expunge_and_no_close_is_ever_sent() -> None:
    replies = {
        b"UID COPY": b"TAG OK done\r\n", b"UID STORE": b"TAG OK done\r\n", b"UID FETCH": b"TAG OK done\r\n",
        b"UID EXPUNGE": b"TAG OK done\r\n", b"DELETE": b"TAG OK done\r\n", b"UNSUBSCRIBE": b"TAG OK done\r\n",
        b"EXAMINE": b"TAG OK done\r\n",
    }  # fmt: skip
    for extensions in (b"", b"UIDPLUS"):
        permanent = b"* OK [PERMANENTFLAGS (\\Deleted)] ok\r\n* OK [UIDVALIDITY 7] ok\r\nTAG OK ok\r\n"
        with HostileImap({**replies, b"SELECT": permanent}, extensions=extensions).running() as server:
            remote = selected(server)
            remote.move([1], "Archive")
            remote.delete_folder("INBOX/Old")
            remote.select("INBOX/Old")
            remote.delete_folder("INBOX/Old")
            remote.close()
        verbs = [line.split()[1] for line in server.commands if len(line.split()) > 1]
        assert b"STORE" in b" ".join(server.commands)
        assert b"EXPUNGE" not in verbs and b"CLOSE" not in verbs


def test_one_message_that_the_server_cannot_describe_does_not_hide_the_others() -> None:
    def fetch(line: bytes) -> bytes:
        asked = line.split()[3]
        if b"," in asked or b":" in asked or (asked == b"2" and b"BODYSTRUCTURE" in line):
            return b"TAG NO [SERVERBUG] broken\r\n"
        head = b"Subject: %s\r\n\r\n" % asked
        structure = b'BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 1 1) ' if asked != b"2" else b""
        date = b'INTERNALDATE "01-Jan-2024 00:00:00 +0000"'
        items = b"UID %s FLAGS () %s RFC822.SIZE 9 %sBODY[HEADER]<0> {%d}\r\n%s" % (
            asked, date, structure, len(head), head,
        )  # fmt: skip
        return b"* 1 FETCH (" + items + b")\r\nTAG OK done\r\n"

    with HostileImap({b"UID FETCH": fetch}).running() as server:
        found = {s.uid: s for chunk in selected(server).fetch_summaries([1, 2, 3]) for s in chunk}
    assert {uid: summary.header for uid, summary in found.items()} == {
        uid: b"Subject: %d\r\n\r\n" % uid for uid in (1, 2, 3)
    }
    assert found[2].bodystructure is None
    assert found[1].bodystructure is not None and found[3].bodystructure is not None


def test_a_message_that_cannot_be_read_costs_the_others_none_of_their_first_octets() -> None:
    def answer(line: bytes) -> bytes:
        asked = line.split()[3]
        if asked != b"1":
            return b"TAG NO [SERVERBUG] broken\r\n"
        return b"* 1 FETCH (UID 1 BODY[]<0> {4}\r\nFrom)\r\nTAG OK done\r\n"

    with HostileImap(
        {b"UID FETCH": answer, b"UID SEARCH": b"* SEARCH 2\r\nTAG OK done\r\n"}
    ).running() as server:
        assert selected(server).fetch_starts([1, 2], 4) == {1: b"From", 2: b""}


def test_a_message_that_is_there_and_left_out_of_the_answer_has_no_octets_and_is_not_gone() -> None:
    rows = b"* 1 FETCH (UID 1 BODY[]<0> {4}\r\nFrom)\r\n* 2 FETCH (UID 2)\r\nTAG OK done\r\n"
    there = b"* SEARCH 2 3\r\nTAG OK done\r\n"
    with HostileImap({b"UID FETCH": rows, b"UID SEARCH": there}).running() as server:
        assert selected(server).fetch_starts([1, 2, 3, 4], 4) == {1: b"From", 2: b"", 3: b""}


def test_headers_are_asked_for_only_up_to_the_limit_and_never_without_peek() -> None:
    with HostileImap({b"UID FETCH": b"TAG OK done\r\n"}).running() as server:
        remote = selected(server)
        list(remote.fetch_summaries([1]))
        with pytest.raises(MessageMissing):
            remote.fetch_raw(1)
    fetches = [line for line in server.commands if b"FETCH" in line]
    assert any(b"BODY.PEEK[HEADER]<0.%d>" % HEADER_LIMIT in line for line in fetches)
    assert not any(b"BODY[" in line or b" RFC822 " in line or b"RFC822.HEADER" in line for line in fetches)


def test_a_date_that_cannot_be_read_is_the_epoch_and_blocks_nothing() -> None:
    date = b'INTERNALDATE "99-Foo-2024 00:00:00 +9999"'
    reply = b"* 1 FETCH (UID 1 FLAGS () " + date + b" RFC822.SIZE 1)\r\nTAG OK done\r\n"
    with HostileImap({b"UID FETCH": reply}).running() as server:
        [[summary]] = selected(server).fetch_summaries([1])
    assert summary.internaldate == datetime(1970, 1, 1, tzinfo=UTC)
    assert (summary.header, summary.bodystructure) == (b"", None)


def test_uids_of_a_large_folder_come_without_esearch_too() -> None:
    uids = b" ".join(b"%d" % uid for uid in range(1, 400_001))
    with HostileImap({b"UID SEARCH": b"* SEARCH " + uids + b"\r\nTAG OK done\r\n"}).running() as server:
        assert selected(server).uids() == list(range(1, 400_001))


def test_folders_with_strange_names_are_listed_beside_the_others() -> None:
    listed = (
        b'* LIST (\\HasNoChildren) "." INBOX\r\n* LIST (\\Noselect) NIL 007\r\n* LIST () "." {4}\r\nR&D1\r\n'
        b'* LIST (\\SENT) "." "caf\xc3\xa9 \\"x\\""\r\n'
        b'* LIST () "." {5}\r\na\r\nbc\r\n* LIST () "." "&bad"\r\n'
        b'* LIST () "." Trash\r\n* LIST () "." "INBOX.&U,BTFw-"\r\nTAG OK done\r\n'
    )
    status = b"TAG NO cannot count\r\n"
    replies = {b"LIST": listed, b"LSUB": b"TAG OK done\r\n", b"STATUS": status, b"CREATE": b"TAG OK done\r\n"}
    with HostileImap(dict(replies)).running() as server:
        remote = connect(endpoint(server))
        folders = {folder.path: folder for folder in remote.folders()}
        assert "INBOX.台北" in folders and "007" in folders and "INBOX" in folders
        assert not folders["007"].selectable and folders["INBOX"].messages is None
        assert len(folders) == 7, list(folders)  # all but the one with a line break in its name
        for path in folders:
            remote.create_folder(path)
    made = [line.partition(b"CREATE ")[2] for line in server.commands if b"CREATE" in line]
    assert {b'"R&D1"', b'"caf\xc3\xa9 \\"x\\""', b'"&bad"', b'"INBOX.&U,BTFw-"', b'"007"'} <= set(made)
    assert next(folder.role for folder in folders.values() if "caf" in folder.path) == "sent"


def test_the_rights_of_an_old_server_are_spelt_out() -> None:
    listed = b'* LIST () "/" INBOX\r\nTAG OK done\r\n'
    replies = {b"LIST": listed, b"LSUB": b"TAG OK done\r\n", b"STATUS": b"TAG OK done\r\n"}
    for extensions, expected in ((b"ACL", "lrkxte"), (b"ACL RIGHTS=texk", "lr")):
        rights = b"* MYRIGHTS INBOX lrcd\r\nTAG OK done\r\n"
        with HostileImap({**replies, b"MYRIGHTS": rights}, extensions=extensions).running() as server:
            [inbox] = connect(endpoint(server)).folders()
        assert inbox.rights == frozenset(expected)


def test_a_folder_without_lasting_numbers_cannot_be_mirrored() -> None:
    reply = b"* 1 EXISTS\r\nTAG OK [READ-WRITE] done\r\n"
    with (
        HostileImap({b"SELECT": reply}).running() as server,
        pytest.raises(RemoteRefused, match="message numbers"),
    ):
        connect(endpoint(server)).select("INBOX")


# --- waiting ------------------------------------------------------------------------------------


def test_a_connection_that_dies_while_idle_is_noticed_at_once() -> None:
    def die(line: bytes) -> bytes:
        return HANG_UP

    with HostileImap({b"IDLE": die}, extensions=b"IDLE").running() as server:
        remote, stop = selected(server), Waker()
        with pytest.raises(RemoteUnreachable):
            remote.idle(stop, timeout=FOR_EVER)
        stop.close()


def test_a_server_that_does_not_end_idle_is_given_up_after_the_timeout() -> None:
    replies = {b"IDLE": b"+ idling\r\n", b"DONE": b"* OK still here\r\n"}
    with HostileImap(dict(replies), extensions=b"IDLE").running() as server:
        remote, stop = selected(server, timeout=0.3), Waker()
        with pytest.raises(RemoteUnreachable):
            remote.idle(stop, timeout=0.05)
        stop.close()


def test_keep_alives_do_not_end_the_wait_and_news_in_the_same_packet_does() -> None:
    replies = {b"IDLE": b"+ idling\r\n* OK still here\r\n* 5 EXISTS\r\n* 2 FETCH (FLAGS ())\r\n"}
    with HostileImap(dict(replies), extensions=b"IDLE").running() as server:
        remote, stop = selected(server), Waker()
        assert [event.kind for event in remote.idle(stop, timeout=FOR_EVER)] == ["exists", "flags"]
        stop.close()


def test_without_idle_the_server_is_asked_after_the_wait() -> None:
    with HostileImap({b"NOOP": b"* 9 EXISTS\r\nTAG OK done\r\n"}).running() as server:
        remote, stop = selected(server), Waker()
        assert [event.kind for event in remote.idle(stop, timeout=0.01)] == ["exists"]
        stop.close()


def test_a_connection_that_another_thread_cuts_is_lost_for_the_one_that_waits() -> None:
    with HostileImap({b"UID FETCH": b"* OK working\r\n"}).running() as server:
        remote = selected(server, timeout=FOR_EVER)
        timer = threading.Timer(0.1, remote.abort)
        timer.start()
        with pytest.raises(RemoteUnreachable):
            remote.fetch_flags()
        timer.join()


# --- trying it out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replies", "greeting", "failed"),
    [
        ({}, b"* BYE go away\r\n", "greet"),
        ({b"AUTHENTICATE": b"TAG NO wrong\r\n"}, b"* OK hello\r\n", "login"),
        ({b"LIST": b"TAG NO broken\r\n"}, b"* OK hello\r\n", "folders"),
    ],
)
def test_a_trial_names_the_step_that_failed(
    replies: dict[bytes, bytes], greeting: bytes, failed: str
) -> None:
    with HostileImap(dict(replies), greeting=greeting).running() as server:
        results = try_imap(endpoint(server))
    assert [(result.name, result.ok) for result in results][-1] == (failed, False)
    assert all(result.ok for result in results[:-1])
    assert results[-1].reason and results[-1].seconds >= 0


def test_a_trial_of_a_host_that_is_not_there_names_the_first_step() -> None:
    [result] = try_imap(Endpoint("host.invalid", 993, Security.TLS, Login("me", "x")))
    assert (result.name, result.ok) == ("resolve", False)
    assert "host.invalid" in result.reason
