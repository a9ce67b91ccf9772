"""A draft's copy at the desk: kept while it is written, found again, taken over, ended.

Owns the requests and what their refusals mean for whoever writes. Draws nothing. A server that is no desk of
ours is not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shinbox.client.desk_drafts import beginning_of, copied, taken_up, text_of
from shinbox.client.drafts import Draft
from shinbox.errors import (
    AccountNotFound,
    DeskProtocolError,
    DeskUnreachable,
    DraftChanged,
    DraftLocked,
    Forbidden,
    MethodError,
    NotFound,
    NotSignedIn,
    SetForbidden,
    ShinboxError,
    UnknownMethod,
)
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import Draft as DeskDraft
from shinbox.terms import DESK

KEPT_HERE = "Your text is kept as an unfinished draft of this machine."
GONE = (
    f"This draft is no longer at the desk: a colleague has ended it, or you may not write here. {KEPT_HERE}"
)

_AFTER_CLOSING: set[asyncio.Future[None]] = set()
"""What is still done for composers that were closed."""


class DraftKeeper:
    """Keeps one draft at the desk. `problem` says why it is no longer kept there, once and for good.

    Requests follow one another; a save that comes while one is under way sees the newest text.
    """

    def __init__(self, client: Client, draft: Draft) -> None:
        self._client = client
        self._draft = draft
        # Of a draft that lies there already it is not known with which text: it gets the whole once more.
        self._said: Mapping[str, Any] = {} if draft.desk_id else text_of(draft)
        self._in_order = asyncio.Lock()
        self.problem = ""
        self.reached = True
        """Whether the desk answered the last time."""
        self.kept = False
        """Whether the desk has everything that was typed when it was asked the last time."""

    async def keep(self) -> None:
        """Have the desk keep what is typed now; silent where it cannot be reached."""
        async with self._in_order:
            if self._goes_on and await self._is_desk():
                text = text_of(self._draft)
                if text != self._said:
                    await self._guarded(text)

    async def sign_of_life(self) -> None:
        """Renew the lease of a draft that is at the desk, and tell it what it missed while it was away."""
        async with self._in_order:
            text = text_of(self._draft)
            missed = not self.reached and text != self._said
            if self._goes_on and (self._draft.desk_id or missed) and await self._is_desk():
                await self._guarded(text)

    @property
    def only_here(self) -> bool:
        """Whether the newest text is on this machine alone."""
        return bool(self.problem) or self._draft.parted or not self.reached

    async def settled(self, seconds: float) -> None:
        """Wait for what is under way, but not longer than that."""
        try:
            async with asyncio.timeout(seconds), self._in_order:
                pass
        except TimeoutError:
            return

    # --- inside -----------------------------------------------------------------------------------

    @property
    def _goes_on(self) -> bool:
        return not self.problem and not self._draft.parted

    async def _is_desk(self) -> bool:
        try:
            return (await self._client.of(self._draft.account).session()).is_desk
        except ShinboxError:
            self.reached = False
            return False

    async def _guarded(self, text: Mapping[str, Any]) -> None:
        try:
            await self._say(text)
        except (DeskUnreachable, NotSignedIn):
            # It is asked again; whoever has to sign in again writes on meanwhile.
            self.reached = self.kept = False
            return
        except ShinboxError as error:
            self.kept = False
            self._lost(error)
        self.reached = True

    async def _say(self, text: Mapping[str, Any]) -> None:
        draft = self._draft
        if not draft.desk_id:
            await self._begin(text)
            return
        changed = {name: value for name, value in text.items() if self._said.get(name) != value}
        try:
            await self._update(changed)
        except DraftChanged as change:
            revision = change.extra.get("revision")
            if not change.extra.get("isYours") or not isinstance(revision, int):
                raise
            # Only the answer to one's own save was lost.
            draft.revision = revision
            await self._update(changed)
        self._said, self.kept = text, True

    async def _begin(self, text: Mapping[str, Any]) -> None:
        draft, as_begun = self._draft, copied(self._draft)
        making = asyncio.ensure_future(self._made(as_begun, text))
        try:
            made = await asyncio.shield(making)
        except asyncio.CancelledError:
            # The composer was closed before the desk answered: nobody would know of this copy, nor end it.
            taking_back = asyncio.ensure_future(self._taken_back(as_begun, making))
            _AFTER_CLOSING.add(taking_back)
            taking_back.add_done_callback(_AFTER_CLOSING.discard)
            raise
        draft.desk_id, draft.revision = made.id, made.revision
        self._said, self.kept = text, True

    async def _made(self, draft: Draft, text: Mapping[str, Any]) -> DeskDraft:
        result = await self._client.set_(
            DeskDraft, draft.account, create={"draft": {**beginning_of(draft), **text}}, lease=draft.lease
        )
        made = result.checked().created.get("draft")
        if made is None:
            raise DeskProtocolError("The desk took the draft but did not say which it is.")
        return made

    async def _taken_back(self, draft: Draft, making: asyncio.Future[DeskDraft]) -> None:
        with suppress(ShinboxError):
            draft.desk_id = (await making).id
            await discard(self._client, draft)

    async def _update(self, changed: Mapping[str, Any]) -> None:
        draft = self._draft
        patch = {**changed, "revision": draft.revision}
        # Saved every few seconds, each against its revision: the desk need not keep these answers for a day.
        result = await self._client.set_(
            DeskDraft, draft.account, update={draft.desk_id: patch}, lease=draft.lease, client_id=""
        )
        answer = result.checked().updated.get(draft.desk_id) or {}
        revision = answer.get("revision")
        draft.revision = revision if isinstance(revision, int) else draft.revision

    def _lost(self, error: ShinboxError) -> None:
        draft = self._draft
        if isinstance(error, DraftLocked):
            who = error.extra.get("writer", "A colleague")
            self.problem = f"{who} has taken this draft over. {KEPT_HERE}"
            draft.parted = True
        elif isinstance(error, DraftChanged | NotFound):
            self.problem = f"{error} {KEPT_HERE}" if isinstance(error, DraftChanged) else GONE
            draft.parted = True
        elif isinstance(error, AccountNotFound | Forbidden | SetForbidden):
            self.problem = f"You may no longer write in this mailbox. {KEPT_HERE}"
        elif isinstance(error, UnknownMethod):
            self.problem = f"This desk keeps no drafts. {KEPT_HERE}"
        else:
            self.problem = f"Not kept at the desk: {error} {KEPT_HERE}"


async def unfinished(client: Client, accounts: Mapping[str, object]) -> list[tuple[str, DeskDraft]]:
    """The drafts at the desks that one may go on with, newest first, each with its mailbox.

    A desk that knows no drafts has none.
    """
    batches: dict[Client, Batch] = {}
    asked = []
    for account in accounts:
        at = client.of(account)
        session = await at.session()
        if session.is_desk and account != DESK:
            batch = batches.setdefault(at, Batch())
            asked.append((account, at, batch.get(DeskDraft, account)))
    answers = {at: await at.run(batch) for at, batch in batches.items()}
    found: list[tuple[str, DeskDraft]] = []
    for account, at, pending in asked:
        with suppress(MethodError):
            found += [(account, one) for one in answers[at][pending].objects]
    return sorted(found, key=lambda each: (each[1].edited_at, each[1].id), reverse=True)


async def take_up(client: Client, account: str, draft_id: str, *, take_over: bool = False) -> Draft:
    """Go on with a draft at the desk: its newest text, with the lease.

    :raises DraftLocked: a colleague is writing it, and it is not to be taken over.
    :raises NotFound: it is over.
    """
    for _ in range(3):
        got = await client.get(DeskDraft, account, [draft_id])
        if not got.objects:
            raise NotFound("This draft is over: somebody has sent, kept or discarded it.")
        draft = taken_up(account, got.objects[0])
        update = {draft_id: {"revision": draft.revision}}
        result = await client.set_(DeskDraft, account, update=update, lease=draft.lease, takeOver=take_over)
        try:
            result.checked()
        except DraftChanged:
            continue
        return draft
    raise DraftLocked()


async def let_go(client: Client, draft: Draft) -> None:
    """Nobody writes it for now: a colleague may go on at once. It stays where the desk is away."""
    if draft.desk_id and not draft.parted:
        update = {draft.desk_id: {"writer": None}}
        await client.set_(DeskDraft, draft.account, update=update, lease=draft.lease)


async def leave(client: Client, draft: Draft) -> None:
    """Have the desk keep the last words of a draft that is there, and let go of it."""
    if draft.desk_id and not draft.parted:
        keeper = DraftKeeper(client, draft)
        await keeper.keep()
        if keeper.kept:
            await let_go(client, draft)


async def discard(client: Client, draft: Draft) -> None:
    """End it at the desk, unless a colleague has gone on with it."""
    if draft.desk_id and not draft.parted:
        await client.set_(DeskDraft, draft.account, destroy=[draft.desk_id], lease=draft.lease)


def ending(draft: Draft) -> dict[str, Any]:
    """The arguments by which what is made of a draft ends it."""
    return {"endsDraft": draft.desk_id, "lease": draft.lease} if draft.desk_id else {}
