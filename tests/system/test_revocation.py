"""A share is taken away while its person is at work: in a request, an upload, an event stream, a held send.

The next request is refused, a stream ends at once, what was held goes back to the drafts, and the
audit's own order shows that nothing was done after the share had ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from shinbox.errors import AccountNotFound, Forbidden, NotFound, NotSignedIn, SetForbidden
from shinbox.jmap.objects import AuditEntry, Email, Grant, User
from shinbox.jmap.session import fill
from shinbox.jmap.transport import Streamed
from tests.servers.mail import MailServers
from tests.servers.mail import User as MailUser
from tests.system.caller import Caller, eventually
from tests.system.letters import letter
from tests.system.world import SharedMailbox, World

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

REFUSED = (AccountNotFound, Forbidden, NotFound, SetForbidden)
ROUNDS = 5
PATIENCE = 60.0
"""Seconds for what comes at once on a quiet machine; nothing but the revocation ends a stream by then."""


@dataclass
class Support:
    """The mailbox, with mia who manages it and bob whose share comes and goes."""

    world: World
    box: SharedMailbox

    @property
    def address(self) -> str:
        return self.box.address


@pytest.fixture(scope="module")
def support(world: World, servers: MailServers) -> Support:
    user = servers.new_user("support")
    servers.deliver(letter("revoked-1", "Do I get an answer?", to=user.address), user.address)
    world.new_person("bob")
    return Support(world, world.new_mailbox(user=user, undo_seconds=30))


async def share(mia: Caller, support: Support, name: str = "bob", level: str = "write") -> str:
    """Mia shares the mailbox; the grant's id."""
    users = (await mia.client.get(User, "desk", None, ["id", "name"])).objects
    principal = next(user.id for user in users if user.name == name)
    grant = {"principal": principal, "level": level, "send": "send-as"}
    made = await mia.client.set_(Grant, mia.accounts[support.address], create={"g": grant})
    return made.checked().created["g"].id


async def revoke(mia: Caller, support: Support, grant: str) -> float:
    """Mia takes the share away; when she knew (monotonic seconds)."""
    (await mia.client.set_(Grant, mia.accounts[support.address], destroy=[grant])).checked()
    return time.monotonic()


@dataclass
class Work:
    """Somebody who asks without pause. `done`: when each request began, and whether it was answered."""

    caller: Caller
    account: str
    mail: str
    done: list[tuple[float, bool]] = field(default_factory=list)
    over: bool = False

    async def go_on(self, keyword: str) -> None:
        """Change a keyword to and fro; with none, read."""
        on = False
        while not self.over:
            began, on = time.monotonic(), not on
            try:
                await (self._change(keyword, on) if keyword else self._read())
            except REFUSED:
                self.done.append((began, False))
            else:
                self.done.append((began, True))

    async def _change(self, keyword: str, on: bool) -> None:
        patch = {f"keywords/{keyword}": on or None}
        (await self.caller.client.set_(Email, self.account, update={self.mail: patch})).checked()

    async def _read(self) -> None:
        got = await self.caller.client.get(Email, self.account, [self.mail], ["subject"])
        if not got.objects:
            raise NotFound()

    async def wait_for(self, number: int, *, answered: bool) -> None:
        async def look() -> bool:
            return sum(ok is answered for _, ok in self.done) > number

        await eventually(look, "answers" if answered else "refusals")


async def test_no_request_that_begins_after_the_revocation_is_answered(support: Support) -> None:
    async with support.world.caller("mia") as mia, support.world.caller("bob") as bob:
        for _ in range(ROUNDS):
            grant = await share(mia, support)
            bob = await Caller.at(bob.client)
            mail = await bob.wait_for(support.address, "inbox", "Do I get")
            work = Work(bob, bob.accounts[support.address], mail.id)
            async with asyncio.TaskGroup() as group:
                for keyword in ("", "", "one", "two"):
                    group.create_task(work.go_on(keyword))
                await work.wait_for(20, answered=True)
                revoked = await revoke(mia, support, grant)
                await work.wait_for(8, answered=False)
                work.over = True
            assert not [began for began, answered in work.done if answered and began > revoked]
    await assert_nothing_follows_the_revocations(support)


async def assert_nothing_follows_the_revocations(support: Support) -> None:
    """In the audit's order: between the end of bob's share and his next one stands no change of his."""
    shared, changes, ends = False, 0, 0
    async with support.world.caller("ada") as ada:
        entries = await _audit(ada)
    for entry in (entry for entry in entries if entry.outcome == "ok"):
        if entry.actor in ("mia", "ada") and entry.action.startswith("Grant/"):
            shared = entry.action != "Grant/destroy"
            ends += not shared
        if entry.actor == "bob" and entry.action == "Email/update":
            changes += 1
            assert shared, f"after the end of his share: {entry}"
    assert changes and ends >= ROUNDS


async def _audit(ada: Caller) -> list[AuditEntry]:
    """Every line, oldest first."""
    ids: list[str] = []
    while found := (await ada.client.query(AuditEntry, "desk", position=len(ids), limit=200)).ids:
        ids += found
    got = (await ada.client.get(AuditEntry, "desk", ids)).objects
    by_id = {entry.id: entry for entry in got}
    return [by_id[id_] for id_ in reversed(ids)]


async def test_an_upload_under_way_is_refused_when_it_ends(support: Support) -> None:
    async with support.world.caller("mia") as mia, support.world.caller("bob") as bob:
        grant = await share(mia, support)
        bob = await Caller.at(bob.client)
        account = bob.accounts[support.address]
        under_way, revoked = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"x" * 100_000
            under_way.set()
            await revoked.wait()
            yield b"y" * 100_000

        # The control: the same upload while the share lasts.
        assert await bob.client.upload(account, b"x" * 200_000)
        uploading = asyncio.create_task(bob.client.upload(account, slow()))
        await under_way.wait()
        await revoke(mia, support, grant)
        revoked.set()
        with pytest.raises(REFUSED):
            await uploading


async def test_an_open_event_stream_is_cut(support: Support) -> None:
    async with support.world.caller("mia") as mia, support.world.caller("bob") as bob:
        for _ in range(ROUNDS):
            grant = await share(mia, support)
            async with listening(mia) as hers, listening(bob) as his:
                await revoke(mia, support, grant)
                async with asyncio.timeout(PATIENCE):
                    async for _piece in his.body:
                        pass
                # The control: whose share lasts goes on listening.
                waiting = asyncio.ensure_future(anext(aiter(hers.body)))
                mail = await mia.wait_for(support.address, "inbox", "Do I get")
                await mia.change(support.address, mail.id, {"keywords/heard": True})
                async with asyncio.timeout(PATIENCE):
                    while b"StateChange" not in await waiting:
                        waiting = asyncio.ensure_future(anext(aiter(hers.body)))
                await mia.change(support.address, mail.id, {"keywords/heard": None})


@contextlib.asynccontextmanager
async def listening(caller: Caller) -> AsyncIterator[Streamed]:
    """An open event stream, past its greeting."""
    client = caller.client
    session = await client.session(refresh=True)
    url = fill(session.event_source_url, types="*", closeafter="no", ping="0")
    async with client.transport.stream("GET", url, client.headers()) as stream:
        assert stream.status == 200
        assert (await anext(aiter(stream.body))).startswith(b":")
        yield stream


async def test_a_person_who_may_no_longer_sign_in_is_out_at_once(support: Support) -> None:
    world = support.world
    world.new_person("eve")
    world.share(support.box, "eve", "read")
    async with world.caller("ada") as ada, world.caller("eve") as eve, listening(eve) as hers:
        assert await eve.folders(support.address)
        users = (await ada.client.get(User, "desk", None, ["id", "name"])).objects
        row = next(user.id for user in users if user.name == "eve")
        (await ada.client.set_(User, "desk", update={row: {"isActive": False}})).checked()
        async with asyncio.timeout(PATIENCE):
            async for _piece in hers.body:
                pass
        with pytest.raises(NotSignedIn):
            await eve.folders(support.address)
    assert world.shinbox("eve", "mailboxes").returncode == 4


class TestHeldSends:
    """A message that waits for its undo time when its sender loses the share."""

    async def test_it_goes_back_to_the_drafts_and_is_never_sent(
        self, support: Support, servers: MailServers
    ) -> None:
        customer = servers.new_user("carla")
        async with support.world.caller("mia") as mia, support.world.caller("bob") as bob:
            grant = await share(mia, support)
            bob = await Caller.at(bob.client)
            prepared = await bob.prepare(support.address, customer.address, "Held for undo")
            held = await bob.send(support.address, prepared)
            assert (await mia.submission(support.address, held)).undo_status == "pending"
            await revoke(mia, support, grant)
            stopped = await mia.submission(support.address, held)
            assert stopped.undo_status == "canceled"
            assert "no longer send" in (stopped.error or "")
            [draft] = await mia.find(support.address, "drafts", "Held for undo")
            assert draft.keywords.get("$draft")
            assert not await mia.find(support.address, "sent", "Held for undo")
        # The mail server says the same, and the customer got nothing.
        servers.wait_for_search(support.box.user, ("SUBJECT", '"Held for undo"', "DRAFT"), "Drafts")
        with servers.imap(customer) as client:
            client.select("INBOX", readonly=True)
            assert client.uid("SEARCH", "ALL")[1] == [b""]

    async def test_in_a_race_with_its_departure_it_is_sent_once_or_a_draft_and_never_both(
        self, support: Support, servers: MailServers
    ) -> None:
        customer = servers.new_user("carla")
        support.world.admin("account", "set", support.address, "--undo-seconds", "1")
        async with support.world.caller("mia") as mia, support.world.caller("bob") as bob:
            expected = set()
            for number in range(ROUNDS):
                grant = await share(mia, support)
                bob = await Caller.at(bob.client)
                prepared = await bob.prepare(support.address, customer.address, f"Race {number}")
                sent = await bob.send(support.address, prepared)
                due = (await mia.submission(support.address, sent)).send_at
                # Around the moment at which it leaves: shortly before, at it, shortly after.
                await _until(due, offset=(number - ROUNDS // 2) * 0.05)
                await revoke(mia, support, grant)
                outcome = await mia.wait_for_status(support.address, sent, "final", "canceled")
                if outcome.undo_status == "final":
                    expected.add(f"Race {number}")
                drafts = await mia.find(support.address, "drafts", f"Race {number}")
                assert bool(drafts) == (outcome.undo_status == "canceled")
            last = await mia.prepare(support.address, customer.address, "Race over")
            await mia.wait_for_status(support.address, await mia.send(support.address, last), "final")
        expected.add("Race over")

        # Postfix may deliver two at a time: the last one is not always the last to come.
        async def all_there() -> list[str] | None:
            found = await asyncio.to_thread(_subjects, servers, customer)
            return found if expected <= set(found) else None

        assert sorted(await eventually(all_there, "what has left")) == sorted(expected)


async def _until(utc: str, offset: float) -> None:
    due = datetime.fromisoformat(utc.replace("Z", "+00:00")).timestamp() + offset
    await asyncio.sleep(max(0.0, due - time.time()))


def _subjects(servers: MailServers, user: MailUser) -> list[str]:
    """The subject of every message in the inbox, as many times as it is there."""
    with servers.imap(user) as client:
        client.select("INBOX", readonly=True)
        _, data = client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return [part[1].decode().partition(":")[2].strip() for part in data if isinstance(part, tuple)]
