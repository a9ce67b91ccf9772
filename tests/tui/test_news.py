"""What the desk says by itself: rights that come and go, refusals of the mail server, sending that failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.widgets import TextArea

from shinbox.client.heard import Heard
from shinbox.desk.config import Config
from shinbox.desk.demo.people import PASSWORD
from shinbox.desk.store import changes, ids, intents, recall, submissions, users
from shinbox.desk.store.database import Database, Tx
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email, EmailSubmission, Grant
from shinbox.jmap.objects.submission import DeliveryStatus
from shinbox.terms import Role, UndoStatus
from shinbox.tui.outcomes import ended
from shinbox.tui.screens.choose import ChooseScreen
from shinbox.tui.screens.compose import ComposeScreen
from tests.tui.person import Person, sitting

MID = (120, 40)
NOW = "2026-11-20T13:00:00Z"


@asynccontextmanager
async def mia(socket: Path) -> AsyncIterator[Client]:
    """Who manages support, at another desk."""
    async with Client(Endpoint(socket=socket)) as client:
        await client.sign_in("mia", PASSWORD)
        yield client


async def grant_of(client: Client, account: str, name: str) -> Grant:
    """A person's share of a mailbox."""
    found = await client.get(Grant, account)
    users = await client.invoke("User/get", accountId="desk", ids=None)
    user = next(user["id"] for user in users["list"] if user["name"] == name)
    return next(grant for grant in found.objects if grant.principal == user)


def behind_the_desk(socket: Path, act: Callable[[Tx], object]) -> None:
    """What the mail process does, which these tests leave out."""
    database = Database(Config(data=str(socket.parent / "data")).database)
    with database.write() as tx:
        act(tx)
    database.close()


async def nudge(client: Client, account: str) -> None:
    """Something visible happens, so that everybody's stream looks."""
    found = await client.query(Email, account, limit=1)
    for on in (True, None):
        await client.set_(Email, account, update={found.ids[0]: {"keywords/nudge": on}})


async def test_a_level_changed_in_another_window_greys_the_keys_and_says_so(socket: Path) -> None:
    async with mia(socket) as manager, sitting(socket, "tom", MID) as tom:
        account = tom.main.account
        grant = await grant_of(manager, account, "tom")
        await tom.press("s")
        assert not tom.notice.startswith("You may not")
        await tom.until(lambda: not tom.main._unanswered)
        change = {grant.id: {"level": "read"}}
        (await manager.set_(Grant, account, update=change)).checked()
        await tom.until(lambda: "It is now: read" in tom.notice)
        await tom.press("s")
        assert tom.notice.startswith("You may not flag messages")
        (await manager.set_(Grant, account, update={grant.id: {"level": "triage"}})).checked()
        await tom.until(lambda: "It is now: triage" in tom.notice)


async def test_a_mailbox_taken_away_leaves_the_screen_with_a_sentence_and_comes_back(socket: Path) -> None:
    async with mia(socket) as manager, sitting(socket, "tom", MID) as tom:
        account = tom.main.account
        grant = await grant_of(manager, account, "tom")
        await tom.until(lambda: "From" in tom.reader())
        (await manager.set_(Grant, account, destroy=[grant.id])).checked()
        await tom.until(lambda: "no longer shared with you" in tom.notice)
        assert tom.main.messages.source.total == 0
        assert tom.main.folders.source.total == 0
        assert "From" not in tom.reader()
        again = {"principal": grant.principal, "level": "triage"}
        (await manager.set_(Grant, account, create={"tom": again})).checked()
        await tom.until(lambda: tom.main.folders.source.total > 0)


async def test_a_mailbox_taken_away_while_nobody_listened_leaves_the_screen_at_the_next_start(
    socket: Path,
) -> None:
    async with mia(socket) as manager, sitting(socket, "tom", MID) as tom:
        account = tom.main.account
        grant = await grant_of(manager, account, "tom")
        tom.main.workers.cancel_group(tom.main, "events-0")
        (await manager.set_(Grant, account, destroy=[grant.id])).checked()
        tom.main.come_back_to(tom.main.place)
        await tom.until(lambda: "no longer shared with you" in tom.notice)
        assert tom.main.messages.source.total == 0
        again = {"principal": grant.principal, "level": "triage"}
        (await manager.set_(Grant, account, create={"tom": again})).checked()
        await tom.until(lambda: tom.main.folders.source.total > 0)


async def test_who_writes_when_the_right_to_send_is_taken_away_is_told_and_keeps_the_text(
    socket: Path, tmp_path: Path
) -> None:
    async with mia(socket) as manager, sitting(socket, "nina", MID, tmp_path) as nina:
        support = next(view.id for view in nina.main.desk.accounts.values() if "support" in view.name)
        inbox = next(box for box in nina.main.desk.accounts[support].folders.values() if box.role == "inbox")
        nina.main.open_folder(support, inbox.id)
        await nina.until(lambda: nina.main.messages.cursor_row is not None)
        grant = await grant_of(manager, support, "nina")
        await nina.press("c")
        await nina.until(lambda: isinstance(nina.app.screen, ComposeScreen))
        nina.app.screen.query_one(TextArea).text = "Half a letter"
        (await manager.set_(Grant, support, update={grant.id: {"send": "none"}})).checked()
        problem = nina.app.screen.query_one("#problem")
        await nina.until(lambda: "has changed" in str(problem.render()))
        await nina.until(lambda: any("Half a letter" in file.read_text() for file in tmp_path.glob("*.json")))
        (await manager.set_(Grant, support, update={grant.id: {"send": "on-behalf"}})).checked()


async def test_what_the_mail_server_refuses_later_is_said_to_whoever_sees_it(socket: Path) -> None:
    async with mia(socket) as manager, sitting(socket, "bob", MID) as bob, sitting(socket, "tom", MID) as tom:
        account, email = bob.main.account, bob.under_cursor()
        await bob.until(lambda: hears(bob))
        await tom.until(lambda: hears(tom))

        def refuse(tx: Tx) -> None:
            at = ids.to_row("Account", account)
            assert at is not None
            row = tx.insert(
                "INSERT INTO intent (account_id, kind, email_id, payload, created_at)"
                " VALUES (?, 'move', ?, '{}', ?)",
                (at, ids.to_row("Email", email), NOW),
            )
            changes.record(tx, at, "Intent", [row], "created")
            intents.finish(tx, row, "refused", "Permission denied.\x1b]0;x\x07", NOW)

        behind_the_desk(socket, refuse)
        await nudge(manager, account)
        await bob.until(lambda: bob.notice.startswith("The mail server refused: Permission denied."))
        await tom.until(lambda: tom.notice == bob.notice)
        assert "moving 1 message" in tom.notice


def hears(person: Person) -> bool:
    """Whether what happens from now on is news."""
    return person.main._outcomes[0]._states.keys() == person.main.desk.accounts.keys()


async def send_something(person: Person) -> str:
    """A message to a customer; the submission's id."""
    await person.until(lambda: hears(person))
    await person.press("r")
    await person.until(lambda: isinstance(person.app.screen, ComposeScreen))
    await person.press(*"Hello", "ctrl+s", "y")
    await person.until(lambda: person.notice == "Sending")
    found = await person.main.desk.client.query(EmailSubmission, person.main.account)
    return found.ids[-1]


async def test_a_message_that_did_not_leave_is_said_and_found_again_in_drafts(socket: Path) -> None:
    async with mia(socket) as manager, sitting(socket, "bob", MID) as bob:
        account = bob.main.account
        sent = await send_something(bob)
        row = ids.to_row("EmailSubmission", sent)
        assert row is not None
        [submission] = (await manager.get(EmailSubmission, account, [sent])).objects

        def fail(tx: Tx) -> None:
            submissions.settle(tx, row, UndoStatus.CANCELED, error="550 No such user.")
            recall.return_to_drafts(tx, row, NOW)

        behind_the_desk(socket, fail)
        await nudge(manager, account)
        await bob.until(lambda: bob.notice.startswith("Not sent to "))
        assert "550 No such user. The message is in Drafts again." in bob.notice
        bob.main.conversations = False
        await bob.press("g", "d")
        await bob.until(lambda: "Drafts" in bob.title() and bob.view.email(submission.email_id))
        bob.main.open_row(submission.email_id)
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        assert bob.app.screen.query_one(TextArea).text.startswith("Hello")


async def test_that_a_message_has_left_is_said_to_who_sent_it(socket: Path) -> None:
    async with mia(socket) as manager, sitting(socket, "bob", MID) as bob, sitting(socket, "tom", MID) as tom:
        account = bob.main.account
        row = ids.to_row("EmailSubmission", await send_something(bob))
        assert row is not None
        await bob.until(lambda: bob.main._outcomes[0]._held)
        behind_the_desk(socket, lambda tx: submissions.settle(tx, row, UndoStatus.FINAL))
        await nudge(manager, account)
        await bob.until(lambda: bob.notice.startswith("Sent to "))
        assert not tom.notice.startswith("Sent")


async def test_a_draft_gone_on_with_takes_the_place_of_the_old_one(socket: Path) -> None:
    async with sitting(socket, "bob", MID) as bob:
        await bob.press("c")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        await bob.press(*"ann@x.example", "tab", "tab", "tab", *"First", "ctrl+s", "p")
        await bob.until(lambda: bob.notice == "Kept in Drafts")
        await bob.press("g", "d")
        await bob.until(lambda: "Drafts" in bob.title() and bob.under_cursor())
        before = bob.view.total
        assert bob.email(bob.under_cursor()).subject == "First"
        await bob.press("enter")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        assert bob.app.screen.query_one("#to").value == "ann@x.example"  # type: ignore[attr-defined]  # LineField
        bob.app.screen.query_one("#subject").value = "Second"  # type: ignore[attr-defined]  # LineField
        await bob.press("ctrl+s", "p")
        await bob.until(lambda: bob.app.screen is bob.main)
        await bob.until(lambda: "Second" in str([row.cells for row in rows(bob)]))
        await bob.until(lambda: bob.view.total == before)
        assert "First" not in str([row.cells for row in rows(bob)])


def rows(person: Person) -> list:  # type: ignore[type-arg]  # rows of the list
    source = person.main.messages.source
    return [row for index in range(source.total) if (row := source.row(index))]


async def test_of_an_uncertain_message_the_person_decides(socket: Path) -> None:
    async with mia(socket) as manager, sitting(socket, "bob", MID) as bob:
        account = bob.main.account
        row = ids.to_row("EmailSubmission", await send_something(bob))
        assert row is not None
        behind_the_desk(
            socket,
            lambda tx: submissions.settle(tx, row, UndoStatus.UNCERTAIN, error="The connection broke."),
        )
        await nudge(manager, account)
        await bob.until(lambda: bob.notice.startswith("Perhaps sent to "))
        await bob.press(":")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen))
        await bob.press(*"uncertain", "enter")
        await bob.until(lambda: isinstance(bob.app.screen, ChooseScreen) and "left" in str(choices(bob)))
        await bob.press("down", "enter")
        await bob.until(lambda: bob.notice == "It is a draft again.")
        client = bob.main.desk.client
        [sent] = (await client.get(EmailSubmission, account, [ids.to_id("EmailSubmission", row)])).objects
        [email] = (await client.get(Email, account, [sent.email_id], ["keywords", "mailboxIds"])).objects
        drafts = bob.main.desk.accounts[account].by_role(Role.DRAFTS)
        assert drafts is not None
        assert (set(email.mailbox_ids), email.keywords["$draft"]) == ({drafts.id}, True)


def choices(person: Person) -> list[str]:
    screen = person.app.screen
    return [choice.name for choice in screen._choices] if isinstance(screen, ChooseScreen) else []


# --- while nobody had shinbox open ------------------------------------------------------------------


def refusal_of(socket: Path, account: str, email: str, person: str, reason: str) -> None:
    """The mail server refuses a change that this person made."""

    def refuse(tx: Tx) -> None:
        at = ids.to_row("Account", account)
        user = users.by_name(tx, person)
        assert at is not None and user is not None
        row = tx.insert(
            "INSERT INTO intent (account_id, kind, email_id, payload, created_at, created_by)"
            " VALUES (?, 'move', ?, '{}', ?, ?)",
            (at, ids.to_row("Email", email), NOW, user["id"]),
        )
        changes.record(tx, at, "Intent", [row], "created")
        intents.finish(tx, row, "refused", reason, NOW)

    behind_the_desk(socket, refuse)


async def test_what_was_refused_meanwhile_is_told_once_at_the_next_start_to_whoever_did_it(
    socket: Path, tmp_path: Path
) -> None:
    hers, his = tmp_path / "mia", tmp_path / "bob"
    async with sitting(socket, "bob", MID, his) as bob, sitting(socket, "mia", MID, hers) as mona:
        account, email = bob.main.account, bob.under_cursor()
        await bob.until(lambda: heard(his, bob))
        await mona.until(lambda: heard(hers, mona))
    refusal_of(socket, account, email, "bob", "Over quota.")
    async with sitting(socket, "mia", MID, hers) as mona:
        await mona.until(lambda: hears(mona))
        assert "Over quota" not in mona.notice
    async with sitting(socket, "bob", MID, his) as bob:
        await bob.until(lambda: bob.notice.startswith("While you were away: The mail server refused: Over"))
    async with sitting(socket, "bob", MID, his) as bob:
        await bob.until(lambda: hears(bob))
        assert "Over quota" not in bob.notice


async def test_what_did_not_leave_meanwhile_is_told_at_the_next_start(socket: Path, tmp_path: Path) -> None:
    async with sitting(socket, "bob", MID, tmp_path) as bob:
        row = ids.to_row("EmailSubmission", await send_something(bob))
        assert row is not None
        await bob.until(lambda: heard(tmp_path, bob))
    behind_the_desk(
        socket, lambda tx: submissions.settle(tx, row, UndoStatus.CANCELED, error="550 No such user.")
    )
    async with sitting(socket, "bob", MID, tmp_path) as bob:
        await bob.until(lambda: bob.notice.startswith("While you were away: Not sent to "))
        assert "550 No such user." in bob.notice


def test_what_came_back_is_said_with_the_reason_and_for_whom() -> None:
    why = "Not delivered to ann@x.example, because the mailbox is full."
    no, yes = DeliveryStatus("552 full", "no"), DeliveryStatus("250 ok", "queued")
    sent = EmailSubmission(undo_status="final", error=why, delivery_status={"ann@x.example": no})
    everybody = ended(sent)
    sent.delivery_status = {"ann@x.example": no, "bob@x.example": yes}
    some = ended(sent)
    assert everybody is not None and some is not None
    assert (everybody.text, some.text) == (why, f"Sent, but not to everybody: {why}")


async def test_who_starts_for_the_first_time_is_told_nothing_old(socket: Path, tmp_path: Path) -> None:
    async with sitting(socket, "bob", MID, tmp_path) as bob:
        await bob.until(lambda: hears(bob))
        assert not bob.notice.startswith("While you were away")


def heard(folder: Path, person: Person) -> bool:
    """Whether it is written down, for each mailbox, how far the person has heard."""
    marks = Heard(folder / "heard.marks")._read()
    return {key.rpartition(" ")[2] for key in marks} == set(person.main.desk.accounts)
