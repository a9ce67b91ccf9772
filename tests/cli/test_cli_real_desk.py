"""The command line and the real desk: two programs, one socket, nothing faked."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from shinbox.desk.config import Config
from shinbox.desk.store import accounts, emails, ids, mailboxes
from shinbox.desk.store.arrival import new_email
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database
from shinbox.mime.parse import parse
from shinbox.terms import Role
from tests.cli.real_desk import PASSWORD, RealDesk, real_desk

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDesk]:
    with real_desk(tmp_path_factory.mktemp("d")) as desk:
        yield desk


def test_whoever_is_unknown_is_told_to_sign_in(desk: RealDesk) -> None:
    ran = desk.shell("stranger", "mailboxes")
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "shinbox login" in ran.stderr
    ran = desk.shell("stranger", "login", "ada", "--password-file", "-", typed="wrong\n")
    assert ran.returncode == 4


def test_signing_in_lasts_until_signing_out(desk: RealDesk) -> None:
    desk.does("eve", "login", "ada", "--password-file", "-", typed=f"{PASSWORD}\n")
    said = desk.does("eve", "mailboxes")
    assert "No mailbox is shared with you yet: you may share one" in said, "an administrator asks nobody"
    token = next((desk.folder / "eve").rglob("tokens.json")).read_text()
    desk.does("eve", "logout")
    assert desk.shell("eve", "mailboxes").returncode == 4
    # The token itself is dead, not only forgotten here.
    kept = desk.folder / "kept"
    kept.write_text(next(iter(json.loads(token).values())))
    assert desk.shell("eve", "mailboxes", "--token-file", str(kept)).returncode == 4


def staffed(desk: RealDesk) -> None:
    """bob, alice, mia; support@ shared with the team lamps (bob), with alice for reading, managed by mia."""
    for name in ("bob", "alice", "mia"):
        desk.does("ada", "admin", "user", "add", name, "--password-file", "-", typed=f"{PASSWORD} {name}\n")
        desk.does(name, "login", name, "--password-file", "-", typed=f"{PASSWORD} {name}\n")
    desk.does("ada", "admin", "team", "add", "lamps", "bob")
    words = ("support@example.org", "--kind", "local", "--name", "Support", "--undo-seconds", "0")
    desk.does("ada", "admin", "account", "add", *words)
    desk.does("ada", "admin", "grant", "add", "support@", "lamps", "--level", "write", "--send", "send-as")
    desk.does("ada", "admin", "grant", "add", "support@", "alice", "--level", "read")
    desk.does("ada", "admin", "grant", "add", "support@", "mia", "--level", "manage")
    desk.does("mia", "admin", "identity", "add", "support@", "lamps@example.org", "--name", "Lamps")


def test_what_a_new_mailbox_lacks_is_said(desk: RealDesk) -> None:
    desk.does("ada", "admin", "account", "add", "new@example.org")
    assert "with nobody yet: shinbox admin grant add new@ex" in desk.does(
        "ada", "admin", "grant", "list", "new@"
    )
    folder = ("admin", "grant", "add", "new@", "ada", "--folder", "Projects")
    assert "no folder “Projects”. There are: none yet." in desk.shell("ada", *folder).stderr
    server = ("--imap-host", "a.example", "--imap-user", "new", "--imap-password-file", "-")
    desk.does("ada", "admin", "connection", "add", "new@", *server, typed="secret")
    moved = desk.shell("ada", "admin", "connection", "set", "new@", "--imap-host", "b.example")
    assert "The IMAP password was given for another server: give it again." in moved.stderr
    desk.does("ada", "admin", "account", "remove", "new@", "--yes")


@pytest.fixture(scope="module")
def office(desk: RealDesk) -> RealDesk:
    staffed(desk)
    return desk


def test_what_the_administrator_made_is_listed(office: RealDesk) -> None:
    assert {user["name"] for user in office.told("ada", "admin", "user", "list")} == {
        "ada",
        "bob",
        "alice",
        "mia",
    }
    assert "bob" in office.does("ada", "admin", "team", "list")
    assert "support@example.org" in office.does("ada", "admin", "account", "list")
    assert "lamps" in office.does("ada", "admin", "grant", "list", "support@")
    assert "support@example.org" in office.does("bob", "mailboxes")


def test_whoever_may_only_read_cannot_send(office: RealDesk) -> None:
    words = ("send", "--from", "support@", "--to", "grandma@example.org", "--subject", "Your lamp")
    before = office.told("bob", "list", "support@", "drafts")
    assert office.shell("alice", *words, typed="Hello\n").returncode == 3
    assert office.told("bob", "list", "support@", "drafts") == before


def test_who_may_not_send_is_told_so_and_as_whom_they_may(office: RealDesk) -> None:
    rest = ("--to", "grandma@example.org", "--subject", "Your lamp")
    ran = office.shell("alice", "send", "--from", "support@", *rest, typed="Hello\n")
    said = "You may not send as support@. Whoever manages the mailbox can allow it."
    assert ran.stderr == f"shinbox: {said}\n"
    ran = office.shell("bob", "send", "--from", "ceo@example.org", *rest, typed="Hello\n")
    assert "You may send as: lamps@example.org, support@example.org." in ran.stderr
    ran = office.shell("bob", "send", "--from", "support@", *rest, "--attach", "/none.pdf", typed="Hello\n")
    assert (ran.returncode, "No such file or directory" in ran.stderr) == (2, True)


def test_a_list_for_administrators_does_not_say_to_others_that_there_is_nothing(office: RealDesk) -> None:
    assert "Only administrators see this" in office.does("bob", "admin", "account", "list")
    assert "no share that you may see" in office.does("bob", "admin", "grant", "list", "support@")
    assert "None that you may see" in office.does("bob", "admin", "connection", "list")
    assert "Only an administrator" in office.shell("bob", "admin", "connection", "test", "support@").stderr


def test_mail_is_moved_and_flagged_by_name(office: RealDesk) -> None:
    words = ("send", "--from", "support@", "--to", "grandma@example.org", "--subject", "Your lamp")
    ran = office.shell("bob", *words, typed="Hello\n")
    assert ran.returncode == 0, ran.stderr
    rows = office.told("bob", "list", "support@", "sent") or office.told("bob", "list", "support@", "drafts")
    id_ = rows[0]["id"]
    assert "Hello" in office.does("bob", "read", id_)
    office.does("bob", "flag", id_, "flagged")
    office.does("bob", "move", id_, "archive")
    [row] = office.told("bob", "list", "support@", "archive")
    assert (row["id"], "$flagged" in row["keywords"]) == (id_, True)
    ran = office.shell("alice", "move", id_, "inbox")
    assert ran.returncode == 3
    assert office.shell("alice", "flag", id_, "unread").returncode == 3


def test_an_answer_to_a_conversation_that_stood_still_is_sent(office: RealDesk) -> None:
    email = arrives(office, "<shade@example.org>", "A shade")
    ran = office.shell("bob", "reply", email, typed="And a bulb.\n")
    assert ran.returncode == 0, ran.stderr


def arrives(office: RealDesk, message_id: str, subject: str) -> str:
    """Mail comes, as the mail process puts it there; its id."""
    raw = f"Message-ID: {message_id}\r\nFrom: grandma@example.org\r\nSubject: {subject}\r\n\r\nHello\r\n"
    data = Config(data=str(office.folder / "data"))
    name, database = Blobs(data.blobs).put(raw.encode()), Database(data.database)
    with database.write() as tx:
        account = accounts.by_address(tx, "support@example.org")
        assert account is not None
        box = mailboxes.by_role(tx, account["id"], Role.INBOX)
        assert box is not None
        at = "2026-11-21T12:00:00Z"
        new = new_email(parse(raw.encode()), received_at=at, mailboxes=frozenset({box}), blob_hash=name)
        row, _ = emails.insert(tx, account["id"], new)
    database.close()
    return ids.to_id("Email", row)


def test_explain_says_what_is_missing_and_which_share_allows_it(office: RealDesk) -> None:
    ran = office.shell("ada", "explain", "alice", "support@", "move")
    assert ran.returncode == 3 and "may not move" in ran.stdout, ran.stderr
    assert "lamps" in office.does("ada", "explain", "bob", "support@", "move")


def test_the_audit_names_who_did_what_and_is_whole(office: RealDesk) -> None:
    everything = office.told("ada", "audit")
    assert any("alice" in json.dumps(entry) for entry in everything)
    assert office.told("ada", "audit", "--actor", "bob", "--limit", "5")
    shares = office.does("ada", "audit", "--action", "shared")
    assert "support@example.org" in shares and "; to lamps" in shares
    assert "is whole" in office.does("ada", "audit", "verify")
    assert office.shell("bob", "audit").returncode == 3
    assert office.told("ada", "audit", "--actor", "desk", "--limit", "1"), "nobody's user has a record, too"
    for nobody in (("audit", "--actor", "nobody"), ("explain", "nobody", "support@", "move")):
        ran = office.shell("ada", *nobody)
        assert (ran.returncode, "There is no user “nobody”. There are: ada, " in ran.stderr) == (3, True)
    assert office.told("mia", "audit", "--mailbox", "support@")
    assert office.told("bob", "audit", "--mailbox", "support@") == []


def test_a_share_that_ends_ends_at_once(office: RealDesk) -> None:
    office.does("ada", "admin", "grant", "remove", "support@", "alice")
    assert office.told("alice", "mailboxes") == []
    assert office.shell("alice", "list", "support@").returncode == 3


def test_an_administrator_shares_a_folder_by_its_name_and_sees_it_named(office: RealDesk) -> None:
    office.does(
        "ada", "admin", "grant", "add", "support@", "alice", "--folder", "archive", "--level", "triage"
    )
    assert "Archive" in office.does("ada", "admin", "grant", "list", "support@")
    assert "may move" in office.does("ada", "explain", "alice", "support@", "move", "--folder", "Archive")
    # Names alone: no mail, and no folder to whoever asks about themselves.
    assert office.shell("ada", "list", "support@").returncode == 3
    office.does("ada", "admin", "grant", "add", "support@", "everyone", "--folder", "Sent", "--level", "read")
    said = office.does("ada", "mailboxes", "support@")
    assert said.split()[4] == "Sent" and "5 more not shown: no share lets you read there" in said
    assert "not shown" not in office.does("alice", "mailboxes", "support@")
    assert "not shown" not in office.does("ada", "mailboxes", "support@", "--json")
    closed = Database(Config(data=str(office.folder / "data")).database)
    with closed.write() as tx:
        tx.run("UPDATE mailbox SET server_rights = 'kl' WHERE name IN ('Junk', 'Trash')")
    assert "3 more not shown" in office.does("ada", "mailboxes", "support@"), "nobody may read the two"
    with closed.write() as tx:
        tx.run("UPDATE mailbox SET server_rights = NULL")
    closed.close()
    ran = office.shell("ada", "explain", "alice", "support@", "move", "--folder", "Nowhere")
    assert "There are: Archive, Drafts, Inbox" in ran.stderr, "one that she may read hides none of the others"
    assert "There are: Sent." in office.shell("ada", "list", "support@").stderr
    assert "folders" not in office.told("bob", "explain", "bob", "support@", "move")
