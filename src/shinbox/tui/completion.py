"""Recipients as one types them, completed from the mailbox's own mail.

Owns what was asked and found before. Nothing is kept on the disk, and nothing is known but what the person
may search for.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from textual.suggester import Suggester

from shinbox.client.answering import written
from shinbox.errors import ShinboxError
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import Email, EmailAddress
from shinbox.tui.mail_rows import NEWEST_FIRST
from shinbox.tui.safe_text import plain

LEAST: Final = 2
"""Letters from which on one is helped."""
LOOKED_AT: Final = 50
"""Newest messages that are looked through for a piece."""


class Recipients(Suggester):
    """Completes the last recipient of a line."""

    def __init__(self, client: Client, account: str) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._client = client
        self._account = account
        self._asked: dict[str, list[EmailAddress]] = {}

    async def get_suggestion(self, value: str) -> str | None:
        before, piece = last_piece(value)
        if len(piece) < LEAST:
            return None
        try:
            people = await self._people(piece.casefold())
        except ShinboxError:
            return None  # Help with typing is no reason to speak of a lost connection: the title does.
        for person in people:
            for whole in (written([person]), person.email):
                if whole.casefold().startswith(piece.casefold()):
                    return plain(before + piece + whole[len(piece) :])
        return None

    async def _people(self, piece: str) -> list[EmailAddress]:
        for length in range(len(piece), LEAST - 1, -1):
            if piece[:length] in self._asked:
                return self._asked[piece[:length]]
        start = piece[:LEAST]
        self._asked[start] = await self._ask(start)
        if not any(_fits(person, piece) for person in self._asked[start]) and piece != start:
            self._asked[piece] = await self._ask(piece)
            return self._asked[piece]
        return self._asked[start]

    async def _ask(self, piece: str) -> list[EmailAddress]:
        batch = Batch()
        either = {"operator": "OR", "conditions": [{"from": piece}, {"to": piece}, {"cc": piece}]}
        found = batch.query(Email, self._account, filter=either, sort=list(NEWEST_FIRST), limit=LOOKED_AT)
        emails = batch.get(Email, self._account, found.ref("/ids"), ["from", "to", "cc"])
        answers = await self._client.run(batch)
        return by_use(answers[emails].objects, piece)


def by_use(emails: list[Email], piece: str) -> list[EmailAddress]:
    """The people in these messages that begin so, most frequent first, each address once."""
    uses: Counter[str] = Counter()
    people: dict[str, EmailAddress] = {}
    for email in emails:
        for person in [*(email.from_ or []), *(email.to or []), *(email.cc or [])]:
            if _fits(person, piece):
                uses[person.email.lower()] += 1
                people.setdefault(person.email.lower(), person)
    return [people[address] for address, _ in uses.most_common()]


def last_piece(line: str) -> tuple[str, str]:
    """A line of recipients, cut before the one that is being typed."""
    cut = max(line.rfind(","), line.rfind(";")) + 1
    while cut < len(line) and line[cut] == " ":
        cut += 1
    return line[:cut], line[cut:]


def _fits(person: EmailAddress, piece: str) -> bool:
    name = (person.name or "").casefold()
    return name.startswith(piece) or person.email.casefold().startswith(piece)
