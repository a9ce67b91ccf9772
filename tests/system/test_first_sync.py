"""A mailbox is met for the first time, and then everything that can happen to a mirror: on real Dovecot.

5,000 messages are usable while they come in; a cut network, a forgotten UIDVALIDITY and a killed mail process
lose and double nothing; other people's and public folders are shown with what the server allows there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shinbox.errors import ServerForbids
from shinbox.jmap.client import Batch
from shinbox.jmap.objects import Account, Email, Mailbox
from shinbox.terms import DESK, Role
from tests.servers.cuttable import Cuttable
from tests.servers.mail import MailServers
from tests.servers.maildir import Seed
from tests.system.caller import NEWEST_FIRST, Caller, eventually
from tests.system.letters import letter
from tests.system.world import SharedMailbox, World

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

MESSAGES = 5_000
PROJECTS = 40


@dataclass
class Big:
    """A mailbox with much in it, met over a wire."""

    world: World
    box: SharedMailbox
    wire: Cuttable
    pages: list[Page]
    """What a person who looked at the list all the time saw while it was met."""

    @property
    def address(self) -> str:
        return self.box.address

    @contextlib.contextmanager
    def network_down(self) -> Iterator[None]:
        """No way to the mail server inside the block."""
        self.wire.refuse()
        self.wire.cut()
        try:
            yield
        finally:
            self.wire.refuse(False)


@pytest.fixture(scope="module")
def big(world: World, servers: MailServers) -> Iterator[Big]:
    user = servers.new_user("support")
    servers.seed(user, (_seed(number) for number in range(MESSAGES)))
    servers.seed(user, (_seed(number, "Project") for number in range(PROJECTS)), "Projects")
    with Cuttable(servers.imaps_port) as wire:
        world.new_person("bob")
        box = world.new_mailbox(user=user, connected=False)
        world.share(box, "bob", "write", "send-as")
        yield Big(world, box, wire, asyncio.run(_meet(world, box, wire)))


async def _meet(world: World, box: SharedMailbox, wire: Cuttable) -> list[Page]:
    """Connect the mailbox, and look at its list until all is there."""
    pages: list[Page] = []
    async with world.caller("bob") as bob, world.caller("ada") as ada:
        connecting = asyncio.to_thread(world.connect, box, imap_port=wire.port)
        async with asyncio.TaskGroup() as group, asyncio.timeout(400):
            group.create_task(connecting)
            while not pages or pages[-1].total < MESSAGES:
                pages.append(await look(bob, ada, box.address))
                # A person reads, too; on two cores who asks without pause slows down what is watched.
                await asyncio.sleep(0.05)
    return pages


def _seed(number: int, word: str = "Question") -> Seed:
    raw = letter(f"{word}-{number}", f"{word} {number}", text="Some words of text.\n" * 20)
    return Seed(raw, "S" if number % 3 else "", 1_700_000_000 + number * 60)


@dataclass
class Page:
    """One answer to a person who looks at the list; `states`: what the desk was doing before and after it."""

    total: int
    subjects: list[str]
    states: tuple[str, str]


async def look(bob: Caller, ada: Caller, address: str) -> Page:
    """The first page of the inbox, as the terminal client asks for it, and what the desk says it is doing."""
    state = await _state(ada, bob.accounts[address])
    folders = await bob.folders(address)
    inbox = next((folder.id for folder in folders if folder.role == Role.INBOX), None)
    if inbox is None:
        return Page(0, [], (state, state))
    batch = Batch()
    found = batch.query(
        Email, bob.accounts[address], filter={"inMailbox": inbox}, sort=NEWEST_FIRST, limit=50,
        calculateTotal=True,
    )  # fmt: skip
    emails = batch.get(Email, bob.accounts[address], found.ref("/ids"), ["subject", "receivedAt"])
    answers = await bob.client.run(batch)
    by_id = {email.id: email.subject or "" for email in answers[emails].objects}
    subjects = [by_id[id_] for id_ in answers[found].ids]
    return Page(answers[found].total or 0, subjects, (state, await _state(ada, bob.accounts[address])))


async def _state(ada: Caller, account: str) -> str:
    accounts = (await ada.client.get(Account, DESK, None, ["id", "syncState"])).objects
    return next(one.sync_state for one in accounts if one.id == account)


async def at_rest(bob: Caller, ada: Caller, address: str, at_least: int = MESSAGES) -> Page:
    """The first page, once that many messages are there and the desk has nothing more to do."""

    async def whole() -> Page | None:
        page = await look(bob, ada, address)
        return page if page.total >= at_least and page.states == ("idle", "idle") else None

    return await eventually(whole, f"{at_least} messages in {address}")


def test_the_list_is_usable_while_the_first_sync_runs_newest_first(big: Big) -> None:
    """How quickly it answers meanwhile is the benchmark's to say."""
    unfinished = [page for page in big.pages if 50 <= page.total < MESSAGES]
    newest = [f"Question {number}" for number in range(MESSAGES - 1, MESSAGES - 51, -1)]
    assert unfinished, "the first sync was over before anybody could look"
    assert all("syncing" in page.states for page in unfinished)
    assert all(page.subjects == newest for page in unfinished), "the newest come first"


async def test_every_folder_is_there_with_its_role(big: Big) -> None:
    async with big.world.caller("bob") as bob:
        await bob.folder(big.address, "Projects")
        roles = {folder.role: folder.name for folder in await bob.folders(big.address) if folder.role}
        assert {role: roles.get(role) for role in Role} == {
            Role.INBOX: "Inbox", Role.SENT: "Sent", Role.DRAFTS: "Drafts", Role.TRASH: "Trash",
            Role.ARCHIVE: "Archive", Role.JUNK: "Junk",
        }  # fmt: skip
        assert (await _projects(bob, big.address)).unread_emails == len(range(0, PROJECTS, 3))


async def _projects(bob: Caller, address: str) -> Mailbox:
    """The folder, once all its messages are there."""

    async def counted() -> Mailbox | None:
        found = await bob.folder(address, "Projects")
        return found if found.total_emails == PROJECTS else None

    return await eventually(counted, "the messages of Projects")


async def test_a_cut_network_empties_nothing_and_is_back_by_itself(big: Big, servers: MailServers) -> None:
    async with big.world.caller("bob") as bob, big.world.caller("ada") as ada:
        before = await at_rest(bob, ada, big.address)

        async def offline() -> Page | None:
            page = await look(bob, ada, big.address)
            assert (page.total, page.subjects) == (before.total, before.subjects)
            return page if "offline" in page.states else None

        with big.network_down():
            await eventually(offline, "the desk to notice")
            # What is done meanwhile is done later.
            [mail] = await bob.find(big.address, "inbox", f"Question {MESSAGES - 1}")
            await bob.change(big.address, mail.id, {"keywords/$flagged": True})
            servers.deliver(letter("meanwhile", "Came meanwhile", to=big.address), big.address)
        await bob.wait_for(big.address, "inbox", "Came meanwhile")
        after = await at_rest(bob, ada, big.address, before.total + 1)
        assert after.total == before.total + 1
        criteria = ("SUBJECT", f'"Question {MESSAGES - 1}"', "FLAGGED")
        await asyncio.to_thread(servers.wait_for_search, big.box.user, criteria)


async def test_a_changed_uidvalidity_rebuilds_the_folder_and_uploads_nothing(
    big: Big, servers: MailServers
) -> None:
    async with big.world.caller("bob") as bob:
        await _projects(bob, big.address)
        before = await _contents(bob, big.address, "Projects")
        validity = _status(servers, big.box, "Projects")
        with big.network_down():
            _forget_uids(servers, big.box, "Projects")
            renumbered = _status(servers, big.box, "Projects")
            assert renumbered["UIDVALIDITY"] != validity["UIDVALIDITY"]
        await bob.fetch_now(big.address)
        assert await _contents(bob, big.address, "Projects") == before
        assert _status(servers, big.box, "Projects") == renumbered, "no message came or went on the server"
        # The ids still mean the same messages to the server.
        moved = min(before)
        await bob.change(big.address, moved, {"keywords/$flagged": True})
        criteria = ("SUBJECT", f'"{before[moved][0]}"', "FLAGGED")
        await asyncio.to_thread(servers.wait_for_search, big.box.user, criteria, "Projects")


async def _contents(bob: Caller, address: str, folder: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Every email of a folder: id → subject and keywords."""
    box, account = await bob.folder(address, folder), bob.accounts[address]
    ids = (await bob.client.query(Email, account, filter={"inMailbox": box.id})).ids
    got = (await bob.client.get(Email, account, ids, ["subject", "keywords"])).objects
    return {email.id: (email.subject or "", frozenset(email.keywords)) for email in got}


def _status(servers: MailServers, box: SharedMailbox, folder: str) -> dict[str, str]:
    with servers.imap(box.user) as client:
        _, [line] = client.status(folder, "(MESSAGES UIDNEXT UIDVALIDITY)")
    return dict(re.findall(r"([A-Z]+) (\d+)", line.decode()))


def _forget_uids(servers: MailServers, box: SharedMailbox, folder: str) -> None:
    """As after a restore from a backup that did not have Dovecot's own files; nobody may be at work there."""
    servers.wait_for_no_session(box.user)
    path = servers.root / "mail" / box.address / "Maildir" / f".{folder}"
    for file in [*path.glob("dovecot.index*"), *path.glob("dovecot-uidlist*")]:
        file.unlink()


async def test_a_killed_mail_process_is_started_again_and_loses_nothing(
    big: Big, servers: MailServers
) -> None:
    world = big.world
    async with world.caller("bob") as bob:
        [first, second] = [
            (await bob.find(big.address, "inbox", f"Question {number}"))[0] for number in (4000, 4001)
        ]
        await bob.change(big.address, first.id, {"keywords/$flagged": True})
        killed = world.processes()["mail"]
        os.kill(killed, signal.SIGKILL)
        # Nobody who reads or sorts notices.
        await bob.change(big.address, second.id, {"keywords/$flagged": True})
        assert await bob.find(big.address, "inbox", "Question 4000")
        servers.deliver(letter("killed", "Came after the end", to=big.address), big.address)
        await bob.wait_for(big.address, "inbox", "Came after the end")
        assert world.processes()["mail"] != killed
        for number in (4000, 4001):
            criteria = ("SUBJECT", f'"Question {number}"', "FLAGGED")
            await asyncio.to_thread(servers.wait_for_search, big.box.user, criteria)
        await bob.fetch_now(big.address)
        counted = await bob.folder(big.address, "inbox")
        assert counted.total_emails == int(_status(servers, big.box, "INBOX")["MESSAGES"])


class TestNamespaces:
    """Folders of other people and of everybody, with the rights that the server gives the desk there."""

    async def test_a_mailbox_of_somebody_else_is_shown_as_far_as_its_acl_goes(
        self, world: World, servers: MailServers
    ) -> None:
        domain = servers.new_domain()
        owner, agent = (servers.new_user(name, domain=domain) for name in ("owner", "agent"))
        for folder, rights in (("INBOX", "lr"), ("Archive", "lrswite"), ("Sent", "lrswi")):
            servers.set_acl(owner, folder, agent.address, rights)
        servers.seed(owner, [_seed(1)])
        servers.seed(owner, [_seed(2)], "Archive")
        servers.seed(agent, [_seed(3, "Private")])
        box = world.new_mailbox("agent", user=agent, root=f"shared/{owner.address}")
        world.new_person("tess")
        world.share(box, "tess", "write")
        async with world.caller("tess") as tess:
            tess_sees = await _settled(tess, box.address, 3)
            assert {folder.role for folder in tess_sees} == {Role.INBOX, Role.ARCHIVE, Role.SENT}
            inbox, archive = [await tess.folder(box.address, role) for role in ("inbox", "archive")]
            assert inbox.my_rights["mayReadItems"] and not inbox.my_rights["maySetSeen"]
            assert {"maySetSeen", "maySetKeywords", "mayRemoveItems"} <= set(inbox.server_forbids)
            assert archive.my_rights["maySetSeen"] and "maySetSeen" not in archive.server_forbids

            [forbidden] = await tess.find(box.address, "inbox", "Question 1")
            [allowed] = await tess.find(box.address, "archive", "Question 2")
            for patch in ({"keywords/$flagged": True}, {"mailboxIds": {archive.id: True}}):
                with pytest.raises(ServerForbids, match="mail server"):
                    await tess.change(box.address, forbidden.id, patch)
            await tess.change(box.address, allowed.id, {"keywords/$flagged": True})
            await asyncio.to_thread(
                servers.wait_for_search, owner, ("SUBJECT", '"Question 2"', "FLAGGED"), "Archive"
            )
            everything = await tess.client.query(Email, tess.accounts[box.address])
            assert len(everything.ids) == 2, "the agent's own mailbox is not part of it"

    async def test_a_public_folder_tree_is_a_mailbox(self, world: World, servers: MailServers) -> None:
        agent = servers.new_user("agent")
        for name in ("support", "support/Sent", "support/Read only"):
            rights = "lr" if name.endswith("only") else "lrswite"
            servers.new_public_folder(agent.domain, name, {agent.address: rights})
        servers.seed(agent, [_seed(1)], "Public/support")
        servers.seed(agent, [_seed(2)], "Public/support/Read only")
        box = world.new_mailbox("agent", user=agent, root="Public/support")
        world.new_person("pia")
        world.share(box, "pia", "write", "send-as")
        async with world.caller("pia") as pia:
            await _settled(pia, box.address, 3)
            assert (await pia.folder(box.address, "inbox")).total_emails == 1
            assert (await pia.folder(box.address, "sent")).name == "Sent"
            [mail] = await pia.find(box.address, "inbox", "Question 1")
            await pia.change(box.address, mail.id, {"keywords/$seen": True})
            await asyncio.to_thread(
                servers.wait_for_search, agent, ("SUBJECT", '"Question 1"', "SEEN"), "Public/support"
            )
            [still] = await pia.find(box.address, "Read only", "Question 2")
            with pytest.raises(ServerForbids):
                await pia.change(box.address, still.id, {"keywords/$flagged": True})


async def _settled(person: Caller, address: str, folders: int) -> list[Mailbox]:
    """The folders of a mailbox that was just connected, once all are there and looked into."""

    async def there() -> list[Mailbox] | None:
        found = await person.folders(address)
        return found if len(found) >= folders and any(one.total_emails for one in found) else None

    await eventually(there, f"{folders} folders in {address}")
    await person.fetch_now(address)
    return await person.folders(address)
