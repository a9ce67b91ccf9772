"""The demo without a terminal: the main job, step by step, as different people (`shinbox demo --script`).

Owns the story and what must come of each step. A client like any other: it knows the socket, names and
the demo's password, and no insides of the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from shinbox.cli.demo_person import Person, sign_in
from shinbox.errors import (
    AccountNotFound,
    Forbidden,
    ForbiddenToSend,
    NotFound,
    ServerFail,
    SetForbidden,
    ShinboxError,
)
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import Email, EmailSubmission, Grant, Mailbox, User
from shinbox.text.safe import safe

REFUSALS: Final = (SetForbidden, Forbidden, NotFound, AccountNotFound, ForbiddenToSend)
PATIENCE: Final = 60.0
"""Seconds that a step may wait for something to happen."""

R = TypeVar("R")


@dataclass
class Story:
    """What has been told, and whether all of it was as it should be."""

    say: Callable[[str], None]
    failed: int = 0
    told: int = 0

    async def does(self, who: str, what: str, doing: Awaitable[R]) -> R:
        """A step that must succeed.

        :raises ShinboxError: it did not; the story ends.
        """
        self.told += 1
        result = await doing
        self.say(f"  ok       {who}: {what}")
        return result

    async def is_refused(self, who: str, what: str, doing: Awaitable[Any]) -> None:
        """A step that the desk must refuse."""
        self.told += 1
        try:
            await doing
        except REFUSALS as refusal:
            self.say(f"  refused  {who}: {what} — {safe(str(refusal))}")
        else:
            self.failed += 1
            self.say(f"  WRONG    {who}: {what} — was allowed")


async def until(what: str, condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so.

    :raises ServerFail: it did not become so in time.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not await condition():
        if loop.time() > end:
            raise ServerFail(f"waited {PATIENCE:.0f} s in vain for: {what}")
        await asyncio.sleep(0.2)


async def tell(endpoint: Endpoint, password: str, say: Callable[[str], None]) -> int:
    """Play the whole story against a demo desk; 0 if everything was as it should be."""
    story = Story(say)
    people = {}
    try:
        for name in ("alice", "tom", "bob", "mia", "ada"):
            people[name] = await story.does(name, "signs in", sign_in(endpoint, name, password))
        await _reading(story, people["alice"])
        await _triage(story, people["tom"])
        await _answering(story, people["bob"], people["alice"])
        await _sharing(story, people["ada"], people["alice"])
        await _revoking(story, people["mia"], people["bob"])
        await _record(story, people["ada"])
    except ShinboxError as problem:
        story.failed += 1
        say(f"  FAILED   {safe(str(problem))}")
    finally:
        for person in people.values():
            await person.client.aclose()
    say(f"{story.told} steps, {story.failed} not as they should be")
    return 1 if story.failed else 0


async def _reading(story: Story, alice: Person) -> None:
    story.say("alice may read support")
    emails = await story.does("alice", "lists support's inbox", alice.emails("support", "inbox"))
    got = await story.does(
        "alice", "reads the newest message",
        alice.client.get(Email, alice.accounts["support"], emails[:1], ["subject", "bodyValues"],
                         fetchTextBodyValues=True),
    )  # fmt: skip
    story.say(f"           “{safe(got.objects[0].subject or '')[:70]}”")
    await story.is_refused(
        "alice", "marks it read", alice.change("support", emails[0], **{"keywords__$seen": True})
    )
    await story.is_refused("alice", "archives it", alice.move("support", emails[0], "archive"))
    await story.is_refused(
        "alice", "answers as support@", alice.send("support", "x@post.example", "Hi", "Hi")
    )


async def _triage(story: Story, tom: Person) -> None:
    story.say("tom may triage support")
    emails = await tom.emails("support", "inbox")
    flag = {"keywords__$flagged": True}
    await story.does("tom", "flags a message", tom.change("support", emails[1], **flag))
    await story.does("tom", "archives it", tom.move("support", emails[1], "archive"))
    await story.does("tom", "takes it back to the inbox", tom.move("support", emails[1], "inbox"))
    await story.is_refused("tom", "deletes it", tom.move("support", emails[1], "trash"))
    await story.is_refused("tom", "sends as support@", tom.send("support", "x@post.example", "Hi", "Hi"))


async def _answering(story: Story, bob: Person, alice: Person) -> None:
    story.say("bob may write and send as support")
    subject = "Your lamp, from the demo"
    sent = await story.does(
        "bob", "writes to a customer as support@",
        bob.send("support", "ann@post.example", subject, "Hello Ann,\n\nyour lamp is ready."),
    )  # fmt: skip
    await story.does("bob", "sees it leave", until("sent", lambda: _is(bob, "support", sent, "final")))

    async def answered() -> bool:
        return bool(await bob.emails("support", "inbox", subject=subject))

    await story.does("bob", "gets the customer's answer", until("the answer", answered))
    inner = await story.does(
        "bob", "writes to sales@, twice with one client id (a retry)",
        bob.send("support", "sales@halden.example", "One question", "Hello sales!", retried=True),
    )  # fmt: skip
    await until("sent", lambda: _is(bob, "support", inner, "final"))

    async def arrived() -> bool:
        return len(await alice.emails("sales", "inbox", subject="One question")) == 1

    await story.does("alice", "finds it once in sales' inbox", until("the message at sales@", arrived))
    lost = await bob.send("support", "w.mayer@gone.example", "Are you there?", "Hello?")

    async def not_sent() -> bool:
        got = await bob.client.get(EmailSubmission, bob.accounts["support"], [lost], ["error"])
        return bool(got.objects[0].error)

    await story.does("bob", "learns why a message could not be sent", until("the refusal", not_sent))


async def _is(person: Person, mailbox: str, submission: str, status: str) -> bool:
    return await person.status(mailbox, submission) == status


async def _sharing(story: Story, ada: Person, alice: Person) -> None:
    story.say("ada administers: she shares, and sees no mail")
    support = alice.accounts["support"]
    await story.does("ada", "finds none of support's folders and messages", _sees_nothing(ada, support))
    users = await ada.client.get(User, "desk", None, ["id", "name"])
    alice_id = next(user.id for user in users.objects if user.name == "alice")
    grant = {"principal": alice_id, "level": "triage", "send": "none"}
    made = await story.does(
        "ada", "lets alice triage support",
        ada.client.set_(Grant, support, create={"g": grant}),
    )  # fmt: skip
    emails = await alice.emails("support", "inbox")
    flag = {"keywords__$flagged": True}
    await story.does("alice", "flags a message now", alice.change("support", emails[2], **flag))
    gone = ada.client.set_(Grant, support, destroy=[made.checked().created["g"].id])
    await story.does("ada", "takes it away again", gone)
    unflag = {"keywords__$flagged": None}
    await story.is_refused("alice", "flags at her next request", alice.change("support", emails[2], **unflag))


async def _sees_nothing(ada: Person, support: str) -> None:
    """An administrator reaches an account to share it; its mail is not theirs.

    :raises ServerFail: something of it was told.
    """
    folders = (await ada.client.get(Mailbox, support)).objects
    found = (await ada.client.query(Email, support)).ids
    if folders or found or set(ada.accounts) != {"desk"}:
        raise ServerFail("An administrator sees mail that nobody shared with them.")


async def _revoking(story: Story, mia: Person, bob: Person) -> None:
    story.say("mia manages support: she takes bob's share away while his message is held for undo")
    support = bob.accounts["support"]
    held = await bob.send("support", "ann@post.example", "Held", "Hold this.")
    users = await mia.client.get(User, "desk", None, ["id", "name"])
    bob_id = next(user.id for user in users.objects if user.name == "bob")
    grants = (await mia.client.get(Grant, support)).objects
    his = [grant.id for grant in grants if grant.principal == bob_id]
    taken = await story.does("mia", "revokes bob's share", mia.client.set_(Grant, support, destroy=his))
    taken.checked()
    await story.is_refused("bob", "lists support at his next request", bob.client.get(Mailbox, support))

    async def back() -> bool:
        return await mia.status("support", held) == "canceled"

    await story.does("mia", "sees the held message stopped", until("the held message", back))

    async def is_draft() -> bool:
        return bool(await mia.emails("support", "drafts", subject="Held"))

    await story.does("mia", "finds it among the drafts", until("the draft", is_draft))


async def _record(story: Story, ada: Person) -> None:
    story.say("everything is on record")
    verified = await story.does(
        "ada", "verifies the audit's chain", ada.client.invoke("AuditEntry/verify", accountId="desk")
    )
    if not verified.get("ok"):
        story.failed += 1
    story.say(f"           {verified.get('entries')} entries, head {str(verified.get('head'))[:16]}…")
