"""Commands from their words to their exit code, over a socket."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shinbox.cli import main
from shinbox.cli.admin_connection import server_settings
from shinbox.jmap.objects.connection import ServerSettings
from tests.cli.small_desk import SmallDesk, small_desk
from tests.jmap.tiny_server import Reply, Request, reply


@dataclass
class Result:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Shell = Callable[..., Result]

INBOX = {"id": "M1", "name": "Inbox", "role": "inbox", "unreadEmails": 1, "totalEmails": 2}
RIGHTS = {"mayReadItems": True, "mayMove": True, "maySubmit": True, "mayAdmin": False}
FOLDERS = (
    {**INBOX, "myRights": RIGHTS},
    {"id": "M2", "name": "Archive", "role": "archive"},
    {"id": "M3", "name": "Projects"},
    {"id": "M4", "name": "2026", "parentId": "M3"},
    {"id": "M5", "name": "Drafts", "role": "drafts"},
    {"id": "M6", "name": "Sent", "role": "sent"},
)
EMAIL = {
    "id": "E1",
    "blobId": "B1",
    "threadId": "T1",
    "mailboxIds": {"M1": True},
    "keywords": {},
    "from": [{"name": "Grandma", "email": "grandma@example.org"}],
    "to": [{"email": "support@example.org"}, {"email": "uncle@example.org"}],
    "subject": "A lamp",
    "receivedAt": "2026-11-20T10:00:00Z",
    "messageId": ["1@example.org"],
    "textBody": [{"partId": "1", "type": "text/plain"}],
    "bodyValues": {"1": {"value": "It does not shine.\n\n-- \nGrandma\n"}},
}
IDENTITY = {"id": "I1", "name": "Support", "email": "support@example.org", "textSignature": "Your support"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SmallDesk]:
    with small_desk(tmp_path / "s") as desk:
        desk.has("Mailbox", *FOLDERS)
        desk.has("Email", EMAIL)
        desk.has("Identity", IDENTITY)
        yield desk


@pytest.fixture
def shell(
    desk: SmallDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.setenv("SHINBOX_DESK", f"unix:{tmp_path / 's'}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*words: str, typed: str = "") -> Result:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8"))
        code = main(words)
        return Result(code, *capsys.readouterr())

    return run


def test_mailboxes_says_what_is_unread_and_what_one_may(shell: Shell) -> None:
    result = shell("mailboxes")
    assert result.out.splitlines() == [
        "MAILBOX              UNREAD  INBOX  YOU MAY",
        "support@example.org  1       2      read, move, send",
    ]
    assert shell("mailboxes", "--json").json()[0]["address"] == "support@example.org"
    assert shell("--json", "mailboxes").json()[0]["id"] == "A1"


def test_folders_are_shown_by_their_path(shell: Shell) -> None:
    assert "Projects/2026" in shell("mailboxes", "support@").out


def test_list_shows_ids_marks_dates_senders_and_subjects(desk: SmallDesk, shell: Shell) -> None:
    result = shell("list", "support@", "--unread", "--from", "grandma")
    assert result.code == 0
    assert result.out.splitlines()[1].split()[:2] == ["E1", "N"]
    assert "Grandma <grandma@example.org>" in result.out and "A lamp" in result.out
    [query] = desk.calls("Email/query")
    assert query["filter"]["conditions"] == [{"inMailbox": "M1", "from": "grandma"}, {"notKeyword": "$seen"}]
    assert query["sort"] == [{"property": "receivedAt", "isAscending": False}]


def test_an_unknown_mailbox_or_folder_lists_those_there_are(shell: Shell) -> None:
    result = shell("list", "sales@")
    assert (result.code, result.out) == (3, "")
    assert "Yours: support@example.org" in result.err
    result = shell("list", "support@", "Nowhere")
    assert result.code == 3 and "Projects/2026" in result.err


def test_read_shows_the_message_and_marks_nothing(desk: SmallDesk, shell: Shell) -> None:
    result = shell("read", "E1")
    assert "Subject: A lamp" in result.out and "It does not shine." in result.out
    assert desk.calls("Email/set") == []
    assert shell("read", "E1", "--mark-read").code == 0
    assert desk.calls("Email/set")[0]["update"] == {"E1": {"keywords/$seen": True}}


def with_a_file(desk: SmallDesk, content: Reply) -> None:
    """E1 has a file whose name leads elsewhere; this is what the desk sends for it."""

    async def download(request: Request) -> Reply:
        return content

    part = {"partId": "2", "blobId": "B2", "name": "../cat.txt", "type": "text/plain", "size": 4}
    desk.has("Email", {**EMAIL, "attachments": [part]})
    desk.server.on("/download/", download)


def test_read_saves_the_files_of_a_message_over_nothing(
    desk: SmallDesk, shell: Shell, tmp_path: Path
) -> None:
    with_a_file(desk, Reply(b"meow", type="text/plain"))
    (folder := tmp_path / "saved").mkdir()
    (folder / "cat.txt").write_text("mine")
    result = shell("read", "E1", "--save-to", str(folder))
    assert result.code == 0 and f"Saved {folder / 'cat (2).txt'}" in result.out
    assert [(folder / name).read_text() for name in ("cat.txt", "cat (2).txt")] == ["mine", "meow"]


def test_a_file_that_does_not_come_whole_is_not_left_behind(
    desk: SmallDesk, shell: Shell, tmp_path: Path
) -> None:
    with_a_file(desk, Reply(b"meow" * 1000, type="text/plain", cut=1000))
    (folder := tmp_path / "saved").mkdir()
    result = shell("read", "E1", "--save-to", str(folder))
    assert result.code == 6 and "The connection to the desk broke" in result.err
    assert list(folder.iterdir()) == []


def test_read_says_which_message_is_not_there(shell: Shell) -> None:
    result = shell("read", "E1", "E9")
    assert result.code == 3 and "no message E9" in result.err


def queued(desk: SmallDesk, *statuses: dict[str, Any]) -> None:
    """Let Email/set queue one intent, which is seen in these states one after the other."""
    seen = iter(statuses)
    desk.methods["Email/set"] = lambda given: {
        "updated": dict.fromkeys(given["update"]),
        "intents": {"E1": ["N1"]},
    }
    desk.methods["Intent/get"] = lambda _: {"list": [{"id": "N1", **next(seen)}], "state": "1"}


def test_move_waits_until_the_mail_server_has_done_it(desk: SmallDesk, shell: Shell) -> None:
    queued(desk, {"status": "queued"}, {"status": "queued"}, {"status": "done"})
    result = shell("move", "E1", "Projects/2026")
    assert (result.code, result.out, result.err) == (0, "1 message moved.\n", "")
    assert desk.calls("Email/set")[0]["update"] == {"E1": {"mailboxIds": {"M4": True}}}
    assert len(desk.calls("Intent/get")) == 3


def test_move_reports_what_the_mail_server_refused(desk: SmallDesk, shell: Shell) -> None:
    queued(desk, {"status": "refused", "reason": "The mail server says: \x1b[31mno permission"})
    result = shell("move", "E1", "archive")
    assert result.code == 6
    assert result.err == "shinbox: E1 was not moved: The mail server says: ␛[31mno permission\n"


def test_move_says_when_the_mail_server_takes_too_long(desk: SmallDesk, shell: Shell) -> None:
    queued(desk, *[{"status": "queued"}] * 1000)
    result = shell("move", "E1", "archive", "--timeout", "0.2")
    assert result.code == 6 and "will be carried out" in result.err
    assert shell("move", "E1", "archive", "--no-wait").code == 0


def test_a_refusal_by_the_desk_has_its_own_exit_code(desk: SmallDesk, shell: Shell) -> None:
    refusal = {"type": "forbidden", "description": "You may not move messages in Inbox."}
    desk.methods["Email/set"] = lambda _: {"notUpdated": {"E1": refusal}}
    result = shell("move", "E1", "archive", "--json")
    assert result.code == 3
    assert result.json() == [{"id": "E1", "ok": False, "reason": "You may not move messages in Inbox."}]


@pytest.mark.parametrize(
    ("words", "patch"),
    [
        (["flagged"], {"keywords/$flagged": True}),
        (["unread"], {"keywords/$seen": None}),
        (["+a/b"], {"keywords/a~1b": True}),
        (["--take-away", "urgent"], {"keywords/urgent": None}),
        (["--", "-urgent"], {"keywords/urgent": None}),
    ],
)
def test_flag_says_what_it_means(
    desk: SmallDesk, shell: Shell, words: list[str], patch: dict[str, Any]
) -> None:
    assert shell("flag", "E1", *words).code == 0
    assert desk.calls("Email/set")[0]["update"] == {"E1": patch}


def test_send_creates_and_submits_in_one_request(desk: SmallDesk, shell: Shell, tmp_path: Path) -> None:
    async def upload(request: Request) -> Reply:
        return reply({"blobId": f"B-{len(request.body)}"})

    desk.server.on("/upload/", upload)
    (tmp_path / "bill.pdf").write_bytes(b"%PDF")
    words = ("--from", "support@", "--to", "Grandma <grandma@example.org>", "--subject", "Your lamp")
    result = shell("send", *words, "--attach", str(tmp_path / "bill.pdf"), typed="We send another.\n")
    assert (result.code, result.out) == (0, "It is on its way.\n")
    [email] = [given["create"]["email"] for given in desk.calls("Email/set")]
    assert email["from"] == [{"name": "Support", "email": "support@example.org"}]
    assert email["to"] == [{"name": "Grandma", "email": "grandma@example.org"}]
    assert email["mailboxIds"] == {"M5": True}
    assert email["bodyValues"]["text"]["value"] == "We send another.\n\n-- \nYour support\n"
    assert email["attachments"] == [
        {"blobId": "B-4", "type": "application/pdf", "name": "bill.pdf", "disposition": "attachment"}
    ]
    [submission] = desk.calls("EmailSubmission/set")
    assert submission["create"] == {"sent": {"identityId": "I1", "emailId": "#email"}}
    after = {"keywords/$draft": None, "mailboxIds/M5": None, "mailboxIds/M6": True}
    assert submission["onSuccessUpdateEmail"] == {"#sent": after}


def test_reply_quotes_and_carries_what_the_conversation_looked_like(desk: SmallDesk, shell: Shell) -> None:
    desk.has("Thread", {"id": "T1", "emailIds": ["E1"], "threadState": "y7"})
    assert shell("reply", "E1", "--all", typed="It will.\n").code == 0
    [email] = [given["create"]["email"] for given in desk.calls("Email/set")]
    assert [one["email"] for one in email["to"]] == ["grandma@example.org"]
    assert [one["email"] for one in email["cc"]] == ["uncle@example.org"]
    assert (email["subject"], email["inReplyTo"], email["references"]) == (
        "Re: A lamp",
        ["1@example.org"],
        ["1@example.org"],
    )
    text = email["bodyValues"]["text"]["value"]
    assert text.startswith("It will.\n\nOn ") and "> It does not shine." in text
    assert text.endswith("\n-- \nYour support\n") and "> Grandma" not in text
    assert desk.calls("EmailSubmission/set")[0]["create"]["sent"]["threadState"] == "y7"


def test_a_refused_send_says_where_the_text_is(desk: SmallDesk, shell: Shell) -> None:
    refusal = {"type": "urn:shinbox:threadMoved", "description": "Bob answered meanwhile."}
    desk.methods["EmailSubmission/set"] = lambda _: {"notCreated": {"sent": refusal}}
    result = shell("reply", "E1", typed="It will.\n")
    assert result.code == 5
    assert result.err == "shinbox: Bob answered meanwhile. The text is kept as a draft: new-email.\n"


def test_send_waits_and_names_the_recipients_that_were_refused(desk: SmallDesk, shell: Shell) -> None:
    status = {"nobody@example.org": {"smtpReply": "550 No such user", "delivered": "no"}}
    states: Iterator[Any] = iter(
        [{"undoStatus": "pending"}, {"undoStatus": "final", "deliveryStatus": status}]
    )
    desk.methods["EmailSubmission/get"] = lambda _: {"list": [{"id": "S", **next(states)}], "state": "1"}
    words = ("send", "--from", "support@", "--to", "nobody@example.org", "--subject", "x", "--wait")
    result = shell(*words, typed="Hello\n")
    assert result.code == 6
    assert "nobody@example.org: 550 No such user" in result.out


def test_nothing_empty_and_nothing_without_recipient_is_sent(desk: SmallDesk, shell: Shell) -> None:
    assert shell("send", "--from", "support@", "--to", "a@b.c", "--subject", "x", typed="\n").code == 2
    assert shell("send", "--from", "support@", "--to", "nobody", "--subject", "x", typed="Hello").code == 2
    assert shell("send", "--from", "sales@", "--to", "a@b.c", "--subject", "x", typed="Hello").code == 3
    assert desk.calls("EmailSubmission/set") == []


def test_explain_asks_in_the_desks_words_and_answers_in_a_persons(desk: SmallDesk, shell: Shell) -> None:
    desk.methods["Grant/explain"] = lambda _: {
        "allowed": False,
        "because": [],
        "missing": ["No share gives it."],
    }
    result = shell("explain", "alice", "support@", "move", "--folder", "inbox")
    assert result.code == 3
    assert result.out == (
        "alice may not move messages between folders in support@example.org.\n  No share gives it.\n"
    )
    asked = {"accountId": "A1", "user": "alice", "action": "mayMove", "mailboxId": "M1"}
    assert desk.calls("Grant/explain") == [asked]


def test_the_audit_says_what_people_did_in_their_words(desk: SmallDesk, shell: Shell) -> None:
    administrates(desk)
    who = {"at": "2026-11-21T12:00:00Z", "actor": "ada", "via": "unix uid 1"}
    shared: dict[str, Any] = {"id": "l2", "account": "A1", **who}
    shared |= {"action": "Grant/create", "objectId": "r1", "detail": {"level": "read", "principal": "U1"}}
    desk.methods["AuditEntry/query"] = lambda _: {"ids": ["l2"], "queryState": "s", "position": 0}
    desk.methods["AuditEntry/get"] = lambda _: {"list": [shared]}
    out = shell("audit", "--mailbox", "support@", "--action", "shared").out
    assert re.search(r"ada +unix uid 1 +shared r1 +support@example.org +ok +level read; to U1$", out.strip())
    assert desk.calls("AuditEntry/query")[0]["filter"] == {"action": "Grant/create"}


def test_audit_verify_fails_where_the_chain_breaks(desk: SmallDesk, shell: Shell) -> None:
    answers: Iterator[Any] = iter([{"ok": True, "entries": 3, "head": "abc"}, {"ok": False, "brokenAt": 2}])
    desk.methods["AuditEntry/verify"] = lambda _: next(answers)
    assert shell("audit", "verify").out == "The audit is whole: 3 entries, the last is abc.\n"
    result = shell("audit", "verify")
    assert result.code == 1 and "breaks at entry 2" in result.out


def test_login_keeps_the_token_and_later_commands_use_it(
    desk: SmallDesk, shell: Shell, tmp_path: Path
) -> None:
    async def login(request: Request) -> Reply:
        right = request.json() == {"name": "bob", "password": "correct horse"}
        return reply({"token": "t-1", "expiresAt": None}) if right else reply({}, 401)

    desk.server.on("/login", login)
    assert shell("login", "bob").code == 2
    assert shell("login", "bob", "--password-file", "-", typed="wrong\n").code == 4
    result = shell("login", "bob", "--password-file", "-", typed="correct horse\n")
    assert result.code == 0 and "signed in as bob" in result.out
    shell("mailboxes")
    assert desk.server.requests[-1].headers["authorization"] == "Bearer t-1"
    assert shell("token", "bob", "--password-file", "-", typed="correct horse\n").out == "t-1\n"


def test_an_unknown_caller_is_told_to_sign_in(desk: SmallDesk, shell: Shell) -> None:
    async def refuse(request: Request) -> Reply:
        return reply({"type": "about:blank", "status": 401}, 401)

    desk.server.on("/.well-known/jmap", refuse)
    result = shell("mailboxes")
    assert result.code == 4 and "Sign in first" in result.err


def administrates(desk: SmallDesk) -> None:
    desk.has("Account", {"id": "A1", "name": "Support", "address": "support@example.org"}, account="desk")
    desk.has("User", {"id": "U1", "name": "bob"}, {"id": "U2", "name": "alice"}, account="desk")
    desk.has("Team", {"id": "T1", "name": "lamps", "memberIds": {"U1": True}}, account="desk")
    desk.has("Grant", {"id": "G1", "principal": "U1", "level": "write"})
    desk.has("Connection", {"id": "singleton", "imap": {"host": "imap.x", "port": 993, "user": "support"}})


def test_a_user_is_added_with_a_password_from_standard_input(desk: SmallDesk, shell: Shell) -> None:
    result = shell("admin", "user", "add", "mia", "--password-file", "-", typed="a long secret\n")
    assert result.code == 0
    assert desk.calls("User/set")[0]["create"]["new"] == {
        "name": "mia",
        "displayName": "mia",
        "password": "a long secret",
    }
    assert "a long secret" not in result.out


def test_what_cannot_be_undone_is_asked_first(desk: SmallDesk, shell: Shell) -> None:
    administrates(desk)
    result = shell("admin", "user", "remove", "bob")
    assert result.code == 2 and "Say --yes" in result.err
    assert desk.calls("User/set") == []
    assert shell("admin", "user", "remove", "bob", "--yes").code == 0
    assert desk.calls("User/set")[0]["destroy"] == ["U1"]


def test_a_mailbox_is_shared_in_words(desk: SmallDesk, shell: Shell) -> None:
    administrates(desk)
    words = ("support@", "lamps", "--level", "write", "--without", "delete", "--send", "send-as")
    result = shell("admin", "grant", "add", *words, "--folder", "Projects", "--until", "2027-01-01T00:00:00Z")
    assert result.code == 0
    assert desk.calls("Grant/set")[0]["create"]["new"] == {
        "principal": "T1",
        "mailboxId": "M3",
        "level": "write",
        "send": "send-as",
        "withoutRights": ["mayRemoveItems"],
        "expiresAt": "2027-01-01T00:00:00Z",
    }


def test_a_share_is_changed_and_ended_by_whose_it_is(desk: SmallDesk, shell: Shell) -> None:
    administrates(desk)
    assert shell("admin", "grant", "set", "support@", "bob", "--level", "read").code == 0
    assert shell("admin", "grant", "remove", "support@", "bob").code == 0
    assert [given.get("update") or given["destroy"] for given in desk.calls("Grant/set")] == [
        {"G1": {"level": "read"}},
        ["G1"],
    ]
    assert shell("admin", "grant", "remove", "support@", "alice").code == 3
    assert "bob" in shell("admin", "grant", "list", "support@").out


def test_people_join_and_leave_a_team(desk: SmallDesk, shell: Shell) -> None:
    administrates(desk)
    assert shell("admin", "team", "set", "lamps", "--add", "alice", "--take-out", "bob").code == 0
    assert desk.calls("Team/set")[0]["update"] == {"T1": {"memberIds/U2": True, "memberIds/U1": None}}
    assert shell("admin", "team", "set", "lamps").code == 2


def test_a_connection_keeps_what_is_not_said(desk: SmallDesk, shell: Shell, tmp_path: Path) -> None:
    administrates(desk)
    (tmp_path / "secret").write_text("s3cret\n")
    words = (
        "--imap-tls",
        "starttls",
        "--imap-password-file",
        str(tmp_path / "secret"),
        "--smtp-host",
        "smtp.x",
    )
    assert shell("admin", "connection", "set", "support@", *words).code == 0
    patch = desk.calls("Connection/set")[0]["update"]["singleton"]
    assert patch["imap"] == {
        "host": "imap.x",
        "port": 143,
        "tls": "starttls",
        "user": "support",
        "caFile": None,
    }
    assert (patch["smtp"]["port"], patch["imapSecret"]) == (465, "s3cret")
    assert "smtpSecret" not in patch
    options = dict.fromkeys(f"imap_{name}" for name in ("host", "port", "user", "ca_file"))
    odd = ServerSettings(host="imap.x", port=1143, tls="starttls")
    kept = server_settings({**options, "imap_tls": "tls"}, "imap", odd)
    assert kept is not None and (kept.port, kept.tls) == (1143, "tls"), "a port that is not the usual one"


def test_a_connection_test_names_the_step_that_failed(desk: SmallDesk, shell: Shell) -> None:
    administrates(desk)
    steps = [
        {"name": "connect", "ok": True, "seconds": 0.01},
        {"name": "sign in", "ok": False, "seconds": 0.3, "reason": "the password is wrong"},
    ]
    states: Iterator[Any] = iter(
        [{"status": "running"}, {"status": "failed", "steps": steps, "error": "Check the password."}]
    )
    desk.methods["Job/get"] = lambda _: {
        "list": [{"id": "new-test", "kind": "connectionTest", **next(states)}]
    }
    result = shell("admin", "connection", "test", "support@")
    assert result.code == 6
    assert result.out.splitlines() == [
        "ok      connect (0.01 s)",
        "FAILED  sign in (0.30 s): the password is wrong",
        "support@example.org: the step “sign in” failed. Check the password.",
        "To change it: shinbox admin connection set support@example.org --help",
    ]


def test_why_a_connection_test_failed_is_told_once(desk: SmallDesk, shell: Shell) -> None:
    administrates(desk)
    step = {"name": "imap connect", "ok": False, "seconds": 0.3, "reason": "refused"}
    job = {"id": "new-test", "kind": "connectionTest", "status": "failed"}
    desk.methods["Job/get"] = lambda _: {"list": [{**job, "steps": [step], "error": "imap connect: refused"}]}
    assert shell("admin", "connection", "test", "support@").out.splitlines() == [
        "FAILED  imap connect (0.30 s): refused",
        "support@example.org: the step “imap connect” failed.",
        "To change it: shinbox admin connection set support@example.org --help",
    ]


def test_a_level_that_does_not_exist_is_answered_with_those_that_do(desk: SmallDesk, shell: Shell) -> None:
    result = shell("admin", "grant", "add", "support@", "bob", "--level", "owner")
    assert result.code == 2
    assert "invalid choice: 'owner' (choose from 'read', 'triage', 'write', 'manage')" in result.err


def test_an_identity_is_added_once(desk: SmallDesk, shell: Shell) -> None:
    result = shell("admin", "identity", "add", "support@", "Support@Example.org", "--name", "Support")
    assert result.code != 0
    assert "shinbox admin identity set support@ Support@Example.org" in result.err
    assert desk.calls("Identity/set") == []


def test_an_identity_takes_its_signature_from_a_file(desk: SmallDesk, shell: Shell) -> None:
    words = ("support@", "support@example.org", "--signature-file", "-")
    assert shell("admin", "identity", "set", *words, typed="Bye\nSupport\n").code == 0
    assert desk.calls("Identity/set")[0]["update"] == {"I1": {"textSignature": "Bye\nSupport"}}


@pytest.mark.parametrize("what", ["account", "user", "team", "connection"])
def test_every_list_is_shown_and_told(desk: SmallDesk, shell: Shell, what: str) -> None:
    administrates(desk)
    assert len(shell("admin", what, "list").out.splitlines()) >= 2
    assert isinstance(shell("admin", what, "list", "--json").json(), list)


def test_a_reader_that_goes_away_is_no_error(desk: SmallDesk, tmp_path: Path) -> None:
    desk.has("Email", *({**EMAIL, "id": f"E{number}"} for number in range(2000)))
    list_all = f"{sys.executable} -m shinbox --desk unix:{tmp_path / 's'} list support@ --limit 2000"
    ran = subprocess.run(
        ["bash", "-c", f"{list_all} | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.splitlines()[0].split()[0] == "ID"
    assert (ran.stdout.splitlines()[1], ran.stderr) == ("0", "")
