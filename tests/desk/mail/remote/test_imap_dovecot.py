"""What only a real Dovecot shows: shared and public namespaces, STARTTLS, lost connections, lying rights."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from dataclasses import replace

import pytest

from shinbox.desk.mail.remote.base import NamespaceKind, NotAllowed
from shinbox.desk.mail.remote.imap import connect
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.remote.settings import Endpoint, Login, Security
from shinbox.desk.mail.remote.steps import try_imap
from shinbox.desk.mail.remote.waker import Waker
from shinbox.errors import RemoteAuthFailed, RemoteRefused, RemoteUnreachable, TlsFailed
from shinbox.terms import Role
from tests.servers.cuttable import Cuttable
from tests.servers.mail import MailServers, User

pytestmark = pytest.mark.system


def endpoint(servers: MailServers, user: User, port: int | None = None) -> Endpoint:
    login = Login(user.address, user.password)
    return Endpoint("127.0.0.1", port or servers.imaps_port, Security.TLS, login, ca_file=servers.ca_file)


def raw(number: int, body: str = "Text\r\n") -> bytes:
    return f"Message-ID: <{number}@example.org>\r\nSubject: Number {number}\r\n\r\n{body}".encode()


def test_a_mailbox_shared_by_acl_has_roles_rights_and_a_root(servers: MailServers) -> None:
    domain = servers.new_domain()
    support, bob = (servers.new_user(name, domain=domain) for name in ("support", "bob"))
    owner = connect(endpoint(servers, support))
    owner.create_folder("Gelöscht")
    for folder in ("INBOX", "Sent", "Trash"):
        servers.set_acl(support, folder, bob.address, "lrswit" if folder == "INBOX" else "lr")
    guest = connect(endpoint(servers, bob))
    folders = {folder.path: folder for folder in guest.folders()}
    root = f"shared/{support.address}"
    shared = {path: folder for path, folder in folders.items() if folder.root == root}
    assert {folder.role: path for path, folder in shared.items()} == {
        Role.INBOX: root, Role.SENT: f"{root}/Sent", Role.TRASH: f"{root}/Trash",
    }  # fmt: skip
    assert all(folder.namespace is NamespaceKind.OTHER for folder in shared.values())
    assert folders[root].rights == frozenset("lrswit")
    assert folders[f"{root}/Sent"].rights == frozenset("lr")
    assert folders["Sent"].role is Role.SENT and folders["Sent"].root is None
    owner.close()
    guest.close()


def test_a_public_folder_has_roles_and_rights(servers: MailServers) -> None:
    bob = servers.new_user("bob")
    for name in ("support", "support/Sent", "support/Archive"):
        servers.new_public_folder(bob.domain, name, {bob.address: "lrswite"})
    remote = connect(endpoint(servers, bob))
    folders = {folder.path: folder for folder in remote.folders() if folder.root == "Public/support"}
    assert {path: folder.role for path, folder in folders.items()} == {
        "Public/support": Role.INBOX,
        "Public/support/Sent": Role.SENT,
        "Public/support/Archive": Role.ARCHIVE,
    }
    assert folders["Public/support"].namespace is NamespaceKind.SHARED
    assert folders["Public/support"].rights == frozenset("lrswite")
    remote.append("Public/support", raw(1))
    remote.select("Public/support")
    assert set(remote.move([1], "Public/support/Archive").uids) == {1}
    remote.close()


@pytest.mark.parametrize("bare", [False, True])
def test_a_message_stays_where_a_guest_may_not_remove_it(servers: MailServers, bare: bool) -> None:
    domain = servers.new_domain()
    support, carol = (servers.new_user(name, domain=domain) for name in ("support", "carol"))
    servers.set_acl(support, "INBOX", carol.address, "lrswi")
    servers.set_acl(support, "Archive", carol.address, "lrswi")
    servers.seed(support, [raw(1)])
    settings = endpoint(servers, carol)
    guest = connect(replace(settings, ignore=frozenset({"MOVE"})) if bare else settings)
    guest.select(f"shared/{support.address}")
    with pytest.raises(NotAllowed) as refusal:
        guest.move([1], f"shared/{support.address}/Archive")
    assert refusal.value.extra["code"] == "NOPERM"
    assert [row.flags for row in guest.fetch_flags()] == [frozenset()]
    assert guest.status(f"shared/{support.address}/Archive").messages == 0
    guest.close()


def test_starttls_and_a_wrong_password(servers: MailServers) -> None:
    user = servers.new_user()
    settings = replace(endpoint(servers, user, servers.imap_port), security=Security.STARTTLS)
    remote = connect(settings)
    assert remote.select("INBOX").exists == 0
    remote.close()
    with pytest.raises(RemoteAuthFailed):
        connect(replace(settings, login=Login(user.address, "wrong")))


def test_a_connection_that_is_refused_inside_starttls_is_hung_up_at_once(servers: MailServers) -> None:
    user = servers.new_user()
    with Cuttable(servers.imap_port) as wire:
        settings = replace(
            endpoint(servers, user, wire.port), security=Security.STARTTLS, login=Login(user.address, "wrong")
        )
        with pytest.raises(RemoteAuthFailed) as kept:
            connect(settings)
        deadline = time.monotonic() + 60
        while wire.open_connections():
            assert time.monotonic() < deadline, f"open as long as its error is kept: {kept.value}"
            time.sleep(0.02)


def test_a_certificate_is_verified(servers: MailServers) -> None:
    user = servers.new_user()
    for settings in (
        replace(endpoint(servers, user), ca_file=None),
        replace(endpoint(servers, user, servers.imap_port), ca_file=None, security=Security.STARTTLS),
    ):
        with pytest.raises(TlsFailed, match="certificate"):
            connect(settings)


def test_every_step_of_a_trial_is_named(servers: MailServers) -> None:
    user = servers.new_user()
    settings = endpoint(servers, user)
    assert [(step.name, step.ok) for step in try_imap(settings)] == [
        (name, True) for name in ("resolve", "connect", "tls", "greet", "login", "folders")
    ]
    failing = {
        "connect": replace(settings, port=1),
        "tls": replace(settings, ca_file=None),
        "login": replace(settings, login=Login(user.address, "wrong")),
    }
    assert {try_imap(wrong)[-1].name for wrong in failing.values()} == set(failing)


def test_names_passwords_and_addresses_may_hold_any_character(servers: MailServers) -> None:
    user = servers.set_password(servers.new_user(), 'pä"ss\\wörd {5} %')
    remote = connect(endpoint(servers, user))
    remote.noop()
    remote.close()


@pytest.mark.parametrize("down", [2_000, 6_000, 20_000, 100_000])
def test_a_connection_cut_anywhere_in_an_answer_is_unreachable(servers: MailServers, down: int) -> None:
    user = servers.new_user()
    servers.seed(user, [raw(number, "x" * 3000 + "\r\n") for number in range(100)])
    with Cuttable(servers.imaps_port) as wire:
        wire.cut_after(down=down)
        with pytest.raises(RemoteUnreachable):
            remote = connect(endpoint(servers, user, wire.port))
            remote.select("INBOX")
            for uid in remote.uids():
                remote.fetch_raw_into(uid, io.BytesIO())
        assert wire.was_cut.wait(60)


def selected(settings: Endpoint) -> Remote:
    """A connection with its Inbox selected; another where a busy machine took longer than its timeout."""
    for _ in range(20):
        with contextlib.suppress(RemoteUnreachable):
            remote = connect(settings)
            remote.select("INBOX")
            return remote
    raise AssertionError("no connection within 20 timeouts")


def test_a_network_that_goes_silent_is_given_up_after_the_timeout(servers: MailServers) -> None:
    user = servers.new_user()
    with Cuttable(servers.imaps_port) as wire:
        remote = selected(replace(endpoint(servers, user, wire.port), timeout=0.5))
        wire.stall()
        stop = Waker()
        with pytest.raises(RemoteUnreachable):
            remote.idle(stop, timeout=0.1)
        stop.close()


def test_an_append_whose_answer_is_lost_is_found_by_its_message_id(servers: MailServers) -> None:
    user = servers.new_user()
    with Cuttable(servers.imaps_port) as wire:
        remote = connect(endpoint(servers, user, wire.port))
        remote.append("Sent", raw(1))
        wire.cut()
        with pytest.raises(RemoteUnreachable):
            remote.append("Sent", raw(2))
    again = connect(endpoint(servers, user))
    assert again.find_by_message_id("Sent", "<1@example.org>") == [1]
    assert again.find_by_message_id("Sent", "<2@example.org>") == []
    again.close()


def test_the_wait_ends_soon_after_mail_arrives(servers: MailServers) -> None:
    user = servers.new_user()
    remote, stop = connect(endpoint(servers, user)), Waker()
    remote.select("INBOX")
    timer = threading.Timer(0.1, servers.deliver, (raw(1), user.address))
    timer.start()
    events = remote.idle(stop, timeout=200)
    timer.join()
    assert "exists" in {event.kind for event in events}
    assert len(remote.changes_since(None, []).flags) == 1
    stop.close()
    remote.close()


def test_a_full_mailbox_refuses_with_its_code_and_the_connection_lives(servers: MailServers) -> None:
    remote = connect(endpoint(servers, servers.new_user(quota="20K")))
    with pytest.raises(RemoteRefused) as refusal:
        remote.append("INBOX", raw(1, "x" * 70 + "\r\n" * 50_000))
    assert refusal.value.extra["code"] == "OVERQUOTA"
    assert remote.append("INBOX", raw(2)) is not None
    remote.close()


def test_a_folder_above_the_selected_one_may_be_renamed(servers: MailServers) -> None:
    remote = connect(endpoint(servers, servers.new_user()))
    for path in ("Top", "Top/Below"):
        remote.create_folder(path)
    remote.select("Top/Below")
    remote.rename_folder("Top", "Other")
    assert remote.selected is None
    assert remote.select("Other/Below").exists == 0
    remote.close()


def test_twelve_thousand_changes_of_another_client_are_told(servers: MailServers) -> None:
    user = servers.new_user()
    servers.seed(user, (raw(number) for number in range(12_000)))
    remote, other = (connect(endpoint(servers, user)) for _ in range(2))
    remote.select("INBOX")
    uids = remote.uids()
    base = remote.changes_since(None, [])
    other.select("INBOX")
    other.store_flags(uids[::2], add=["$Even"])
    gone = set(other.expunge_uids(uids[1:9000:6]))
    changes = remote.changes_since(base.highestmodseq, uids)
    assert set(changes.vanished) == gone == set(uids[1:9000:6])
    assert {row.uid for row in changes.flags if "$Even" in row.flags} == set(uids[::2])
    assert changes.folder.exists == len(uids) - len(gone)
    for connection in (remote, other):
        connection.close()
