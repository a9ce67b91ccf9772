"""A message leaves once, or not at all and says so: cut wires, refusals and recalls on real Postfix.

Two wires can be cut: the client's to the desk (over TCP here, since a Unix socket has no middle) and the
desk's to Postfix.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from shinbox.errors import CannotUnsend, DeskUnreachable
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.objects import EmailSubmission
from shinbox.terms import UndoStatus
from tests.servers.cuttable import Cuttable
from tests.servers.keeper import free_ports
from tests.servers.mail import MailServers, User
from tests.servers.unix import Runtime
from tests.system.caller import Caller, eventually
from tests.system.world import SharedMailbox, World, house

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

LONG = "A line of a long letter, so that the wire can be cut in its middle.\n" * 3_000
"""Some 200 KB: the conversation before it is less than 10 KB."""
INTO_THE_TEXT = 60_000
RETRY_SECONDS = 90.0
"""The desk tries again after 30 to 38 seconds."""


@dataclass
class Post:
    """The desk and its wires: `cuttable` sends by `smtp`, `down` by `smtp_down`, `plain` by none."""

    world: World
    plain: SharedMailbox
    cuttable: SharedMailbox
    down: SharedMailbox
    to_desk: Cuttable
    smtp: Cuttable
    smtp_down: Cuttable

    async def through_wire(self, caller: Caller) -> Client:
        """Bob's client at the other end of the wire to the desk."""
        return Client(Endpoint(url=f"http://127.0.0.1:{self.to_desk.port}/"), caller.client.token)


@pytest.fixture(scope="module")
def post(servers: MailServers, public_runtime: Runtime) -> Iterator[Post]:
    with contextlib.ExitStack() as life:
        with free_ports(("desk",)) as ports:
            world = life.enter_context(house(servers, public_runtime, listen=f"127.0.0.1:{ports['desk']}"))
        to_desk = life.enter_context(Cuttable(ports["desk"]))
        smtp, smtp_down = (life.enter_context(Cuttable(servers.submission_port)) for _ in range(2))
        world.new_person("bob")
        boxes = [
            world.new_mailbox(name, smtp_port=wire)
            for name, wire in (("plain", None), ("cuttable", smtp.port), ("down", smtp_down.port))
        ]
        for box in boxes:
            world.share(box, "bob", "write", "send-as")
        plain, cuttable, down = boxes
        yield Post(world, plain, cuttable, down, to_desk, smtp, smtp_down)


@contextlib.asynccontextmanager
async def bob_at(post: Post) -> AsyncIterator[Caller]:
    async with post.world.caller("bob") as bob:
        yield bob


def subjects(servers: MailServers, user: User, folder: str = "INBOX") -> list[str]:
    """The subject of every message in a folder, as many times as it is there."""
    with servers.imap(user) as client:
        client.select(folder, readonly=True)
        _, data = client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return sorted(part[1].decode().partition(":")[2].strip() for part in data if isinstance(part, tuple))


async def nothing_more_comes(post: Post, bob: Caller, customer: User, *expected: str) -> None:
    """A fence: a last message arrives, and beside it there is what was expected, each once."""
    address = post.plain.address
    last = await bob.send(address, await bob.prepare(address, customer.address, "The last one"))
    await bob.wait_for_status(address, last, "final")
    servers = post.world.servers
    await asyncio.to_thread(servers.wait_for_search, customer, ("SUBJECT", '"The last one"'))

    # Postfix may deliver two at a time: the last one is not always the last to come.
    async def all_there() -> list[str] | None:
        found = await asyncio.to_thread(subjects, servers, customer)
        return found if set(expected) <= set(found) else None

    assert await eventually(all_there, "what was expected") == sorted([*expected, "The last one"])


async def _submissions(bob: Caller, address: str) -> set[str]:
    found = await bob.client.get(EmailSubmission, bob.accounts[address])
    return {one.id for one in found.objects}


class TestTheWireToTheDesk:
    """The client loses its connection while it submits."""

    async def test_an_answer_lost_on_its_way_back_makes_no_second_message(
        self, post: Post, servers: MailServers
    ) -> None:
        customer, address = servers.new_user("carla"), post.plain.address
        async with bob_at(post) as bob, await post.through_wire(bob) as far:
            prepared = await bob.prepare(address, customer.address, "Answer lost")
            await far.session()
            before = await _submissions(bob, address)
            post.to_desk.replies_held.clear()
            post.to_desk.hold_replies_after(0)
            sending = asyncio.create_task(bob.send(address, prepared, client=far))
            # The desk has answered: the submission is there, and its sender does not know it.
            assert await asyncio.to_thread(post.to_desk.replies_held.wait, 60)
            # Cut first: let go, it would come through after all.
            post.to_desk.cut()
            post.to_desk.hold_replies_after(None)
            sent = await sending
            assert await _submissions(bob, address) - before == {sent}
            await bob.wait_for_status(address, sent, "final")
            assert len(await bob.find(address, "sent", "Answer lost")) == 1
            await nothing_more_comes(post, bob, customer, "Answer lost")

    async def test_a_connection_cut_at_any_byte_and_retried_with_its_client_id_sends_once(
        self, post: Post, servers: MailServers
    ) -> None:
        customer, address = servers.new_user("carla"), post.plain.address
        async with bob_at(post) as bob:
            for number, (up, down) in enumerate([(400, None), (1200, None), (None, 1), (None, 60)]):
                prepared = await bob.prepare(address, customer.address, f"Cut {number}")
                async with await post.through_wire(bob) as far:
                    await far.session()
                    post.to_desk.was_cut.clear()
                    post.to_desk.cut_after(up=None if up is None else up + 500, down=down and down + 4000)
                    with contextlib.suppress(DeskUnreachable):
                        await bob.send(address, prepared, client=far, client_id=f"mine-{number}")
                    post.to_desk.cut_after()
                    sent = await bob.send(address, prepared, client=far, client_id=f"mine-{number}")
                await bob.wait_for_status(address, sent, "final")
            await nothing_more_comes(post, bob, customer, *(f"Cut {number}" for number in range(4)))


class TestTheWireToPostfix:
    """The desk loses its connection while it hands a message over."""

    async def test_lost_after_the_text_it_is_uncertain_and_never_sent_again(
        self, post: Post, servers: MailServers
    ) -> None:
        customer, address = servers.new_user("carla"), post.cuttable.address
        async with bob_at(post) as bob:
            prepared = await bob.prepare(address, customer.address, "In doubt", LONG)
            post.smtp.replies_held.clear()
            post.smtp.hold_replies_after(INTO_THE_TEXT)
            doubtful = await bob.send(address, prepared)
            # Postfix has it, and its word about that never arrives.
            await asyncio.to_thread(servers.wait_for_search, customer, ("SUBJECT", '"In doubt"'))
            assert await asyncio.to_thread(post.smtp.replies_held.wait, 60)
            post.smtp.cut()
            post.smtp.hold_replies_after(None)
            told = await bob.wait_for_status(address, doubtful, "uncertain")
            assert "may or may not" in (told.error or "")
            # Not by a restart either.
            post.world.stop()
            post.world.start()
            assert (await bob.submission(address, doubtful)).undo_status == "uncertain"
            await nothing_more_comes(post, bob, customer, "In doubt")
            assert (await bob.submission(address, doubtful)).undo_status == "uncertain"

            # Evidence settles it: another program's copy in Sent.
            message = await asyncio.to_thread(servers.wait_for_search, customer, ("SUBJECT", '"In doubt"'))
            with servers.imap(post.cuttable.user) as client:
                client.append("Sent", r"(\Seen)", "", message)
            await bob.fetch_now(address)
            await bob.wait_for_status(address, doubtful, "final")

    async def test_a_person_may_decide_what_is_uncertain(self, post: Post, servers: MailServers) -> None:
        customer, address = servers.new_user("carla"), post.cuttable.address
        async with bob_at(post) as bob:
            prepared = await bob.prepare(address, customer.address, "Decided", LONG)
            post.smtp.replies_held.clear()
            post.smtp.hold_replies_after(INTO_THE_TEXT)
            doubtful = await bob.send(address, prepared)
            assert await asyncio.to_thread(post.smtp.replies_held.wait, 60)
            await asyncio.to_thread(servers.wait_for_search, customer, ("SUBJECT", '"Decided"'))
            post.smtp.cut()
            post.smtp.hold_replies_after(None)
            await bob.wait_for_status(address, doubtful, "uncertain")
            update = {doubtful: {"undoStatus": UndoStatus.FINAL.value}}
            (await bob.client.set_(EmailSubmission, bob.accounts[address], update=update)).checked()
            assert (await bob.submission(address, doubtful)).undo_status == "final"
            await nothing_more_comes(post, bob, customer, "Decided")

    async def test_what_certainly_did_not_leave_is_tried_again_until_it_does_once(
        self, post: Post, servers: MailServers
    ) -> None:
        customer = servers.new_user("carla")
        post.smtp_down.refuse()
        post.smtp.was_cut.clear()
        post.smtp.cut_after(up=INTO_THE_TEXT)
        async with bob_at(post) as bob:
            waiting = {}
            for box, subject in ((post.down, "Server away"), (post.cuttable, "Cut in the text")):
                # More than the sockets in between hold: else all is on its way before the cut, and in doubt.
                prepared = await bob.prepare(box.address, customer.address, subject, LONG * 20)
                waiting[box.address] = await bob.send(box.address, prepared)
            for address, id_ in waiting.items():
                told = await _failed_once(bob, address, id_)
                assert told.undo_status == "pending" and told.error
            post.smtp_down.refuse(False)
            post.smtp.cut_after()
            for address, id_ in waiting.items():
                sent = await bob.wait_for_status(address, id_, "final", seconds=RETRY_SECONDS)
                assert sent.error is None
            await nothing_more_comes(post, bob, customer, "Server away", "Cut in the text")


async def _failed_once(bob: Caller, address: str, id_: str) -> EmailSubmission:
    async def look() -> EmailSubmission | None:
        found = await bob.submission(address, id_)
        return found if found.error else None

    return await eventually(look, "the reason why it has not left yet")


async def test_a_refused_recipient_leaves_the_draft_and_the_reason(post: Post, servers: MailServers) -> None:
    customer, address = servers.new_user("carla"), post.plain.address
    servers.refuse_recipient(customer.address, "550 5.1.1 this mailbox has moved away")
    async with bob_at(post) as bob:
        prepared = await bob.prepare(address, customer.address, "Not wanted")
        refused = await bob.send(address, prepared)
        told = await bob.wait_for_status(address, refused, "canceled")
        assert "this mailbox has moved away" in (told.error or "")
        status = (told.delivery_status or {})[customer.address]
        assert status.delivered == "no" and status.smtp_reply.startswith("550 5.1.1")
        [draft] = await bob.find(address, "drafts", "Not wanted")
        assert draft.keywords.get("$draft")
        assert not await bob.find(address, "sent", "Not wanted")
        servers.wait_for_search(post.plain.user, ("SUBJECT", '"Not wanted"', "DRAFT"), "Drafts")
        assert "Not wanted" not in subjects(servers, post.plain.user, "Sent")
        # What was wrong is over: the same draft can be sent.
        servers.refuse_recipient(customer.address, None)
        create = {"s": {"emailId": draft.id, "identityId": prepared["identity"]}}
        again = await bob.client.set_(EmailSubmission, bob.accounts[address], create=create)
        await bob.wait_for_status(address, again.checked().created["s"].id, "final")
        await nothing_more_comes(post, bob, customer, "Not wanted")


async def test_a_held_message_that_is_taken_back_never_leaves(post: Post, servers: MailServers) -> None:
    customer, address = servers.new_user("carla"), post.plain.address
    async with bob_at(post) as bob:
        post.world.admin("account", "set", address, "--undo-seconds", "30")
        prepared = await bob.prepare(address, customer.address, "Too fast")
        held = await bob.send(address, prepared)
        assert (await bob.submission(address, held)).undo_status == "pending"
        cancel = {held: {"undoStatus": UndoStatus.CANCELED.value}}
        (await bob.client.set_(EmailSubmission, bob.accounts[address], update=cancel)).checked()
        [draft] = await bob.find(address, "drafts", "Too fast")
        assert draft.keywords.get("$draft") and not await bob.find(address, "sent", "Too fast")
        servers.wait_for_search(post.plain.user, ("SUBJECT", '"Too fast"', "DRAFT"), "Drafts")
        post.world.admin("account", "set", address, "--undo-seconds", "0")
        await nothing_more_comes(post, bob, customer)


async def test_a_message_that_has_left_cannot_be_taken_back(post: Post, servers: MailServers) -> None:
    customer, address = servers.new_user("carla"), post.plain.address
    async with bob_at(post) as bob:
        sent = await bob.send(address, await bob.prepare(address, customer.address, "Gone"))
        await bob.wait_for_status(address, sent, "final")
        cancel = {sent: {"undoStatus": UndoStatus.CANCELED.value}}
        result = await bob.client.set_(EmailSubmission, bob.accounts[address], update=cancel)
        assert isinstance(result.errors[sent], CannotUnsend)
        # Its one copy is in support's own Sent.
        servers.wait_for_search(post.plain.user, ("SUBJECT", '"Gone"', "SEEN", "UNDRAFT"), "Sent")
        assert subjects(servers, post.plain.user, "Sent").count("Gone") == 1


class TestWhatComesBack:
    """Postfix takes a message and finds out later that nobody gets it."""

    async def test_a_bounce_is_noted_at_the_message_it_is_about_with_the_reason(
        self, post: Post, servers: MailServers
    ) -> None:
        customer, address = servers.new_user("carla"), post.plain.address
        gone = servers.bouncing_address(customer.address.partition("@")[2])
        async with bob_at(post) as bob:
            prepared = await bob.prepare(address, customer.address, "For one of two")
            prepared["draft"]["cc"] = [{"email": gone}]
            sent = await bob.send(address, prepared)
            await bob.wait_for_status(address, sent, "final")

            async def came_back() -> EmailSubmission | None:
                found = await bob.submission(address, sent)
                return found if (found.delivery_status or {})[gone].delivered == "no" else None

            told = await eventually(came_back, "the bounce at its message", 60.0)
            assert told.undo_status == "final"
            assert (told.error or "").startswith(f"Not delivered to {gone}")
            assert (told.delivery_status or {})[customer.address].delivered == "queued"
            bounce = await bob.wait_for(address, "inbox", "Undelivered")
            assert told.dsn_blob_ids == [bounce.blob_id]
            assert subjects(servers, customer) == ["For one of two"]
