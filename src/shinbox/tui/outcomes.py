"""What became of what the desk had accepted: changes the mail server refused, messages that did not leave.

Owns how far each mailbox's news were read, and the sentences. What ended while a person had no shinbox open
is told to them at the next start, if it was theirs. Draws nothing, decides nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shinbox.client.formats import count
from shinbox.client.heard import Heard, Mark
from shinbox.errors import CannotCalculateChanges, ShinboxError
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import EmailSubmission, Intent
from shinbox.terms import UndoStatus

DOING: Final = {
    "keywords": "marking {}",
    "move": "moving {}",
    "append": "adding {}",
    "remove": "deleting {}",
    "createMailbox": "creating a folder",
    "renameMailbox": "renaming a folder",
    "destroyMailbox": "deleting a folder",
}


@dataclass(frozen=True)
class Outcome:
    """One piece of news, as a sentence; what to do about it, if anything, and how bad it is."""

    text: str
    offers: str = ""
    hint: str = ""
    tone: str = "error"


MOST_MISSED: Final = 50
MOST_MOVED: Final = 200
"""Refusals and submissions of one mailbox that are looked at when the program starts."""


class Outcomes:
    """Reads the news of mailboxes, each once; `heard` remembers from run to run which."""

    def __init__(self, client: Client, heard: Heard) -> None:
        self._client, self._heard = client, heard
        self._states: dict[str, tuple[str, str]] = {}
        self._refused: dict[str, tuple[str, ...]] = {}
        self._told: set[tuple[str, str, str | None]] = set()
        self._held: set[str] = set()
        """What the person has sent and the desk still holds: that it has left is news, too."""

    async def begin(self, accounts: Iterable[str]) -> list[Outcome]:
        """From now on: what happens later is news. What happened since the last run to what the person did
        themselves is told. Another server than a desk has no intents and no news."""
        missed: list[Outcome] = []
        if not (await self._client.session()).is_desk:
            return missed
        for account in accounts:
            mark = await asyncio.to_thread(self._heard.of, await self._key(account))
            await self._from_now_on(account)
            missed += await self._missed(account, mark)
            await self._note(account)
        return missed

    def states(self, account: str) -> dict[str, str]:
        """By type: up to which state of the desk the news of a mailbox were read."""
        return dict(zip(("Intent", "EmailSubmission"), self._states.get(account, ()), strict=False))

    async def _from_now_on(self, account: str) -> None:
        batch = Batch()
        intents, sent = batch.get(Intent, account, []), batch.get(EmailSubmission, account, [])
        answers = await self._client.run(batch)
        self._states[account] = answers[intents].state, answers[sent].state

    async def _missed(self, account: str, mark: Mark | None) -> list[Outcome]:
        """What was refused or did not leave while the person was away; without a mark nothing counts."""
        me = (await self._client.session()).user_id
        batch = Batch()
        found = batch.query(
            Intent,
            account,
            filter={"status": "refused", "createdBy": me},
            sort=[{"property": "finishedAt", "isAscending": False}],
            limit=MOST_MISSED,
        )
        asked = batch.get(Intent, account, found.ref("/ids"))
        since = "" if mark is None else mark.sent
        moved = batch.changes(EmailSubmission, account, since, MOST_MOVED)
        sent = [batch.get(EmailSubmission, account, moved.ref(f"/{kind}")) for kind in ("created", "updated")]
        answers = await self._client.run(batch)
        intents = answers[asked].objects
        known = () if mark is None else mark.refused
        self._refused[account] = tuple(dict.fromkeys([*known, *(each.id for each in reversed(intents))]))
        if mark is None:
            return []
        try:
            submissions = [one for each in sent for one in answers[each].objects if one.sent_by == me]
        except ShinboxError:
            submissions = []  # one's rights changed since then, and with them what the state means
        news = [*refused([each for each in intents if each.id not in known]), *self._ended(submissions)]
        return [replace(each, text=f"While you were away: {each.text}") for each in news]

    async def _key(self, account: str) -> str:
        session = await self._client.session()
        return f"{self._client.endpoint} {session.username} {account}"

    async def _note(self, account: str) -> None:
        mark = Mark(self._states[account][1], self._refused.get(account, ()))
        await asyncio.to_thread(self._heard.note, await self._key(account), mark)

    async def news(self, account: str) -> list[Outcome]:
        """What ended badly in a mailbox since the last look."""
        if account not in self._states:
            return await self.begin([account])
        since_intents, since_sent = self._states[account]
        batch = Batch()
        changed, moved = (
            batch.changes(Intent, account, since_intents),
            batch.changes(EmailSubmission, account, since_sent),
        )
        fresh = [batch.get(Intent, account, changed.ref(f"/{kind}")) for kind in ("created", "updated")]
        sent = [batch.get(EmailSubmission, account, moved.ref(f"/{kind}")) for kind in ("created", "updated")]
        answers = await self._client.run(batch)
        try:
            self._states[account] = answers[changed].new_state, answers[moved].new_state
        except CannotCalculateChanges:
            # One's rights changed: what is seen now is another set of things.
            await self._from_now_on(account)
            return []
        intents = [intent for asked in fresh for intent in answers[asked].objects]
        submissions = [submission for asked in sent for submission in answers[asked].objects]
        told = [intent.id for intent in intents if intent.status == "refused"]
        self._refused[account] = tuple(dict.fromkeys([*self._refused.get(account, ()), *told]))
        await self._note(account)
        me = (await self._client.session()).user_id
        mine = [submission for submission in submissions if submission.sent_by == me]
        return [*refused(intents), *self._ended(submissions), *self._left(mine)]

    def _left(self, mine: Iterable[EmailSubmission]) -> Iterator[Outcome]:
        for submission in mine:
            if submission.undo_status == UndoStatus.PENDING:
                self._held.add(submission.id)
            elif submission.id in self._held:
                self._held.remove(submission.id)
                if submission.undo_status == UndoStatus.FINAL and not submission.error:
                    yield Outcome(f"Sent to {recipients_of(submission)}", tone="")

    def _ended(self, submissions: Iterable[EmailSubmission]) -> Iterator[Outcome]:
        for submission in submissions:
            key = (submission.id, submission.undo_status, submission.error)
            outcome = ended(submission)
            if outcome is not None and key not in self._told:
                self._told.add(key)
                yield outcome


def refused(intents: Sequence[Intent]) -> list[Outcome]:
    """What the mail server did not do; alike ones in one sentence."""
    kinds = Counter((intent.kind, intent.reason or "") for intent in intents if intent.status == "refused")
    return [
        Outcome(f"The mail server refused: {reason} ({_doing(kind, number)}; it is as it was before)")
        for (kind, reason), number in kinds.items()
    ]


def _doing(kind: str, number: int) -> str:
    return DOING.get(kind, "changing {}").format(count(number, "message"))


def ended(submission: EmailSubmission) -> Outcome | None:
    """What is to be said about a submission; None where all is well."""
    why = submission.error
    to = recipients_of(submission)
    match submission.undo_status:
        case UndoStatus.CANCELED if why:
            text = f"Not sent to {to}: {why} The message is in Drafts again."
            return Outcome(text, "go.drafts", "goes there")
        case UndoStatus.UNCERTAIN:
            text = f"Perhaps sent to {to}: {why or 'the connection broke.'}"
            return Outcome(text, "compose.uncertain", "lets you decide", "warning")
        case UndoStatus.FINAL if why:
            came = [each.delivered != "no" for each in (submission.delivery_status or {}).values()]
            return Outcome(f"Sent, but not to everybody: {why}" if any(came) else why)
        case UndoStatus.PENDING if why:
            return Outcome(f"Not sent to {to} yet: {why} It is tried again by itself.", tone="warning")
    return None


def recipients_of(submission: EmailSubmission) -> str:
    """Whom it goes to: the first address, and how many more."""
    people = [address.email for address in submission.envelope.rcpt_to] if submission.envelope else []
    more = f" and {len(people) - 1:,} more" if len(people) > 1 else ""
    return (people[0] if people else "somebody") + more
