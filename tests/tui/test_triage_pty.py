"""Ten messages sorted with keys alone, in the real app on the whole demo at 80x24; the desk has it all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shinbox.cli.demo import DemoDesk, demo_desk
from shinbox.jmap.client import Client
from shinbox.jmap.objects import Email, Mailbox
from shinbox.jmap.tokens import save_token
from tests.pty import Terminal

NEWEST_FIRST = ({"property": "receivedAt", "isAscending": False},)


@pytest.fixture
def desk() -> Iterator[DemoDesk]:
    with demo_desk() as running:
        yield running


class Inbox:
    """What the desk has of bob's ten messages, by JMAP."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.account = ""
        self.ids: list[str] = []
        self._names: dict[str, str] = {}

    async def begin(self) -> None:
        session = await self.client.session()
        self.account = next(id_ for id_, account in session.accounts.items() if "support" in account.name)
        folders = (await self.client.get(Mailbox, self.account)).objects
        self._names = {folder.id: folder.name for folder in folders}
        inbox = next(folder.id for folder in folders if folder.role == "inbox")
        found = await self.client.query(
            Email, self.account, filter={"inMailbox": inbox}, sort=list(NEWEST_FIRST), limit=10
        )
        self.ids = list(found.ids)

    async def now(self) -> list[tuple[str, frozenset[str]]]:
        """For each of the ten: its folder, and its marks."""
        got = await self.client.get(Email, self.account, self.ids, ["mailboxIds", "keywords"])
        by_id = {email.id: email for email in got.objects}
        return [
            (" ".join(self._names[box] for box in by_id[id_].mailbox_ids), frozenset(by_id[id_].keywords))
            for id_ in self.ids
        ]


def sort_ten(terminal: Terminal) -> None:
    """The keys of a morning; the last one is taken back."""

    def does(*keys: str, until: str) -> None:
        terminal.press(*keys)
        terminal.wait_for(until)

    does("!", until="Moved 1 message to Junk")
    does("e", until="Moved 1 message to Archive")
    does("s", until="Flagged 1 message")
    does("j", "#", until="Moved 1 message to Trash")
    does("l", until="Which label?")
    does("urgent", "enter", until="[urgent]")
    does("j", "m", until="Move to which folder?")
    does("arch", "enter", until="Moved 1 message to Archive")
    does("U", until="Marked 1 message as unread")
    does("I", until="Marked 1 message as read")
    does("j", "x", "x", "s", until="Flagged 2 messages")
    does("e", until="Moved 1 message to Archive")
    does("z", until="Undone")


async def test_ten_messages_are_sorted_with_keys_only_and_the_desk_has_it(
    desk: DemoDesk, tmp_path: Path
) -> None:
    async with Client(desk.endpoint) as client:
        save_token(
            desk.endpoint, await client.sign_in("bob", desk.password), tmp_path / "shinbox" / "tokens.json"
        )
        inbox = Inbox(client)
        await inbox.begin()
        before = await inbox.now()
        (tmp_path / "shinbox" / "config.toml").write_text("conversations = false\n")
        homes = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(tmp_path))
        command = [sys.executable, "-m", "shinbox", "--desk", str(desk.endpoint)]
        with Terminal(command, 80, 24, env=homes) as terminal:
            terminal.wait_for("Bris pendant flickers")
            sort_ten(terminal)
            terminal.press("Q")
            assert terminal.wait() == 0
        folders, marks = zip(*await inbox.now(), strict=True)
    assert list(folders) == [
        *("Junk", "Archive", "Inbox", "Trash", "Inbox"),
        *("Archive", "Inbox", "Inbox", "Inbox", "Inbox"),
    ]
    added = [now - then for now, (_, then) in zip(marks, before, strict=True)]
    assert [extra & {"$flagged", "urgent", "$seen"} for extra in added] == [
        *(frozenset(), frozenset(), {"$flagged"}, frozenset(), {"urgent"}),
        *(frozenset(), {"$seen"} - before[6][1], {"$flagged"}, {"$flagged"}, frozenset()),
    ]
