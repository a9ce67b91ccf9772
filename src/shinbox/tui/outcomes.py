"""What became of what the desk had accepted: changes the mail server refused, messages that did not leave.

Owns how far each mailbox's news were read, and the sentences. Draws nothing, decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from shinbox.client.formats import count
from shinbox.errors import CannotCalculateChanges
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


class Outcomes:
    """Reads the news of mailboxes, each once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._states: dict[str, tuple[str, str]] = {}
        self._told: set[tuple[str, str, str | None]] = set()

    async def begin(self, accounts: Iterable[str]) -> None:
        """From now on: what happens later is news. Another server than a desk has no intents and no news."""
        if not (await self._client.session()).is_desk:
            return
        for account in accounts:
            batch = Batch()
            intents, sent = batch.get(Intent, account, []), batch.get(EmailSubmission, account, [])
            answers = await self._client.run(batch)
            self._states[account] = answers[intents].state, answers[sent].state

    async def news(self, account: str) -> list[Outcome]:
        """What ended badly in a mailbox since the last look."""
        if account not in self._states:
            await self.begin([account])
            return []
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
            await self.begin([account])
            return []
        intents = [intent for asked in fresh for intent in answers[asked].objects]
        submissions = [submission for asked in sent for submission in answers[asked].objects]
        return [*refused(intents), *self._ended(submissions)]

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
            return Outcome(f"Sent, but not to everybody: {why}")
        case UndoStatus.PENDING if why:
            return Outcome(f"Not sent to {to} yet: {why} It is tried again by itself.", tone="warning")
    return None


def recipients_of(submission: EmailSubmission) -> str:
    """Whom it goes to: the first address, and how many more."""
    people = [address.email for address in submission.envelope.rcpt_to] if submission.envelope else []
    more = f" and {len(people) - 1:,} more" if len(people) > 1 else ""
    return (people[0] if people else "somebody") + more
