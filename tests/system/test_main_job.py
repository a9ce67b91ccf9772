"""The main job, nothing faked: terminal client in a pty, JMAP over a socket, desk, Dovecot and Postfix.

Bob answers a customer as support@, alice may only read, and neither gets at what the desk keeps. Once over
the desk's own socket, once over one that OpenSSH forwarded.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pty import Terminal
from tests.servers.mail import MailServers, User
from tests.servers.ssh import SshServer
from tests.servers.unix import Runtime, UnixUser, as_user, run_as, unix_user
from tests.system.letters import letter
from tests.system.world import DISPLAY_NAME, SIGNATURE, SharedMailbox, World, eventually, house

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SUBJECT = "Where is order"
ANSWER = "It left our house this morning."


@dataclass
class Team:
    """The house with its people and support's mailbox; carla is the customer."""

    world: World
    support: SharedMailbox
    carla: User


@pytest.fixture(scope="module")
def team(servers: MailServers, public_runtime: Runtime) -> Iterator[Team]:
    with house(servers, public_runtime) as world:
        support, carla = servers.new_user("support"), servers.new_user("carla")
        with servers.imap(support) as client:
            client.create("Orders")
        world.new_person("bob")
        world.new_person("alice")
        box = world.new_mailbox("support", user=support, undo_seconds=1)
        world.share(box, "bob", "write", "send-as")
        world.share(box, "alice", "read")
        yield Team(world, box, carla)


@pytest.fixture(scope="module")
def ssh() -> Iterator[SshServer]:
    with SshServer.start() as server:
        yield server


Seat = Callable[[str], list[str | Path]]
"""A person's name → the command that starts the terminal client as that person."""


@pytest.fixture(params=["own socket", "forwarded socket"])
def seat(request: pytest.FixtureRequest, team: Team) -> Iterator[Seat]:
    if request.param == "own socket":
        yield team.world.terminal_command
        return
    ssh: SshServer = request.getfixturevalue("ssh")
    with contextlib.ExitStack() as life:
        yield _far_away(team.world, ssh, life)


def _far_away(world: World, ssh: SshServer, life: contextlib.ExitStack) -> Seat:
    """Somebody at another machine: a uid that the desk does not know, and `ssh -L` as the person."""
    laptop = life.enter_context(unix_user("laptop"))

    def command(name: str) -> list[str | Path]:
        local = laptop.home / f"{name}.sock"
        life.enter_context(ssh.forward(world.people[name], local, world.socket))
        os.chown(local, laptop.uid, laptop.gid)
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        return as_user(laptop, [world.runtime.shinbox], {"SHINBOX_DESK": f"unix:{local}", **terminal})

    return command


def deliver(team: Team, number: str) -> str:
    """A customer's message in support's inbox; its subject."""
    subject = f"{SUBJECT} {number}"
    sender = f"Carla Customer <{team.carla.address}>"
    raw = letter(f"order-{number}", subject, sender=sender, to=team.support.address)
    team.world.servers.deliver(raw, team.support.address)
    return subject


def open_terminal(command: list[str | Path]) -> Terminal:
    return Terminal(command, columns=120, lines=40)


def parsed(raw: bytes) -> email.message.EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def test_bob_reads_flags_answers_and_moves_and_everyone_else_sees_it(
    team: Team, seat: Seat, request: pytest.FixtureRequest
) -> None:
    servers, support = team.world.servers, team.support
    subject = deliver(team, request.node.callspec.id.split()[0])
    with open_terminal(seat("bob")) as terminal:
        terminal.wait_for(subject, "write + send")
        terminal.press("enter")
        terminal.wait_for("where is my order?", team.carla.address)
        servers.wait_for_search(support.user, ("SUBJECT", f'"{subject}"', "SEEN"))

        terminal.press("s")
        terminal.wait_for("★")
        servers.wait_for_search(support.user, ("SUBJECT", f'"{subject}"', "FLAGGED"))

        terminal.press("r")
        terminal.wait_for(f"From {DISPLAY_NAME} <{support.address}>", "> where is my order?")
        terminal.send(ANSWER)
        terminal.wait_for(ANSWER)
        terminal.press("ctrl+s")
        terminal.wait_for(f"As {support.address} to 1 recipient")
        terminal.press("y")

        raw = servers.wait_for_search(team.carla, ("SUBJECT", f'"Re: {subject}"'))
        received = parsed(raw)
        assert received["From"] == f"{DISPLAY_NAME} <{support.address}>"
        assert received["Sender"] is None
        assert received["In-Reply-To"] == f"<order-{subject.rpartition(' ')[2]}@customer.test>"
        text = received.get_content().replace("\r\n", "\n")
        assert text.startswith(f"{ANSWER}\n")
        assert "> where is my order?" in text
        assert text.endswith(f"\n-- \n{SIGNATURE}\n")
        assert b"bob" not in raw.lower().replace(support.address.encode(), b"")

        copy = parsed(servers.wait_for_search(support.user, ("SUBJECT", f'"Re: {subject}"'), "Sent"))
        assert copy["Message-ID"] == received["Message-ID"]
        assert copy.get_content() == received.get_content()

        # The text that was sent has given way to the list and its keys.
        terminal.wait_for(subject, "r reply", "a reply all")
        terminal.press("m")
        terminal.wait_for("Move to which folder?")
        terminal.send("Orders")
        terminal.wait_for("Orders")
        terminal.press("enter")
        terminal.wait_for("Moved 1 message to Orders")
        servers.wait_for_search(support.user, ("SUBJECT", f'"{subject}"', "FLAGGED", "SEEN"), "Orders")
        with servers.imap(support.user) as client:
            client.select("INBOX", readonly=True)
            # A server may show the new copy a moment before the old one goes.
            eventually(
                lambda: client.noop() and client.uid("SEARCH", "SUBJECT", f'"{subject}"')[1] == [b""],
                "the message has left the inbox",
            )
            client.select("Sent", readonly=True)
            found = client.uid("SEARCH", "SUBJECT", f'"Re: {subject}"')[1][0]
            assert len(found.split()) == 1, "one answer, one copy in Sent"


def test_alice_is_offered_none_of_it(team: Team, seat: Seat, request: pytest.FixtureRequest) -> None:
    subject = deliver(team, f"A{request.node.callspec.id.split()[0]}")
    refusals = {
        "e": "You may not move messages in",
        "#": "You may not delete messages in",
        "m": "You may not move messages in",
        "r": "You may not send in",
        "s": "You may not flag messages in",
        "c": "You may not send in",
        "U": "You may not mark messages as read or unread in",
    }
    # No two alike in a row: each is awaited where another one stood.
    with open_terminal(seat("alice")) as terminal:
        terminal.wait_for(subject, "Inbox", lambda seen: "send" not in seen.screen[0])
        terminal.wait_for(
            lambda seen: are_grey(seen, "reply", "archive", "move", "flag", "delete", "compose")
        )
        for key, reason in refusals.items():
            terminal.press(key)
            terminal.wait_for(f"{reason} {team.support.address} (your permission: read).")
        terminal.press("enter")
        terminal.wait_for("where is my order?")
    with team.world.servers.imap(team.support.user) as client:
        client.select("INBOX", readonly=True)
        assert client.uid("SEARCH", "SUBJECT", f'"{subject}"', "UNSEEN", "UNFLAGGED")[1] != [b""]


def test_who_is_not_known_by_a_unix_login_signs_in_as_fast_as_they_type(team: Team) -> None:
    """Over a slow line name and password come in one piece: the password must not be shown as a name."""
    world = team.world
    world.admin("user", "add", "zoe", "--password-file", world.file_of("ada", "zoe", "correct horse battery"))
    world.share(team.support, "zoe", "read")
    with unix_user("stranger", [world.group]) as stranger:
        command = as_user(stranger, [world.runtime.shinbox], world.environment())
        with open_terminal(command) as terminal:
            terminal.wait_for("Sign in")
            terminal.send("zoe\rcorrect horse battery\r")
            terminal.wait_for("shinbox  zoe", "Inbox")
            assert b"horse" not in terminal.raw
        # The token is kept for the next time, and for nobody else to read.
        with open_terminal(command) as terminal:
            terminal.wait_for("shinbox  zoe")
        kept = [path for path in stranger.home.rglob("*") if path.is_file() and "token" in path.name]
        assert kept and all(path.stat().st_mode & 0o077 == 0 for path in kept)


def are_grey(terminal: Terminal, *labels: str) -> bool:
    """Whether the footer shows these actions' words, each in another colour than "help"."""
    footer = terminal.screen[-1]
    places = [re.search(rf"\b{re.escape(label)}\b", footer) for label in ("help", *labels)]
    ink, *others = [place and terminal.cell(place.start(), len(terminal.screen) - 1).fg for place in places]
    return None not in (ink, *others) and ink not in others


def test_the_same_calls_by_hand_are_refused_to_alice(team: Team) -> None:
    subject = deliver(team, "hand")
    world, address = team.world, team.support.address
    eventually(lambda: subject in world.shinbox("alice", "list", address).stdout, "alice sees the message")
    account = _account(world, "alice", address)
    [[[_, folders, _]], [[_, found, _]], [[_, identities, _]]] = world.by_hand(
        "alice",
        [["Mailbox/get", {"accountId": account, "ids": None}, "0"]],
        [["Email/query", {"accountId": account, "filter": {"subject": subject}}, "0"]],
        [["Identity/get", {"accountId": account, "ids": None}, "0"]],
    )
    boxes = {box["role"] or box["name"]: box["id"] for box in folders["list"]}
    [mail] = found["ids"]
    answers = world.by_hand("alice", *_forbidden_calls(account, mail, boxes, identities["list"]))
    for [[name, answer, _], *_] in answers:
        assert _is_refused(name, answer), f"{name}: {answer}"
    # The positive control: the first of them, the same call, by bob.
    [[[_, allowed, _]]] = world.by_hand("bob", _forbidden_calls(account, mail, boxes, [])[0])
    assert mail in allowed["updated"]
    told = json.loads(world.shinbox("ada", "audit", "--actor", "alice", "--json").stdout)
    refused = {entry["action"] for entry in told if entry["outcome"] == "refused"}
    assert {"Email/update", "Email/destroy", "Email/create", "EmailSubmission/create"} <= refused
    changes = ("/create", "/update", "/destroy")
    assert not [one for one in told if one["outcome"] == "ok" and one["action"].endswith(changes)]


def _account(world: World, name: str, address: str) -> str:
    done = world.shinbox(name, "mailboxes", "--json")
    assert done.returncode == 0, done.stderr
    return next(str(box["id"]) for box in json.loads(done.stdout) if box["address"] == address)


def _forbidden_calls(
    account: str, mail: str, boxes: dict[str, str], identities: list[dict[str, Any]]
) -> list[list[list[Any]]]:
    """One request each: everything that the screen does not offer to a reader."""

    def change(patch: dict[str, Any]) -> list[list[Any]]:
        return [["Email/set", {"accountId": account, "update": {mail: patch}}, "0"]]

    draft = {
        "mailboxIds": {boxes["drafts"]: True},
        "from": [{"email": "x@y.test"}],
        "subject": "by hand",
        "textBody": [{"partId": "t", "type": "text/plain"}],
        "bodyValues": {"t": {"value": "x"}},
    }
    identity = identities[0]["id"] if identities else "i1"
    return [
        change({"keywords/$flagged": True}),
        change({"keywords/$seen": True}),
        change({"mailboxIds": {boxes["archive"]: True}}),
        change({f"mailboxIds/{boxes['trash']}": True}),
        [["Email/set", {"accountId": account, "destroy": [mail]}, "0"]],
        [["Email/set", {"accountId": account, "create": {"d": draft}}, "0"]],
        [["EmailSubmission/set",
          {"accountId": account, "create": {"s": {"emailId": mail, "identityId": identity}}}, "0"]],
        [["Mailbox/set", {"accountId": account, "create": {"m": {"name": "Mine"}}}, "0"]],
        [["Grant/set",
          {"accountId": account, "create": {"g": {"principal": "everyone", "level": "manage"}}}, "0"]],
    ]  # fmt: skip


def _is_refused(name: str, answer: dict[str, Any]) -> bool:
    """Nothing changed, and the reason is a lack of rights rather than a mistake in the call."""
    if name in ("error", "failed"):
        return bool(answer["type"] in ("forbidden", "accountNotFound", "accountReadOnly"))
    if any(answer.get(kind) for kind in ("created", "updated", "destroyed")):
        return False
    kinds = ("notCreated", "notUpdated", "notDestroyed")
    failures = [failure for kind in kinds for failure in (answer.get(kind) or {}).values()]
    return bool(failures) and all(
        one["type"] in ("forbidden", "notFound", "forbiddenToSend") for one in failures
    )


class TestWhatTheDeskKeeps:
    """Bob sits on the same machine, and gets at nothing but the socket."""

    def test_bob_can_read_neither_the_data_folder_nor_the_key(self, team: Team) -> None:
        world, bob = team.world, team.world.people["bob"]
        for path in (world.data, world.data / "desk.db", world.data / "shinbox.key", world.data / "blobs"):
            tried = run_as(bob, ["ls", "-l", path]) if path.is_dir() else run_as(bob, ["cat", path])
            assert tried.returncode != 0 and "Permission denied" in tried.stderr
        # The control: they are there, and the desk's own uid reads them.
        assert run_as(world.desk_user, ["ls", world.data / "shinbox.key"]).returncode == 0

    def test_bob_can_read_no_environment_and_no_memory_of_the_desk_s_processes(self, team: Team) -> None:
        world, bob = team.world, team.world.people["bob"]
        processes = world.processes()
        assert {"serve", "front", "mail"} <= processes.keys()
        for process in processes.values():
            for name in ("environ", "maps", "mem"):
                tried = run_as(bob, ["head", "-c", "1", f"/proc/{process}/{name}"])
                assert tried.returncode != 0 and "Permission denied" in tried.stderr, name
            assert run_as(bob, ["ls", f"/proc/{process}/fd"]).returncode != 0
            # Not even another process of the desk's uid: what breaks into front does not read mail's key.
            assert run_as(world.desk_user, ["head", "-c", "1", f"/proc/{process}/environ"]).returncode != 0
        assert run_as(bob, ["head", "-c", "1", "/proc/self/environ"]).returncode == 0

    def test_no_password_stands_in_a_command_line_or_a_log(self, team: Team) -> None:
        secret = team.support.user.password
        for process in team.world.processes().values():
            assert secret.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
            assert secret.encode() not in Path(f"/proc/{process}/environ").read_bytes()
        assert secret not in team.world.log()
        for file in team.world.data.rglob("*"):
            # The desk is at work: what it had for a moment may be gone.
            with contextlib.suppress(FileNotFoundError):
                assert file.is_dir() or secret.encode() not in file.read_bytes(), file

    def test_who_is_not_in_the_group_does_not_reach_the_socket(self, team: Team) -> None:
        with unix_user("mallory") as mallory:
            tried = _ask(team.world, mallory)
            assert tried.returncode == 6, tried.stderr

    def test_who_is_in_the_group_but_unknown_to_the_desk_must_sign_in(self, team: Team) -> None:
        with unix_user("eve", [team.world.group]) as eve:
            tried = _ask(team.world, eve)
            assert tried.returncode == 4 and "shinbox login" in tried.stderr


def _ask(world: World, who: UnixUser) -> Any:
    return run_as(who, [world.runtime.shinbox, "mailboxes"], env=world.environment())
