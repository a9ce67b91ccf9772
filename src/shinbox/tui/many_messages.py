"""What is asked of the desk about messages however many they are: their ids, their states, changes, counts.

Owns the way through a desk's limits: pages of ids, portions of changes. Awaits; draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shinbox.errors import AnchorNotFound, SetError
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import Email
from shinbox.tui.everywhere import Everywhere, split_address
from shinbox.tui.folder_view import Filter, FolderView
from shinbox.tui.mail_rows import NEWEST_FIRST

OVERLAP: Final = 200
"""Messages that two pages of ids have in common."""
LOOKED_THROUGH: Final = 500
"""Newest messages that are looked through for what is in use."""
STATE_PROPERTIES: Final = ("id", "threadId", "mailboxIds", "keywords")

Patches = Mapping[str, Mapping[str, Any]]


class ManyMessages:
    """A signed-in client's messages, many at once."""

    client: Client

    async def all_ids(self, view: FolderView) -> list[str]:
        """Every message of a view, newest first, loaded or not; addresses where it spans mailboxes."""
        if isinstance(view, Everywhere):
            each = [(account, await self._found(account, asked)) for account, asked in view.searched.items()]
            return [f"{account}/{id_}" for account, ids in each for id_ in ids]
        return await self._found(view.account, view.filter)

    async def _found(self, account: str, asked: Filter) -> list[str]:
        """All ids; pages overlap, since what is moved away meanwhile shifts those behind it."""
        ids: dict[str, None] = {}
        position = 0
        while True:
            found = await self.client.query(
                Email, account, filter=asked, sort=list(NEWEST_FIRST), position=position
            )
            before = len(ids)
            ids |= dict.fromkeys(found.ids)
            if len(ids) == before:
                return list(ids)
            position = max(position + 1, len(ids) - OVERLAP)

    async def any_without(self, view: FolderView, keyword: str) -> bool:
        """Whether a view holds a message without a keyword."""
        filters = view.searched if isinstance(view, Everywhere) else {view.account: view.filter}
        for account, asked in filters.items():
            lacking: Filter = {"notKeyword": keyword}
            both: Filter = {"operator": "AND", "conditions": [asked, lacking]} if asked else lacking
            if (await self.client.query(Email, account, filter=both, limit=1)).ids:
                return True
        return False

    async def newest(self, account: str) -> list[Email]:
        """Keywords and folders of a mailbox's newest messages."""
        batch = Batch()
        found = batch.query(Email, account, sort=list(NEWEST_FIRST), limit=LOOKED_THROUGH)
        emails = batch.get(Email, account, found.ref("/ids"), STATE_PROPERTIES)
        return (await self.client.run(batch))[emails].objects

    async def counts(self, account: str, keywords: Sequence[str]) -> dict[str, int]:
        """How many messages of a mailbox have which keyword."""
        limits = (await self.client.of(account).session()).limits()
        counted: dict[str, int] = {}
        for start in range(0, len(keywords), limits.max_calls_in_request):
            batch = Batch()
            asked = {
                keyword: batch.query(
                    Email, account, filter={"hasKeyword": keyword}, limit=0, calculateTotal=True
                )
                for keyword in keywords[start : start + limits.max_calls_in_request]
            }
            answers = await self.client.run(batch)
            counted |= {keyword: answers[found].total or 0 for keyword, found in asked.items()}
        return counted

    async def states(self, account: str, ids: Sequence[str]) -> dict[str, Email]:
        """Keywords and folders of messages as they are now, by id or address; without those that are gone."""
        asked = {split_address(account, id_)[1]: id_ for id_ in ids}
        got = await self.client.get(Email, account, list(asked), STATE_PROPERTIES)
        return {asked[email.id]: email for email in got.objects}

    async def position(self, view: FolderView, email_id: str) -> int | None:
        """Where a message lies in a folder or search now; None if it is not a line of it."""
        if isinstance(view, Everywhere):
            return view.index_of(email_id)
        try:
            found = await self.client.query(
                Email,
                view.account,
                filter=view.filter,
                sort=list(NEWEST_FIRST),
                anchor=email_id,
                limit=1,
                **({"collapseThreads": True} if view.collapsed else {}),
            )
        except AnchorNotFound:
            return None
        return found.position

    async def change(self, account: str, patches: Patches) -> None:
        """Change messages, in portions of what the desk takes at once.

        :raises SetError: the first message that could not be changed; the others are.
        """
        for failure in (await self.change_some(account, patches)).values():
            raise failure

    async def change_some(self, account: str, patches: Patches) -> dict[str, SetError]:
        """Change messages; why those that could not be changed were not."""
        limit = max(1, (await self.client.of(account).session()).limits().max_objects_in_set)
        items = [(split_address(account, id_)[1], patch) for id_, patch in patches.items()]
        failures: dict[str, SetError] = {}
        for start in range(0, len(items), limit):
            update = {id_: dict(patch) for id_, patch in items[start : start + limit]}
            result = await self.client.set_(Email, account, update=update)
            failures |= result.errors
        return failures
