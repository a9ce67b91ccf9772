"""Some three hundred believable messages for the demo's mailboxes, the same on every run.

Owns how conversations become messages: who writes when, which folder, what is read. Pure: the newest
date comes in by parameter, chance from a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shinbox.desk.demo import letters, special
from shinbox.desk.demo.letters import Talk
from shinbox.desk.demo.people import ACCOUNTS, DemoAccount
from shinbox.mime.build import OutgoingMessage, build
from shinbox.mime.model import Address
from shinbox.terms import Keyword, Role
from shinbox.text.quote import SIGNATURE
from shinbox.text.references import next_references

SEED: Final = 20261121


@dataclass(frozen=True)
class DemoMessage:
    """A message and where it lies."""

    account: str
    role: Role
    received_at: datetime
    keywords: frozenset[str]
    raw: bytes


@dataclass(frozen=True)
class _Plan:
    account: DemoAccount
    talks: Sequence[Talk]
    conversations: int
    subfolder_share: float


PLANS: Final = (
    _Plan(ACCOUNTS[0], letters.SUPPORT, 102, 0.35),
    _Plan(ACCOUNTS[1], letters.SALES, 54, 0.4),
    _Plan(ACCOUNTS[2], letters.HR, 26, 0.5),
)


def messages(newest: datetime) -> list[DemoMessage]:
    """All of the demo's mail, oldest first; nothing is later than `newest` (aware, UTC)."""
    chance = random.Random(SEED)
    made: list[DemoMessage] = []
    for plan in PLANS:
        for number in range(plan.conversations):
            age = timedelta(minutes=25 + number * number * 5.5 + chance.random() * 60)
            made += _conversation(chance, plan, number, newest - age)
    made += _foreign(newest) + _special(newest)
    return sorted(made, key=lambda message: message.received_at)


def _conversation(chance: random.Random, plan: _Plan, number: int, last: datetime) -> Iterator[DemoMessage]:
    talk = plan.talks[number % len(plan.talks)]
    facts = _facts(chance)
    host = chance.choice(("post.example", "mail.example", "inbox.example"))
    customer = Address(facts["name"], f"{_plain(facts['first'])}.{_plain(facts['last'])}@{host}".lower())
    turns = talk.turns[: chance.randint(1, len(talk.turns))]
    done = number > 12 and chance.random() < plan.subfolder_share
    when = last - timedelta(hours=3 * (len(turns) - 1))
    references: list[str] = []
    subject, quoted = talk.subject.format(**facts), ""
    for turn, text in enumerate(turns):
        ours = turn % 2 == 1
        message_id = f"demo-{plan.account.name}-{number}-{turn}@{'halden.example' if ours else host}"
        body = text.format(**facts)
        if ours:
            body = _signed(body, plan.account)
        raw = build(
            _letter(plan.account, customer, ours, subject, body + quoted, message_id, references, when)
        )
        yield DemoMessage(
            plan.account.name,
            _role(ours, done),
            when,
            _keywords(chance, ours, done, number, turn, turns),
            raw,
        )
        references = next_references(references, [message_id])
        quoted = "\n\n" + "\n".join(f"> {line}".rstrip() for line in text.format(**facts).split("\n"))
        subject = subject if subject.startswith("Re: ") else f"Re: {subject}"
        when += timedelta(hours=3)


def _facts(chance: random.Random) -> dict[str, str]:
    """Who writes about what: the words that a talk leaves open."""
    first, family = chance.choice(letters.FIRST), chance.choice(letters.LAST)
    return {
        "first": first,
        "last": family,
        "name": f"{first} {family}",
        "order": f"HL-{chance.randint(20000, 99999)}",
        "product": chance.choice(letters.PRODUCTS),
        "company": chance.choice(letters.COMPANIES),
    }


def _letter(
    account: DemoAccount,
    customer: Address,
    ours: bool,
    subject: str,
    text: str,
    message_id: str,
    references: list[str],
    when: datetime,
) -> OutgoingMessage:
    us = Address(account.sender, account.address)
    return OutgoingMessage(
        from_=[us if ours else customer],
        to=[customer if ours else Address(None, account.address)],
        subject=subject,
        text=text,
        message_id=message_id,
        date=when,
        in_reply_to=references[-1:],
        references=list(references),
    )


def _role(ours: bool, done: bool) -> Role:
    if ours:
        return Role.SENT
    return Role.ARCHIVE if done else Role.INBOX


def _keywords(
    chance: random.Random, ours: bool, done: bool, number: int, turn: int, turns: Sequence[str]
) -> frozenset[str]:
    keywords: set[str] = set()
    answered = turn + 1 < len(turns)
    if ours or done or answered or number > 9:
        keywords.add(Keyword.SEEN)
    if not ours and answered:
        keywords.add(Keyword.ANSWERED)
    if not ours and chance.random() < 0.06:
        keywords.add(Keyword.FLAGGED)
    return frozenset(keywords)


def _foreign(newest: datetime) -> list[DemoMessage]:
    support = ACCOUNTS[0]
    made = []
    for number, (name, address, subject, text) in enumerate(letters.FOREIGN):
        when = newest - timedelta(hours=2 + 5 * number)
        raw = build(
            _letter(
                support, Address(name, address), False, subject, text,
                f"demo-world-{number}@{address.partition('@')[2]}", [], when,
            )
        )  # fmt: skip
        keywords = frozenset({Keyword.SEEN}) if number % 3 else frozenset[str]()
        made.append(DemoMessage(support.name, Role.INBOX, when, frozenset(map(str, keywords)), raw))
    return made


def _special(newest: datetime) -> list[DemoMessage]:
    support, sales, hr = (account.address for account in ACCOUNTS)
    seen = frozenset({str(Keyword.SEEN)})
    none: frozenset[str] = frozenset()
    buyer = Address("Ilse Vogel", "i.vogel@kreuz.example")
    applicant = Address("Samir Haddad", "samir.haddad@post.example")

    def ago(**how: float) -> datetime:
        return newest - timedelta(**how)

    lost = _lost(ago(hours=8))
    bounced = special.bounce(ago(hours=7, minutes=58), support, "demo-lost-1@halden.example")
    return [
        DemoMessage("support", Role.INBOX, ago(minutes=12), none, special.hostile(ago(minutes=12), support)),
        DemoMessage("support", Role.SENT, ago(hours=8), seen, lost),
        DemoMessage("support", Role.INBOX, ago(hours=7, minutes=58), none, bounced),
        DemoMessage("support", Role.INBOX, ago(hours=30), seen, special.unparsable(ago(hours=30), support)),
        DemoMessage("support", Role.JUNK, ago(hours=40), none, special.newsletter(ago(hours=40), 1, support)),
        DemoMessage(
            "sales", Role.INBOX, ago(minutes=50), none, special.with_files(ago(minutes=50), 2, sales, buyer)
        ),
        DemoMessage("sales", Role.INBOX, ago(hours=4), none, special.invitation(ago(hours=4), 3, sales)),
        DemoMessage("sales", Role.INBOX, ago(hours=22), seen, special.newsletter(ago(hours=22), 4, sales)),
        DemoMessage("hr", Role.INBOX, ago(hours=3), none, special.with_files(ago(hours=3), 5, hr, applicant)),
    ]


def _lost(when: datetime) -> bytes:
    support = ACCOUNTS[0]
    body = _signed("Dear Mr Mayer,\n\nyour lamp is repaired and ready to be collected.", support)
    return build(
        _letter(
            support, Address("W. Mayer", "w.mayer@gone.example"), True, "Your lamp is ready", body,
            "demo-lost-1@halden.example", [], when,
        )
    )  # fmt: skip


def _signed(text: str, account: DemoAccount) -> str:
    return f"{text.rstrip()}\n\n{SIGNATURE}\n{account.signature}\n"


def _plain(name: str) -> str:
    """A name as the local part of an address."""
    import unicodedata

    letters_only = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("ø", "o"))
    return "".join(c for c in letters_only if c.isascii() and c.isalpha())
