"""Recipients as one types them, completed from the mailbox's own mail, and whom it never wrote with.

Owns what was asked and found before. Nothing is kept on the disk, and nothing is known but what the person
may search for. Draws nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from shinbox.client.answering import written
from shinbox.errors import ShinboxError
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import Email, EmailAddress
from shinbox.tui.mail_rows import NEWEST_FIRST

LEAST: Final = 2
"""Letters from which on one is helped."""
LOOKED_AT: Final = 50
"""Newest messages that are looked through for a piece."""
OFFERED: Final = 5
MOST_ASKED: Final = 8
"""Recipients that are looked up before sending; of a longer list the first."""
PATIENCE: Final = 3.0
"""Seconds that are waited for an answer before sending."""


class Recipients:
    """Completes the last recipient of a line."""

    def __init__(self, client: Client, account: str) -> None:
        self._client = client
        self._account = account
        self._asked: dict[str, list[EmailAddress]] = {}

    async def fitting(self, line: str) -> list[EmailAddress]:
        """Who may be meant by what is being typed at the end of a line, most frequent first."""
        piece = last_piece(line)[1].casefold()
        if len(piece) < LEAST:
            return []
        try:
            people = await self._people(piece)
        except ShinboxError:
            return []  # Help with typing is no reason to speak of a lost connection: the title does.
        return [person for person in people if _fits(person, piece)][:OFFERED]

    async def strangers(self, addresses: Sequence[str]) -> list[str]:
        """Those of the addresses that occur in none of its messages; nobody if the desk does not answer."""
        asked = list(addresses)[:MOST_ASKED]
        if not asked:
            return []
        batch = Batch()
        found = [batch.query(Email, self._account, filter=_with(address), limit=1) for address in asked]
        try:
            async with asyncio.timeout(PATIENCE):
                answers = await self._client.run(batch)
        except (ShinboxError, TimeoutError):
            return []
        return [address for address, pages in zip(asked, found, strict=True) if not answers[pages].ids]

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
        found = batch.query(
            Email, self._account, filter=_with(piece), sort=list(NEWEST_FIRST), limit=LOOKED_AT
        )
        emails = batch.get(Email, self._account, found.ref("/ids"), ["from", "to", "cc"])
        answers = await self._client.run(batch)
        return by_use(answers[emails].objects, piece)


def _with(text: str) -> dict[str, Any]:
    """Messages from or to somebody."""
    return {"operator": "OR", "conditions": [{"from": text}, {"to": text}, {"cc": text}]}


def by_use(emails: list[Email], piece: str) -> list[EmailAddress]:
    """The people in these messages that begin so, most frequent first, each address once."""
    uses: Counter[str] = Counter()
    people: dict[str, EmailAddress] = {}
    for email in emails:
        for person in [*(email.from_ or []), *(email.to or []), *(email.cc or [])]:
            if "@" in person.email and _fits(person, piece):
                uses[person.email.lower()] += 1
                people.setdefault(person.email.lower(), person)
    return [people[address] for address, _ in uses.most_common()]


def last_piece(line: str) -> tuple[str, str]:
    """A line of recipients, cut before the one that is being typed. A comma in quotes is none."""
    cut, quoted = 0, False
    for place, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character in ",;" and not quoted:
            cut = place + 1
    while cut < len(line) and line[cut] == " ":
        cut += 1
    return line[:cut], line[cut:]


def completed(line: str, person: EmailAddress) -> str:
    """The line with this person in the place of what was being typed."""
    return last_piece(line)[0] + written([person])


def fits(line: str, person: EmailAddress) -> bool:
    """Whether this person may be meant by what is being typed at the end of a line."""
    piece = last_piece(line)[1].casefold()
    return len(piece) >= LEAST and _fits(person, piece)


def _fits(person: EmailAddress, piece: str) -> bool:
    """Whether the address, the name, or a word of the name begins so."""
    name = (person.name or "").casefold()
    beginnings = [name, *name.split(), person.email.casefold()]
    return any(each.startswith(piece) for each in beginnings)
